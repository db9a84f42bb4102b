"""How the words of a package of measures are read.

Pure: the words that carry each field, and the responsibility parenthesis at the end of a clause.
"""

import re
from dataclasses import dataclass

from gazette.proof import Proof

CATEGORY_WORDS = {
    "财政税收政策": "fiscal",
    "金融支持政策": "finance",
    "促进消费政策": "consumption",
    "稳定市场主体政策": "enterprise",
    "保基本民生政策": "livelihood",
}
MODE_WORDS = {"负责": "sole", "按职责分工负责": "shared", "牵头": "lead", "配合": "cooperating"}
QUALIFIER_WORDS = {
    "不低于": "at_least", "以上": "at_least", "及以上": "at_least", "连续": "at_least",
    "最高": "at_most", "不超过": "at_most", "最高不超过": "at_most", "及以下": "at_most", "以下": "at_most",
    "最长": "at_most", "内": "at_most",
    "超过": "more_than", "不满": "less_than",
}  # fmt: skip
SENSE_WORDS = {
    "结算": "pay", "减按": "pay", "减半": "off", "下调": "off", "减免": "off", "减息": "off", "下降为": "pay",
    "增加到": "pay", "压缩到": "pay", "提高至": "pay",
}  # fmt: skip

_NUMBER = Proof("number")
PROOFS = {
    "package": {
        "title": Proof("verbatim"),
        "valid_from": Proof("date"),
        "valid_until": Proof("date"),
        "measures_count": Proof("count"),
    },
    "general-rule": {"name": Proof("verbatim")},
    "measure": {
        "number": Proof("label"),
        "title": Proof("verbatim"),
        "category": Proof("heading", CATEGORY_WORDS),
    },
    "responsibility": {
        "unit": Proof("unit_name"),
        "as_written": Proof("verbatim"),
        "mode": Proof("word", MODE_WORDS),
    },
    "budget": {"amount": Proof("money"), "purpose": Proof("verbatim")},
    "audience": {"name": Proof("verbatim")},
    "condition": {
        "text": Proof("verbatim"),
        "value": _NUMBER,
        "value_max": _NUMBER,
        "unit": Proof("verbatim"),
        "qualifier": Proof("word", QUALIFIER_WORDS, frozenset({"exact"})),
    },
    "benefit": {
        "name": Proof("verbatim"),
        "value": _NUMBER,
        "value_max": _NUMBER,
        "value_before": _NUMBER,
        "unit": Proof("verbatim"),
        "qualifier": Proof("word", QUALIFIER_WORDS, frozenset({"exact"})),
        "sense": Proof("word", SENSE_WORDS),
        "one_off": Proof("word", {"一次性": True}),
    },
    "validity-window": {
        "part": Proof("verbatim"),
        "starts_on": Proof("date"),
        "ends_on": Proof("date"),
        "continued": Proof("word", {"继续": True}),
        "start_year": Proof("year"),
        "end_year": Proof("year"),
    },
    "deadline": {
        "due": Proof("date"),
        "action": Proof("verbatim"),
        "softness": Proof("verbatim"),
    },
}

_PARENTHESIS = re.compile(r"（(?P<label>责任单位：)?(?P<names>[^（）]+?)(?P<mode>按职责分工负责|负责)）$")
_SEPARATOR = re.compile(r"[、，]")


@dataclass(frozen=True)
class Piece:
    """Words inside a responsibility parenthesis and their place in the passage."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class ResponsibilityNote:
    """The closing parenthesis of a clause: who is responsible as printed, and how."""

    start: int
    end: int
    names: tuple[Piece, ...]
    mode: Piece
    label: Piece | None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Every word of the parenthesis, in order."""
        return tuple(piece for piece in (self.label, *self.names, self.mode) if piece)


def read_responsibilities(text: str) -> ResponsibilityNote | None:
    """The responsibility parenthesis that ends a clause, or None where the clause has none."""
    match = _PARENTHESIS.search(text)
    if not match:
        return None
    names, start = [], match.start("names")
    for name in _SEPARATOR.split(match["names"]):
        names.append(Piece(start, start + len(name), name))
        start += len(name) + 1
    label = Piece(match.start("label"), match.end("label"), match["label"]) if match["label"] else None
    mode = Piece(match.start("mode"), match.end("mode"), match["mode"])
    return ResponsibilityNote(match.start(), match.end(), tuple(names), mode, label)


# The words with which a printed audience ends say in which group it falls; the first group that fits is taken.
AUDIENCE_ENDINGS = {
    "sole_trader": ("个体工商户",),
    "enterprise": ("企业", "公司"),
    "farm": ("农业生产经营主体", "合作社", "家庭农场"),
    "individual": (
        "个人", "人员", "毕业生", "学生", "职工", "军人", "农牧民工", "农民工", "创业者", "劳动者", "消费者", "借款人",
        "居民", "老年人", "残疾人", "儿童", "群众", "群体", "家庭", "农户", "牧户",
    ),
    "organisation": ("单位", "机构", "组织"),
    "customer": ("用户", "客户"),
}  # fmt: skip


def audience_groups(name: str) -> list[str]:
    """The groups of people or bodies that a printed audience names, in order; `other` where its words name none.

    A name may list several (商户、农户), each with its head at the end; a bracketed remark and 等 behind it are passed
    over.
    """
    name = re.sub(r"（[^（）]*）", "", name)
    parts = [part.removesuffix("等") for part in re.split(r"[、，]|或|等特定", name)]
    found = [group for part in parts for group, endings in AUDIENCE_ENDINGS.items() if part.endswith(endings)]
    return list(dict.fromkeys(found)) or ["other"]
