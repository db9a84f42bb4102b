"""What documents do to each other: on the page and in the API of both, on a day, and nowhere before it is public."""

import csv
import re
from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from test_admin import desk, superuser  # noqa: F401 - fixtures

from gazette import corrections, publication
from gazette.admin_base import admin_url
from gazette.ledger_check import misses
from gazette.models import Change, Document, PublicRecord, Relation, Tie, User
from gazette.tying import tie_what_is_plain
from gazette.validity import validity_on
from gazette.verification import verify

pytestmark = pytest.mark.django_db

SITE = settings.SITE_ADDRESS
SENTENCE = "示例旧文件自2023年7月1日起废止。"
DAY = date(2024, 1, 1)
# Of whzbf-2023-2, as it was before there were relations.
HASH = "v1:bf7f616918181c16e98c73a6d407346314f5d4bd5b188a3e3129945497427706"


@pytest.fixture
def pair(make_document, make_passage, make_relation):
    """An earlier public document, and a draft that repeals it from a day of its sentence; the relation between them."""

    def make(kind="repeals", takes_effect_on=date(2023, 7, 1), **later):
        earlier = make_document(
            code="sample-old", title="示例旧文件", number="示例〔2022〕1号", kind="policy", published=True
        )
        values = {"code": "sample-new", "title": "示例新文件", "number": "示例〔2023〕9号", "kind": "policy"}
        document = make_document(**values | later)
        passage = make_passage(document=document, text=SENTENCE)
        return make_relation(
            code="sample-new-rel1", passage=passage, kind=kind, target=earlier, takes_effect_on=takes_effect_on
        )

    return make


@pytest.fixture
def prove_head(make_passage, make_tie):
    """Give a sample the words that prove its own fields."""

    def prove(document):
        words = {
            "title": (document.title, "verbatim"),
            "number": (document.number, "verbatim"),
            "issuer": (document.issuer.name, "unit_name"),
            "written_on": ("2022年3月1日", "date"),
        }
        passage = make_passage(document=document, text=" ".join(text for text, _rule in words.values()))
        for field, (text, rule) in words.items():
            start = passage.text.index(text)
            names = {"kind": "document", "code": document.code, "field": field, "rule": rule, "reason": ""}
            make_tie(passage=passage, start=start, end=start + len(text), **names)
        number = passage.text.index(document.number)
        make_tie(passage=passage, start=number, end=number + len(document.number), reason="number")

    return prove


@pytest.fixture
def read(client):
    """The words of a page: tags away, spaces once."""

    def read_it(path):
        response = client.get(path)
        assert response.status_code == 200
        main = response.content.decode().partition("<main")[2]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))

    return read_it


@pytest.fixture
def get(client):
    """A record of the API."""
    return lambda path: client.get(f"/api/v1/{path}").json()


def state_on(page):
    """What the page says of the document's validity."""
    return re.search(r"([^ ]+) 有效性只据本站收录的文件；未收录的文件可能已作修改或废止。", page)[1]


# The rule


def said(kind, since):
    return SimpleNamespace(kind=kind, since=since, has_begun=lambda day: since is None or since <= day)


EARLY, LATE = date(2023, 7, 1), date(2024, 7, 1)


