"""The sentences of a sample plan: targets of every qualifier and projects of every kind, with their ties."""

from collections.abc import Callable, Iterator
from random import Random

from .cities import DISTRICTS, MARK, SYLLABLES
from .draft import Sentence

NO_DUE = {"due_precision": "none", "due_basis": "none"}
GROWING = (
    "规上工业增加值", "固定资产投资", "一般公共预算收入", "社会消费品零售总额", "进出口总额", "高技术产业增加值",
    "服务业增加值", "农业总产值", "旅游总收入", "技术合同成交额", "民间投资", "城镇居民可支配收入",
)  # fmt: skip
RATES = (
    "污水集中处理率", "再生水回用率", "生活垃圾分类覆盖率", "社区服务设施覆盖率", "空气优良天数比例", "绿化覆盖率",
    "农村自来水普及率", "学前教育普惠率", "政务事项网办率", "疏干水利用率",
)  # fmt: skip
COUNTED = (
    ("城镇就业", "人"), ("老旧住房改造", "户"), ("充电桩建设", "座"), ("植树造林", "公顷"), ("职业技能培训", "人次"),
    ("养老床位", "张"), ("学位供给", "席"), ("供热管网改造", "公里"), ("高标准农田", "亩"), ("科技型企业入库", "家"),
)  # fmt: skip
MONEY = ("工业总产值", "外贸总额", "招商引资到位资金", "金融机构贷款余额", "绿色产业产值", "商贸营业额")
INDUSTRIES = ("现代煤化工", "硅基新材料", "精细化工", "装备制造", "现代能源")
NARRATIVES = (
    ("坚决遏制重特大事故", "重特大事故", "must"), ("坚决守住不发生规模性返贫的底线", "规模性返贫", "must"),
    ("确保重要民生商品供应充足", "重要民生商品供应", "ensure"), ("努力改善城乡人居环境", "城乡人居环境", "strive"),
)  # fmt: skip
FACILITIES = (
    "集贸市场", "体育公园", "文化中心", "物流园", "净水厂", "变电站", "停车场", "养老院", "图书馆", "综合管廊",
    "中心医院", "实验学校", "滨水步道", "客运枢纽", "垃圾处理厂",
)  # fmt: skip
# Words that look like figures and are none.
ASIDES = (
    ("持续推动一批服务民生的便利举措", "一批", "indefinite"), ("办好第5届城市论坛", "第5届", "ordinal"),
    ("优化“12345”热线服务", "12345", "name"), ("深入实施国企改革三年行动", "三年行动", "policy"),
    ("推进5G网络向园区延伸", "5G", "name"), ("有序整治炭化室高度4.3米焦炉", "4.3米", "threshold"),
    ("加强经济运行调度，稳住发展预期", "", ""), ("坚持先立后破，优化产业布局", "", ""),
)  # fmt: skip


def _target(text: str, year: int, **row) -> Sentence:
    due = {"due": str(year), "due_precision": "year", "due_basis": "plan_year"}
    return Sentence(text, [("target", due | {"as_written": text} | row)])


def targets(chance: Random, year: int) -> list[Sentence]:
    """Some fifty targets, each with another subject."""
    found = []
    for name in GROWING:
        value = chance.randint(2, 30)
        words, row = chance.choice(
            [
                (f"增长{value}%以上", {"qualifier": "at_least"}),
                (f"增长{value}%左右", {"qualifier": "about"}),
                (f"增长{value}%", {"qualifier": "exact"}),
                (f"增长{value}至{value + 2}%", {"qualifier": "exact", "value_max": value + 2}),
            ]
        )
        row |= {"value": value, "unit": "%", "direction": "increase", "as_written": words}
        # 增加值 in a name is no direction.
        found.append(_target(name + words, year, name=name, ties={"direction": "增长"}, **row))
    for name in RATES:
        value = chance.randint(60, 99)
        words, row = chance.choice(
            [
                (f"达到{value}%", {"qualifier": "reach"}),
                (f"始终保持{value}%", {"qualifier": "keep", "direction": "level"}),
                (f"不低于{value}%", {"qualifier": "at_least"}),
            ]
        )
        text = f"确保{name}{words}"
        row |= {"value": value, "unit": "%", "commitment": "ensure", "as_written": words}
        found.append(_target(text, year, name=name, **row))
    for name, unit in COUNTED:
        value = chance.randint(2, 400) * 25
        words, qualifier = chance.choice([("以上", "at_least"), ("", "exact")])
        row = {"value": value, "unit": unit, "qualifier": qualifier, "as_written": f"{value}{unit}{words}"}
        found.append(_target(f"{name}{value}{unit}{words}", year, name=name, **row))
    for name in MONEY:
        value, due = chance.randint(20, 1900), year + chance.randint(1, 5)
        row = {"value": value, "unit": "亿元", "qualifier": "more_than", "as_written": f"突破{value}亿元"}
        row |= {"commitment": "strive", "due": str(due), "due_basis": "stated"}
        found.append(_target(f"力争{due}年{name}突破{value}亿元", year, name=name, **row))
    found.append(_assigned(chance, year))
    value = chance.randint(3, 20)
    row = {"value": value, "unit": "%", "qualifier": "exact", "direction": "decrease", "basis": f"比{year - 3}年"}
    words = f"比{year - 3}年下降{value}%"
    found.append(_target(f"单位产值用水量{words}", year, name="单位产值用水量", base_year=year - 3, **row))
    for name in chance.sample(INDUSTRIES, 2):
        row = {"value": 1000, "unit": "亿", "qualifier": "scale", "derived": True, "as_written": "千亿级", "due": ""}
        ties = {"value": {"text": "千亿", "rule": "quantity"}, "name": [name, "产业集群"]}
        found.append(_target(f"打造{name}千亿级产业集群", year, name=f"{name}产业集群", ties=ties, **row | NO_DUE))
    for text, name, commitment in NARRATIVES:
        found.append(_target(text, year, name=name, qualifier="narrative", commitment=commitment))
    chance.shuffle(found)
    return found


