"""How the words of a yearly plan are read as targets and projects.

Pure: the words that carry each field, and the patterns of goals that state no numeral (kept in step with docs/data.md).
"""

import re
from dataclasses import dataclass

from gazette.proof import Proof

QUALIFIER_WORDS = {
    "以上": "at_least", "及以上": "at_least", "不低于": "at_least",
    "突破": "more_than", "超过": "more_than", "超": "more_than",
    "以内": "at_most", "不超过": "at_most", "控制在": "at_most",
    "左右": "about",
    "达到": "reach", "达": "reach", "完成": "reach",
    "保持": "keep", "始终保持": "keep",
    "级": "scale",
    "基本同步": "in_step_with",
    "完成自治区下达目标任务": "assigned",
}  # fmt: skip
DIRECTION_WORDS = {
    "增长": "increase", "新增": "increase", "增加": "increase", "提高": "increase", "涨幅": "increase",
    "引进": "increase", "扩大": "increase",
    "下降": "decrease", "降低": "decrease", "减少": "decrease", "淘汰": "decrease", "关停退出": "decrease",
    "退出": "decrease", "遏制": "decrease",
    "保持": "level", "始终保持": "level", "基本同步": "level",
}  # fmt: skip
COMMITMENT_WORDS = {
    "力争": "strive", "努力": "strive", "争取": "strive", "确保": "ensure", "必须": "must", "坚决": "must",
    "争创": "contend", "探索": "explore",
}  # fmt: skip

PROOFS = {
    "plan": {"title": Proof("verbatim"), "year": Proof("year"), "parts_count": Proof("count")},
    "target": {
        "name": Proof("verbatim"),
        "value": Proof("number"),
        "value_max": Proof("number"),
        "unit": Proof("verbatim"),
        "qualifier": Proof("word", QUALIFIER_WORDS, frozenset({"exact", "narrative"})),
        "direction": Proof("word", DIRECTION_WORDS),
        "commitment": Proof("word", COMMITMENT_WORDS),
        "basis": Proof("verbatim"),
        "base_year": Proof("year"),
        "due": Proof("date"),
        "due_precision": Proof("word", {"年前": "before_year"}, frozenset({"day", "year", "none"})),
        "headline": Proof("word", {"主要预期目标": True}),
        "nature": Proof("word", {"预期性": "expected", "主要预期目标": "expected"}),
        "as_written": Proof("verbatim"),
    },
    "project": {
        "name": Proof("verbatim"),
        "action": Proof("verbatim"),
        "count": Proof("number"),
        "scale": Proof("verbatim"),
        "investment": Proof("money"),
        "commitment": Proof("word", COMMITMENT_WORDS),
        "due": Proof("date"),
        "due_precision": Proof("word", {"年前": "before_year"}, frozenset({"day", "year", "none"})),
        "district": Proof("verbatim"),
        "listed": Proof("word", {"重点项目": True}),
    },
}

# Words that state a goal without a numeral. Each place where one stands is inside a record's quote, or is noted with
# a reason; `docs/data.md` says what each means.
GOAL_PATTERNS = {
    "全覆盖": r"全覆盖",
    "动态清零": r"动态清零",
    "基本同步": r"基本同步",
    "完成…任务": r"完成[^，。；]{0,12}任务",
    "争创…": r"争创",
    "退出…": r"退出债务|退出[^，。；]{0,8}等级",
    "不发生…": r"不发生",
    "全面达标": r"全面达标",
    "完成…改造": r"完成[^，。；]{0,12}改造",
    "建成…": r"(?<!创)建成(?!投产|区)",
    "力争…": r"力争",
    "确保…": r"确保",
    "坚决遏制…": r"坚决遏制",
    "彻底解决…": r"彻底解决",
    "创建…": r"创建",
    "通过…验收": r"通过[^，。；]{0,20}验收|迎接[^，。；]{0,20}验收",
}


@dataclass(frozen=True)
class Goal:
    """A place where the text states a goal: code points, half-open, and the pattern that found it."""

    start: int
    end: int
    text: str
    pattern: str


def find_goals(text: str) -> list[Goal]:
    """Every place of a passage that a goal pattern matches, in order."""
    found = [
        Goal(match.start(), match.end(), match.group(), name)
        for name, pattern in GOAL_PATTERNS.items()
        for match in re.finditer(pattern, text)
    ]
    return sorted(found, key=lambda goal: (goal.start, goal.end))
