"""The API as a stranger sees it: whole records, strict parameters, every filter, nothing that is not public."""

import json
from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from gazette import publication, registry
from gazette.models import Change, Document, PublicRecord, Unit
from measures.reading import audience_groups
from plans.models import KeyProject, Target

from .conftest import PUBLISHED_AT_ISO

pytestmark = pytest.mark.django_db

SITE = str(settings.SITE_ADDRESS)
STAMP = {"published_at": PUBLISHED_AT_ISO, "changed_at": PUBLISHED_AT_ISO, "revision": 1}
# What every list may be asked by beside its own parameters.
COMMON = {"page", "page_size", "cursor", "q"}

# Every list with what it may be asked by; a filter without a case below fails a test.
BOUNDS = ("starts_from", "starts_to", "ends_from", "ends_to")
PARAMETERS = {
    "documents": {"kind", "issuer", "year"},
    "units": {"kind", "parent"},
    "plans": {"year"},
    "targets": {
        "plan", "part", "commitment", "due", "due_precision", "due_from", "due_to", "unit", "part_of",
        "qualifier", "direction", "nature", "headline",
    },
    "projects": {
        "plan", "part", "commitment", "due", "due_precision", "due_from", "due_to", "unit", "part_of",
        "kind", "listed", "district",
    },
    "progress-reports": {"target", "project", "unit", "light"},
    "packages": {"document", *BOUNDS},
    "measures": {"audience", "package", "category", "unit", "has_budget", "in_force_on", "due_from", "due_to"},
    "budgets": {"package", "measure", "category"},
    "benefits": {"package", "measure", "category", "kind"},
    "validity-windows": {"package", "measure", "category", "in_force_on", "end_basis", *BOUNDS},
    "deadlines": {"package", "measure", "category", "due_from", "due_to"},
    "people": {"name"},
    "posts": {"unit", "seats"},
    "appointments": {"document", "kind", "person", "post", "unit", "probation_from", "probation_to"},
    "corrections": {"after", "kind", "code", "op", "document", "since"},
    "changes": {"after", "kind", "code", "op", "document"},
}  # fmt: skip
DAY_PARAMETERS = {"documents": {"on"}, "measures": {"on"}, "posts": {"held_on"}}
RECORDS = sorted(PARAMETERS.keys() - {"corrections", "changes"})
KINDS = {kind.resource: kind.name for kind in registry.kinds() if kind.resource}


@pytest.fixture
def get(client):
    """The JSON of an address below /api/v1/, with the status that it must have."""

    def get(path, status=200, **parameters):
        response = client.get(f"/api/v1/{path}", parameters)
        assert response.status_code == status, response.content.decode()
        expected = "application/json" if status == 200 else "application/problem+json"
        assert response.headers["Content-Type"] == expected
        return response.json()

    return get


@pytest.fixture
def every(get):
    """All records of a list, page by page."""

    def every(resource, **parameters):
        found, page = [], 1
        while True:
            answer = get(f"{resource}/", **parameters, page=page, page_size=200)
            found += answer["results"]
            if answer["next"] is None:
                assert answer["count"] == len(found)
                return found
            page += 1

    return every


def reference(path, name):
    """A reference as the API gives it; the code is the last part of the path unless the page is another's."""
    return {"code": path.strip("/").split("/")[-1], "name": name, "url": f"{SITE}{path}"}


def source(document, number, passage, outline, quote):
    return {
        "document": document,
        "number": number,
        "passage": passage,
        "outline": outline,
        "quote": quote,
        "url": f"{SITE}/documents/{document}/#p{passage}",
    }


PLAN = reference("/plans/2023/", "2023年乌海市国民经济和社会发展计划")
PACKAGE = reference("/measures/2023-consumption/", "乌海市进一步提信心扩消费稳增长二十三条措施")
NUMBER = {"whzf-2023-2": "乌海政发〔2023〕2号", "whzbf-2023-2": "乌海政办发〔2023〕2号"}
CLAUSE_7 = (
    "（七）扩大汽车成品油大宗商品消费。安排资金400万元，发放加油消费券。加大力度鼓励汽车更新换代消费，"
    "以新能源汽车为重点，单笔购车最高可享受补贴5000元，同时覆盖油电混合动力、传统燃油等车辆类型。（市商务局负责）"
)
CARS = (
    "加大力度鼓励汽车更新换代消费，以新能源汽车为重点，单笔购车最高可享受补贴5000元，"
    "同时覆盖油电混合动力、传统燃油等车辆类型"
)


def measure(number, title):
    return {
        "code": f"2023-consumption-{number}",
        "name": f"（{number}）{title}",
        "url": f"{SITE}/measures/2023-consumption/{number}/",
    }


def in_measure(number, code):
    return f"{SITE}/measures/2023-consumption/{number}/#{code}"


def measures_source(passage, outline, quote):
    return source("whzbf-2023-2", NUMBER["whzbf-2023-2"], passage, outline, quote)


