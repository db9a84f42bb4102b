"""Attachments of documents: entered at the desk, reviewed and published with their document, found nowhere before."""

import csv
import io
import re
from importlib import import_module
from urllib.parse import quote

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from gazette import corrections, filestore, publication, review
from gazette.admin_base import admin_url
from gazette.ledger_check import misses
from gazette.models import Attachment, Change, Correction, Document, PublicRecord, User
from gazette.models import attachments as model
from wuhai_portal import public_cache

from .test_admin import desk, errors_of, form_data, superuser  # noqa: F401 - fixtures
from .test_attachments_files import JPG, ONLY, PDF
from .test_corrections_admin import make_client, posted

pytestmark = pytest.mark.django_db

SITE = settings.SITE_ADDRESS
PUBLIC = "whzbf-2023-2"  # a document of the gazette, without attachments
# Of that document, as it was before there were attachments.
HASH = "v1:bf7f616918181c16e98c73a6d407346314f5d4bd5b188a3e3129945497427706"


@pytest.fixture(autouse=True)
def _directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def draft(make_document):
    return make_document(code="sample-doc", title="示例文件")


@pytest.fixture
def attached(draft, make_attachment):
    """A draft with one attachment."""
    values = {"title": "示例申报表", "file_name": "附件1：示例申报表.pdf", "media_type": "application/pdf"}
    return make_attachment(document=draft, content=PDF, **values)


def upload(content=PDF, name="示例.pdf"):
    return SimpleUploadedFile(name, content)


def enter(client, document, **typed):
    """Send the form of a new attachment."""
    return client.post(admin_url(Attachment, "add", document=document.pk), typed)


def change(client, attachment, **typed):
    """Send the form of an attachment with what is typed."""
    url = admin_url(Attachment, "change", attachment.pk)
    return client.post(url, form_data(client.get(url)) | typed)


def body_of(response):
    """The bytes of an answer that is streamed."""
    assert response.streaming
    return b"".join(response.streaming_content)


def kept():
    """How many files are in the store."""
    return sum(path.is_file() for path in (settings.DATA_DIR / "attachments").rglob("*"))


# The desk


def test_a_clerk_enters_a_file_under_its_document(draft, desk):  # noqa: F811
    url = admin_url(Attachment, "add", document=draft.pk)
    page = desk.get(admin_url(Document, "change", draft.pk)).content.decode().replace("&amp;", "&")
    assert f'href="{url}"' in page
    assert 'enctype="multipart/form-data"' in desk.get(url).content.decode()
    assert enter(desk, draft, title="示例申报表", file=upload(name="附件1：示例.pdf")).status_code == 302
    found = Attachment.objects.get()
    assert (found.document, found.code, found.position, found.title) == (draft, "sample-doc-f1", 1, "示例申报表")
    assert (found.file_name, found.media_type, found.size) == ("附件1：示例.pdf", "application/pdf", len(PDF))
    assert filestore.path_of(found.sha256).read_bytes() == PDF
    assert found.history.get().history_user.username == "clerk"


def test_a_code_is_never_used_again(draft, desk):  # noqa: F811
    for content in (PDF, JPG):
        name = "示例.pdf" if content == PDF else "示例.jpg"
        assert enter(desk, draft, title="示例", file=upload(content, name)).status_code == 302
    last = Attachment.objects.get(code="sample-doc-f2")
    assert desk.post(admin_url(Attachment, "delete", last.pk), {"post": "yes", **opened(desk, last)}).status_code == 302
    assert enter(desk, draft, title="示例", file=upload(JPG, "示例.jpg"), code="sample-doc-f9").status_code == 302
    assert list(Attachment.objects.values_list("code", flat=True)) == ["sample-doc-f1", "sample-doc-f3"]


def opened(client, row, page="delete"):
    return {"opened_version": client.get(admin_url(type(row), page, row.pk)).context["opened_version"]}


