"""The closed lists of plans; labels are the words that pages show."""

from django.db import models


class Qualifier(models.TextChoices):
    """How a value binds; the labels are the words that pages show."""

    AT_LEAST = "at_least", "至少"
    MORE_THAN = "more_than", "超过"
    AT_MOST = "at_most", "不超过"
    ABOUT = "about", "左右"
    REACH = "reach", "达到"
    EXACT = "exact", "原文未加限定"
    KEEP = "keep", "保持"
    SCALE = "scale", "量级"
    IN_STEP_WITH = "in_step_with", "基本同步"
    ASSIGNED = "assigned", "按上级下达任务"
    NARRATIVE = "narrative", "定性目标"


class Direction(models.TextChoices):
    """Which way a target moves, where the text says it."""

    INCREASE = "increase", "增加"
    DECREASE = "decrease", "减少"
    LEVEL = "level", "保持不变"


class Commitment(models.TextChoices):
    """How firmly the text promises."""

    STRIVE = "strive", "力争"
    ENSURE = "ensure", "确保"
    MUST = "must", "必须"
    CONTEND = "contend", "争创"
    EXPLORE = "explore", "探索"


class Nature(models.TextChoices):
    """预期性 for the opening; the plan calls nothing 约束性."""

    EXPECTED = "expected", "预期性"


class DuePrecision(models.TextChoices):
    """How precisely the text says by when."""

    DAY = "day", "到日"
    YEAR = "year", "到年"
    BEFORE_YEAR = "before_year", "该年之前"
    NONE = "none", "文中未载明"


class DueBasis(models.TextChoices):
    """Whether the text says by when, or the plan's year is taken."""

    STATED = "stated", "文中载明"
    PLAN_YEAR = "plan_year", "随计划年度"
    NONE = "none", "文中未载明"


class ProjectKind(models.TextChoices):
    """What sort of work or task a project is."""

    WORK = "work", "工程"
    BASE = "base", "基地与园区"
    PLATFORM = "platform", "平台"
    GROUP = "group", "成组项目"
    ACTION = "action", "专项行动"
    CREATION = "creation", "创建"
    EVENT = "event", "活动"
    DOCUMENT = "document", "拟编制文件"


class Light(models.TextChoices):
    """How a target or project is doing, as reported."""

    GREEN = "green", "正常推进"
    YELLOW = "yellow", "进度偏慢"
    RED = "red", "进度滞后"
    DONE = "done", "已完成"


class LightBasis(models.TextChoices):
    """What a light rests on; the labels are the words that pages show."""

    COMPUTED = "computed", "按数量和时间推算"
    BY_HAND = "by_hand", "由填报单位判定"
    OVERRIDDEN = "overridden", "由填报单位改判"