NO_FIGURE = {"value": None, "value_max": None, "unit": "", "qualifier": ""}
WHOLE = {
    "documents": {
        "code": "whzbf-2023-2",
        "title": "乌海市人民政府办公室关于印发乌海市进一步提信心扩消费稳增长二十三条措施的通知",
        "number": "乌海政办发〔2023〕2号",
        "kind": "policy",
        "issuer": reference("/units/wuhai-government-office/", "乌海市人民政府办公室"),
        "written_on": "2023-01-20",
        "written_basis": "head_date",
        "released_on": None,
        "released_basis": "unknown",
        "effective_on": "2023-01-20",
        "effective_basis": "on_issue",
        "expires_on": None,
        "expires_basis": "unknown",
        "addressees": "各区人民政府，市政府各部门，各企事业单位",
        "approved_by": reference("/units/wuhai-government/", "乌海市人民政府"),
        "based_on": "",
        "citations": [
            {"code": "whzbf-2023-2-cite1", "title": "《保障中小企业款项支付条例》", "cited": None},
            {"code": "whzbf-2023-2-cite2", "title": "《关于推动复工复产复商复市若干政策》", "cited": None},
        ],
        "relations": [],
        "attachments": [],
        "disclosure_note": "（此件公开发布）",
        "index_number": "",
        "subject": "",
        "gazette_issue": "",
        "note": "",
        "url": f"{SITE}/documents/whzbf-2023-2/",
        "related_from": [],
        "validity": {"state": "expired", "since": None},
    },
    "units": {
        "code": "finance-bureau",
        "name": "市财政局",
        "kind": "department",
        "aliases": ["财政局"],
        "parent": None,
        "note": "",
        "former_names": [],
        "succeeded_by": None,
        "succeeded_on": None,
        "url": f"{SITE}/units/finance-bureau/",
    },
    "plans": {
        "code": "2023",
        "title": "2023年乌海市国民经济和社会发展计划",
        "year": 2023,
        "parts_count": 6,
        "document": "whzf-2023-2",
        "source": source("whzf-2023-2", NUMBER["whzf-2023-2"], 6, "", "2023年乌海市国民经济和社会发展计划"),
        "url": f"{SITE}/plans/2023/",
    },
    "targets": {
        "code": "2023-urban-new-jobs-employment",
        "plan": PLAN,
        "name": "城镇新增就业",
        "qualifier": "exact",
        "value": "4000",
        "value_max": None,
        "unit": "人",
        "direction": "increase",
        "commitment": "strive",
        "basis": "",
        "base_year": None,
        "due": "2023",
        "due_precision": "year",
        "due_basis": "stated",
        "headline": False,
        "nature": "",
        "as_written": "城镇新增就业4000人",
        "derived": False,
        "note": "计划开头的主要预期目标作“4000人以上”。",
        "same_as": reference("/plans/2023/targets/2023-urban-new-jobs/", "城镇新增就业"),
        "part_of": None,
        "section": {"part": 5, "outline": "五（二）", "heading": "（二）促进就业和完善社会保障体系"},
        "assignments": [],
        "source": source("whzf-2023-2", NUMBER["whzf-2023-2"], 51, "五（二）", "力争2023年城镇新增就业4000人"),
        "url": f"{SITE}/plans/2023/targets/2023-urban-new-jobs-employment/",
        "latest_report": None,
    },
    "projects": {
        "code": "2023-projects-over-5-billion",
        "plan": PLAN,
        "name": "50亿元以上产业转型支撑等项目",
        "kind": "group",
        "action": "突出抓好",
        "count": 13,
        "scale": "50亿元以上",
        "investment": None,
        "commitment": "",
        "due": "2023",
        "due_precision": "year",
        "due_basis": "plan_year",
        "district": "",
        "listed": False,
        "note": "",
        "same_as": None,
        "part_of": reference("/plans/2023/projects/2023-key-projects-296/", "2023年重点项目"),
        "section": {"part": 1, "outline": "一（二）", "heading": "（二）超常规推进项目建设"},
        "assignments": [],
        "source": source(
            "whzf-2023-2", NUMBER["whzf-2023-2"], 13, "一（二）", "突出抓好13个50亿元以上产业转型支撑等项目"
        ),
        "url": f"{SITE}/plans/2023/projects/2023-projects-over-5-billion/",
        "latest_report": None,
    },
    "packages": {
        "code": "2023-consumption",
        "title": "乌海市进一步提信心扩消费稳增长二十三条措施",
        "document": "whzbf-2023-2",
        "general_rules": [
            {
                "code": "2023-consumption-g1",
                "name": "从其规定",
                "quote": "具体政策已明确执行期限的，从其规定。",
            },
            {
                "code": "2023-consumption-g2",
                "name": "制定详细操作细则",
                "quote": "各责任单位制定详细操作细则，提前做好政策解读宣传。",
            },
            {
                "code": "2023-consumption-g3",
                "name": "分级承担",
                "quote": "所需财政补贴资金按照市、区两级事权分级承担。",
            },
            {
                "code": "2023-consumption-g4",
                "name": "一并遵照执行",
                "quote": "国家和自治区稳经济大盘接续措施、自治区《关于推动复工复产复商复市若干政策》等相关政策措施，"
                "我市一并遵照执行。",
            },
            {
                "code": "2023-consumption-g5",
                "name": "“就高不就低”的原则，不重复享受",
                "quote": "政策措施同时符合国家或自治区政策的，按照“就高不就低”的原则，不重复享受。",
            },
        ],
        "valid_from": "2023-01-20",
        "valid_from_basis": "on_issue",
        "valid_until": "2023-06-30",
        "budget_total": "20000000",
        "measures_count": 23,
        "source": measures_source(36, "", "以上政策措施自印发之日起执行，有效期至2023年6月30日。"),
        "url": f"{SITE}/measures/2023-consumption/",
    },
    "measures": {
        "code": "2023-consumption-7",
        "package": PACKAGE,
        "number": 7,
        "title": "扩大汽车成品油大宗商品消费",
        "category": "consumption",
        "text": CLAUSE_7,
        "audiences": [],
        "conditions": [
            {
                "code": "2023-consumption-7-c1",
                "audience": None,
                "text": "以新能源汽车为重点",
                **NO_FIGURE,
                "quote": CARS,
            },
            {
                "code": "2023-consumption-7-c2",
                "audience": None,
                "text": "同时覆盖油电混合动力、传统燃油等车辆类型",
                **NO_FIGURE,
                "quote": CARS,
            },
        ],
        "responsibilities": [
            {"unit": reference("/units/commerce-bureau/", "市商务局"), "as_written": "市商务局", "mode": "sole"}
        ],
        "budgets": [{"code": "2023-consumption-7-b1", "amount": "4000000", "purpose": "发放加油消费券"}],
        "benefits": [
            {
                "code": "2023-consumption-7-g1",
                "kind": "coupon",
                "name": "加油消费券",
                **NO_FIGURE,
                "value_before": None,
                "sense": "",
                "one_off": False,
                "derived": False,
                "audience": None,
            },
            {
                "code": "2023-consumption-7-g2",
                "kind": "subsidy",
                "name": "单笔购车最高可享受补贴",
                "value": "5000",
                "value_max": None,
                "value_before": None,
                "unit": "元",
                "qualifier": "at_most",
                "sense": "",
                "one_off": False,
                "derived": False,
                "audience": None,
            },
        ],
        "validity": [
            {
                "code": "2023-consumption-7-w1",
                "part": "",
                "start": "2023-01-20",
                "start_basis": "inherited",
                "end": "2023-06-30",
                "end_basis": "inherited",
                "continued": False,
                "start_year": None,
                "end_year": None,
            }
        ],
        "deadlines": [],
        "source": measures_source(17, "三（七）", CLAUSE_7),
        "url": f"{SITE}/measures/2023-consumption/7/",
    },
    "budgets": {
        "code": "2023-consumption-7-b1",
        "amount": "4000000",
        "purpose": "发放加油消费券",
        "measure": measure(7, "扩大汽车成品油大宗商品消费"),
        "source": measures_source(17, "三（七）", "安排资金400万元，发放加油消费券"),
        "url": in_measure(7, "2023-consumption-7-b1"),
    },
    "benefits": {
        "code": "2023-consumption-22-g3",
        "kind": "other",
        "name": "新招用符合创业担保贷款申请条件的人数与企业现有在职职工人数占比",
        "value": "8",
        "value_max": None,
        "value_before": None,
        "unit": "%",
        "qualifier": "exact",
        "sense": "pay",
        "one_off": False,
        "derived": False,
        "audience": "2023-consumption-22-a5",
        "measure": measure(22, "加大创业担保贷款扶持力度"),
        "source": measures_source(
            34,
            "五（二十二）",
            "小微企业当年新招用符合创业担保贷款申请条件的人数与企业现有在职职工人数占比，"
            "由20%下降为15%，超过100人的企业下降为8%",
        ),
        "url": in_measure(22, "2023-consumption-22-g3"),
    },
    "validity-windows": {
        "code": "2023-consumption-13-w3",
        "part": "正常用热商业用户热费",
        "start": None,
        "start_basis": "unknown",
        "end": None,
        "end_basis": "unknown",
        "continued": False,
        "start_year": 2022,
        "end_year": 2023,
        "measure": measure(13, "持续降低企业运营成本"),
        "source": measures_source(
            24,
            "四（十三）",
            "对2022—2023年供暖季全市供热范围内正常用热商业用户"
            "（不含财政拨款用户、居民住宅用户、停供用户和其他非经营性用户）减免10%的热费",
        ),
        "url": in_measure(13, "2023-consumption-13-w3"),
    },
    "deadlines": {
        "code": "2023-consumption-3-d1",
        "due": "2023-06-30",
        "action": "延期贷款还本付息日期最长可延至2023年6月30日",
        "softness": "原则上",
        "measure": measure(3, "实施延期还本付息"),
        "source": measures_source(
            12,
            "二（三）",
            "金融机构按延期还本付息政策要求，延期贷款正常计息、免收罚息，避免出现限贷、抽贷、断贷，"
            "还本付息日期原则上最长可延至2023年6月30日",
        ),
        "url": in_measure(3, "2023-consumption-3-d1"),
    },
    "people": {"code": "zhang-liming", "name": "张立明", "note": "", "url": f"{SITE}/personnel/people/zhang-liming/"},
    "posts": {
        "code": "forestry-bureau-director",
        "title": "市林业和草原局局长",
        "unit": reference("/units/forestry-bureau/", "市林业和草原局"),
        "seats": 1,
        "url": f"{SITE}/personnel/posts/forestry-bureau-director/",
    },
    "appointments": {
        "code": "wzrz-2023-1-a01",
        "document": "wzrz-2023-1",
        "kind": "appoint",
        "person": reference("/personnel/people/han-zhilin/", "韩志林"),
        "post": reference("/personnel/posts/finance-bureau-deputy-director/", "市财政局副局长"),
        "unit_as_written": "市财政局",
        "probation_months": 12,
        "effective_on": None,
        "date_basis": "number_year",
        "source": source("wzrz-2023-1", "据乌政任字〔2023〕1号", 3, "任命", "韩志林　为市财政局副局长（试用期一年）；"),
        "url": f"{SITE}/personnel/people/han-zhilin/#wzrz-2023-1-a01",
    },
}


