"""The plans of the public's queries at a thousand documents: nothing reads a large table from end to end.

The data is size M of the sample (17 cities and 20 years: 1,020 documents, some 175,000 public records) with
assignments, made once in a database of its own; a database at ten documents prefers to read tables whole, and rightly.
Every query that an address asks is asked again as EXPLAIN, on PostgreSQL with the costs of a disk without a moving head
(random_page_cost 1.1). `QUERY_PLANS_DATABASE` names a database (a file, or a URL) that has the data already, or is to
keep it.
"""

import json
import os
import re
import tempfile
import uuid
from contextlib import contextmanager
from datetime import date
from urllib.parse import urlsplit

import django_filters
import psycopg2
import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client

from gazette.filters import BooleanFilter, CodeFilter, DayFilter, NumberFilter
from gazette.models import Document, Unit
from gazette.paging import BOUND, Paginator
from plans.models import Assignment, KeyProject, Target
from wuhai_portal.api import router

pytestmark = [pytest.mark.drill, pytest.mark.django_db]
LARGE = 5000  # rows; a table below that may be read whole
DAY = date(2021, 3, 15)
# Values of the filters that take any text or number.
VALUES = {"year": [2021], "part": [1, 99], "seats": [1, 3], "due": ["2022", "1999"], "after": [100_000]}
VALUES |= {"district": ["东河区", "无此区"], "name": ["示例王伟"], "kind": ["target"], "code": ["sample-1-2021"]}
# Search has an index and a drill of its own.
LISTS = {name: viewset for name, viewset, _ in router.registry if name != "search"}
FILTERS = [
    (name, parameter) for name, viewset in LISTS.items() for parameter in viewset.filterset_class.base_filters
    if parameter != "q"
]  # fmt: skip


@contextmanager
def database_of_its_own():
    """The default connection on another database of the same kind; the one that the suite uses is put back."""
    ours = connections["default"]
    given, name = os.environ.get("QUERY_PLANS_DATABASE"), f"query_plans_{uuid.uuid4().hex[:8]}"
    made = None
    if ours.vendor == "postgresql":
        if given:
            name = urlsplit(given).path.lstrip("/")
        else:
            settings = ours.settings_dict
            made = psycopg2.connect(
                host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"],
                dbname="postgres",
            )  # fmt: skip
            made.autocommit = True
            made.cursor().execute(f"CREATE DATABASE {name} TEMPLATE template0")
    else:
        name = given or os.path.join(tempfile.gettempdir(), f"{name}.sqlite3")
    theirs = connections.create_connection("default")
    theirs.settings_dict = {**theirs.settings_dict, "NAME": name}
    if theirs.vendor == "postgresql":
        options = theirs.settings_dict["OPTIONS"]
        theirs.settings_dict["OPTIONS"] = options | {"options": "-c random_page_cost=1.1"}
    connections["default"] = theirs
    try:
        yield theirs
    finally:
        theirs.close()
        connections["default"] = ours
        if made is not None:
            made.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
            made.close()
        elif not given:
            os.unlink(name)


@pytest.fixture(scope="module")
def thousand(django_db_setup, django_db_blocker):
    """A thousand documents, and statistics of them for the planner."""
    with django_db_blocker.unblock(), database_of_its_own() as connection:
        call_command("migrate", verbosity=0)
        call_command("generate_sample", size="M", verbosity=0)
        _assign()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
        yield connection


def _assign():
    """A unit for each third target and project, as staff would."""
    if Assignment.objects.exists():
        return
    units = list(Unit.objects.filter(kind="department").values_list("pk", flat=True))
    for model, owner in ((Target, "target"), (KeyProject, "project")):
        ids = model.objects.order_by("pk").values_list("pk", flat=True)
        rows = [Assignment(**{f"{owner}_id": pk}, unit_id=units[pk % len(units)]) for pk in ids[::3]]
        Assignment.objects.bulk_create(rows, batch_size=1000)


