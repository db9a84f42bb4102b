"""The yearly plan: its targets, its projects and tasks, and what is reported of them."""

from ..choices import (
    Commitment,
    Direction,
    DueBasis,
    DuePrecision,
    Light,
    LightBasis,
    Nature,
    ProjectKind,
    Qualifier,
)
from .plan import Plan
from .promises import (
    ACCEPT,
    ASSIGN,
    PROMISE_FILTERS,
    REPORT,
    KeyProject,
    Target,
    validate_due,
)
from .reports import Assignment, ProgressReport, only_own_unit

__all__ = [
    "ACCEPT",
    "ASSIGN",
    "Assignment",
    "Commitment",
    "Direction",
    "DueBasis",
    "DuePrecision",
    "KeyProject",
    "Light",
    "LightBasis",
    "Nature",
    "PROMISE_FILTERS",
    "Plan",
    "ProgressReport",
    "ProjectKind",
    "Qualifier",
    "REPORT",
    "Target",
    "only_own_unit",
    "validate_due",
]
