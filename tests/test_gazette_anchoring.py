"""Typed words find their one place; a doubt is an error that says what to write."""

from decimal import Decimal

import pytest

from gazette.anchoring import Anchor, CannotAnchor, anchor_fields, find_only
from gazette.proof import Proof

PASSAGES = {
    1: "任命：",
    2: "解决率达到90%、满意率达到90%以上。力争达到100%。",
    3: "海勃湾区等区开展创建工作，按标准减半收取。",
}
PROOFS = {
    "name": Proof("verbatim"),
    "value": Proof("number"),
    "qualifier": Proof("word", {"以上": "at_least", "达到": "reach"}, frozenset({"exact"})),
    "kind": Proof("heading", {"任命": "appoint"}),
}


def anchors(values, typed, position=2, start=0, quote="解决率达到90%、满意率达到90%以上"):
    return anchor_fields(values, PROOFS, typed, PASSAGES, position, start, quote)


@pytest.mark.parametrize(
    ("words", "nth", "place"), [("100%", None, 24), ("90%", 1, 5), ("90%", 2, 14), ("达到", 3, 22), ("解决率", 1, 0)]
)
def test_find_only(words, nth, place):
    assert find_only(PASSAGES[2], words, nth) == place
    assert PASSAGES[2][place : place + len(words)] == words


def test_places_may_overlap():
    assert find_only("一一一", "一一", 2) == 1


@pytest.mark.parametrize(
    ("words", "nth", "message"),
    [
        ("95%", None, "“95%”不在该段原文中"),
        ("", None, "没有写明是哪些文字"),
        ("95%", 2, "“95%”不在该段原文中"),
        ("90%", None, "“90%”在该段原文中出现2次，请用 nth 指明是第几处"),
        ("90%", 3, "“90%”在该段原文中只出现2次，没有第3处"),
        ("100%", 0, "“100%”在该段原文中只出现1次，没有第0处"),
    ],
)
def test_words_without_one_place(words, nth, message):
    with pytest.raises(CannotAnchor) as refused:
        find_only(PASSAGES[2], words, nth)
    assert str(refused.value) == message


def test_a_value_with_one_possible_place_needs_nothing_typed():
    found = anchors({"name": "满意率", "value": Decimal(100)}, {}, start=0, quote=PASSAGES[2])
    assert found == [Anchor("name", "verbatim", 2, 9, 12), Anchor("value", "number", 2, 24, 27)]


def test_a_place_counts_from_the_start_of_the_passage():
    assert anchors({"value": Decimal(100)}, {}, start=20, quote="力争达到100%") == [
        Anchor("value", "number", 2, 24, 27)
    ]


def test_values_that_need_no_words_get_no_anchor():
    assert anchors({"name": "", "value": None, "qualifier": "exact"}, {}) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        # The words, once in the quote.
        ({"qualifier": "以上"}, [Anchor("qualifier", "word", 2, 17, 19)]),
        # The second in the quote.
        ({"value": {"text": "90%", "nth": 2}}, [Anchor("value", "number", 2, 14, 17)]),
        # Not in the quote, but once in the passage.
        ({"value": "100%"}, [Anchor("value", "number", 2, 24, 28)]),
        # In another passage.
        ({"kind": {"text": "任命", "in": 1}}, [Anchor("kind", "heading", 1, 0, 2)]),
        # With another rule than the field's own.
        ({"value": {"text": "减半", "rule": "half", "in": 3}}, [Anchor("value", "half", 3, 16, 18)]),
        # Several pieces, read together.
        (
            {"name": [{"text": "海勃湾区", "in": 3}, {"text": "创建工作", "in": 3}]},
            [Anchor("name", "verbatim", 3, 0, 4), Anchor("name", "verbatim", 3, 8, 12)],
        ),
    ],
)
def test_typed_words(typed, found):
    assert anchors({}, typed) == found
    for anchor in found:
        spec = typed[anchor.field]
        texts = [s if isinstance(s, str) else s["text"] for s in (spec if isinstance(spec, list) else [spec])]
        assert PASSAGES[anchor.position][anchor.start : anchor.end] in texts


@pytest.mark.parametrize(
    ("values", "typed", "message"),
    [
        ({"name": "办结率"}, {}, "字段 name 的值“办结率”：摘录中没有能证明它的文字，请在 ties 中写明"),
        ({"value": Decimal(90)}, {}, "字段 value 的值“90”：摘录中有2处可能的文字，请在 ties 中写明"),
        ({}, {"valeu": "90%"}, "字段 valeu 没有对应规则，不能写在 ties 中"),
        ({}, {"value": "90%"}, "“90%”在该段原文中出现2次，请用 nth 指明是第几处"),
        ({}, {"value": "95%"}, "“95%”不在该段原文中"),
        ({}, {"kind": {"text": "免去", "in": 1}}, "“免去”不在该段原文中"),
        ({}, {"kind": {"text": "任命", "in": 9}}, "没有第9段"),
        ({}, {"kind": {"in": 1}}, "没有写明是哪些文字"),
    ],
)
def test_a_field_without_one_place(values, typed, message):
    with pytest.raises(CannotAnchor) as refused:
        anchors(values, typed)
    assert str(refused.value) == message