@pytest.fixture(scope="module")
def large(thousand):
    """The tables that are not to be read whole."""
    with thousand.cursor() as cursor:
        found = set()
        for table in thousand.introspection.table_names(cursor):
            cursor.execute(f'SELECT COUNT(*) FROM (SELECT 1 FROM "{table}" LIMIT {LARGE + 1}) AS counted')
            if cursor.fetchone()[0] > LARGE:
                found.add(table)
    assert {"plans_target", "plans_keyproject", "measures_measure", "gazette_publicrecord"} <= found
    return found


class Explained:
    """The plans of the queries that ran inside, in the order in which they ran."""

    def __init__(self, connection):
        self.connection, self.queries = connection, []

    def __enter__(self):
        self.wrapper = self.connection.execute_wrapper(self._note)
        self.wrapper.__enter__()
        return self

    def __exit__(self, *error):
        self.wrapper.__exit__(*error)

    def _note(self, execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            self.queries.append((sql, params))
        return execute(sql, params, many, context)

    def problems(self, large) -> list[str]:
        """What the plans do that grows with the tables, one sentence each with its query."""
        found = []
        for sql, params in self.queries:
            with self.connection.cursor() as cursor:
                if self.connection.vendor == "sqlite":
                    cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                    faults = sqlite_faults([row[-1] for row in cursor.fetchall()], sql, large)
                else:
                    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                    plan = cursor.fetchone()[0]
                    plan = json.loads(plan) if isinstance(plan, str) else plan
                    faults = postgres_faults(plan[0]["Plan"], large)
            found += [f"{fault}\n    {sql[:1500]} {params}" for fault in faults]
        return found


def sqlite_faults(lines: list[str], sql: str, large) -> list[str]:
    """Scans of large tables, along an index too: a list without a condition is the ledger's alone."""
    names = {alias: table for table, alias in re.findall(r'"(\w+)" (U\d+|T\d+)\b', sql)}
    faults, sorts = [], any("TEMP B-TREE FOR ORDER BY" in line for line in lines)
    filtered = "WHERE" in re.sub(r'WHERE "gazette_change"."seq" [<>]=? ', "", sql)
    for line in lines:
        if match := re.match(r"SCAN (\w+)", line):
            table = names.get(match[1], match[1])
            if table in large and (filtered or sorts):
                faults.append(line + (" and a sort" if sorts else ""))
    return faults


def postgres_faults(node: dict, large) -> list[str]:
    """Sequential scans of large tables, index scans without a condition that are not in order, and large sorts."""
    faults = []
    if node["Node Type"] in ("Seq Scan", "Parallel Seq Scan") and node["Relation Name"] in large:
        faults.append(f"Seq Scan on {node['Relation Name']}")
    children = node.get("Plans", [])
    if node["Node Type"] == "Sort" and children[0]["Plan Rows"] > LARGE:
        faults.append(f"Sort of {children[0]['Plan Rows']} rows")
    return faults + [fault for child in children for fault in postgres_faults(child, large)]


def values_of(name: str, given: django_filters.Filter) -> list[str]:
    """What to ask a filter for: each choice of a closed list, one code of a register, a day, a number."""
    if isinstance(given, CodeFilter):
        model = given.queryset(None).model
        codes = list(model.objects.public().order_by("-code").values_list("code", flat=True)[:1])
        if model.__name__ == "Unit":
            codes = ["sample-1-dept-1", "sample-1-government"]
        return codes
    if isinstance(given, BooleanFilter):
        return ["true", "false"]
    if isinstance(given, DayFilter):
        return [DAY.isoformat()]
    if name in VALUES and isinstance(given, NumberFilter | django_filters.CharFilter):
        return [str(value) for value in VALUES[name]]
    return [str(value) for value, _label in given.extra["choices"]]


@pytest.fixture
def explain(thousand, large):
    """Ask something and fail with whatever its queries read that they should not."""

    @contextmanager
    def run():
        with Explained(thousand) as explained:
            yield explained
        assert explained.queries
        assert explained.problems(large) == []

    return run


def test_the_data_is_a_thousand_documents(thousand):
    assert Document.objects.count() == 1020


def test_a_scan_and_a_large_sort_would_be_seen(thousand, large):
    with Explained(thousand) as explained:
        list(Target.objects.filter(note="无此说明"))
        list(KeyProject.objects.order_by("note", "code").values_list("code", flat=True)[:50])
    faults = "\n".join(explained.problems(large))
    assert re.search(r"(SCAN|Seq Scan on) plans_target", faults)
    assert re.search(r"(SCAN|Seq Scan on) plans_keyproject", faults)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_a_walk(explain, thousand, large, name):
    faults = []
    for query in ("", "?page_size=200", "?page=3&page_size=200", "?page=50&page_size=200"):
        with Explained(thousand) as explained:
            answer = Client().get(f"/api/v1/{name}/{query}")
        assert answer.status_code in (200, 404), answer.content
        faults += explained.problems(large)
    assert faults == []


@pytest.mark.parametrize(("name", "parameter"), FILTERS)
def test_every_filter_has_an_index(thousand, large, name, parameter):
    faults = []
    for value in values_of(parameter, LISTS[name].filterset_class.base_filters[parameter]):
        with Explained(thousand) as explained:
            answer = Client().get(f"/api/v1/{name}/", {parameter: value})
        assert answer.status_code == 200, answer.content
        faults += explained.problems(large)
    assert faults == []


@pytest.mark.parametrize("name", LISTS)
def test_every_detail_is_a_look_up(explain, name):
    rows = Client().get(f"/api/v1/{name}/?page_size=1").json()["results"]
    if not rows or "code" not in rows[0] or name in ("changes", "corrections"):
        pytest.skip("has no detail")
    with explain():
        assert Client().get(f"/api/v1/{name}/{rows[0]['code']}/").status_code == 200


def test_the_passages_of_a_document_are_a_walk(explain):
    with explain():
        assert Client().get("/api/v1/documents/sample-1-2021-plan/passages/").json()["count"] == 50


@pytest.mark.parametrize("name", LISTS)
def test_the_lists_of_the_pages_are_walks(thousand, large, name):
    """The querysets of the pages: rows with all that a line shows, by each filter."""
    viewset = LISTS[name]
    if not hasattr(viewset, "kind"):
        pytest.skip("has no page")
    faults = []
    asked = [{}] + [
        {parameter: value}
        for listed, parameter in FILTERS
        if listed == name
        for value in values_of(parameter, viewset.filterset_class.base_filters[parameter])
    ]
    for query in asked:
        filterset = viewset.filterset_class(query, queryset=viewset.queryset.public().for_list())
        assert filterset.is_valid()
        with Explained(thousand) as explained:
            list(Paginator(filterset.qs, 50).asked())
        faults += explained.problems(large)
    assert faults == []


def test_deep_pages_come_by_cursor_and_cover_the_list_once(thousand, large):
    """The largest list from end to end by its `next` links, and a step back."""
    with Explained(thousand) as explained:
        answer = Client().get("/api/v1/projects/?page=50&page_size=200").json()
    assert answer["count_exact"] is False
    assert answer["count"] >= BOUND
    codes = [row["code"] for row in answer["results"]]
    seen = set(codes)
    refused = Client().get("/api/v1/projects/?page=51&page_size=200")
    assert refused.status_code == 400
    assert "页码只到第50页" in refused.json()["errors"]["page"][0]
    while answer["next"]:
        assert "cursor=" in answer["next"]
        before, url = codes, answer["next"]
        with explained:
            answer = Client().get(urlsplit(url).path, QUERY_STRING=urlsplit(url).query).json()
        codes = [row["code"] for row in answer["results"]]
        assert not seen & set(codes)
        seen |= set(codes)
    assert len(seen) == 17 * 20 * 151 - 49 * 200
    back = urlsplit(answer["previous"])
    with explained:
        again = Client().get(back.path, QUERY_STRING=back.query).json()
    assert [row["code"] for row in again["results"]] == before
    assert explained.problems(large) == []
