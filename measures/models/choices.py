"""The closed lists of measures; labels are the words that pages show."""

import enum

from django.db import models


class Category(models.TextChoices):
    """The five chapters of the package; the values keep the text's order in `CATEGORY_ORDER`."""

    FISCAL = "fiscal", "财政税收政策"
    FINANCE = "finance", "金融支持政策"
    CONSUMPTION = "consumption", "促进消费政策"
    ENTERPRISE = "enterprise", "稳定市场主体政策"
    LIVELIHOOD = "livelihood", "保基本民生政策"


class Mode(models.TextChoices):
    """How a unit is responsible."""

    SOLE = "sole", "负责"
    SHARED = "shared", "按职责分工负责"
    LEAD = "lead", "牵头"
    COOPERATING = "cooperating", "配合"


class Limit(models.TextChoices):
    """How a figure of a condition or benefit binds."""

    EXACT = "exact", "原文未加限定"
    AT_LEAST = "at_least", "至少"
    AT_MOST = "at_most", "不超过"
    MORE_THAN = "more_than", "超过"
    LESS_THAN = "less_than", "不满"


class Sense(models.TextChoices):
    """Whether a rate is what one pays (按95%结算) or what is taken off (下调10%)."""

    PAY = "pay", "按此计"
    OFF = "off", "减去此数"


class BenefitKind(models.TextChoices):
    """What is given."""

    SUBSIDY = "subsidy", "补贴"
    COUPON = "coupon", "消费券"
    REDUCTION = "reduction", "减免"
    EXEMPTION = "exemption", "免收"
    INTEREST = "interest", "贴息与利率"
    LOAN = "loan", "贷款额度"
    DEFERRAL = "deferral", "缓缴与延期"
    SERVICE = "service", "服务"
    PLACEMENT = "placement", "岗位安置"
    RELIEF = "relief", "救助"
    PROCEDURE = "procedure", "办理便利"
    OTHER = "other", "其他支持"


class WindowBasis(models.TextChoices):
    """Where an end of a window comes from."""

    OWN = "own", "本条自定期限"
    INHERITED = "inherited", "随总有效期"
    UNKNOWN = "unknown", "文中未载明"


class InForce(enum.StrEnum):
    """Whether a measure is in force on a day."""

    YES = "yes"
    PART = "part"
    UNKNOWN = "unknown"
    NO = "no"