def test_what_is_refused_is_said_beside_the_file_and_nothing_is_kept(attached, desk, monkeypatch):  # noqa: F811
    draft = attached.document
    monkeypatch.setattr(model, "MOST", 2)
    monkeypatch.setattr(model, "TOO_MANY", "文件“{}”已有2个附件，不能再加“{}”；请合并几个，或删去不用的。")
    said = {"file": [f"“示例.exe”{ONLY}"]}
    assert errors_of(enter(desk, draft, title="示例", file=upload(b"MZ", "示例.exe"))) == said
    said = {"file": ["“示例.txt”是空文件；请核对后改传有内容的文件。"]}
    assert errors_of(enter(desk, draft, title="示例", file=upload(b"", "示例.txt"))) == said
    assert errors_of(enter(desk, draft, title="示例")) == {"file": ["请选择要上传的文件。"]}
    said = {"file": ["“另一份.pdf”与附件“示例申报表”的内容完全相同，同一文件只收一次；请改传别的文件。"]}
    assert errors_of(enter(desk, draft, title="示例", file=upload(name="另一份.pdf"))) == said
    assert kept() == 1
    assert enter(desk, draft, title="示例图片", file=upload(JPG, "示例.jpg")).status_code == 302
    answer = enter(desk, draft, title="示例三", file=upload(b"a", "示例.txt"))
    assert errors_of(answer) == {"__all__": ["文件“示例文件”已有2个附件，不能再加“示例三”；请合并几个，或删去不用的。"]}
    assert kept() == Attachment.objects.count() == 2


def test_the_same_file_may_belong_to_two_documents(attached, make_document, desk):  # noqa: F811
    other = make_document()
    assert enter(desk, other, title="示例", file=upload()).status_code == 302
    assert (Attachment.objects.count(), kept()) == (2, 1)


def test_a_former_file_is_restored_with_its_version(attached, desk):  # noqa: F811
    first = attached.sha256
    assert change(desk, attached, title="示例新名称").status_code == 302
    attached.refresh_from_db()
    assert (attached.title, attached.sha256) == ("示例新名称", first)
    assert change(desk, attached, file=upload(JPG, "示例.jpg")).status_code == 302
    attached.refresh_from_db()
    assert (attached.file_name, attached.media_type, attached.size) == ("示例.jpg", "image/jpeg", len(JPG))
    assert attached.sha256 != first

    history = desk.get(admin_url(Attachment, "history", attached.pk))
    assert ("原文件名", "附件1：示例申报表.pdf", "示例.jpg") in history.context["entries"][0].changes
    version = attached.history.filter(title="示例新名称", sha256=first).get()
    url = admin_url(Attachment, "restore", attached.pk, version.pk)
    page = desk.get(url)
    assert ("原文件名", "示例.jpg", "附件1：示例申报表.pdf") in page.context["changes"]
    for each, content in ((attached.sha256, JPG), (first, PDF)):
        file = desk.get(reverse("admin:gazette_attachment_file", args=[attached.pk, each]))
        assert body_of(file) == content
    assert desk.post(url, {"opened_version": page.context["opened_version"]}).status_code == 302
    attached.refresh_from_db()
    assert (attached.file_name, attached.media_type, attached.size, attached.sha256) == (
        "附件1：示例申报表.pdf", "application/pdf", len(PDF), first,
    )  # fmt: skip


def test_a_former_file_that_is_lost_is_not_restored(attached, desk):  # noqa: F811
    version = attached.history.get()
    assert change(desk, attached, file=upload(JPG, "示例.jpg")).status_code == 302
    filestore.path_of(version.sha256).unlink()
    url = admin_url(Attachment, "restore", attached.pk, version.pk)
    answer = desk.post(url, {"opened_version": desk.get(url).context["opened_version"]})
    assert answer.context["errors"] == [
        "上传文件：“附件1：示例申报表.pdf”的文件不在数据目录中；请从备份恢复 attachments 目录，或重新上传这个文件。"
    ]
    attached.refresh_from_db()
    assert attached.file_name == "示例.jpg"


def test_two_clerks_do_not_replace_each_others_file(attached, desk):  # noqa: F811
    url = admin_url(Attachment, "change", attached.pk)
    first = form_data(desk.get(url))
    assert change(desk, attached, file=upload(JPG, "示例.jpg")).status_code == 302
    answer = desk.post(url, first | {"file": upload(b"a", "示例.txt")})
    attached.refresh_from_db()
    assert attached.file_name == "示例.jpg"
    (line,) = answer.context["conflict"].lines
    assert (line.label, line.typed) == ("内容的 SHA-256", "上传的“示例.txt”（要重新选择）")
    assert line.stored == attached.sha256


