"""Every path of the site, and every resource and parameter of the API, answered over HTTP by the real server."""

import json
from urllib.parse import quote

import pytest
from served import fetch

from wuhai_portal.api_docs import reference

pytestmark = pytest.mark.drill

PAGES = [
    "/",
    "/documents/",
    "/documents/whzf-2023-2/",
    "/documents/whzbf-2023-2/",
    "/documents/wzrz-2023-1/",
    "/plans/",
    "/plans/2023/",
    "/plans/2023/targets/",
    "/plans/2023/targets/2023-gdp-growth/",
    "/plans/2023/projects/",
    "/plans/2023/projects/2023-key-projects-296/",
    "/measures/",
    "/measures/2023-consumption/",
    "/measures/2023-consumption/7/",
    "/personnel/",
    "/personnel/people/",
    "/personnel/people/zhang-liming/",
    "/personnel/posts/",
    "/personnel/posts/earthquake-bureau-director/",
    "/units/",
    "/units/finance-bureau/",
    "/measures/budgets/",
    "/calendar/",
    "/calendar.ics",
    "/feeds/documents.atom",
    "/feeds/changes.atom",
    "/search/",
    "/sitemap.xml",
    "/robots.txt",
    "/api/docs/",
    "/api/docs/try/",
    "/api/schema/",
    "/healthz",
]
# A value of each parameter that some public record has; what is missing here fails below by name.
VALUES = {
    "after": "10",
    "audience": "sole_trader",
    "category": "consumption",
    "code": "2023-gdp-growth",
    "commitment": "strive",
    "direction": "increase",
    "district": "海勃湾区",
    "document": "whzbf-2023-2",
    "due": "2023",
    "due_from": "2023-01-01",
    "due_precision": "year",
    "due_to": "2023-12-31",
    "end_basis": "own",
    "ends_from": "2023-06-30",
    "ends_to": "2023-06-30",
    "has_budget": "true",
    "headline": "true",
    "held_on": "2023-01-10",
    "in_force_on": "2023-03-15",
    "issuer": "wuhai-government",
    "light": "green",
    "listed": "true",
    "measure": "2023-consumption-7",
    "name": "张立明",
    "nature": "expected",
    "on": "2023-03-15",
    "op": "publish",
    "package": "2023-consumption",
    "page": "1",
    "page_size": "5",
    "parent": "wuhai-government",
    "part": "1",
    "part_of": "2023-key-projects-296",
    "person": "zhang-liming",
    "plan": "2023",
    "post": "earthquake-bureau-director",
    "probation_from": "2023-01-01",
    "probation_to": "2023-12-31",
    "project": "2023-key-projects-296",
    "q": "资金",
    "qualifier": "at_least",
    "seats": "1",
    "since": "2023-01-01",
    "starts_from": "2023-01-20",
    "starts_to": "2023-01-20",
    "target": "2023-gdp-growth",
    "unit": "finance-bureau",
    "year": "2023",
}
KINDS = {
    "documents": "plan",
    "units": "department",
    "projects": "work",
    "benefits": "subsidy",
    "appointments": "appoint",
    "corrections": "measure",
    "changes": "measure",
    "search": "measure",
}


def value_of(resource, parameter):
    return KINDS[resource] if parameter == "kind" else VALUES[parameter]


def test_every_path_and_parameter_answers(serve):
    address, _environment = serve()
    for path in PAGES:
        status, text = fetch(address + path)
        assert status == 200, (path, text[:300])
    status, _text = fetch(address + "/admin/")
    assert status == 200  # the log-in page, after a redirect
    answered = 0
    for resource in reference():
        name = resource["name"]
        for operation in resource["operations"]:
            path = operation["path"]
            if "{code}" in path:
                continue
            searching = "?q=" + quote(VALUES["q"]) + "&" if name == "search" else "?"
            status, text = fetch(address + path + (searching if name == "search" else ""))
            assert status == 200, (path, text)
            first = (json.loads(text)["results"] or [None])[0]
            for parameter in operation["parameters"]:
                if parameter["name"] == "cursor" or name == "search" and parameter["name"] in ("q", "part"):
                    continue
                value = quote(value_of(name, parameter["name"]))
                status, text = fetch(f"{address}{path}{searching}{parameter['name']}={value}")
                assert status == 200, (path, parameter["name"], text)
                assert set(json.loads(text)) >= {"count", "count_exact", "next", "previous", "results"}
                answered += 1
            for typo in ("unti=x", "page_size=999"):
                status, text = fetch(f"{address}{path}{searching}{typo}")
                assert status == 400, (path, typo)
                assert json.loads(text)["errors"].keys() == {typo.partition("=")[0]}
            details = [other["path"] for other in resource["operations"] if "{code}" in other["path"]]
            for detail in details if first else []:
                status, text = fetch(address + detail.replace("{code}", first["code"]))
                assert status == 200, (detail, text)
    assert answered > 100
