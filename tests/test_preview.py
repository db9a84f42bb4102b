"""A preview shows a draft as the public would see it, to staff alone, and leaves nothing behind."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from gazette import publication
from gazette.ledger_check import misses
from gazette.models import Change, Document, LedgerHead, Mention, PublicRecord, SearchEntry, User
from measures.models import Measure

pytestmark = pytest.mark.django_db
STATE = (Change, LedgerHead, Mention, PublicRecord, SearchEntry)


def state():
    return [list(model.objects.order_by("pk").values()) for model in STATE] + [
        list(Document.objects.order_by("pk").values_list("code", "status", "place")),
        list(Measure.objects.order_by("pk").values_list("code", "place", "for_individual")),
    ]


@pytest.fixture
def draft(make_measure, make_budget, make_passage):
    measure = make_measure(title="示例措施瀚")
    make_budget(measure=measure, purpose="示例用途")
    return measure


@pytest.fixture
def clerk(client):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_document"))
    client.force_login(user)
    return client


def address(document, path=None):
    url = reverse("document-preview", args=[document.pk])
    return url if path is None else f"{url}?path={path}"


def test_a_draft_is_shown_as_the_public_would_see_it(clerk, draft):
    before = state()
    response = clerk.get(address(draft.document))
    assert response.status_code == 200
    html = response.content.decode()
    assert f"预览：“{draft.document.title}”现为草稿，以下是发布后公众将看到的样子，现在只有工作人员能看到。" in html
    assert draft.passage.text in html
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
    assert response["X-Robots-Tag"] == "noindex"
    assert state() == before
    assert clerk.get(draft.document.get_absolute_url()).status_code == 404
    assert list(misses("default")) == []


def test_its_links_lead_to_previews_of_its_records_and_all_others_to_the_site(clerk, draft):
    html = clerk.get(address(draft.document, draft.get_absolute_url())).content.decode()
    assert "示例措施瀚" in html
    assert "示例用途" in html
    inside = address(draft.document).replace("/", "%2F")
    package = draft.package.get_absolute_url()
    assert f'href="{address(draft.document)}?path={package.replace("/", "%2F")}"' in html
    assert f'href="{package}"' not in html
    assert 'href="/measures/"' in html
    assert inside not in html


def test_what_is_withdrawn_can_be_previewed(clerk, draft, publish):
    publish(draft.document)
    publication.withdraw(draft.document)
    assert "现为已撤回" in clerk.get(address(draft.document)).content.decode()
    assert clerk.get(draft.get_absolute_url()).status_code == 410


def test_other_pages_are_not_shown(clerk, draft):
    for path in ("/", "/measures/2023-consumption/7/", "/admin/", "/none/", "https://example.com/"):
        assert clerk.get(address(draft.document, path)).status_code == 404
    assert clerk.get(reverse("document-preview", args=[10**6])).status_code == 404
    assert clerk.post(address(draft.document)).status_code == 405


def test_only_staff_who_may_see_documents_see_it(client, draft):
    assert client.get(address(draft.document)).status_code == 302
    client.force_login(User.objects.create_user("reader"))
    assert client.get(address(draft.document)).status_code == 302
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(address(draft.document)).status_code == 403


def test_a_reviewer_who_sees_documents_by_that_alone_sees_it(client, draft):
    user = User.objects.create_user("reviewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="review_first_document"))
    client.force_login(user)
    assert "现为草稿" in client.get(address(draft.document)).content.decode()


def test_it_says_why_a_document_cannot_be_published(clerk, draft, publish, make_target):
    gone = make_target(code="sample-gone", published=True)
    before = draft.document
    publish(before)
    document = gone.document
    publication.withdraw(document)
    Change.objects.filter(code="sample-gone").update(op="delete")
    html = clerk.get(address(document)).content.decode()
    assert "不能预览" in html
    assert "目标代码“sample-gone”曾用于已删除的公开记录，不能再用，请另取一个。" in html


def test_the_form_of_a_draft_leads_to_it(admin_client, draft, founding):
    form = admin_client.get(reverse("admin:measures_measure_change", args=[draft.pk])).content.decode()
    assert f'href="{address(draft.document)}?path=%2Fmeasures%2F' in form
    public = Measure.objects.get(code="2023-consumption-7")
    assert (
        "/admin/preview/"
        not in admin_client.get(reverse("admin:measures_measure_change", args=[public.pk])).content.decode()
    )
