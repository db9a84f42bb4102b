"""The index of search: in step with what is public, and used by every search."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gazette import publication
from gazette.models import Document, DocumentStatus, SearchEntry
from gazette.search import engine, index
from gazette.search.query import read_query
from gazette.search.rebuild import fill_index
from gazette.search.results import Results

pytestmark = pytest.mark.django_db


def found(words, **chosen):
    """The codes that a search finds, best first."""
    hits = Results(read_query(words), chosen).hits
    codes = dict(SearchEntry.objects.values_list("pk", "code"))
    return [codes[hit.id] for hit in hits]


def rebuild(*options):
    """What the command says."""
    out = StringIO()
    call_command("rebuild_search", *options, stdout=out)
    return out.getvalue()


# What is public, and no more


def test_a_draft_is_never_found(make_measure):
    measure = make_measure(title="示例草稿措施")
    assert found("示例草稿措施") == []
    assert not SearchEntry.objects.filter(code=measure.code).exists()


def test_a_withdrawal_is_forgotten(make_passage, publish):
    passage = make_passage(text="示例专用的词瀚瀚一次", published=True)
    assert found("词瀚瀚") == [passage.code]
    publication.withdraw(passage.document)
    assert found("词瀚瀚") == found("瀚") == []
    assert not SearchEntry.objects.filter(document=passage.document).exists()
    assert "相符" in rebuild("--check")
    publish(passage.document)
    assert found("词瀚瀚") == [passage.code]


def test_a_unit_is_forgotten_with_the_last_document_that_names_it(make_document, make_unit):
    unit = make_unit(name="示例瀚海局")
    document = make_document(issuer=unit, published=True)
    assert found("瀚海局") == [unit.code]
    publication.withdraw(document)
    assert found("瀚海局") == []


def test_the_index_follows_a_change(make_document, publish):
    document = make_document(title="示例旧题瀚瀚", published=True)
    entry = SearchEntry.objects.get(code=document.code, kind="document")
    document.title = "示例新题淼淼"
    document.save()
    publish(document)
    assert found("瀚瀚") == []
    assert found("淼淼") == [document.code]
    assert SearchEntry.objects.get(code=document.code, kind="document").pk == entry.pk
    assert "相符" in rebuild("--check")


def test_publishing_again_writes_nothing(founding):
    entries = list(SearchEntry.objects.values())
    document = Document.objects.get(code="wzrz-2023-1")
    with CaptureQueriesContext(connection) as queries:
        publication.publish(document)
    assert list(SearchEntry.objects.values()) == entries
    assert not [query for query in queries if query["sql"].startswith("INSERT") and "search" in query["sql"]]


def test_everything_in_the_index_is_public():
    assert not Document.objects.exclude(status=DocumentStatus.PUBLISHED).filter(search_entries__isnull=False).exists()
    assert "相符" in rebuild("--check")


# The index


def plan_of(sql):
    """How the database answers a query."""
    with connection.cursor() as cursor:
        cursor.execute(f"{'EXPLAIN QUERY PLAN' if connection.vendor == 'sqlite' else 'EXPLAIN'} {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.fixture
def many_entries():
    """Enough entries for PostgreSQL to prefer an index of its own accord."""
    if connection.vendor == "postgresql":
        SearchEntry.objects.bulk_create(
            SearchEntry(kind="示例", code=f"sample-{n}", rank=90, path="/", body="示例" * 50, tokens=range(n, n + 60))
            for n in range(4000)
        )
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {engine.TABLE}")


def uses_the_index(plan):
    if connection.vendor == "sqlite":
        scans = [line for line in plan.splitlines() if line.startswith("SCAN")]
        # 192: in the order of rows, backwards, so that nothing is sorted. M1: the words are looked up.
        return scans == [f"SCAN {engine.INDEX} VIRTUAL TABLE INDEX 192:M1"]
    return f"Bitmap Index Scan on {engine.INDEX}" in plan and f"Seq Scan on {engine.TABLE}" not in plan


@pytest.mark.parametrize("words", ["消费券", "券", "李锴 人力资源", "乌海政发[2023]2号"])
def test_a_search_uses_the_index(words, many_entries):
    with CaptureQueriesContext(connection) as queries:
        assert Results(read_query(words)).count()
    [query] = queries
    plan = plan_of(query["sql"])
    assert uses_the_index(plan), plan


def plan_of_the_count(client, name, value, count):
    """How the measures of a filter are counted: one row a page, so that the rest must be."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/v1/measures/", {name: value, "page_size": 1}).json()["count"] == count
    [counted] = [query["sql"] for query in queries if "COUNT" in query["sql"]]
    return plan_of(counted)


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="PostgreSQL reads a table of 23 rows from end to end")
def test_the_measures_for_a_group_walk_an_index(client):
    plan = plan_of_the_count(client, "audience", "sole_trader", 4)
    assert "SEARCH measures_measure USING COVERING INDEX measure_list_for_sole_trader" in plan
    assert "SCAN measures_measure" not in plan
    assert "TEMP B-TREE" not in plan


