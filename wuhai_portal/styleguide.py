"""Every component in every state with sample content, for those who change the look; there only while developing."""

from collections import Counter
from datetime import UTC, date, datetime
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.http import Http404
from django.views.generic import TemplateView

from gazette.models import Document, Passage, Unit
from gazette.views import Chip, DayForm, Page
from measures.models import Category, ValidityWindow
from measures.pictures import draw_money, draw_validity
from measures.table import Rows
from measures.words import STATES
from personnel.models import Certainty
from personnel.pictures import draw_post
from plans.models import Plan, Target
from plans.pictures import LIGHTS, UNLIT, draw_projects, with_rails

DAY = date(2022, 9, 1)
# Qualifier, value, value_max, unit, direction, commitment, basis, as written.
TARGETS = [
    ("at_least", 6, None, "%", "increase", "", "", "增长6%以上"),
    ("more_than", 20, None, "%", "increase", "strive", "", "力争突破20%"),
    ("at_most", 3, None, "%", "increase", "", "", "控制在3%以内"),
    ("about", 8, None, "%", "increase", "", "", "8%左右"),
    ("reach", 15, None, "%", "", "ensure", "", "确保达到15%"),
    ("exact", 12, None, "%", "decrease", "", "", "下降12%"),
    ("exact", 10, 14, "个", "", "", "", "10至14个"),
    ("scale", 10, None, "亿元", "", "contend", "", "十亿级"),
    ("keep", 100, None, "户", "level", "must", "", "必须保持100户"),
    ("in_step_with", None, None, "", "", "", "与经济增长", "与经济增长基本同步"),
    ("assigned", None, None, "", "", "", "", "完成上级下达任务"),
    ("narrative", None, None, "", "", "explore", "", "探索持续改善"),
]


class Sample(SimpleNamespace):
    """A stand-in for a record: its name, and whatever a template asks for."""

    def __str__(self):
        return self.name


class FilterForm(forms.Form):
    """Two fields of a filter bar."""

    kind = forms.ChoiceField(label="类别", choices=[("", "不限"), ("work", "示例类别")], required=False)
    q = forms.CharField(label="含有文字", max_length=2, required=False)


def _filter_bar(name, given, chips=()) -> dict:
    form = FilterForm(given, auto_id=f"{name}_%s")
    form.is_valid()
    return {
        "fields": [form["kind"], form["q"]],
        "filterset": SimpleNamespace(form=form),
        "chips": chips,
        "paginator": Sample(count=3, count_exact=True),
    }


def _targets() -> list[Target]:
    plan = Plan(code="sample", title="示例计划", year=2022)
    names = ("qualifier", "value", "value_max", "unit", "direction", "commitment", "basis", "as_written")
    return with_rails(
        Target(code=f"sample-{n}", name=f"示例目标{n}", plan=plan, **dict(zip(names, row, strict=True)))
        for n, row in enumerate(TARGETS, 1)
    )


def _dues() -> list[Target]:
    rows = [("2022-06-30", "day", "stated"), ("2025", "year", "stated"), ("2025", "before_year", "stated")]
    rows += [("2022", "year", "plan_year"), ("", "none", "none")]
    return [Target(due=due, due_precision=precision, due_basis=basis) for due, precision, basis in rows]


def _measure(number, *windows, money=None):
    first, last = date(2022, 3, 1), date(2022, 12, 31)
    inherited = {"starts_on": first, "start_basis": "inherited", "ends_on": last, "end_basis": "inherited"}
    return Sample(
        name=f"（{number}）示例措施",
        package=Sample(name="示例措施", valid_from=first),
        windows=Rows(ValidityWindow(**inherited | window) for window in windows or ({},)),
        budget_total=money,
        get_category_display="示例类别",
        get_absolute_url="#",
    )


