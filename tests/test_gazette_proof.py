"""Every rule by which words prove a value: what it accepts, what it refuses, and what it cannot read."""

from decimal import Decimal

import pytest

from gazette.models import Rule
from gazette.proof import Named, Proof, candidates, proven, read_date, read_months

FINANCE = Named(("市财政局", "财政局"))
OFFICE = Named(("市政府金融工作办公室",))
DISTRICT = Named(("海勃湾区人民政府",), is_district=True)
WORDS = {"不低于": "at_least", "以上": "at_least", "超过": "more_than", "一次性": True}

# rule, tied pieces, value, keywords, whether they prove it
CASES = [
    ("verbatim", ["地区生产总值"], "地区生产总值", {}, True),
    ("verbatim", ["参保单位", "予以补缴"], "参保单位予以补缴", {}, True),
    ("verbatim", ["予以补缴", "参保单位"], "参保单位予以补缴", {}, False),
    ("verbatim", ["地区生产总值"], "地区生产总植", {}, False),
    ("verbatim", ["李  锴"], "李锴", {}, False),
    ("spaced", ["李  锴"], "李锴", {}, True),
    ("spaced", ["李　锴"], "李锴", {}, True),
    ("spaced", ["李  楷"], "李锴", {}, False),
    ("number", ["6"], Decimal("6.0000"), {}, True),
    ("number", ["82.8%"], Decimal("82.8"), {}, True),
    ("number", ["82.8%"], Decimal("82.9"), {}, False),
    ("number", ["400万元"], 4000000, {}, False),
    ("quantity", ["千亿"], 1000, {"unit": "亿元"}, True),
    ("quantity", ["千亿"], 100_000_000_000, {"unit": "元"}, True),
    ("quantity", ["千亿"], 1000, {"unit": "万元"}, False),
    ("quantity", ["百亿"], 1000, {"unit": "亿元"}, False),
    ("quantity", ["40万"], 40, {"unit": "万吨"}, True),
    ("quantity", ["一"], 1, {}, True),
    ("money", ["400万"], 4_000_000, {}, True),
    ("money", ["400万元"], 4_000_000, {}, True),
    ("money", ["2400亿元"], 240_000_000_000, {}, True),
    ("money", ["5000元"], 5000, {}, True),
    ("money", ["400"], 4_000_000, {}, False),
    ("money", ["400万"], 400, {}, False),
    ("count", ["二十三"], 23, {}, True),
    ("count", ["6"], 6, {}, True),
    ("count", ["二十三"], 22, {}, False),
    ("label", ["二十三"], 23, {}, True),
    ("label", ["二十三"], 13, {}, False),
    ("year", ["2020年"], 2020, {}, True),
    ("year", ["2020"], "2020", {}, True),
    ("year", ["2020年"], 2021, {}, False),
    ("date", ["2023年6月30日"], "2023-06-30", {}, True),
    ("date", ["2023年6月30日"], "2023-06-03", {}, False),
    ("date", ["2025年"], "2025", {}, True),
    ("date", ["2025年"], "2025-12-31", {}, False),
    ("word", ["不低于"], "at_least", {"words": WORDS}, True),
    ("word", ["一次性"], True, {"words": WORDS}, True),
    ("word", ["超过"], "at_least", {"words": WORDS}, False),
    ("word", ["左右"], "about", {"words": WORDS}, False),
    ("heading", ["超过"], "more_than", {"words": WORDS}, True),
    ("heading", ["以上"], "more_than", {"words": WORDS}, False),
    ("half", ["减半"], Decimal("50.0000"), {}, True),
    ("half", ["减半"], "%", {}, True),
    ("half", ["减半"], 49, {}, False),
    ("half", ["减"], 50, {}, False),
    ("months", ["一年"], 12, {}, True),
    ("months", ["3年"], 36, {}, True),
    ("months", ["3个月"], 3, {}, True),
    ("months", ["一年"], 1, {}, False),
    ("unit_name", ["市财政局"], FINANCE, {}, True),
    ("unit_name", ["财政局"], FINANCE, {}, True),
    ("unit_name", ["商务局"], FINANCE, {}, False),
    ("elided_city", ["政府金融工作办公室"], OFFICE, {}, True),
    ("elided_city", ["市政府金融工作办公室"], OFFICE, {}, False),
    ("elided_city", ["财政局"], OFFICE, {}, False),
    ("all_districts", ["各区人民政府"], DISTRICT, {}, True),
    ("all_districts", ["各区人民政府"], FINANCE, {}, False),
    ("all_districts", ["海勃湾区人民政府"], DISTRICT, {}, False),
]