# Records


def test_the_root_lists_every_resource(get):
    assert set(get("")) == {*PARAMETERS, "search"}


@pytest.mark.parametrize("resource", sorted(WHOLE))
def test_a_whole_record(get, resource):
    record = WHOLE[resource]
    assert get(f"{resource}/{record['code']}/") == record | STAMP


def test_a_whole_progress_report(get, make_report, make_target, make_plan):
    target = make_target(plan=make_plan(code="sample-plan"), code="sample-target")
    report = make_report(target=target, code="sample-report", published=True)
    unit = reference(f"/units/{report.unit.code}/", report.unit.name)
    expected = {
        "code": "sample-report",
        "target": reference("/plans/sample-plan/targets/sample-target/", "示例目标"),
        "project": None,
        "unit": unit,
        "as_of": "2022-06-30",
        "value": "5",
        "value_unit": "个",
        "stage": "",
        "light": "green",
        "light_basis": "by_hand",
        "light_computed": "",
        "light_reason": "",
        "note": "",
        "source": "示例来源",
        "url": f"{SITE}/plans/sample-plan/targets/sample-target/#progress",
    } | STAMP
    assert get("progress-reports/sample-report/") == expected
    assert get("targets/sample-target/")["latest_report"] == expected


def test_the_latest_accepted_report_stands_with_its_target(get, make_report, make_target, publish):
    target = make_target(code="sample-target")
    make_report(target=target, code="sample-old", as_of=date(2022, 3, 31))
    make_report(target=target, code="sample-new", as_of=date(2022, 9, 30))
    make_report(target=target, code="sample-waiting", as_of=date(2022, 12, 31), accepted_at=None)
    publish(target.document)
    assert get("targets/sample-target/")["latest_report"]["code"] == "sample-new"
    assert get("progress-reports/sample-waiting/", 404)["status"] == 404


def test_an_assignment_stands_with_its_target(get, make_assignment, make_target, publish):
    target = make_target(code="sample-target")
    make_assignment(target=target, unit=Unit.objects.get(code="finance-bureau"), note="示例说明")
    publish(target.document)
    assert get("targets/sample-target/")["assignments"] == [
        {"unit": reference("/units/finance-bureau/", "市财政局"), "note": "示例说明"}
    ]


def test_a_whole_line_of_the_ledger(get):
    line = Change.objects.get(kind="target", code="2023-gdp-growth")
    answer = get("changes/", kind="target", code="2023-gdp-growth")
    assert answer == {
        "count": 1,
        "count_exact": True,
        "next": None,
        "previous": None,
        "results": [
            {
                "seq": line.seq,
                "at": PUBLISHED_AT_ISO,
                "op": "publish",
                "origin": "founding",
                "kind": "target",
                "code": "2023-gdp-growth",
                "revision": 1,
                "hash": PublicRecord.objects.get(kind="target", code="2023-gdp-growth").hash,
                "merged_into": "",
                "reason": "",
                "explanation": "",
                "url": f"{SITE}/plans/2023/targets/2023-gdp-growth/",
            }
        ],
    }


def test_a_whole_passage(get):
    answer = get("documents/wzrz-2023-1/passages/", page=4, page_size=1)
    link = f"{SITE}/api/v1/documents/wzrz-2023-1/passages/"
    page_url = f"{SITE}/personnel/people/li-kai/#wzrz-2023-1-a02"
    figure = {"kind": "appointment", "code": "wzrz-2023-1-a02", "url": page_url, "reason": ""}
    assert answer == {
        "count": 29,
        "count_exact": True,
        "next": f"{link}?page=5&page_size=1",
        "previous": f"{link}?page=3&page_size=1",
        "results": [
            {
                "code": "wzrz-2023-1-p4",
                "document": "wzrz-2023-1",
                "position": 4,
                "order": 4,
                "kind": "paragraph",
                "label": "",
                "level": 0,
                "outline": "任命",
                "part": 1,
                "parent": 2,
                "text": "李  锴  为市人力资源和社会保障局副局长；",
                "figures": [
                    {"start": 0, "end": 4, "text": "李  锴", "field": "person", "rule": "spaced", **figure},
                    {
                        "start": 7,
                        "end": 18,
                        "text": "市人力资源和社会保障局",
                        "field": "unit_as_written",
                        "rule": "verbatim",
                        **figure,
                    },
                    {
                        "start": 7,
                        "end": 21,
                        "text": "市人力资源和社会保障局副局长",
                        "field": "post",
                        "rule": "verbatim",
                        **figure,
                    },
                ],
                "url": f"{SITE}/documents/wzrz-2023-1/#p4",
                **STAMP,
            }
        ],
    }


def test_a_reason_stands_in_the_passage(get):
    first = get("documents/wzrz-2023-1/passages/", page_size=1)["results"][0]
    assert first["figures"][-1] == {
        "start": 11,
        "end": 13,
        "text": "一批",
        "kind": "",
        "code": "",
        "field": "",
        "rule": "",
        "url": "",
        "reason": "indefinite",
    }