@pytest.mark.parametrize(
    ("relations", "dates", "label", "since"),
    [
        ([], {}, "未见修改或废止", None),
        ([said("interprets", EARLY)], {}, "未见修改或废止", None),
        ([said("amends", DAY)], {}, "已修改", DAY),
        ([said("amends", LATE)], {}, "未见修改或废止", None),
        ([said("amends", EARLY), said("amends", DAY)], {}, "已修改", EARLY),
        ([said("amends", None)], {}, "已修改（自何时起文中未载明）", None),
        ([said("repeals", DAY)], {}, "已废止", DAY),
        ([said("repeals", LATE)], {}, "未见修改或废止", None),
        ([said("replaces", EARLY)], {}, "已废止", EARLY),
        ([said("replaces", None)], {}, "已废止（自何时起文中未载明）", None),
        ([said("amends", EARLY), said("repeals", DAY)], {}, "已废止", DAY),
        ([said("amends", EARLY), said("repeals", LATE)], {}, "已修改", EARLY),
        ([], {"expires_on": DAY}, "现行有效", None),
        ([], {"expires_on": date(2023, 12, 31)}, "失效", DAY),
        ([said("amends", EARLY)], {"expires_on": date(2023, 12, 31)}, "失效", DAY),
        ([said("repeals", EARLY)], {"expires_on": date(2023, 12, 31)}, "已废止", EARLY),
        ([], {"effective_on": LATE}, "尚未施行", None),
        ([], {"effective_on": DAY}, "未见修改或废止", None),
    ],
)
def test_where_a_document_stands_on_the_first_of_january(relations, dates, label, since):
    validity = validity_on(DAY, relations, **{"effective_on": None, "expires_on": None} | dates)
    assert (validity.label, validity.since) == (label, since)


@pytest.mark.parametrize(
    ("own", "effective", "written", "since"),
    [
        (date(2023, 7, 1), date(2023, 6, 1), date(2023, 5, 1), date(2023, 7, 1)),
        (None, date(2023, 6, 1), date(2023, 5, 1), date(2023, 6, 1)),
        (None, None, date(2023, 5, 1), date(2023, 5, 1)),
        (None, None, None, None),
    ],
)
def test_a_relation_holds_from_its_own_day_or_from_one_of_the_later_document(own, effective, written, since):
    document = Document(effective_on=effective, written_on=written)
    assert Relation(document=document, takes_effect_on=own).since == since


def test_a_document_does_nothing_to_itself_and_nothing_twice(pair):
    relation = pair()
    itself = Relation(document=relation.document, target=relation.document, kind="amends")
    with pytest.raises(ValidationError) as refused:
        itself.validate_constraints()
    assert refused.value.messages == ["文件不能修改、废止、替代或解释它自己，请改选较早的文件。"]
    again = Relation(document=relation.document, target=relation.target, kind="repeals")
    with pytest.raises(ValidationError) as refused:
        again.validate_constraints()
    assert refused.value.messages == ["本文件与这份较早的文件的这种关系已经登记过，不能重复。"]
    Relation(document=relation.document, target=relation.target, kind="amends").validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        Relation.objects.filter(pk=relation.pk).update(target=relation.document)


# Pages


def test_a_repealed_document_says_so_on_any_day_and_both_pages_lead_to_each_other(pair, publish, read, client):
    relation = pair()
    assert "与其他文件的关系" not in read("/documents/sample-old/")
    publish(relation.document)
    page = read("/documents/sample-old/?on=2023-07-01")
    assert state_on(page) == "已废止"
    assert "本文件已由示例新文件（示例〔2023〕9号）废止，自2023年7月1日起。下面的全文保留备查。" in page
    assert f"被示例新文件（示例〔2023〕9号）废止，自2023年7月1日起。见第1段：{SENTENCE}" in page
    before = read("/documents/sample-old/?on=2023-06-30")
    assert state_on(before) == "未见修改或废止"
    assert "本文件已由" not in before
    assert f"被示例新文件（示例〔2023〕9号）废止，自2023年7月1日起。见第1段：{SENTENCE}" in before
    later = read("/documents/sample-new/?on=2023-07-01")
    assert state_on(later) == "未见修改或废止"
    assert f"废止示例旧文件（示例〔2022〕1号），自2023年7月1日起。见第1段：{SENTENCE}" in later
    html = client.get("/documents/sample-old/?on=2023-07-01").content.decode()
    assert '<span class="state over">已废止</span>' in html
    assert 'href="/documents/sample-new/?on=2023-07-01#p1"' in html
    assert (
        'href="/documents/sample-old/?on=2023-07-01"'
        in client.get("/documents/sample-new/?on=2023-07-01").content.decode()
    )