@pytest.mark.parametrize(("rule", "pieces", "value", "keywords", "holds"), CASES)
def test_a_rule(rule, pieces, value, keywords, holds):
    assert proven(rule, pieces, value, **keywords) is holds


@pytest.mark.parametrize("holds", [True, False])
def test_each_rule_is_tried_both_ways(holds):
    assert {case[0] for case in CASES if case[-1] is holds} == set(Rule.values)


@pytest.mark.parametrize(
    ("rule", "text", "value", "message"),
    [
        ("number", "减半", 50, "“减半”中的数字不是恰好一个"),
        ("number", "75%、67%", 75, "“75%、67%”中的数字不是恰好一个"),
        ("number", "6", "六", "“六”不是数字"),
        ("quantity", "若干", 1, "“若干”没有写明数字"),
        ("money", "资金", 1, "“资金”没有写明数字"),
        ("count", "多条", 1, "“多条”没有写明数字"),
        ("label", "3", 3, "“3”不是汉字数字"),
        ("year", "二十年", 2020, "“二十年”中的数字不是恰好一个"),
        ("date", "年底", "2023", "“年底”没有写明日期"),
        ("half", "减半", "一半", "“一半”不是数字"),
        ("months", "半载", 6, "“半载”没有写明数字"),
        ("guess", "6", 6, "没有规则“guess”"),
    ],
)
def test_words_that_a_rule_cannot_read(rule, text, value, message):
    with pytest.raises(ValueError, match="“") as refused:
        proven(rule, [text], value)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "day"),
    [("2023年6月30日", "2023-06-30"), ("2023年6月", "2023-06"), ("2025年前", "2025"), ("2022", "2022")],
)
def test_read_date_is_as_precise_as_the_words(text, day):
    assert read_date(text) == day


def test_read_months():
    assert [read_months(text) for text in ("一年", "2年", "三个月", "6个月")] == [12, 24, 3, 6]


@pytest.mark.parametrize(
    ("value", "needed"), [(None, False), ("", False), (False, False), ("exact", False), (0, True), ("at_least", True)]
)
def test_which_values_need_words(value, needed):
    assert Proof("word", WORDS, frozenset({"exact"})).needed_for(value) is needed


@pytest.mark.parametrize(
    ("proof", "value", "text", "found"),
    [
        (Proof("number"), Decimal("6"), "增长6%以上，增长8%", [(2, 3, "number")]),
        (Proof("number"), Decimal("90"), "达到90%、90%", [(2, 4, "number"), (6, 8, "number")]),
        (Proof("number"), Decimal("2"), "两大基地2个", [(4, 5, "number")]),
        (Proof("number"), Decimal("7"), "增长6%", []),
        (Proof("money"), 4_000_000, "安排400万元，最高700元", [(2, 6, "money")]),
        (Proof("money"), 700, "安排400万元，最高700元", [(10, 13, "money")]),
        (Proof("count"), 23, "二十三条措施", [(0, 3, "count")]),
        (Proof("year"), 2020, "比2020年下降", [(1, 6, "year")]),
        (Proof("date"), "2023-06-30", "至2023年6月30日止", [(1, 11, "date")]),
        (Proof("date"), "2025", "海勃湾区2025年前", [(4, 9, "date")]),
        (Proof("date"), "2023-06-30", "至2023年止", []),
        # Each word with the meaning is a place, but not one inside a longer one.
        (Proof("word", {"以上": "at_least", "及以上": "at_least"}), "at_least", "160千瓦及以上", [(5, 8, "word")]),
        (Proof("word", WORDS), "more_than", "不低于6%", []),
        (Proof("heading", {"任命": "appoint"}), "appoint", "任命：", [(0, 2, "heading")]),
        (Proof("unit_name"), FINANCE, "（市财政局、财政局）", [(1, 5, "unit_name"), (6, 9, "unit_name")]),
        (Proof("unit_name"), FINANCE, "（市商务局、财政局）", [(6, 9, "unit_name")]),
        (Proof("spaced"), "李锴", "李  锴  为局长", [(0, 4, "spaced")]),
        (Proof("verbatim"), "万元", "200万元和300万元", [(3, 5, "verbatim"), (9, 11, "verbatim")]),
        (Proof("months"), 12, "试用期一年", []),
    ],
)
def test_candidates(proof, value, text, found):
    assert candidates(proof, value, text) == found
