"""Folding: what readers type in many ways becomes one, and every place is found back in the text as it stands."""

import pytest

from gazette.folding import find, fold, fold_character, is_number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("５Ｇ", "5G"),
        ("5g", "5G"),
        ("烏海", "乌海"),
        ("臺灣", "台湾"),
        ("乌海政发[2023]2号", "乌海政发〔2023〕2号"),
        ("乌海政发【2023】2号", "乌海政发〔2023〕2号"),
        ("乌海政发（2023）2号", "乌海政发〔2023〕2号"),
        ("乌海政发(2023)2号", "乌海政发〔2023〕2号"),
        ("烏海政發［２０２３］２號", "乌海政发〔2023〕2号"),
        ("乌海政发﹝2023﹞2号", "乌海政发〔2023〕2号"),
        ("乌海政发 〔2023〕 2号", "乌海政发〔2023〕2号"),
        ("李锴", "李  锴"),
        ("李　锴", "李锴"),
        ('"约惠乌海"', "“约惠乌海”"),
        ("「约惠乌海」", "“约惠乌海”"),
        ("2022-2023", "2022—2023"),
        ("２０２２－２０２３", "2022—2023"),
        ("阿拉坦•其其格", "阿拉坦·其其格"),
        ("5．5％", "5.5%"),
        ("1～2", "1~2"),
        ("㎡", "m2"),
        ("乌\u200b海\ufeff", "乌海"),
        ("⼀", "一"),
    ],
)
def test_equal_in_other_writing(typed, meant):
    assert fold(typed).units == fold(meant).units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("增长6%以上", ("增", "长", "6", "%", "以", "上")),
        ("82.8%", ("82.8", "%")),
        ("1.2.3", ("1.2", ".", "3")),
        ("15000元", ("15000", "元")),
        ("2022 2023", ("2022", "2023")),
        ("5 000元", ("5", "000", "元")),
        ("第①条", ("第", "1", "条")),
        ("5²3", ("5", "2", "3")),
        ("", ()),
        (" \u3000\n\x00\u200b", ()),
        ("9" * 45, ("9" * 40, "9" * 5)),
    ],
)
def test_units(text, units):
    assert fold(text).units == units


@pytest.mark.parametrize(
    ("text", "word", "places"),
    [
        ("增长16%，增长6%", "6%", [(8, 10)]),
        ("李  锴  为局长", "李锴", [(0, 4)]),
        ("新建５Ｇ基站", "5g", [(2, 4)]),
        ("面积5㎡以上", "m2", [(3, 4)]),
        ("乌海乌海", "乌海", [(0, 2), (2, 4)]),
        ("哈哈哈", "哈哈", [(0, 2), (1, 3)]),
        ("乌海政发〔2023〕2号　2023年", "2023", [(5, 9), (13, 17)]),
        ("𠀀𠀁烏", "乌", [(2, 3)]),
        ("短", "很长的词", []),
    ],
)
def test_places_are_of_the_text_as_it_stands(text, word, places):
    assert list(find(fold(text), fold(word))) == places


def test_a_run_of_units_is_a_plain_substring():
    text = str(fold("增长16%，其中1.6%和6%"))
    assert str(fold("6%")) in text
    assert str(fold("16")) in text
    assert str(fold("1.6%和6")) in text
    assert str(fold("1")) not in text
    assert str(fold("0.6%")) not in text


def test_a_word_of_nothing_stands_nowhere():
    assert list(find(fold("乌海"), fold(" "))) == []


def test_every_character_folds_to_what_folds_to_itself():
    for code in (*range(0x20, 0x3000), *range(0x3000, 0xD800), *range(0xF900, 0x10000), *range(0x20000, 0x20100)):
        once = fold_character(chr(code)).replace(" ", "")
        assert "".join(map(fold_character, once)).replace(" ", "") == once, hex(code)


def test_is_number():
    assert is_number("82.8")
    assert not is_number("八")
