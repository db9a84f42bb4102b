"""Packages of policy measures: what is given, to whom, on what terms, by whom, with what money, and when."""

from .choices import BenefitKind, Category, InForce, Limit, Mode, Sense, WindowBasis
from .packages import GeneralRule, GeneralRuleQuerySet, Measure, MeasurePackage, MeasureQuerySet, PackageQuerySet
from .rows import (
    Audience,
    Benefit,
    Budget,
    Child,
    ChildQuerySet,
    Condition,
    ConditionQuerySet,
    Deadline,
    Responsibility,
    ResponsibilityQuerySet,
    once_in_measure,
)
from .validity import ValidityWindow, WindowQuerySet, in_force, window_state

__all__ = [
    "Audience",
    "Benefit",
    "BenefitKind",
    "Budget",
    "Category",
    "Child",
    "ChildQuerySet",
    "Condition",
    "ConditionQuerySet",
    "Deadline",
    "GeneralRule",
    "GeneralRuleQuerySet",
    "InForce",
    "Limit",
    "Measure",
    "MeasurePackage",
    "MeasureQuerySet",
    "Mode",
    "PackageQuerySet",
    "Responsibility",
    "ResponsibilityQuerySet",
    "Sense",
    "ValidityWindow",
    "WindowBasis",
    "WindowQuerySet",
    "in_force",
    "once_in_measure",
    "window_state",
]