def test_a_day_that_the_text_does_not_state_is_not_guessed(pair, publish, read):
    relation = pair("replaces", None, written_on=None, written_basis="unknown")
    publish(relation.document)
    page = read("/documents/sample-old/")
    assert state_on(page) == "已废止（自何时起文中未载明）"
    assert "本文件已由示例新文件（示例〔2023〕9号）替代，自何时起文中未载明。" in page


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (
            {"written_on": date(2023, 3, 1), "written_basis": "head_date"},
            "自2023年3月1日起（原句没有写明，依较晚文件的成文日期）",
        ),
        (
            {"effective_on": date(2023, 4, 1), "effective_basis": "stated"},
            "自2023年4月1日起（原句没有写明，依较晚文件的施行日期）",
        ),
    ],
)
def test_a_day_of_the_later_document_is_named_as_that(dates, words, pair, publish, read):
    publish(pair("amends", None, **dates).document)
    page = read("/documents/sample-old/")
    assert state_on(page) == "已修改"
    assert f"被示例新文件（示例〔2023〕9号）修改，{words}。" in page
    assert "保留备查" not in page


def test_what_merely_expired_stays_with_a_banner(make_document, read):
    make_document(code="sample-over", expires_on=date(2023, 12, 31), expires_basis="stated", published=True)
    last = read("/documents/sample-over/?on=2023-12-31")
    assert (state_on(last), "已过期" in last) == ("现行有效", False)
    after = read("/documents/sample-over/?on=2024-01-01")
    assert state_on(after) == "失效"
    assert "本文件的失效日期是2023年12月31日，已过期。" in after


def test_the_list_says_where_each_document_stands_today(pair, publish, client):
    publish(pair().document)
    html = client.get("/documents/?year=2022").content.decode()
    assert '<span class="state over">已废止</span>' in html
    # That nothing is known against a document is no news in a list.
    html = client.get("/documents/?year=2023").content.decode()
    assert "现行有效" not in html
    assert "未见修改或废止" not in html


@pytest.mark.parametrize("rows", [1, 12])
def test_a_page_takes_the_same_queries_for_any_number_of_relations(
    rows, samples, publish, client, django_assert_num_queries
):
    earlier, later = samples.document(), samples.document()
    for _ in range(rows):
        samples.relation(document=later)
        samples.relation(target=earlier, document=samples.document())
    for relation in Relation.objects.all():
        publish(relation.document)
    publish(earlier)
    with django_assert_num_queries(8):
        assert client.get(earlier.get_absolute_url()).status_code == 200
    with django_assert_num_queries(10):  # … the earlier documents and the passages
        assert client.get(later.get_absolute_url()).status_code == 200


# The API


def reference(code, name):
    return {"code": code, "name": name, "url": f"{SITE}/documents/{code}/"}


def test_the_api_gives_both_sides_and_the_validity_of_a_day(pair, publish, get):
    relation = pair()
    publish(relation.document)
    both = {
        "code": "sample-new-rel1",
        "kind": "repeals",
        "takes_effect_on": "2023-07-01",
        "since": "2023-07-01",
        "source": {
            "document": "sample-new",
            "number": "示例〔2023〕9号",
            "passage": 1,
            "outline": "",
            "quote": SENTENCE,
            "url": f"{SITE}/documents/sample-new/#p1",
        },
    }
    later, earlier = get("documents/sample-new/"), get("documents/sample-old/")
    assert later["relations"] == [both | {"document": reference("sample-old", "示例旧文件")}]
    assert later["related_from"] == earlier["relations"] == []
    assert earlier["related_from"] == [both | {"document": reference("sample-new", "示例新文件")}]
    assert earlier["validity"] == {"state": "repealed", "since": "2023-07-01"}
    before = get("documents/sample-old/?on=2023-06-30")
    assert before["validity"] == {"state": "no_later_record", "since": None}
    listed = {row["code"]: row for row in get("documents/?year=2022&on=2023-07-01")["results"]}
    assert listed["sample-old"] == earlier
    assert get("documents/sample-old/?on=x")["errors"] == {"on": ["日期写作 2023-03-15。"]}