def test_a_list_uses_the_index(client, many_entries):
    plan = plan_of_the_count(client, "q", "消费券", 2)
    if connection.vendor == "sqlite":
        assert f"SCAN {engine.INDEX} VIRTUAL TABLE INDEX 0:M1" in plan
        assert f"SCAN {engine.TABLE}" not in plan
    else:
        # A list as short as this may also be asked record by record, by the index of codes.
        assert f"Seq Scan on {engine.TABLE}" not in plan
        assert engine.INDEX in plan or "search_entry_once" in plan, plan


def test_an_emptied_table_leaves_nothing_behind(make_passage):
    """As after a flush: SQLite's index was told nothing, and the numbers of rows begin anew."""
    SearchEntry.objects.all().delete()
    passage = make_passage(text="示例瀚瀚", published=True)
    assert found("瀚瀚") == [passage.code]
    assert found("李锴") == []
    engine.command(SearchEntry.objects.db, "integrity-check")


def test_rebuilding_mends_what_differs(founding):
    lost, changed = SearchEntry.objects.filter(kind="person")[:2]
    index.forget([("person", lost.code)])
    engine.remove(changed._state.db, [changed])
    changed.title, changed.tokens = "改", []
    changed.save()
    engine.add(changed._state.db, [changed])
    stray = SearchEntry.objects.create(kind="person", code="nobody", path="/", tokens=[1])
    engine.add(stray._state.db, [stray])
    out = StringIO()
    with pytest.raises(CommandError, match="检索索引有3处不符，请运行 rebuild_search。"):
        call_command("rebuild_search", "--check", stdout=out)
    for sentence in (f"缺少：person {lost.code}", f"过时：person {changed.code}", "多余：person nobody"):
        assert sentence in out.getvalue()
    assert rebuild() == "检索索引：写入2条，删去1条。\n"
    assert rebuild("--check") == "检索索引与公开内容相符。\n"


def test_an_upgrade_builds_the_index(founding):
    entries = SearchEntry.objects.count()
    index.forget(list(SearchEntry.objects.values_list("kind", "code")))
    fill_index()
    assert SearchEntry.objects.count() == entries
    assert "相符" in rebuild("--check")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its index itself")
def test_an_index_out_of_step_is_noticed(founding):
    engine.remove("default", SearchEntry.objects.filter(kind="person"))
    with pytest.raises(CommandError):
        rebuild("--check")
    rebuild()
    assert "相符" in rebuild("--check")


def test_facets_are_json_on_both_databases():
    entry = SearchEntry.objects.get(code="2023-consumption-7")
    assert json.loads(json.dumps(entry.facets)) == {
        "kind": ["measure"],
        "part": ["whzbf-2023-2-p16"],
        "unit": ["commerce-bureau"],
        "year": ["2023"],
    }
