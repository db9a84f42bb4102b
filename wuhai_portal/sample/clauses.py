"""The sentences of a sample package: benefits of every kind, their conditions, money, windows and deadlines."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random

from .cities import MARK
from .draft import spoken_day

AUDIENCES = (
    "小微企业", "个体工商户", "高校毕业生", "退役军人", "就业困难群体", "农牧业经营主体", "科技型企业", "商贸流通企业",
    "文旅企业", "物流企业", "返乡创业群体", "餐饮企业",
)  # fmt: skip


@dataclass
class Clause:
    """A sentence of a measure and its rows by list; a row that is for the audience has `audience` True."""

    text: str
    audience: str = ""
    rows: dict[str, list[dict]] = field(default_factory=dict)


@dataclass(frozen=True)
class Validity:
    """What the package says of its validity, as far as it does, and the year."""

    year: int
    start: date | None
    end: date | None

    @property
    def start_row(self) -> dict:
        """The start of a window that states none of its own."""
        return days("start", self.start, "inherited")


def days(edge: str, day: date | None, basis: str) -> dict:
    """One end of a window in a fixture's words."""
    return {f"{edge}s_on": day.isoformat() if day else None, f"{edge}_basis": basis if day else "unknown"}


def _given(text: str, who: str, kind: str, name, **row) -> Clause:
    """A sentence with one benefit; a name in several pieces is tied piece by piece."""
    pieces = [name] if isinstance(name, str) else list(name)
    ties = row.pop("ties", {}) | ({"name": pieces} if len(pieces) > 1 else {})
    if "value" in row:
        row.setdefault("qualifier", "exact")
    benefit = {"kind": kind, "name": "".join(pieces), "audience": bool(who), "ties": ties} | row
    return Clause(text, who, {"benefits": [benefit]})


def _subsidy(who, chance, validity):
    years, value = chance.randint(1, 3), chance.randint(1, 20) * 500
    clause = _given(
        f"对正常经营{years}年以上的{who}给予不低于{value}元一次性补贴", who, "subsidy", "一次性补贴",
        value=value, unit="元", qualifier="at_least", one_off=True, ties={"qualifier": "不低于"},
    )  # fmt: skip
    quote = f"正常经营{years}年以上的{who}"
    condition = {"quote": quote, "text": f"正常经营{years}年以上", "value": years, "unit": "年"}
    clause.rows["conditions"] = [condition | {"qualifier": "at_least", "audience": True}]
    return clause


def _ceiling(who, chance, validity):
    value = chance.randint(1, 20) * 500
    text = f"{who}单笔采购最高补贴{value}元"
    return _given(text, who, "subsidy", "单笔采购最高补贴", value=value, unit="元", qualifier="at_most")


def _coupon(who, chance, validity):
    sum_ = chance.randint(1, 90) * 10
    clause = _given(f"安排资金{sum_}万元，发放{MARK}消费券", "", "coupon", f"{MARK}消费券")
    clause.rows["budgets"] = [{"amount": sum_ * 10_000, "purpose": f"发放{MARK}消费券"}]
    return clause


def _event(who, chance, validity):
    sum_ = chance.randint(1, 90) * 10
    clause = _given(f"安排资金{sum_}万元，支持{who}参加展销活动", who, "other", "参加展销活动")
    clause.rows["budgets"] = [{"amount": sum_ * 10_000, "purpose": f"支持{who}参加展销活动"}]
    return clause


def _reduced_to(who, chance, validity):
    value = chance.randint(2, 9) * 10
    return _given(
        f"对{who}减按{value}%征收有关税费", who, "reduction", "征收有关税费", value=value, unit="%", sense="pay"
    )


def _reduced_by(who, chance, validity):
    value = chance.randint(2, 9) * 5
    return _given(f"{who}到户水价下调{value}%", who, "reduction", "到户水价", value=value, unit="%", sense="off")


def _halved(who, chance, validity):
    half = {"text": "减半", "rule": "half"}
    row = {"value": 50, "unit": "%", "sense": "off", "derived": True, "ties": {"value": half, "unit": half}}
    return _given(f"减半收取{who}检验检测费用", who, "reduction", "检验检测费用", **row)


def _exempt(who, chance, validity):
    return _given(f"免收{who}计量器具检定费用", who, "exemption", "计量器具检定费用")


def _interest(who, chance, validity):
    value = chance.randint(1, 3)
    row = {"value": value, "unit": "个百分点", "sense": "off"}
    return _given(f"{who}新发放贷款减息{value}个百分点", who, "interest", "新发放贷款减息", **row)


def _loan(who, chance, validity):
    sum_, years = chance.randint(4, 60) * 5, chance.randint(1, 3)
    text = f"对申请贷款额度不超过{sum_}万元、期限不超过{years}年的{who}给予贴息支持"
    clause = _given(text, who, "interest", "贴息支持")
    limit = {"quote": f"贷款额度不超过{sum_}万元", "text": f"贷款额度不超过{sum_}万元", "value": sum_ * 10_000}
    limit |= {"unit": "元", "ties": {"value": {"text": f"{sum_}万", "rule": "money"}}}
    term = {"quote": f"期限不超过{years}年", "text": f"期限不超过{years}年", "value": years, "unit": "年"}
    both = {"qualifier": "at_most", "audience": True}
    clause.rows["conditions"] = [limit | both, term | both]
    return clause