def test_the_passages_are_the_whole_text(get):
    for document in Document.objects.all():
        texts = get(f"documents/{document.code}/passages/", page_size=200)["results"]
        assert [row["text"] for row in texts] == list(document.passages.values_list("text", flat=True))
        for row in texts:
            for figure in row["figures"]:
                assert row["text"][figure["start"] : figure["end"]] == figure["text"]


@pytest.mark.parametrize("resource", RECORDS)
def test_every_record_of_a_list_has_its_detail(every, get, resource, make_report):
    if resource == "progress-reports":
        make_report(published=True)
    records = every(resource)
    assert records
    for record in records:
        assert get(f"{resource}/{record['code']}/") == record


@pytest.mark.parametrize("resource", RECORDS)
def test_a_list_in_small_pages_is_the_same_list(every, get, resource):
    whole, found, page = every(resource), [], 1
    size = max(1, len(whole) // 3)
    while len(found) < len(whole):
        answer = get(f"{resource}/", page=page, page_size=size)
        assert answer["count"] == len(whole)
        assert (answer["previous"] is None) == (page == 1)
        found += answer["results"]
        page += 1
    assert found == whole
    codes = [record["code"] for record in whole]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("resource", "first"),
    [
        ("documents", ["whzbf-2023-2", "whzf-2023-2", "wzrz-2023-1"]),
        ("targets", ["2023-gdp-growth", "2023-industrial-value-added-growth", "2023-fixed-investment-growth"]),
        ("projects", ["2023-fifth-economic-census", "2023-project-quality-speed-action"]),
        ("measures", [f"2023-consumption-{number}" for number in range(1, 24)]),
        ("deadlines", ["2023-consumption-3-d1", "2023-consumption-13-d1", "2023-consumption-2-d1"]),
    ],
)
def test_lists_keep_the_texts_order(every, resource, first):
    assert [record["code"] for record in every(resource)][: len(first)] == first


def test_links_between_pages_keep_the_filters_and_the_sites_address(client):
    answer = client.get("/api/v1/targets/?part=5&page_size=6&page=2", headers={"host": "testserver"}).json()
    link = f"{SITE}/api/v1/targets/?"
    assert answer["next"] == f"{link}page=3&page_size=6&part=5"
    assert answer["previous"] == f"{link}page_size=6&part=5"


# Strictness


def test_every_parameter_of_every_list_is_known_here(client):
    for resource, names in PARAMETERS.items():
        view = resolve(f"/api/v1/{resource}/").func.cls
        assert set(view.filterset_class.base_filters) == names | {"q"}, resource
        assert set(view.day_parameters) == DAY_PARAMETERS.get(resource, set()), resource


def problem(errors, status=400):
    return {
        "type": "about:blank",
        "title": {400: "请求参数有误", 404: "没有找到"}[status],
        "status": status,
        "detail": "；".join(f"参数 {name}：{message}" for name, message in errors.items()),
        "errors": {name: [message] for name, message in errors.items()},
    }


@pytest.mark.parametrize("resource", sorted(PARAMETERS))
def test_an_unknown_parameter_is_named_with_what_there_is(get, resource):
    known = "、".join(sorted(PARAMETERS[resource] | DAY_PARAMETERS.get(resource, set()) | COMMON))
    message = f"没有这个参数；可用的有：{known}。"
    assert get(f"{resource}/", 400, unti="x") == problem({"unti": message})
    assert get(f"{resource}/", 400, unti="x", unto="y") == problem({"unti": message, "unto": message})


@pytest.mark.parametrize("resource", sorted(PARAMETERS))
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("page_size", "999", "“999”应为 1 到 200 的整数。"),
        ("page_size", "201", "“201”应为 1 到 200 的整数。"),
        ("page_size", "0", "“0”应为 1 到 200 的整数。"),
        ("page_size", "-1", "“-1”应为 1 到 200 的整数。"),
        ("page_size", "x", "“x”应为 1 到 200 的整数。"),
        ("page_size", "１０", "“１０”应为 1 到 200 的整数。"),
        ("page", "0", "“0”应为从 1 起的整数。"),
        ("page", "x", "“x”应为从 1 起的整数。"),
        ("page", "-1", "“-1”应为从 1 起的整数。"),
        ("page", "1.5", "“1.5”应为从 1 起的整数。"),
        ("page", "", "参数没有值，请填写或删去。"),
        ("page_size", "", "参数没有值，请填写或删去。"),
    ],
)
def test_a_bad_page_is_named(get, resource, name, value, message):
    assert get(f"{resource}/", 400, **{name: value}) == problem({name: message})