def test_a_draft_is_looked_at_by_staff_alone(attached, desk, client):  # noqa: F811
    url = reverse("admin:gazette_attachment_file", args=[attached.pk, attached.sha256])
    answer = desk.get(url)
    assert body_of(answer) == PDF
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    assert desk.get(reverse("admin:gazette_attachment_file", args=[attached.pk, "0" * 64])).status_code == 404
    assert f'href="{url}"' in desk.get(admin_url(Attachment, "change", attached.pk)).content.decode()

    preview = reverse("document-preview", args=[attached.document_id])
    inside = f"{preview}?path={quote(attached.get_absolute_url(), safe='')}"
    page = desk.get(preview).content.decode()
    assert f'<a href="{inside}" download>示例申报表</a>（PDF 文件，' in page
    assert body_of(desk.get(inside)) == PDF
    assert not PublicRecord.objects.filter(document=attached.document).exists()
    assert desk.get(attached.get_absolute_url()).status_code == 404
    for path in (url, preview, inside):
        assert Client().get(path).status_code == 302


def test_a_lost_file_is_said_at_the_desk_too(attached, desk):  # noqa: F811
    filestore.path_of(attached.sha256).unlink()
    answer = desk.get(reverse("admin:gazette_attachment_file", args=[attached.pk, attached.sha256]))
    assert answer.status_code == 500
    assert "附件“示例申报表”的文件本站现在取不到" in answer.content.decode()
    assert errors_of(change(desk, attached, title="示例")) == {
        "file": ["“附件1：示例申报表.pdf”的文件不在数据目录中；请从备份恢复 attachments 目录，或重新上传这个文件。"]
    }
    assert change(desk, attached, file=upload(name="附件1：示例申报表.pdf")).status_code == 302
    assert filestore.fault(attached.sha256) == ""


# Review and publication


def test_a_file_changed_in_review_voids_the_opinions_and_who_attached_it_has_none(make_attachment):
    document = Document.objects.get(code=PUBLIC)
    document.status = "draft"
    document.save()
    attachment = make_attachment(document=document)
    editor, reviewer = (User.objects.create(username=name, is_superuser=True) for name in ("editor", "reviewer"))
    review.submit(document, editor)
    attachment.history.update(history_user=reviewer)
    with pytest.raises(review.CannotReview) as refused:
        review.approve(document, reviewer, proofread=True)
    said = "你在上次退回之后编辑过这份文件，不能审核它；每一步须由没有参与过的人办理。"
    assert str(refused.value) == said
    attachment.history.update(history_user=editor)
    other = filestore.keep(io.BytesIO(JPG))
    Attachment.objects.filter(pk=attachment.pk).update(sha256=other)
    with pytest.raises(review.CannotReview) as refused:
        review.approve(document, reviewer, proofread=True)
    assert str(refused.value) == review.CHANGED
    document.refresh_from_db()
    assert document.status == "draft"


def test_a_document_without_attachments_keeps_its_hash_and_another_file_is_a_change(attached, publish):
    assert PublicRecord.objects.get(kind="document", code=PUBLIC).hash == HASH
    document = attached.document
    publish(document)
    record = PublicRecord.objects.filter(kind="document", code=document.code)
    before = record.get()
    publish(document)
    assert record.get().revision == before.revision
    Attachment.objects.update(sha256=filestore.keep(io.BytesIO(JPG)))
    publish(document)
    assert record.get().revision == before.revision + 1
    assert record.get().hash != before.hash
    assert list(misses("default")) == []


def test_an_upgrade_shows_that_documents_have_no_attachments_and_the_ledger_stays_proven():
    upgrade = import_module("gazette.migrations.0015_attachments")
    records = PublicRecord.objects.filter(kind="document")
    now = list(records.order_by("code").values_list("code", "hash", "body"))
    upgrade.forget_attachments(apps, connection.schema_editor())
    assert not records.filter(body__contains='"attachments"').exists()
    upgrade.show_no_attachments(apps, connection.schema_editor())
    assert list(records.order_by("code").values_list("code", "hash", "body")) == now
    assert list(misses("default")) == []


