"""How pages refuse: bad values, pages that are not there, drafts, what was withdrawn, and failures."""

import pytest
from django.utils import timezone

from gazette import publication
from gazette.models import Document
from measures.models import Measure
from wuhai_portal.views import server_error

PLAN = "/plans/2023/"
PACKAGE = "/measures/2023-consumption/"
LISTS = ["/documents/", "/plans/", "/measures/", "/personnel/", "/personnel/people/", "/personnel/posts/", "/units/"]


@pytest.fixture
def read_page(client, founding):
    """The text of a page that is there."""

    def read_it(path, status=200):
        response = client.get(path)
        assert response.status_code == status, path
        return response.content.decode()

    return read_it


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/documents/?kind=letter", "“letter”不在可选值之中"),
        ("/documents/?issuer=nobody", "没有代码为“nobody”的公开记录。"),
        (f"{PLAN}targets/?part=x", "筛选条件写得不对"),
        (f"{PLAN}projects/?listed=maybe", "只能写 true 或 false。"),
        ("/measures/?in_force_on=yesterday", "日期写作 2023-03-15。"),
        ("/measures/?on=yesterday", "“yesterday”不是日期。"),
        (f"{PACKAGE}?on=2023-02-30", "“2023-02-30”不是日期。"),
        (f"{PACKAGE}1/?on=x", "下面按今天显示"),
        ("/?on=x", "下面按今天显示"),
        ("/personnel/?on=x", "“x”不是日期。"),
        ("/personnel/posts/?on=x", "“x”不是日期。"),
        ("/personnel/posts/earthquake-bureau-director/?on=x", "“x”不是日期。"),
        ("/personnel/people/zhang-liming/?on=x", "“x”不是日期。"),
        ("/units/finance-bureau/?on=x", "“x”不是日期。"),
        ("/units/?kind=x", "“x”不在可选值之中"),
    ],
)
def test_bad_value_of_a_known_parameter_is_said_and_answered_400(path, sentence, read_page):
    assert sentence in read_page(path, 400)


def test_unknown_parameters_are_ignored_and_not_carried_on(read_page):
    path = f"{PLAN}targets/?from=messenger"
    page = read_page(path)
    assert "messenger" not in page
    assert page == read_page(f"{PLAN}targets/")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (f"{PLAN}targets/?page=9", "没有第9页，共2页。"),
        (f"{PLAN}targets/?page=0", "“0”应为从 1 起的整数。"),
        (f"{PLAN}targets/?page=last", "“last”应为从 1 起的整数。"),
        (f"{PLAN}targets/?page={'9' * 30}", "应为从 1 起的整数。"),
    ],
)
def test_a_page_that_is_not_there_leads_back(path, sentence, read_page):
    page = read_page(path, 404)
    assert sentence in page
    assert f'<a href="{PLAN}targets/">这个列表的第一页</a>' in page


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/",
        "/documents/nothing/",
        "/plans/1999/",
        "/plans/1999/targets/",
        f"{PLAN}targets/nothing/",
        "/plans/1999/targets/2023-gdp-growth/",
        f"{PACKAGE}24/",
        f"{PACKAGE}{'9' * 30}/",
        "/measures/nothing/",
        "/personnel/people/nobody/",
        "/personnel/posts/nothing/",
        "/units/nothing/",
    ],
)
def test_what_never_was_public_is_404_with_a_way_back(path, read_page):
    page = read_page(path, 404)
    assert "没有找到这个地址" in page
    assert '<a href="/documents/">全部文件</a>' in page


def test_drafts_show_nowhere(read_page, make_target, make_project, make_measure, make_appointment):
    target, project, measure, event = make_target(), make_project(), make_measure(), make_appointment()
    for path in (
        target.get_absolute_url(),
        project.get_absolute_url(),
        target.plan.get_absolute_url(),
        f"{target.plan.get_absolute_url()}targets/",
        measure.get_absolute_url(),
        measure.package.get_absolute_url(),
        event.person.get_absolute_url(),
        event.post.get_absolute_url(),
        target.document.get_absolute_url(),
        target.document.issuer.get_absolute_url(),
    ):
        read_page(path, 404)
    for path in ("/", PLAN, PACKAGE, "/units/finance-bureau/", *LISTS):
        assert "示例" not in read_page(path), path


def test_what_was_withdrawn_is_410_and_says_when(read_page):
    at = timezone.make_aware(timezone.datetime(2024, 5, 6, 7, 8))
    for document in Document.objects.public():
        publication.withdraw(document, at=at)
    for path, label in {
        "/documents/whzf-2023-2/": "文件",
        PLAN: "年度计划",
        f"{PLAN}targets/": "年度计划",
        f"{PLAN}targets/2023-gdp-growth/": "目标",
        f"{PLAN}projects/2023-key-projects-296/": "项目与任务",
        PACKAGE: "政策措施",
        f"{PACKAGE}7/": "措施",
        "/personnel/people/zhang-liming/": "人员",
        "/personnel/posts/earthquake-bureau-director/": "职务",
        "/units/finance-bureau/": "单位",
    }.items():
        page = read_page(path, 410)
        assert f"这里原有一条公开的{label}记录" in page, path
        assert "2024年5月6日 07:08" in page
    assert "还没有公开的文件" in read_page("/")
    for path in LISTS:
        assert "还没有公开的" in read_page(path), path


def test_a_measure_gone_from_the_tables_is_still_410(read_page):
    document = Document.objects.get(code="whzbf-2023-2")
    measure = Measure.objects.get(number=8)
    for rows in ("responsibilities", "budgets", "benefits", "windows", "audiences", "conditions", "deadlines"):
        getattr(measure, rows).all().delete()
    measure.delete()
    publication.publish(document)
    assert "这里原有一条公开的措施记录" in read_page(f"{PACKAGE}8/", 410)


def test_what_is_published_again_is_back(read_page):
    document = Document.objects.get(code="whzf-2023-2")
    publication.withdraw(document)
    publication.publish(document)
    read_page(f"{PLAN}targets/2023-gdp-growth/")


def test_errors_of_the_api_are_problem_details(client, founding, rf):
    response = client.get("/api/v1/nowhere/")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["title"] == "没有找到"
    response = server_error(rf.get("/api/v1/documents/"))
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")


def test_500_asks_nothing_of_the_database(rf):
    response = server_error(rf.get("/plans/"))
    assert response.status_code == 500
    assert "请稍后再试" in response.content.decode()


def test_healthz_takes_one_query(client, founding, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")
    assert (response.content, response["Content-Type"]) == (b"ok\n", "text/plain")