@pytest.mark.parametrize("resource", sorted(PARAMETERS))
def test_a_page_past_the_end_is_not_found(get, resource):
    count = get(f"{resource}/", page_size=200)["count"]
    pages = max(1, -(-count // 200))
    answer = get(f"{resource}/", 404, page_size=200, page=pages + 1)
    assert answer == {
        "type": "about:blank",
        "title": "没有找到",
        "status": 404,
        "detail": f"没有第{pages + 1}页，共{pages}页。",
    }


@pytest.mark.parametrize("resource", sorted(PARAMETERS))
def test_an_empty_value_is_named(get, resource):
    for name in PARAMETERS[resource] | DAY_PARAMETERS.get(resource, set()) | {"q"}:
        assert get(f"{resource}/", 400, **{name: ""}) == problem({name: "参数没有值，请填写或删去。"})


@pytest.mark.parametrize("resource", sorted(PARAMETERS))
def test_a_parameter_given_twice_is_named(client, resource):
    """Taking the last would answer another question than the one asked."""
    response = client.get(f"/api/v1/{resource}/?page_size=1&page_size=2")
    assert response.status_code == 400
    assert response.json() == problem({"page_size": "参数写了不止一次，请只写一次。"})


DAY = "日期写作 2023-03-15。"
BAD = {
    "day": [("2023-02-30", DAY), ("x", DAY), ("2023-3", DAY), ("15.03.2023", DAY), ("今天", DAY)],
    "code": [("nobody", "没有代码为“nobody”的公开记录。"), ("1", "没有代码为“1”的公开记录。")],
    "flag": [("yes", "只能写 true 或 false。"), ("True", "只能写 true 或 false。"), ("1", "只能写 true 或 false。")],
    "number": [
        ("x", "输入整数。"),
        ("1.5", "输入整数。"),
        ("-1", "确保该值大于或等于0。"),
        ("9999999999999999", "确保该值小于或等于1000000000000000。"),
    ],
}
BAD_VALUES = {
    "day": {"in_force_on", "on", "due_from", "due_to", "held_on", "probation_from", "probation_to", *BOUNDS},
    "code": {
        "issuer", "parent", "plan", "unit", "part_of", "target", "project", "document",
        "package", "measure", "person", "post",
    },
    "flag": {"headline", "has_budget", "listed"},
    "number": {"year", "part", "seats", "after"},
}  # fmt: skip


@pytest.mark.parametrize("resource", sorted(PARAMETERS))
def test_a_bad_value_is_named(get, resource):
    for name in PARAMETERS[resource] | DAY_PARAMETERS.get(resource, set()):
        for sort, names in BAD_VALUES.items():
            # The two lists of the ledger and the reports have kinds and codes of their own.
            for value, message in BAD[sort] if name in names else ():
                assert get(f"{resource}/", 400, **{name: value}) == problem({name: message}), (name, value)


CATEGORIES = "fiscal、finance、consumption、enterprise、livelihood"
COMMITMENTS = "strive、ensure、must、contend、explore"
PRECISIONS = "day、year、before_year、none"
CLOSED_LISTS = {
    "documents": {"kind": "plan、policy、personnel"},
    "units": {
        "kind": "government、office、district_government、department、central、institution、enterprise、bank、other"
    },
    "targets": {
        "qualifier": "at_least、more_than、at_most、about、reach、exact、keep、scale、"
        "in_step_with、assigned、narrative",
        "direction": "increase、decrease、level",
        "nature": "expected",
        "commitment": COMMITMENTS,
        "due_precision": PRECISIONS,
    },
    "projects": {
        "kind": "work、base、platform、group、action、creation、event、document",
        "commitment": COMMITMENTS,
        "due_precision": PRECISIONS,
    },
    "progress-reports": {"light": "green、yellow、red、done"},
    "measures": {
        "category": CATEGORIES,
        "audience": "individual、sole_trader、enterprise、farm、organisation、customer、other",
    },
    "budgets": {"category": CATEGORIES},
    "benefits": {
        "category": CATEGORIES,
        "kind": "subsidy、coupon、reduction、exemption、interest、loan、deferral、"
        "service、placement、relief、procedure、other",
    },
    "validity-windows": {"category": CATEGORIES, "end_basis": "own、inherited、unknown"},
    "deadlines": {"category": CATEGORIES},
    "appointments": {"kind": "appoint、concurrent、remove"},
    "changes": {"op": "publish、update、withdraw、delete"},
    "corrections": {"op": "publish、update、withdraw、delete"},
}


@pytest.mark.parametrize(
    ("resource", "name", "choices"),
    [(resource, name, choices) for resource, lists in CLOSED_LISTS.items() for name, choices in lists.items()],
)
def test_a_value_outside_a_closed_list_is_named_with_the_list(get, resource, name, choices):
    assert get(f"{resource}/", 400, **{name: "x"}) == problem({name: f"“x”不在可选值之中：{choices}。"})


@pytest.mark.parametrize("resource", sorted(PARAMETERS))
def test_bad_words_are_named(get, resource):
    no_word = "请写出要找的词，例如“消费券”。"
    assert get(f"{resource}/", 400, q="  ") == problem({"q": no_word})
    assert get(f"{resource}/", 400, q="长" * 101) == problem({"q": "检索词最多100字，这里有101字。"})
    eleven = " ".join("甲乙丙丁戊己庚辛壬癸子")
    assert get(f"{resource}/", 400, q=eleven) == problem({"q": "一次最多找10个词，这里有11个。"})


@pytest.mark.parametrize("resource", RECORDS)
def test_a_record_takes_no_parameter_but_its_day(get, resource):
    # Refused before the record is looked for.
    assert get(f"{resource}/x/", 400, page="1") == problem({"page": "单条记录没有这个参数，请删去。"})
    for name in DAY_PARAMETERS.get(resource, ()):
        code = WHOLE[resource]["code"]
        assert get(f"{resource}/{code}/", 400, **{name: "x"}) == problem({name: DAY})


@pytest.mark.parametrize("resource", RECORDS)
def test_a_record_that_never_was_is_not_found(get, resource):
    label = registry.get(KINDS[resource]).label
    assert get(f"{resource}/sample-nobody/", 404) == {
        "type": "about:blank",
        "title": "没有找到",
        "status": 404,
        "detail": f"没有代码为“sample-nobody”的{label}。",
    }


@pytest.mark.parametrize("path", ["nonsense/", "measures/UPPER/", "measures/7/x/", "documents/whzf-2023-2/x/"])
def test_an_address_that_does_not_exist_is_problem_details_too(get, path):
    answer = get(path, 404)
    assert (answer["title"], answer["status"]) == ("没有找到", 404)


def test_passages_are_as_strict(get):
    message = "没有这个参数；可用的有：page、page_size、cursor、q。"
    assert get("documents/whzf-2023-2/passages/", 400, kind="title") == problem({"kind": message})
    assert get("documents/whzf-2023-2/passages/", 400, page="0") == problem({"page": "“0”应为从 1 起的整数。"})
    assert get("documents/sample-nobody/passages/", 404)["detail"] == "没有代码为“sample-nobody”的文件。"
    assert get("documents/whzf-2023-2/passages/", 404, page="3")["detail"] == "没有第3页，共2页。"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["measures/", "measures/2023-consumption-7/", "changes/"])
def test_nothing_can_be_written(client, method, path):
    response = getattr(client, method)(f"/api/v1/{path}")
    assert response.status_code == 405
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "不支持此方法",
        "status": 405,
        "detail": f"方法 “{method.upper()}” 不被允许。",
    }


def test_another_format_is_refused(client):
    response = client.get("/api/v1/measures/", headers={"accept": "text/csv"})
    assert (response.status_code, response.json()["title"]) == (406, "不支持此格式")


# Filters


@pytest.fixture
def world(samples, publish):
    """Beside the founding documents: a plan with assignments, reports and districts, a second package, dated events."""
    bureau = Unit.objects.get(code="finance-bureau")
    plan = samples.plan(code="sample-plan")
    group = samples.project(plan=plan, code="sample-group", kind="group", district="示例区", commitment="ensure")
    target = samples.target(plan=plan, code="sample-target", part_of=group)
    samples.project(plan=plan, code="sample-project", part_of=group)
    samples.assignment(target=target, unit=bureau)
    samples.assignment(project=group, unit=bureau)
    reporter = samples.unit(code="sample-reporter", parent=bureau)
    samples.report(target=target, code="sample-report-1", unit=reporter)
    samples.report(project=group, code="sample-report-2", light="red")
    publish(plan.document)
    package = samples.package(code="sample-package")
    for number in (1, 2):
        measure = samples.measure(package=package, code=f"sample-measure-{number}", category="livelihood")
        samples.budget(measure=measure)
        samples.benefit(measure=measure, kind="relief")
        samples.window(measure=measure)
        samples.deadline(measure=measure, due=date(2022, 6 + number, 30))
    publish(package.document)
    event = samples.appointment(post=samples.post(code="sample-post", seats=2, unit=bureau), kind="concurrent")
    publish(event.document)
    publication.withdraw(event.document)
    publish(event.document)


def code_of(field):
    return lambda value: lambda row: (row[field] or {}).get("code") == value


def is_(field):
    return lambda value: lambda row: row[field] == value


def flag(field):
    return lambda value: lambda row: row[field] is (value == "true")


def number(field):
    return lambda value: lambda row: row[field] == int(value)


def in_part(value):
    return lambda row: row["section"]["part"] == int(value)


def assigned_to(value):
    return lambda row: value in [assignment["unit"]["code"] for assignment in row["assignments"]]


def around(day, start, end):
    return bool(start and end) and start <= day <= end


def in_package(value):
    """A row's code begins with its measure's, and that with its package's."""
    prefix = {"2023-consumption": "2023-consumption-", "sample-package": "sample-measure-"}[value]
    return lambda row: row["measure"]["code"].startswith(prefix)


