"""Search on the real documents: what is found, in which order, and where it is marked."""

import json
import random
from pathlib import Path

import pytest
from django.conf import settings

from gazette import publication
from gazette.folding import fold
from gazette.models import AudienceGroup, Origin, Passage, PublicRecord, SearchEntry
from gazette.search import results
from gazette.search.hints import suggestions
from gazette.search.query import read_query
from gazette.search.results import Results
from gazette.search.snippets import SHOWN, Marked, mark, snippet
from gazette.search.tokens import as_letters, facet_token, from_letters, tokens_asked, tokens_of
from measures.models import Measure
from measures.reading import AUDIENCE_ENDINGS, audience_groups

pytestmark = pytest.mark.django_db


def found(words, **chosen):
    """The codes that a search finds, best first."""
    hits = Results(read_query(words), chosen).hits
    codes = dict(SearchEntry.objects.values_list("pk", "code"))
    return [codes[hit.id] for hit in hits]


PLAN_NUMBER = ["whzf-2023-2", "whzf-2023-2-p2"]
LI_KAI = ["li-kai", "wzrz-2023-1-p4"]
GROWTH = ["2023-gdp-growth", "whzf-2023-2-p8"]
CAR_SUBSIDY = ["2023-consumption-7", "2023-consumption-20", "whzbf-2023-2-p17", "whzbf-2023-2-p32"]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("5000元", CAR_SUBSIDY),
        ("５０００元", CAR_SUBSIDY),
        ("5000", CAR_SUBSIDY),
        ("15000元", []),
        ("500", []),
        ("6%", GROWTH),
        ("6％", GROWTH),
        ("16%", []),
        ("增长6%", GROWTH),
        ("乌海政发〔2023〕2号", PLAN_NUMBER),
        ("乌海政发[2023]2号", PLAN_NUMBER),
        ("乌海政发【2023】2号", PLAN_NUMBER),
        ("乌海政发（2023）2号", PLAN_NUMBER),
        ("乌海政发(2023)2号", PLAN_NUMBER),
        ("烏海政發［２０２３］２號", PLAN_NUMBER),
        ("乌海政发 2023 2号", PLAN_NUMBER),
        ("乌海政发〔202", []),
        ("李锴", LI_KAI),
        ("李 锴", LI_KAI),
        ("李　锴", LI_KAI),
        ("锴", LI_KAI),
        ("李锴 人力资源", ["wzrz-2023-1-p4"]),
        ("人力资源 李锴", ["wzrz-2023-1-p4"]),
        ("李锴 消费券", []),
        ("地方税务局", []),
        ("消费卷", []),
        ("约惠乌海畅享生活", found_by_space := ["2023-consumption-9", "whzbf-2023-2-p19"]),
        ("約惠烏海 暢享生活", found_by_space),
        (
            "5G",
            [
                "2023-mine-and-park-5g",
                "2023-new-5g-stations",
                "2023-5g-industrial-internet",
                "whzf-2023-2-p22",
                "whzf-2023-2-p28",
            ],
        ),
        ("地区生产总值增长6%以上，规上工业增加值增长8%左右，固定资产投资增长30%以上", ["whzf-2023-2-p8"]),
    ],
)
def test_found(words, codes):
    assert found(words) == codes


@pytest.mark.parametrize(("typed", "meant"), [("５Ｇ", "5G"), ("5g", "5G"), ("烏海市", "乌海市"), ("財政局", "财政局")])
def test_other_writing_finds_the_same(typed, meant):
    assert found(typed) == found(meant) != []


def test_an_alias_leads_to_its_unit():
    assert found("财政局")[0] == "finance-bureau"
    assert found("政府金融工作办公室")[0] == "financial-work-office"
    [result] = Results(read_query("市人民政府"), {"kind": "unit"})[0:1]
    assert result.entry.title == "乌海市人民政府"