def _measures() -> list[Sample]:
    nothing = {"starts_on": None, "start_basis": "unknown", "ends_on": None, "end_basis": "unknown"}
    no_end = {"ends_on": None, "end_basis": "unknown"}
    no_start = {"starts_on": None, "start_basis": "unknown"}
    return [
        _measure(1, money=3_000_000),
        _measure(2, {"ends_on": date(2023, 6, 30), "end_basis": "own", "continued": True}, {}, money=1_000_000),
        _measure(3, no_end),
        _measure(4, no_start),
        _measure(5, nothing | {"start_year": 2022, "end_year": 2023}),
    ]


def _post() -> dict:
    def event(person, kind, year, day=None):
        label = "免去" if kind == "remove" else "任命"
        return Sample(
            name=label, person=person, person_id=person, kind=kind, year=year, effective_on=day, get_kind_display=label
        )

    first = [event("示例甲", "appoint", 2020, date(2020, 5, 1)), event("示例甲", "remove", 2021, date(2021, 8, 1))]
    second = [event("示例乙", "appoint", 2021, date(2021, 8, 1)), event("示例乙", "remove", 2022)]
    third = [event("示例丙", "appoint", 2022)]
    successions = [(second[0], first[1]), (third[0], second[1])]
    return draw_post([*first, *second, *third], successions, DAY, date(2022, 12, 31))


def _source() -> Sample:
    text = "示例段落。示例目标增长6%以上，其他文字。"
    document = Document(code="sample", title="示例文件", number="示例〔2022〕1号", issuer=Unit(name="示例单位"))
    quote = "示例目标增长6%以上"
    start = text.index(quote)
    passage = Passage(document=document, position=3, text=text)
    return Sample(name="示例", document=document, passage=passage, start=start, end=start + len(quote), quote=quote)


class Styleguide(Page, TemplateView):
    """All components; 404 but in DEBUG."""

    template_name = "portal/styleguide.html"
    title = "样式手册"

    def dispatch(self, request, *args, **kwargs):
        if not settings.DEBUG:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        measures = _measures()
        consumption = {"category": Category.CONSUMPTION, "measures": measures, "amount": 4_000_000}
        without = {"category": Category.FISCAL, "measures": [], "amount": None}
        every_light = Counter({name: 2 for name, _words, _shape in LIGHTS[:4]}) + Counter({"": 1, None: 5})
        parts = [
            {"number": n, "heading": Sample(name="示例", text=f"{word}、示例部分")}
            for n, word in ((1, "一"), (2, "二"))
        ]
        return super().get_context_data(
            headline=_targets(),
            dues=_dues(),
            states=STATES,
            lights=[name for name, _words, _shape in LIGHTS if name != UNLIT],
            holders=[
                Sample(name="示例", person=None, certainty=certainty, why="示例理由。") for certainty in Certainty
            ],
            money=[4_000_000, 570_000_000, 5000, None],
            record=_source(),
            bars=[
                _filter_bar("plain", {}),
                _filter_bar("chosen", {"kind": "work"}, [Chip("类别", "示例类别", {"kind": None})]),
                _filter_bar("wrong", {"kind": "x", "q": "太长的字"}),
            ],
            day=DAY,
            day_form=DayForm({"on": "昨天"}),
            day_links=[("示例日子", date(2022, 12, 31))],
            measures=measures,
            drawn_money=draw_money([without, consumption]),
            drawn_validity=draw_validity(measures, measures[0].package.valid_from, DAY),
            drawn_projects=draw_projects(parts, {1: every_light, 2: Counter({None: 4})}),
            drawn_post=_post(),
            correction={
                "at": date(2022, 10, 1),
                "field": "示例目标的目标值",
                "before": "5%",
                "after": "6%",
                "reason": "示例：登记时抄错，原文如此。",
            },
            line={
                "at": datetime(2022, 10, 1, 1, 0, tzinfo=UTC),
                "kind": "target",
                "code": "sample",
                "seq": 1,
                "get_op_display": "撤回",
            },
            **kwargs,
        )