def test_the_files_of_a_document_have_its_relations(pair, publish, client):
    relation = pair()
    publish(relation.document)

    def row():
        text = client.get("/documents/sample-new/records.csv").content.decode("utf-8-sig")
        head, *rows = csv.reader(text.splitlines())
        (found,) = (dict(zip(head, cells, strict=True)) for cells in rows if cells[0] == "文件关系")
        names = ("代码", "关系", "较早的文件代码", "较早的文件", "起始日期", "原文摘录")
        return [found[name] for name in names]

    assert row() == ["sample-new-rel1", "废止", "sample-old", "示例旧文件", "2023-07-01", SENTENCE]
    publication.withdraw(relation.target)
    assert row() == ["sample-new-rel1", "废止", "", "", "2023-07-01", SENTENCE]


# What is public


def test_a_draft_shows_nowhere_and_what_is_withdrawn_shows_no_more(pair, publish, read, get):
    relation = pair()
    page, answer = read("/documents/sample-old/"), get("documents/sample-old/")
    assert "示例新文件" not in page
    assert answer["related_from"] == []
    assert answer["validity"] == {"state": "no_later_record", "since": None}
    publish(relation.document)
    assert get("documents/sample-old/")["validity"]["state"] == "repealed"
    publication.withdraw(relation.document)
    assert (read("/documents/sample-old/"), get("documents/sample-old/")) == (page, answer)
    assert list(misses("default")) == []


def test_an_earlier_document_is_named_only_while_it_is_public(pair, make_citation, publish, read, get):
    relation = pair()
    document, earlier = relation.document, relation.target
    make_citation(document=document, passage=relation.passage, title="《示例旧文件》", cited=earlier)
    publication.withdraw(earlier)
    publish(document)
    lines = Change.objects.count()

    def shown():
        answer = get("documents/sample-new/")
        return answer["relations"][0]["document"], answer["citations"][0]["cited"]

    assert shown() == (None, None)
    assert "废止一份较早的文件（本站没有公开），自2023年7月1日起。" in read("/documents/sample-new/")
    publish(earlier)
    named = reference("sample-old", "示例旧文件")
    assert shown() == (named, named)
    assert list(misses("default")) == []
    publication.withdraw(earlier)
    assert shown() == (None, None)
    assert list(misses("default")) == []
    assert set(Change.objects.filter(seq__gt=lines, kind="document").values_list("code", flat=True)) == {"sample-old"}


def test_a_document_without_relations_keeps_its_hash_and_one_with_them_has_another(pair, make_document, publish):
    relation = pair()
    document = relation.document
    record = PublicRecord.objects.filter(kind="document", code="sample-new")
    relation.delete()
    publish(document)
    without = record.get().hash
    assert PublicRecord.objects.get(kind="document", code="whzbf-2023-2").hash == HASH
    relation.pk = None
    relation.save()
    publish(document)
    assert record.get().hash != without
    assert record.get().revision == 2


def test_an_upgrade_shows_that_documents_have_no_relations_and_the_ledger_stays_proven():
    upgrade = import_module("gazette.migrations.0012_relations")
    records = PublicRecord.objects.filter(kind="document")
    now = list(records.order_by("code").values_list("code", "hash", "body"))
    upgrade.forget_relations(apps, connection.schema_editor())
    assert not records.filter(body__contains='"relations"').exists()
    upgrade.show_no_relations(apps, connection.schema_editor())
    assert list(records.order_by("code").values_list("code", "hash", "body")) == now
    assert list(misses("default")) == []


# The proof, and corrections