def test_the_whole_order_is_fixed():
    """Title before text, then by kind, the newest first, then by code as people count: on both databases the same."""
    assert found("财政") == [
        "finance-bureau",
        "finance-bureau-deputy-director",
        "whzbf-2023-2-p8",
        "2023-consumption-1",
        "2023-consumption-5",
        "2023-consumption-10",
        "2023-consumption-13",
        "2023-consumption-15",
        "2023-consumption-21",
        "2023-consumption-22",
        "2023-consumption-23",
        "whzbf-2023-2-p9",
        "whzbf-2023-2-p14",
        "whzbf-2023-2-p20",
        "whzbf-2023-2-p24",
        "whzbf-2023-2-p26",
        "whzbf-2023-2-p33",
        "whzbf-2023-2-p34",
        "whzbf-2023-2-p35",
        "whzbf-2023-2-p36",
        "whzf-2023-2-p42",
        "wzrz-2023-1-p3",
        "wzrz-2023-1-p16",
    ]


def test_plain_substring_search_finds_the_same():
    """300 stretches of the real passages, cut where units end: found exactly where Python finds them."""
    texts = {passage.code: fold(passage.text) for passage in Passage.objects.select_related("document")}
    folded = {code: str(text) for code, text in texts.items()}
    picked = random.Random(20230118)
    for _ in range(300):
        units = picked.choice(list(texts.values())).units
        length = min(picked.choice([1, 1, 2, 2, 2, 3, 3, 4, 5, 7, 10, 20, 40]), len(units))
        start = picked.randrange(len(units) - length + 1)
        word = "".join(units[start : start + length])
        wanted = {code for code, text in folded.items() if str(fold(word)) in text}
        assert wanted
        assert set(found(word, kind="passage")) == wanted, word


def test_facets_are_counted_over_what_is_found():
    facets = Results(read_query("消费券")).facets()
    assert facets == {
        "kind": [
            {"value": "passage", "name": "段落", "count": 3},
            {"value": "measure", "name": "措施", "count": 2},
        ],
        "part": [
            {"value": "whzbf-2023-2-p16", "name": "三、促进消费政策", "count": 4},
            {"value": "whzf-2023-2-p9", "name": "一、落实扩大内需战略，持续增强经济发展动力", "count": 1},
        ],
        "unit": [
            {"value": "commerce-bureau", "name": "市商务局", "count": 2},
            {"value": "finance-bureau", "name": "市财政局", "count": 1},
            {"value": "sasac", "name": "市国有资产监督管理委员会", "count": 1},
        ],
        "year": [{"value": "2023", "name": "2023年", "count": 5}],
        "audience": [],
    }


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        ({"kind": "measure"}, 8),
        ({"kind": "measure", "unit": "finance-bureau"}, 8),
        ({"unit": "civil-affairs-bureau"}, 1),
        ({"audience": "sole_trader"}, 3),
        ({"part": "whzbf-2023-2-p23"}, 4),
        ({"year": "2023"}, 18),
        ({"year": "2022"}, 0),
    ],
)
def test_a_chosen_facet_narrows_and_is_counted_without_itself(chosen, count):
    everything, narrowed = Results(read_query("财政局")), Results(read_query("财政局"), chosen)
    assert narrowed.count() == count
    if len(chosen) == 1:
        [name] = chosen
        assert narrowed.facets()[name] == everything.facets()[name]


def test_a_common_word_ranks_the_newest(monkeypatch):
    monkeypatch.setattr(results, "RANKED", 3)
    everything = Results(read_query("市"))
    assert (everything.count(), everything.count_exact) == (3, False)
    newest = list(
        SearchEntry.objects.matching(read_query("市")).filter(rank__isnull=False).values_list("pk", flat=True)
    )
    assert sorted(hit.id for hit in everything.hits) == sorted(newest[:3])
    assert Results(read_query("李锴")).count_exact