def category_of_measure(value):
    fiscal = {"fiscal": {"2023-consumption-1", "2023-consumption-2"}}
    livelihood = {f"2023-consumption-{n}" for n in range(20, 24)} | {"sample-measure-1", "sample-measure-2"}
    consumption = {f"2023-consumption-{n}" for n in range(7, 13)}
    codes = fiscal | {"livelihood": livelihood, "consumption": consumption}
    return lambda row: row["measure"]["code"] in codes[value]


def due(compare):
    return lambda value: lambda row: any(compare(line["due"], value) for line in row["deadlines"])


def bounds(start, end):
    """Cases of the four filters by the days between which something holds."""

    def day(name, compare):
        return lambda value: lambda row: bool(row[name]) and compare(row[name], value)

    return {
        "starts_from": (day(start, str.__ge__), ["2023-01-20"]),
        "starts_to": (day(start, str.__le__), ["2023-01-20"]),
        "ends_from": (day(end, str.__ge__), ["2023-06-30"]),
        "ends_to": (day(end, str.__le__), ["2023-06-30"]),
    }


# The founding documents hold no such day; tests/test_calendar.py asks for them.
ASKED_BY_THE_CALENDAR = {
    "targets": {"due_from", "due_to"},
    "projects": {"due_from", "due_to"},
    "appointments": {"probation_from", "probation_to"},
}
# resource → parameter → (how a row is told, values to ask for)
CASES = {
    "documents": {
        "kind": (is_("kind"), ["plan", "policy", "personnel"]),
        "issuer": (code_of("issuer"), ["wuhai-government", "wuhai-government-office"]),
        "year": (lambda value: lambda row: f"〔{value}〕" in row["number"], ["2023", "2022"]),
    },
    "units": {
        "kind": (is_("kind"), ["bank", "department", "district_government"]),
        "parent": (code_of("parent"), ["wuhai-government", "finance-bureau"]),
    },
    "plans": {"year": (number("year"), ["2023", "2022"])},
    "targets": {
        "plan": (code_of("plan"), ["2023", "sample-plan"]),
        "part": (in_part, ["0", "5"]),
        "commitment": (is_("commitment"), ["strive", "ensure", "must"]),
        "due": (is_("due"), ["2023", "2025"]),
        "due_precision": (is_("due_precision"), ["year", "before_year", "none"]),
        "unit": (assigned_to, ["finance-bureau"]),
        "part_of": (code_of("part_of"), ["2023-quarter-hour-life-circle", "sample-group"]),
        "qualifier": (is_("qualifier"), ["at_least", "narrative", "scale"]),
        "direction": (is_("direction"), ["increase", "decrease", "level"]),
        "nature": (is_("nature"), ["expected"]),
        "headline": (flag("headline"), ["true", "false"]),
    },
    "projects": {
        "plan": (code_of("plan"), ["2023", "sample-plan"]),
        "part": (in_part, ["1", "6"]),
        "commitment": (is_("commitment"), ["strive", "explore", "ensure"]),
        "due": (is_("due"), ["2023"]),
        "due_precision": (is_("due_precision"), ["year", "none"]),
        "unit": (assigned_to, ["finance-bureau"]),
        "part_of": (code_of("part_of"), ["2023-key-projects-296", "sample-group"]),
        "kind": (is_("kind"), ["group", "event", "document"]),
        "listed": (flag("listed"), ["true", "false"]),
        "district": (is_("district"), ["海勃湾区", "示例区"]),
    },
    "progress-reports": {
        "target": (code_of("target"), ["sample-target"]),
        "project": (code_of("project"), ["sample-group"]),
        "unit": (code_of("unit"), ["sample-reporter"]),
        "light": (is_("light"), ["green", "red"]),
    },
    "packages": {"document": (is_("document"), ["whzbf-2023-2"]), **bounds("valid_from", "valid_until")},
    "measures": {
        "package": (code_of("package"), ["2023-consumption", "sample-package"]),
        "category": (is_("category"), ["fiscal", "livelihood"]),
        "unit": (
            lambda value: lambda row: value in [line["unit"]["code"] for line in row["responsibilities"]],
            ["commerce-bureau", "hainan-government"],
        ),
        "audience": (
            lambda value: lambda row: any(value in audience_groups(line["name"]) for line in row["audiences"]),
            ["individual", "sole_trader", "other"],
        ),
        "has_budget": (lambda value: lambda row: bool(row["budgets"]) is (value == "true"), ["true", "false"]),
        "in_force_on": (
            lambda value: lambda row: any(around(value, line["start"], line["end"]) for line in row["validity"]),
            ["2022-03-01", "2022-12-31", "2023-01-10", "2023-07-15", "2025-12-31"],
        ),
        "due_from": (due(str.__ge__), ["2022-08-30", "2023-07-31", "2023-08-01"]),
        "due_to": (due(str.__le__), ["2022-07-30", "2023-06-30", "2023-06-29"]),
    },
    "budgets": {
        "package": (in_package, ["2023-consumption", "sample-package"]),
        "measure": (code_of("measure"), ["2023-consumption-7", "sample-measure-1"]),
        "category": (category_of_measure, ["consumption", "livelihood"]),
    },
    "benefits": {
        "package": (in_package, ["2023-consumption", "sample-package"]),
        "measure": (code_of("measure"), ["2023-consumption-22", "sample-measure-1"]),
        "category": (category_of_measure, ["fiscal", "livelihood"]),
        "kind": (is_("kind"), ["coupon", "relief", "loan"]),
    },
    "validity-windows": {
        "package": (in_package, ["2023-consumption", "sample-package"]),
        "measure": (code_of("measure"), ["2023-consumption-13", "sample-measure-2"]),
        "category": (category_of_measure, ["fiscal", "livelihood"]),
        "in_force_on": (
            lambda value: lambda row: around(value, row["start"], row["end"]),
            ["2022-06-01", "2023-01-10", "2023-07-31", "2024-06-01"],
        ),
        "end_basis": (is_("end_basis"), ["own", "inherited", "unknown"]),
        **bounds("start", "end"),
    },
    "deadlines": {
        "package": (in_package, ["2023-consumption", "sample-package"]),
        "measure": (code_of("measure"), ["2023-consumption-3", "sample-measure-1"]),
        "category": (category_of_measure, ["fiscal", "livelihood"]),
        "due_from": (lambda value: lambda row: row["due"] >= value, ["2023-06-30", "2023-07-01"]),
        "due_to": (lambda value: lambda row: row["due"] <= value, ["2023-06-30", "2023-06-29"]),
    },
    "people": {"name": (is_("name"), ["张立明", "李锴"])},
    "posts": {
        "unit": (code_of("unit"), ["finance-bureau", "earthquake-bureau"]),
        "seats": (number("seats"), ["1", "2"]),
    },
    "appointments": {
        "document": (is_("document"), ["wzrz-2023-1"]),
        "kind": (is_("kind"), ["appoint", "concurrent", "remove"]),
        "person": (code_of("person"), ["zhang-liming"]),
        "post": (code_of("post"), ["sample-post", "earthquake-bureau-director"]),
        "unit": (
            lambda value: lambda row: row["post"]["code"] in {"sample-post", "finance-bureau-deputy-director"},
            ["finance-bureau"],
        ),
    },
    "changes": {
        "after": (lambda value: lambda row: row["seq"] > int(value), ["0", "100", "689"]),
        "kind": (is_("kind"), ["plan", "person"]),
        "code": (is_("code"), ["2023", "li-kai"]),
        "op": (is_("op"), ["publish", "withdraw"]),
        "document": (
            lambda value: lambda row: row["kind"] != "unit"
            and (row["code"].startswith("wzrz-2023-1") or row["kind"] in ("person", "post") and row["seq"] <= 690),
            ["wzrz-2023-1"],
        ),
    },
    "corrections": {},
}  # fmt: skip


