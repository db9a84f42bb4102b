"""The columns of plans, targets, projects and reports in downloads."""

from gazette.tables import columns

from . import models


def assigned(field):
    """The units that staff assigned, by a field of theirs, in one cell."""
    return lambda promise: "、".join(getattr(row.unit, field) for row in promise.assignments.all())


ASSIGNED = (
    ("指定责任单位代码", assigned("code")),
    ("指定责任单位（由本站指定，文件未载明）", assigned("name")),
)
DUE = ("due", "due_precision", "due_basis")
PLAN = columns(models.Plan, "code", "title", "year")
TARGET = columns(
    models.Target,
    "code",
    ("所属计划代码", "plan.code"),
    "name",
    "qualifier",
    "value",
    "value_max",
    "unit",
    "direction",
    "commitment",
    "basis",
    "base_year",
    *DUE,
    "headline",
    "nature",
    "as_written",
    "derived",
    ("与之相同的目标代码", "same_as.code"),
    ("所属项目代码", "part_of.code"),
    *ASSIGNED,
    "note",
)
PROJECT = columns(
    models.KeyProject,
    "code",
    ("所属计划代码", "plan.code"),
    "name",
    "kind",
    "action",
    "count",
    "scale",
    "investment",
    "commitment",
    *DUE,
    "district",
    "listed",
    ("与之相同的项目代码", "same_as.code"),
    ("所属项目代码", "part_of.code"),
    *ASSIGNED,
    "note",
)
REPORT = columns(
    models.ProgressReport,
    "code",
    ("目标代码", "target.code"),
    ("项目代码", "project.code"),
    ("填报单位代码", "unit.code"),
    ("填报单位", "unit.name"),
    "as_of",
    "value",
    ("完成值单位", "measured_in"),
    "stage",
    "light",
    ("进度依据", "light_basis_words"),
    "light_reason",
    "note",
    ("填报来源", "source"),
)