# Words, marks, snippets


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "请写出要找的词，例如“消费券”。"),
        (" 　\u200b", "请写出要找的词，例如“消费券”。"),
        ("词" * 101, "检索词最多100字，这里有101字。"),
        (" ".join("一二三四五六七八九十百"), "一次最多找10个词，这里有11个。"),
    ],
)
def test_a_query_without_words_is_refused(text, message):
    with pytest.raises(Exception, match="请写出|最多") as refused:
        read_query(text)
    assert refused.value.messages == [message]


def test_a_word_counts_once():
    assert len(read_query("乌海 烏海 乌海").words) == 1


def test_marks_are_places_of_the_text_that_is_shown():
    for words in ("消费券", "5000元", "李锴", "烏海", "市 局", "乌海政发[2023]2号"):
        query = read_query(words)
        folded = query.folded_words
        for result in Results(query)[0:50]:
            for marked in (result.title, result.snippet):
                pieces = [str(fold(piece)) for piece, is_marked in marked if is_marked]
                assert "".join(piece for piece, _ in marked) == marked.text
                assert len(pieces) == len(marked.highlights)
                assert all(any(word in piece for word in folded) for piece in pieces)
            held = [str(fold(text)) for text in (result.entry.title, *result.entry.text.split("\n"))]
            assert all(any(word in text for text in held) for word in folded)


def test_a_snippet_shows_the_words_where_most_stand_together():
    text = "甲" + "一" * 200 + "甲乙丙" + "二" * 200
    words = read_query("甲 丙").words
    cut = snippet(["丁" * 10, text], words)
    assert len(cut.text) == SHOWN + 2
    assert [piece for piece, is_marked in cut if is_marked] == ["甲", "丙"]
    assert cut.text.startswith("…")
    assert cut.text.endswith("…")
    assert snippet(["只有名称", "正文"], words) == Marked("只有名称")
    assert snippet([], words) == Marked("")


@pytest.mark.parametrize(
    ("before", "after", "starts", "ends"),
    [
        ("安排资金400万元" + "一" * 20, "二" * 90, "…400万元一", "二…"),
        ("安排资金4000万元" + "一" * 19, "二" * 90, "…4000万元一", "二…"),
        ("一" * 24, "二" * 63 + "1.25亿元" + "二" * 9, "一", "二1.25…"),
        ("一" * 24, "二" * 62 + "１２３４５元" + "二" * 9, "一", "二１２３４５…"),
        ("一" * 30 + "5", "二" * 70, "…一", "二…"),
    ],
)
def test_a_snippet_divides_no_number(before, after, starts, ends):
    cut = snippet([f"{before}甲{after}"], read_query("甲").words)
    assert cut.text.startswith(starts)
    assert cut.text.endswith(ends)
    assert [piece for piece, is_marked in cut if is_marked] == ["甲"]


def test_marks_that_touch_are_one():
    assert mark("乌海乌海市", read_query("乌海 海乌").words).highlights == ((0, 4),)
    assert list(mark("在乌海", read_query("乌海").words)) == [("在", False), ("乌海", True)]


def test_nothing_is_found_across_two_texts(make_alias, make_document, make_unit):
    unit = make_unit(name="示例甲瀚")
    make_alias(unit=unit, name="淼乙示例")
    make_document(issuer=unit, published=True)
    assert found("甲瀚") == found("淼乙") == [unit.code]
    assert found("瀚淼") == []


def test_tokens_are_words_of_letters():
    tokens = sorted(tokens_of(fold("增长6%以上")))
    assert from_letters(as_letters(tokens)) == tokens
    assert all(word.isalnum() and word.isascii() and len(word) == 6 for word in as_letters(tokens).split())
    assert set(tokens_asked(fold("6%以"))) < set(tokens)
    assert facet_token("unit", "a") != facet_token("kind", "a")