def test_every_filter_has_its_cases():
    for resource, names in PARAMETERS.items():
        if resource != "corrections":  # nothing was ever corrected
            assert set(CASES[resource]) == names - ASKED_BY_THE_CALENDAR.get(resource, set()), resource


def test_each_filter_gives_the_rows_that_it_says(world, every):
    """Told from the whole list by a rule of its own; no case may come out empty, or it would show nothing."""
    for resource, cases in CASES.items():
        whole = every(resource)
        for name, (told_by, values) in cases.items():
            for value in values:
                found = every(resource, **{name: value})
                if (resource, name) == ("changes", "document"):
                    found = [row for row in found if row["kind"] != "unit"]
                assert found == [row for row in whole if told_by(value)(row)], (resource, name, value)
                assert found, (resource, name, value)


@pytest.mark.parametrize(
    ("resource", "words", "codes"),
    [
        ("documents", "二十三条措施", ["whzbf-2023-2"]),
        ("units", "市财政局", ["finance-bureau"]),
        ("plans", "国民经济", ["2023"]),
        ("targets", "城镇新增就业", ["2023-urban-new-jobs", "2023-urban-new-jobs-employment"]),
        ("projects", "产业转型支撑", ["2023-projects-over-5-billion"]),
        ("packages", "提信心", ["2023-consumption"]),
        ("measures", "加油消费券", ["2023-consumption-7"]),
        ("budgets", "加油消费券", ["2023-consumption-7-b1"]),
        ("deadlines", "还本付息 原则上", ["2023-consumption-3-d1"]),
        ("people", "张立明", ["zhang-liming"]),
        ("posts", "林业和草原局", ["forestry-bureau-director"]),
        ("measures", "示例不存在的词", []),
        ("progress-reports", "消费", []),
    ],
)
def test_lists_are_asked_by_words(every, resource, words, codes):
    assert [row["code"] for row in every(resource, q=words)] == codes


def test_corrections_are_none_so_far(get, world):
    for parameters in (
        {},
        {"after": 0},
        {"kind": "target"},
        {"code": "2023"},
        {"op": "update"},
        {"document": "wzrz-2023-1"},
        {"since": "2023-01-01"},
    ):
        assert get("corrections/", **parameters) == {
            "count": 0,
            "count_exact": True,
            "next": None,
            "previous": None,
            "results": [],
        }


def test_filters_are_taken_together(every):
    rows = every("targets", part="0", direction="increase", qualifier="at_least")
    assert [row["code"] for row in rows] == [
        "2023-gdp-growth",
        "2023-fixed-investment-growth",
        "2023-urban-new-jobs",
    ]
    assert every("targets", part="0", commitment="strive") == []


def test_one_deadline_must_lie_between_both_days(get, make_deadline, make_measure):
    """Two deadlines on either side of the asked span are no deadline within it."""
    measure = make_measure(code="sample-measure")
    make_deadline(measure=measure, due=date(2030, 1, 31))
    make_deadline(measure=measure, due=date(2030, 12, 31), published=True)
    assert get("measures/", due_from="2030-02-01", due_to="2030-11-30")["count"] == 0
    assert get("measures/", due_from="2030-01-31", due_to="2030-11-30")["count"] == 1
    assert get("measures/", due_from="2030-12-31")["count"] == 1


# What depends on the day


def test_on_says_of_each_measure_whether_it_is_in_force(every):
    for day, states in {
        "2023-01-10": {"part": {13}, "unknown": {1, 14}},
        "2023-03-15": {"yes": set(range(1, 24))},
        "2023-07-15": {"yes": {2}, "part": {1, 13, 14}},
        "2023-09-01": {"yes": {2}, "part": {1, 14}, "unknown": {13}},
        "2024-06-01": {"part": {1, 14}},
        "2026-01-01": {},
    }.items():
        rows = every("measures", on=day)
        named = {number: state for state, numbers in states.items() for number in numbers}
        assert {row["number"]: row["in_force"] for row in rows} == {n: named.get(n, "no") for n in range(1, 24)}


def test_on_selects_nothing_and_in_force_on_annotates_nothing(every, get):
    assert [row["in_force"] for row in every("measures", in_force_on="2024-06-01", on="2024-06-01")] == ["part", "part"]
    assert [row["number"] for row in every("measures", in_force_on="2024-06-01")] == [1, 14]
    assert "in_force" not in every("measures", in_force_on="2024-06-01")[0]
    assert get("measures/2023-consumption-14/", on="2025-06-01")["in_force"] == "part"
    assert "in_force" not in get("measures/2023-consumption-14/")


def test_held_on_says_who_held_a_post(get):
    def holders(day):
        return get("posts/earthquake-bureau-director/", held_on=day)["holders"]

    def person(code, name):
        return {"code": code, "name": name, "url": f"{SITE}/personnel/people/{code}/"}

    assert holders("2023-01-20") == [
        {
            "person": person("liu-lixiong", "刘利雄"),
            "certainty": "year_only",
            "why": "仅知2023年任命，具体日期文中未载明。",
            "read_until": "2023-01-20",
        },
        {
            "person": person("ma-huien", "马惠恩"),
            "certainty": "year_only",
            "why": "仅知2023年免去，具体日期文中未载明。",
            "read_until": "2023-01-20",
        },
    ]
    assert holders("2022-12-31") == [
        {
            "person": person("ma-huien", "马惠恩"),
            "certainty": "start_unknown",
            "why": "此后被免去该职务，何时任职已收录的文件未载明。",
            "read_until": "2023-01-20",
        }
    ]
    assert holders("2023-01-21") == [
        {
            "person": None,
            "certainty": "no_later_record",
            "why": "本站读到2023年1月20日为止，其后的任免尚未读到。",
            "read_until": "2023-01-20",
        }
    ]
    assert "holders" not in get("posts/earthquake-bureau-director/")


def test_held_on_answers_for_every_post_of_a_list(every):
    rows = every("posts", held_on="2024-01-01")
    assert len(rows) == 15
    assert {holder["certainty"] for row in rows for holder in row["holders"]} == {"no_later_record"}


# What is not public