def test_the_proof_of_the_ledger_names_a_file_that_is_lost_or_changed(attached, publish, make_attachment):
    lost = make_attachment(document=attached.document, file_name="示例.txt")
    publish(attached.document)
    filestore.path_of(attached.sha256).write_bytes(b"x")
    filestore.path_of(lost.sha256).unlink()
    where = [f"请从备份恢复 {each.sha256[:2]}/{each.sha256}。" for each in (attached, lost)]
    assert list(misses("default")) == [
        f"附件“sample-doc-f1”的文件“附件1：示例申报表.pdf”与登记的 SHA-256 不符；{where[0]}",
        f"附件“sample-doc-f2”的文件“示例.txt”不在数据目录的 attachments 之下；{where[1]}",
    ]


# The public


def read(client, path):
    """The words of a page: tags away, spaces once."""
    response = client.get(path)
    assert response.status_code == 200
    main = response.content.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


def test_the_page_lists_each_file_with_its_type_and_size(attached, make_attachment, publish, client):
    make_attachment(document=attached.document, title="示例名单", content=b"a" * 1536)
    publish(attached.document)
    page = read(client, "/documents/sample-doc/")
    assert "附件（2个）" in page
    assert f"附件 示例申报表（PDF 文件，{len(PDF)} 字节）示例名单（TXT 文本，1.5 KB）" in page
    html = client.get("/documents/sample-doc/").content.decode()
    assert '<a href="/documents/sample-doc/attachments/sample-doc-f1/" download>示例申报表</a>' in html
    assert "附件（" not in read(client, f"/documents/{PUBLIC}/")