def _raised(who, chance, validity):
    before = chance.randint(1, 9) * 5
    after = before + chance.randint(1, 9) * 5
    ties = {"value": {"text": f"{after}万", "nth": 1, "rule": "money"}, "unit": {"text": "元", "nth": 2}}
    ties["value_before"] = {"text": f"{before}万", "nth": 1, "rule": "money"}
    row = {"value": after * 10_000, "value_before": before * 10_000, "unit": "元", "qualifier": "at_most"}
    text = f"{who}最高可申请担保贷款额度由{before}万元提高至{after}万元"
    return _given(text, who, "loan", "担保贷款额度", sense="pay", ties=ties, **row)


def _deferred(who, chance, validity):
    due = date(validity.year + chance.randint(0, 1), chance.randint(7, 12), chance.randint(1, 28))
    soft = chance.choice(["原则上", ""])
    text = f"{who}{soft}可在{spoken_day(due)}前补缴缓缴的社会保险费"
    clause = _given(text, who, "deferral", "补缴缓缴的社会保险费")
    clause.rows["deadlines"] = [{"due": due.isoformat(), "action": "补缴缓缴的社会保险费", "softness": soft}]
    clause.rows["windows"] = [{"part": "补缴缓缴的社会保险费"} | validity.start_row | days("end", due, "own")]
    return clause


def _service(who, chance, validity):
    value = chance.randint(1, 5)
    return _given(f"为{who}提供{value}次业务指导", who, "service", "业务指导", value=value, unit="次")


def _placed(who, chance, validity):
    return _given(f"为{who}提供公益性岗位进行兜底安置", who, "placement", "公益性岗位进行兜底安置")


def _relief(who, chance, validity):
    clause = _given(f"经本人申请，向{who}发放一次性临时救助金", who, "relief", "一次性临时救助金", one_off=True)
    clause.rows["conditions"] = [{"text": "经本人申请", "audience": True}]
    return clause


def _procedure(who, chance, validity):
    before = chance.randint(2, 9)
    after = before + chance.randint(1, 5)
    text = f"将{who}资金拨付节点由{before}个增加到{after}个"
    ties = {"unit": {"text": "个", "nth": text.count("个")}}
    row = {"value": after, "value_before": before, "unit": "个", "sense": "pay", "ties": ties}
    return _given(text, who, "procedure", "资金拨付节点", **row)


def _for_power(who, chance, validity):
    value, words, limit = chance.choice([(160, "及以下", "at_most"), (200, "及以上", "at_least")])
    clause = _given(f"对用电容量{value}千瓦{words}的{who}实行报装优惠", who, "procedure", "报装优惠")
    condition = {"text": f"用电容量{value}千瓦{words}", "value": value, "unit": "千瓦", "qualifier": limit}
    clause.rows["conditions"] = [condition | {"audience": True}]
    return clause


def _for_size(who, chance, validity):
    value = chance.randint(2, 30) * 10
    words, limit = chance.choice([("超过", "more_than"), ("不满", "less_than")])
    clause = _given(f"对用工{words}{value}名的{who}开展用工对接", who, "service", "用工对接")
    condition = {"text": f"用工{words}{value}名", "value": value, "unit": "名", "qualifier": limit, "audience": True}
    clause.rows["conditions"] = [condition]
    return clause


def _continued(who, chance, validity):
    until = date(validity.year + chance.randint(1, 2), 12, chance.choice([30, 31]))
    part = f"{who}费用减免政策"
    clause = _given(f"继续落实{part}至{spoken_day(until)}", who, "reduction", "费用减免政策")
    continued = {"continued": True} if validity.start else {}
    ends = days("end", until, "own")
    clause.rows["windows"] = [{"part": part} | validity.start_row | ends | continued]
    return clause


def _own_days(who, chance, validity):
    start = date(validity.year, chance.randint(1, 3), 1)
    end = date(validity.year, chance.randint(4, 12), chance.randint(1, 28))
    value = chance.randint(80, 98)
    text = f"自{spoken_day(start)}起至{spoken_day(end)}，{who}用电按到户电价水平的{value}%结算"
    clause = _given(text, who, "reduction", "按到户电价水平", value=value, unit="%", sense="pay")
    clause.rows["windows"] = [{"part": f"{who}用电"} | days("start", start, "own") | days("end", end, "own")]
    return clause


def _heating(who, chance, validity):
    value, year = chance.randint(1, 6) * 5, validity.year
    part = f"正常用热的{who}"
    text = f"对{year - 1}—{year}年供暖季{part}减免{value}%的热费"
    clause = _given(text, who, "reduction", "热费", value=value, unit="%", sense="off")
    window = {"part": part, "start_year": year - 1, "end_year": year, "start_basis": "unknown", "end_basis": "unknown"}
    window["ties"] = {"start_year": str(year - 1), "end_year": f"{year}年"}
    clause.rows["windows"] = [window]
    return clause


MAKERS: tuple[Callable, ...] = (
    _subsidy, _ceiling, _coupon, _event, _reduced_to, _reduced_by, _halved, _exempt, _interest, _loan, _raised,
    _deferred, _service, _placed, _relief, _procedure, _for_power, _for_size, _continued, _own_days, _heating,
)  # fmt: skip


def clauses(chance: Random, validity: Validity, count: int) -> list[Clause]:
    """Sentences of one measure, each of another sort and for another audience."""
    makers = chance.sample(MAKERS, count)
    return [make(who, chance, validity) for make, who in zip(makers, chance.sample(AUDIENCES, count), strict=True)]