@pytest.mark.parametrize(
    ("words", "suggested"),
    [
        ("购车补贴", [("购车 补贴", 2)]),
        ("消费卷", [("消费券", 5)]),
        ("消费券 补帖", [("消费券 补贴", 4), ("消费券", 5)]),
        ("财正局", [("财政局", 20)]),
        ("李楷", [("李锴", 2)]),
        ("創業擔保代款", [("创业担保贷款", 4)]),
        ("5000园", [("5000元", 4)]),
        ("瀚瀚瀚瀚", []),
    ],
)
def test_a_wrong_guess_is_helped(words, suggested):
    assert suggestions(read_query(words)) == suggested


def test_6_percent_does_not_find_16_percent(make_target):
    target = make_target(name="示例增长", as_written="16%", published=True)
    passage = target.passage
    passage.text = "示例增长16%。"
    passage.save()
    target.quote = passage.text
    target.save()
    publication.publish(target.document, origin=Origin.FOUNDING)
    assert found("16%", kind="target") == [target.code]
    assert found("6%") == GROWTH


def test_nothing_is_indexed_that_the_record_does_not_show():
    """Each line of what search finds a record by stands in its public form: no note of staff is found by the public."""
    bodies = {(row.kind, row.code): row.body for row in PublicRecord.objects.all()}
    for entry in SearchEntry.objects.all():
        shown = bodies[entry.kind, entry.code]
        for line in entry.text.split("\n"):
            words = json.dumps(line, ensure_ascii=False)[1:-1]
            # A plan is found by its year, which its form gives as a number.
            assert words in shown or words.removesuffix("年") in shown, (entry.kind, entry.code, line)
        if entry.kind != "appointment":  # It has no title of its own: the kind, the person and the post.
            title = json.dumps(entry.title, ensure_ascii=False)[1:-1]
            assert title in shown or title in bodies["document", entry.document.code] or entry.kind == "passage"


def test_an_assignment_s_note_is_not_found(make_assignment, publish):
    assignment = make_assignment(note="示例内部备注")
    publish(assignment.target.document)
    assert found("内部备注") == []


# To whom


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("全市个体工商户", ["sole_trader"]),
        ("超过100人的企业", ["enterprise"]),
        ("吸纳此类人员达到规定比例的小微企业", ["enterprise"]),
        ("离校2年内未就业高校毕业生（含在校生）", ["individual"]),
        ("返乡入乡创业农牧民工等", ["individual"]),
        ("家庭或个人", ["individual"]),
        ("农业生产经营主体", ["farm"]),
        ("参保单位", ["organisation"]),
        ("普通低压客户", ["customer"]),
        ("获得市级以上荣誉称号的创业人员、创业项目、创业企业", ["individual", "enterprise"]),
        ("增值税小规模纳税人", ["other"]),
        ("新发放的10万元及以下的个人创业担保贷款", ["other"]),
    ],
)
def test_the_end_of_a_printed_audience_says_its_group(name, groups):
    assert audience_groups(name) == groups


def test_the_groups_of_the_docs_are_those_of_the_rule():
    text = (Path(settings.BASE_DIR) / "docs" / "data.md").read_text(encoding="utf-8").split("## Audiences")[1]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "| `" in line]
    assert {cells[0].strip("`"): tuple(cells[2].split(", ")) for cells in table} == AUDIENCE_ENDINGS
    labels = dict(AudienceGroup.choices)
    assert [cells[1] for cells in table] == [labels[cells[0].strip("`")] for cells in table]
    assert set(labels) == {*AUDIENCE_ENDINGS, "other"}


@pytest.mark.parametrize("group", [*AudienceGroup.values])
def test_the_list_and_the_facet_know_the_same_measures(client, group):
    every = {measure.code: measure for measure in Measure.objects.prefetch_related("audiences")}
    wanted = {
        code
        for code, measure in every.items()
        if any(group in audience_groups(audience.name) for audience in measure.audiences.all())
    }
    answer = client.get("/api/v1/measures/", {"audience": group}).json()
    assert {row["code"] for row in answer["results"]} == wanted != set()
    assert set(found("市", audience=group)) == {code for code in wanted if "市" in every[code].quote}