def test_the_bytes_are_answered_as_a_download_and_asked_again_by_their_hash(attached, publish, client):
    publish(attached.document)
    url = attached.get_absolute_url()
    assert url == "/documents/sample-doc/attachments/sample-doc-f1/"
    answer = client.get(url)
    assert (answer.status_code, body_of(answer)) == (200, PDF)
    assert {name: answer[name] for name in ("Content-Type", "Content-Length", "X-Content-Type-Options", "ETag")} == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(PDF)),
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{attached.sha256}"',
    }
    name = quote("附件1：示例申报表.pdf")
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    again = client.get(url, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    head = client.head(url)
    assert (head.status_code, head["Content-Length"], body_of(head)) == (200, str(len(PDF)), b"")
    assert client.post(url).status_code == 405


def test_no_bytes_before_publication_and_none_after_a_withdrawal(attached, publish, client):
    url, document = attached.get_absolute_url(), attached.document
    assert client.get(url).status_code == 404
    publish(document)
    for other in (f"/documents/{PUBLIC}/attachments/sample-doc-f1/", f"{document.get_absolute_url()}attachments/none/"):
        assert client.get(other).status_code == 404
    publication.withdraw(document, reason="privacy", explanation="示例说明")
    etag = {"if-none-match": f'"{attached.sha256}"'}
    for answer in (client.get(url), client.get(url, headers=etag)):
        assert answer.status_code == 410
        assert "示例说明" in answer.content.decode()
    publish(document)
    assert body_of(client.get(url)) == PDF


def test_a_lost_file_is_a_page_that_says_so(attached, publish, client, caplog):
    publish(attached.document)
    filestore.path_of(attached.sha256).unlink()
    answer = client.get(attached.get_absolute_url())
    assert answer.status_code == 500
    said = "附件“示例申报表”的文件本站现在取不到，不是地址的错。请稍后再试；急需的请与主办单位联系。"
    assert said in answer.content.decode()
    assert "附件 sample-doc-f1 的文件取不到，请从备份恢复：" in caplog.text
    assert read(client, "/documents/sample-doc/")


def test_the_public_cache_keeps_no_file_and_lets_nobody_keep_one(attached, publish, settings):
    publish(attached.document)
    settings.PUBLIC_CACHE = True
    client, url = Client(), attached.get_absolute_url()
    answer = client.get(url)
    assert body_of(answer) == PDF
    assert answer["Cache-Control"] == public_cache.CACHE_CONTROL
    packed = client.get(url, headers={"accept-encoding": "gzip"})
    assert (body_of(packed), "Content-Encoding" in packed) == (PDF, False)
    # At once, and not after the time for which a process believes its last look at the ledger.
    publication.withdraw(attached.document)
    gone = client.get(url, headers={"if-none-match": f'"{attached.sha256}"'})
    assert (gone.status_code, gone["Cache-Control"]) == (410, public_cache.CACHE_CONTROL)


def test_the_api_and_the_files_of_the_document_name_it(attached, publish, client):
    publish(attached.document)
    assert client.get("/api/v1/documents/sample-doc/").json()["attachments"] == [
        {
            "code": "sample-doc-f1",
            "title": "示例申报表",
            "file_name": "附件1：示例申报表.pdf",
            "media_type": "application/pdf",
            "size": len(PDF),
            "sha256": attached.sha256,
            "url": f"{SITE}/documents/sample-doc/attachments/sample-doc-f1/",
        }
    ]
    text = client.get("/documents/sample-doc/records.csv").content.decode("utf-8-sig")
    head, *rows = csv.reader(text.splitlines())
    (row,) = (dict(zip(head, cells, strict=True)) for cells in rows if cells[0] == "附件")
    assert [row[name] for name in ("代码", "附件名称", "原文件名", "文件类型", "字节数", "地址")] == [
        "sample-doc-f1", "示例申报表", "附件1：示例申报表.pdf", "PDF 文件", str(len(PDF)),
        f"{SITE}/documents/sample-doc/attachments/sample-doc-f1/",
    ]  # fmt: skip
    assert "示例申报表" in client.get("/search/?q=示例申报表").content.decode()


@pytest.mark.parametrize("rows", [1, 12])
def test_a_page_and_a_file_take_the_same_queries_for_any_number_of_attachments(
    rows, draft, make_attachment, publish, client, django_assert_num_queries
):
    for _ in range(rows):
        attachment = make_attachment(document=draft)
    publish(draft)
    with django_assert_num_queries(8):
        assert client.get(draft.get_absolute_url()).status_code == 200
    with django_assert_num_queries(1):
        body_of(client.get(attachment.get_absolute_url()))


# Corrections


@pytest.fixture
def editor(db):
    return make_client("editor", "propose_correction", "view_attachment")


@pytest.fixture
def reviewer(db):
    return make_client("reviewer", "review_correction", "view_correction", "view_attachment")


@pytest.fixture
def public(make_attachment, publish):
    """A document of the gazette with two attachments, published."""
    document = Document.objects.get(code=PUBLIC)
    for title, content in (("示例甲", PDF), ("示例乙", JPG)):
        make_attachment(document=document, title=title, content=content)
    publish(document)
    return document


def propose(client, document, **typed):
    """Propose through the page of the document; the answer."""
    url = admin_url(Document, "correct", document.pk)
    return client.post(url, posted(client.get(url)) | {"correction-reason": "示例理由"} | typed)


def added(number, content=b"a", name="示例丙.txt", title="示例丙"):
    """What a browser posts of a new row."""
    row = f"attachments-{number}"
    return {f"{row}-title": title, f"{row}-file": upload(content, name)}


def shown(client):
    rows = client.get(f"/api/v1/documents/{PUBLIC}/").json()["attachments"]
    return [(row["code"].rpartition("-")[2], row["title"]) for row in rows]


def test_a_correction_adds_renames_and_removes_attachments(public, editor, reviewer, client):
    before = PublicRecord.objects.get(kind="document", code=PUBLIC).revision
    typed = {"attachments-0-title": "示例甲改", "attachments-1-DELETE": "on", "attachments-TOTAL_FORMS": 3}
    answer = propose(editor, public, **typed, **added(2))
    assert answer.status_code == 302, errors_of(answer)
    correction = Correction.objects.get()
    assert shown(client) == [("f1", "示例甲"), ("f2", "示例乙")]
    assert Attachment.objects.count() == 2

    sha256 = filestore.keep(io.BytesIO(b"a"))
    said = {change["label"]: (change["old"], change["new"]) for change in correction.changes}
    assert said[f"附件 {PUBLIC}-f1 · 附件名称"] == ("示例甲", "示例甲改")
    assert said[f"附件 {PUBLIC}-f3"] == (
        None, f"附件名称：示例丙；原文件名：示例丙.txt；文件类型：TXT 文本；字节数：1；内容的 SHA-256：{sha256}",
    )  # fmt: skip
    assert said[f"附件 {PUBLIC}-f2"][1] is None
    page = reviewer.get(admin_url(Correction, "change", correction.pk)).content.decode()
    url = reverse("admin:gazette_correction_file", args=[correction.pk, sha256])
    assert f'<a href="{url}">示例丙.txt</a>（示例丙，TXT 文本，1\xa0字节）' in page
    assert body_of(reviewer.get(url)) == b"a"
    unknown = reverse("admin:gazette_correction_file", args=[correction.pk, "0"])
    assert reviewer.get(unknown).status_code == 404

    corrections.accept(correction, by=reviewer.user)
    assert shown(client) == [("f1", "示例甲改"), ("f3", "示例丙")]
    assert body_of(client.get(f"/documents/{PUBLIC}/attachments/{PUBLIC}-f3/")) == b"a"
    assert client.get(f"/documents/{PUBLIC}/attachments/{PUBLIC}-f2/").status_code == 404
    assert PublicRecord.objects.get(kind="document", code=PUBLIC).revision == before + 1
    assert "示例理由" in client.get(f"/documents/{PUBLIC}/").content.decode()
    assert list(misses("default")) == []


def test_a_correction_gives_an_attachment_another_file(public, editor, reviewer, client):
    answer = propose(editor, public, **{"attachments-0-file": upload(b"new", "示例新.txt")})
    assert answer.status_code == 302, errors_of(answer)
    correction = Correction.objects.get()
    url = reverse("admin:gazette_correction_file", args=[correction.pk, filestore.keep(io.BytesIO(b"new"))])
    assert body_of(reviewer.get(url)) == b"new"
    corrections.accept(correction, by=reviewer.user)
    answer = client.get(f"/documents/{PUBLIC}/attachments/{PUBLIC}-f1/")
    assert (body_of(answer), answer["Content-Type"]) == (b"new", "text/plain")
    assert list(misses("default")) == []


def test_a_correction_adds_the_first_attachment_and_another_removes_the_last(editor, reviewer, client):
    document = Document.objects.get(code=PUBLIC)
    first, last = {"attachments-TOTAL_FORMS": 1} | added(0), {"attachments-0-DELETE": "on"}
    for typed, left in ((first, [("f1", "示例丙")]), (last, [])):
        assert propose(editor, document, **typed).status_code == 302
        corrections.accept(Correction.objects.get(state="proposed"), by=reviewer.user)
        assert shown(client) == left
    assert PublicRecord.objects.get(kind="document", code=PUBLIC).hash == HASH
    assert list(misses("default")) == []


def test_a_correction_refuses_what_the_desk_refuses(public, editor):
    answer = propose(editor, public, **{"attachments-TOTAL_FORMS": 3}, **added(2, PDF, "示例丙.pdf"))
    said = "“示例丙.pdf”与附件“示例甲”的内容完全相同，同一文件只收一次；请改传别的文件。"
    assert errors_of(answer) == {"attachments-2-file": [said]}
    twice = {"attachments-TOTAL_FORMS": 4} | added(2) | added(3, name="示例丁.txt", title="示例丁")
    said = "“示例丁.txt”与附件“示例丙”的内容完全相同，同一文件只收一次；请改传别的文件。"
    assert errors_of(propose(editor, public, **twice)) == {"attachments-3-file": [said]}
    answer = propose(editor, public, **{"attachments-TOTAL_FORMS": 3}, **added(2, b"MZ", "示例.exe"))
    assert list(errors_of(answer)) == ["attachments-2-file"]
    assert not Correction.objects.exists()


def test_an_attachment_is_corrected_with_its_document(public, editor):
    row = public.attachments.first()
    page = editor.get(admin_url(Attachment, "change", row.pk)).content.decode()
    assert f'href="{admin_url(Document, "correct", public.pk)}"' in page
    assert "field-stored" in page
    assert "field-file" not in page
    answer = editor.get(admin_url(Attachment, "correct", row.pk))
    assert answer["Location"] == admin_url(Document, "correct", public.pk)
    with pytest.raises(corrections.CannotCorrect) as refused:
        corrections.propose(public, "attachment", row.code, reason="示例", by=editor.user, removed=True)
    assert list(refused.value.messages) == ["附件随它所属的文件一并更正。"]
    assert Change.objects.filter(kind="attachment").count() == 0