@pytest.fixture
def hidden(samples):
    """A draft of every kind of record, each of which would show in its list."""
    rows = {
        "plans": samples.plan(),
        "targets": samples.target(),
        "projects": samples.project(),
        "packages": samples.package(),
        "measures": samples.measure(),
        "budgets": samples.budget(),
        "benefits": samples.benefit(),
        "validity-windows": samples.window(),
        "deadlines": samples.deadline(),
        "appointments": samples.appointment(),
    }
    rows["progress-reports"] = samples.report(target=rows["targets"])
    samples.responsibility(measure=rows["measures"])
    rows["documents"] = rows["measures"].document
    rows["people"], rows["posts"] = rows["appointments"].person, rows["appointments"].post
    rows["units"] = rows["documents"].issuer
    return rows


def counts(get):
    return {resource: get(f"{resource}/", page_size=1)["count"] for resource in PARAMETERS}


def test_a_draft_shows_nowhere(get, hidden):
    assert hidden.keys() == set(RECORDS)
    found = counts(get)
    assert found == {
        "documents": 3,
        "units": 36,
        "plans": 1,
        "targets": 83,
        "projects": 232,
        "progress-reports": 0,
        "packages": 1,
        "measures": 23,
        "budgets": 6,
        "benefits": 82,
        "validity-windows": 29,
        "deadlines": 3,
        "people": 23,
        "posts": 15,
        "appointments": 25,
        "corrections": 0,
        "changes": 690,
    }
    for resource, row in hidden.items():
        label = registry.get(KINDS[resource]).label
        assert get(f"{resource}/{row.code}/", 404)["detail"] == f"没有代码为“{row.code}”的{label}。"
    document = hidden["documents"].code
    assert get(f"documents/{document}/passages/", 404)["detail"] == f"没有代码为“{document}”的文件。"


def test_a_draft_can_not_be_asked_by(get, hidden):
    """A filter by the code of a hidden record must not tell that it exists."""
    for resource, name, row in (
        ("targets", "plan", hidden["plans"]),
        ("measures", "package", hidden["packages"]),
        ("appointments", "person", hidden["people"]),
        ("appointments", "post", hidden["posts"]),
        ("documents", "issuer", hidden["units"]),
        ("changes", "document", hidden["documents"]),
    ):
        message = f"没有代码为“{row.code}”的公开记录。"
        assert get(f"{resource}/", 400, **{name: row.code}) == problem({name: message})


def test_what_is_published_shows_and_what_is_withdrawn_is_gone(get, hidden, publish):
    before = counts(get)
    documents = {row.document for resource, row in hidden.items() if hasattr(row, "document") and resource != "units"}
    for document in documents:
        publish(document)
    shown = counts(get)
    for resource, row in hidden.items():
        assert shown[resource] > before[resource], resource
        assert get(f"{resource}/{row.code}/")["code"] == row.code
    for document in documents:
        publication.withdraw(document)
    after = counts(get)
    assert {name: after[name] for name in RECORDS} == {name: before[name] for name in RECORDS}
    for resource, row in hidden.items():
        answer = get(f"{resource}/{row.code}/", 410)
        assert (answer["title"], answer["status"]) == ("已撤回", 410)
        label = registry.get(KINDS[resource]).label
        assert answer["detail"].startswith(f"{label}“{row.code}”已于")
        assert answer["detail"].endswith("撤回，不再公开。")
    # The ledger tells of both, so that a mirror forgets.
    assert after["changes"] > shown["changes"] > before["changes"]
    lines = get("changes/", document=hidden["documents"].code, kind="document")["results"]
    assert [line["op"] for line in lines] == ["publish", "withdraw"]


def test_no_answer_shows_a_database_id(every):
    for resource in RECORDS:
        for row in every(resource):
            assert "id" not in json.dumps(row, ensure_ascii=False).split('"'), resource


# Queries


@pytest.fixture
def twelve(samples, publish):
    """Twelve of every kind, so that a page of twelve can be asked for."""
    plan_document = Document.objects.get(code="whzf-2023-2")
    for target, project in zip(Target.objects.all()[:12], KeyProject.objects.all()[:12], strict=True):
        samples.report(target=target)
        samples.report(project=project)
    publish(plan_document)
    for _ in range(12):
        plan = samples.plan()
        target = samples.target(plan=plan)
        samples.assignment(target=target)
        samples.report(target=target)
        samples.report(project=samples.project(plan=plan))
        publish(plan.document)
        package = samples.package(document=samples.document(kind="policy"))
        samples.general_rule(package=package)
        measure = samples.measure(package=package)
        for make in (samples.responsibility, samples.budget, samples.benefit, samples.window, samples.deadline):
            make(measure=measure)
        publish(package.document)
        samples.appointment()
    publish(samples.appointment().document)


# The count, the codes of the page, their rows of the projection; and what each adds.
LIST_QUERIES = dict.fromkeys(RECORDS, 3) | {
    "documents": 5,  # what later documents say of them, and how far their measures hold
    "targets": 5,  # the newest reports, and their rows
    "projects": 5,
    "changes": 2,  # the count, the lines
    "corrections": 1,
    "documents/whzf-2023-2/passages": 4,  # the document, and the three
    "measures?on": 3,
    "posts?held_on": 6,  # how far was read, the posts, their events
    "measures?unit": 4,  # the unit asked for
    "measures?package&category&in_force_on&due_from&due_to": 4,
}
LIST_PARAMETERS = {
    "measures?on": {"on": "2023-03-15"},
    "posts?held_on": {"held_on": "2022-06-01"},
    "measures?unit": {"unit": "commerce-bureau"},
    "measures?package&category&in_force_on&due_from&due_to": {
        "package": "2023-consumption",
        "category": "consumption",
        "in_force_on": "2023-03-15",
    },
}


def queries(get, path, **parameters):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = get(path, **parameters)
    return len(captured), answer


# The record's row of the projection; and what each adds.
DETAIL_QUERIES = dict.fromkeys(RECORDS, 1) | {"documents": 3, "targets": 3, "projects": 3}


def test_lists_and_records_take_as_many_queries_for_12_rows_as_for_1(get, twelve):
    for name, expected in LIST_QUERIES.items():
        path = f"{name.split('?')[0]}/"
        for rows in (1, 12):
            taken, answer = queries(get, path, **LIST_PARAMETERS.get(name, {}), page_size=rows)
            # A page that holds the whole list has counted it.
            assert taken == expected - (answer["next"] is None and name != "corrections"), (name, rows)
            if "unit" not in name and "package" not in name and name != "corrections":
                assert len(answer["results"]) == rows, name
    for resource, expected in DETAIL_QUERIES.items():
        code = get(f"{resource}/", page_size=1)["results"][0]["code"]
        taken, _answer = queries(get, f"{resource}/{code}/")
        assert taken == expected, resource
    unreported = KeyProject.objects.public().filter(reports=None).first().code
    assert queries(get, f"projects/{unreported}/")[0] == 2
    assert queries(get, "posts/earthquake-bureau-director/", held_on="2022-06-01")[0] == 4
    assert queries(get, "measures/2023-consumption-13/", on="2023-03-15")[0] == 1


def test_a_record_that_is_missing_takes_two_queries(client):
    with CaptureQueriesContext(connection) as captured:
        client.get("/api/v1/measures/sample-nobody/")
    assert len(captured) == 2  # the projection, the ledger