def _assigned(chance: Random, year: int) -> Sentence:
    name = chance.choice(["能源消费总量", "主要污染物减排", "耕地保有量"])
    return _target(
        f"{name}完成自治区下达目标任务", year, name=name, qualifier="assigned", as_written="完成自治区下达目标任务"
    )


def headlines(chance: Random, year: int) -> Iterator[tuple[str, dict]]:
    """The expected targets of the opening: the words of each, and its record."""
    growth, prices = chance.randint(4, 9), chance.randint(2, 4)
    income = {"name": "居民收入", "qualifier": "in_step_with", "direction": "increase", "basis": "与经济增长"}
    income |= {"as_written": "增长与经济增长基本同步", "ties": {"direction": {"text": "增长", "nth": 1}}}
    rows = [
        (f"地区生产总值增长{growth}%以上", "地区生产总值", growth, "at_least", f"增长{growth}%以上"),
        (f"居民消费价格涨幅控制在{prices}%以内", "居民消费价格", prices, "at_most", f"涨幅控制在{prices}%以内"),
    ]
    for text, name, value, qualifier, words in rows:
        row = {"name": name, "value": value, "unit": "%", "qualifier": qualifier, "direction": "increase"}
        ties = {"qualifier": "以内"} if qualifier == "at_most" else {}
        yield text, row | {"as_written": words, "ties": ties}
    yield "居民收入增长与经济增长基本同步", income


def projects(chance: Random, year: int, count: int) -> list[Sentence]:
    """Projects and tasks, each with another name."""
    names = [f"{MARK}{place}{facility}" for place in SYLLABLES for facility in FACILITIES]
    makers = chance.choices(MAKERS, [weight for _, weight in MAKERS], k=count)
    return [make(name, chance, year) for (make, _), name in zip(makers, chance.sample(names, count), strict=True)]


def _project(text: str, name: str, kind: str, action, **row) -> Sentence:
    """A project; an action in several pieces is tied piece by piece."""
    pieces = [action] if isinstance(action, str) else list(action)
    ties = row.pop("ties", {}) | ({"action": pieces} if len(pieces) > 1 else {})
    row = NO_DUE | {"name": name, "kind": kind, "action": "".join(pieces), "ties": ties} | row
    return Sentence(text, [("project", row)])


def _plain(name, chance, year):
    return _project(f"加快建设{name}", name, "work", "加快建设")


def _pieces(name, chance, year):
    return _project(f"着力推动{name}建设", name, "work", ("着力推动", "建设"))


def _in_district(name, chance, year):
    district = chance.choice(DISTRICTS)
    return _project(f"实施{district}{name}提升", f"{name}提升", "work", "实施", district=district)


def _by_day(name, chance, year):
    month, day = chance.randint(3, 12), chance.randint(1, 28)
    due = {"due": f"{year}-{month:02}-{day:02}", "due_precision": "day", "due_basis": "stated"}
    text = f"确保{name}{year}年{month}月{day}日前建成投用"
    return _project(text, name, "work", "建成投用", commitment="ensure", **due)


def _in_year(name, chance, year):
    due = {"due": str(year + 1), "due_precision": "year", "due_basis": "stated"}
    return _project(f"{year + 1}年启动{name}", name, "work", "启动", **due)


def _before_year(name, chance, year):
    due = {"due": str(year + 2), "due_precision": "before_year", "due_basis": "stated"}
    ties = {"due": f"{year + 2}年前", "due_precision": "年前"}
    return _project(f"力争{year + 2}年前完成{name}", name, "work", "完成", commitment="strive", ties=ties, **due)


def _with_money(name, chance, year):
    sum_ = chance.randint(2, 90)
    due = {"due": str(year), "due_precision": "year", "due_basis": "plan_year"}
    return _project(f"实施{name}（总投资{sum_}亿元）", name, "work", "实施", investment=sum_ * 10**8, **due)


def _with_scale(name, chance, year):
    size = chance.randint(2, 60)
    sentence = _project(f"建设总装机{size}万千瓦的{name}", name, "work", "建设", scale=f"总装机{size}万千瓦")
    sentence.reasons.append((f"{size}万千瓦", "threshold"))
    return sentence


def _group(name, chance, year):
    count = chance.randint(2, 30)
    due = {"due": str(year), "due_precision": "year", "due_basis": "plan_year"}
    return _project(f"推进{count}处{name}改造", f"{name}改造", "group", "推进", count=count, **due)


def _must(name, chance, year):
    return _project(f"必须抓好{name}专项行动", f"{name}专项行动", "action", "抓好", commitment="must")


def _of_kind(kind: str, action: str, after: str, **row) -> Callable:
    def make(name, chance, year):
        return _project(f"{action}{name}{after}", name + after, kind, action, **row)

    return make


MAKERS = [
    (_plain, 8), (_pieces, 6), (_in_district, 5), (_by_day, 2), (_in_year, 3), (_before_year, 2), (_with_money, 3),
    (_with_scale, 2), (_group, 3), (_must, 2), (_of_kind("base", "打造", "产业园"), 3),
    (_of_kind("platform", "完善使用", "服务平台"), 3), (_of_kind("event", "举办", "文化节"), 2),
    (_of_kind("creation", "争创", "示范基地", commitment="contend"), 2),
    (_of_kind("creation", "探索", "示范街区", commitment="explore"), 1),
    (_of_kind("document", "编制", "发展规划"), 2), (_of_kind("action", "开展", "攻坚行动"), 3),
]  # fmt: skip