def test_the_word_and_the_day_are_proven_by_the_sentence(pair, prove_head):
    relation = pair()
    prove_head(relation.document)
    assert [miss.what for miss in verify(relation.document).misses if "rel1" in miss.what] == [
        "sample-new-rel1 的“关系”值“repeals”没有对应的原文",
        "sample-new-rel1 的“起始日期”值“2023-07-01”没有对应的原文",
    ]
    tie_what_is_plain(relation.document)
    assert set(Tie.objects.filter(code=relation.code).values_list("field", "rule", "start", "end")) == {
        ("kind", "word", SENTENCE.index("废止"), SENTENCE.index("废止") + 2),
        ("takes_effect_on", "date", SENTENCE.index("2023"), SENTENCE.index("起")),
    }
    assert verify(relation.document).misses == []
    relation.kind = "amends"
    relation.save()
    assert [miss.what for miss in verify(relation.document).misses] == ["sample-new-rel1 的“关系”不能证明值“amends”"]


def test_a_relation_is_corrected_and_the_answer_follows(pair, prove_head, publish, get):
    relation = pair(takes_effect_on=None)
    prove_head(relation.document)
    tie_what_is_plain(relation.document)
    publish(relation.document)
    assert get("documents/sample-old/")["validity"] == {"state": "repealed", "since": "2022-03-01"}
    author, reviewer = (User.objects.create(username=name) for name in ("editor", "reviewer"))

    def save():
        relation.takes_effect_on = date(2023, 7, 1)
        relation.save()

    proposal = corrections.propose(
        relation.document, "relation", relation.code, reason="示例：漏录日期", by=author, save=save
    )
    corrections.accept(proposal, by=reviewer)
    assert get("documents/sample-old/")["validity"] == {"state": "repealed", "since": "2023-07-01"}
    assert list(misses("default")) == []


# The desk


def test_a_clerk_enters_a_relation_under_its_document(pair, desk, make_document):  # noqa: F811
    relation = pair()
    document, passage, target = relation.document, relation.passage, relation.target
    relation.delete()
    url = admin_url(Relation, "add", document=document.pk)
    assert f'href="{url}"' in desk.get(admin_url(Document, "change", document.pk)).content.decode().replace(
        "&amp;", "&"
    )
    data = {
        "kind": "repeals",
        "target": target.pk,
        "takes_effect_on": "2023-07-01",
        "code": "sample-new-rel2",
        "passage": 1,
        "quote": "*",
    }
    assert desk.post(url, data | {"target": document.pk}).status_code == 200
    assert desk.post(url, data).status_code == 302
    entered = Relation.objects.get()
    assert (entered.document, entered.target, entered.kind, entered.passage, entered.quote, entered.start) == (
        document,
        target,
        "repeals",
        passage,
        SENTENCE,
        0,
    )
    assert entered.history.get().history_user.username == "clerk"


@pytest.mark.parametrize(
    ("day", "state", "label", "banner"),
    [
        ("2023-03-15", "in_force", "现行有效", ""),
        ("2023-06-30", "in_force", "现行有效", ""),
        ("2023-07-01", "partly", "部分仍在执行", ""),
        ("2025-12-31", "partly", "部分仍在执行", ""),
        ("2026-01-01", "expired", "失效", "本文件所载措施的有效期都已过。"),
    ],
)
def test_a_document_holds_as_far_as_its_measures_do(day, state, label, banner, read, get):
    """On a later day the real package is 部分仍在执行 for its longer clauses, and 失效 only after the last of them."""
    since = {"partly": "2023-07-01"}.get(state)
    assert get(f"documents/whzbf-2023-2/?on={day}")["validity"] == {"state": state, "since": since}
    assert {row["code"]: row["validity"]["state"] for row in get(f"documents/?on={day}")["results"]} == {
        "whzbf-2023-2": state, "whzf-2023-2": "no_later_record", "wzrz-2023-1": "no_later_record",
    }  # fmt: skip
    page = read(f"/documents/whzbf-2023-2/?on={day}")
    assert state_on(page) == label
    assert banner in page
    assert ("下面的全文保留备查。" in page) == bool(banner)
