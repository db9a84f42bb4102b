"""Where a text states a number and what it is; and where a numeral's character states none."""

from decimal import Decimal

import pytest

from gazette.numerals import MEASURE_WORDS, find_numerals, parse_amount, parse_han


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("地区生产总值增长6%以上", ["6"]),
        ("优良天率不低于82.8%", ["82.8"]),
        ("安排资金400万元", ["400"]),
        ("75%、67%", ["75", "67"]),
        ("2023年1月1日", ["2023", "1", "1"]),
        ("5G网络、“12345”热线、“1+N+X”", ["5", "12345", "1"]),
        ("用电容量160千瓦及以下", ["160"]),
        ("2022—2023年供暖季", ["2022", "2023"]),
        # Chinese characters that count something.
        ("二十三条措施", ["二十三"]),
        ("2个千亿级产业集群", ["2", "千亿"]),
        ("投资百亿元以上", ["百亿"]),
        ("打造百万吨级基地", ["百万"]),
        ("共建千万千瓦级大型新能源基地", ["千万"]),
        ("试用期一年", ["一"]),
        ("万元地区生产总值用水量", ["万"]),
        ("每千人口拥有执业医师数3.25人", ["千", "3.25"]),
        ("一批、一系列、一揽子", ["一", "一", "一"]),
        ("三年行动", ["三"]),
        ("两大产业基地", ["两"]),
        ("“一刻钟社区生活圈”", ["一"]),
        ("党的二十大精神", ["二十"]),
        ("提高两成以上，十以内", ["两", "十"]),
        ("按收费标准减半收取", ["减半"]),
        # After 第, whatever follows.
        ("第五次经济普查，市第一中学，第四季度", ["第五", "第一", "第四"]),
        # No quantity: outline labels, words, names, policies.
        ("一、财政税收政策", []),
        ("（二十一）实施行动", []),
        ("统一按到户电价水平结算，进一步落实，一体化发展", []),
        ("万达广场", []),
        ("百亩“菜篮子”", ["百"]),
        ("“十四五”规划，“六税两费”，两部制电价，一企一策", []),
        ("唯一", []),
    ],
)
def test_find_numerals(text, found):
    numerals = find_numerals(text)
    assert [numeral.text for numeral in numerals] == found
    assert all(text[numeral.start : numeral.end] == numeral.text for numeral in numerals)


@pytest.mark.parametrize("word", [*MEASURE_WORDS.split("|"), "以上", "以内"])
def test_each_measure_word_makes_a_number_of_the_character_before_it(word):
    assert [numeral.text for numeral in find_numerals(f"约三{word}")] == ["三"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("零", 0),
        ("〇", 0),
        ("一", 1),
        ("两", 2),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("二十三", 23),
        ("百", 100),
        ("一百零五", 105),
        ("三百二十", 320),
        ("千", 1000),
        ("一千零一", 1001),
        ("万", 10_000),
        ("一万二千", 12_000),
        ("百万", 1_000_000),
        ("千万", 10_000_000),
        ("亿", 100_000_000),
        ("百亿", 10_000_000_000),
        ("千亿", 100_000_000_000),
        ("万亿", 1_000_000_000_000),
        ("三千万亿", 3_000_000_000_000_000),
        ("一亿二千万", 120_000_000),
    ],
)
def test_parse_han(text, value):
    assert parse_han(text) == value


@pytest.mark.parametrize("text", ["", "半", "三十2", "第三", "二〇二三", "二三"])
def test_what_is_no_number_in_chinese_characters(text):
    with pytest.raises(ValueError, match=r"\A“.*”不是汉字数字\Z") as refused:
        parse_han(text)
    assert str(refused.value) == f"“{text}”不是汉字数字"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("82.8%", "82.8"),
        ("400万元", "4000000"),
        ("5.7亿元", "570000000"),
        ("1000亿", "100000000000"),
        ("160千瓦", "160000"),
        ("千亿级", "100000000000"),
        ("二十三条", "23"),
        ("第五次", "5"),
        ("6方面工作", "6"),
        ("2个千亿级", "2"),
    ],
)
def test_parse_amount(text, value):
    assert parse_amount(text) == Decimal(value)


def test_a_text_without_a_number_has_no_amount():
    with pytest.raises(ValueError, match=r"\A“减半”没有写明数字\Z"):
        parse_amount("减半")
