"""The columns of packages, measures and their rows in downloads; a row names the code of its measure."""

from gazette.tables import columns

from . import models

MEASURE_OF = (("所属措施代码", "measure.code"), ("所属措施", lambda row: str(row.measure)))
AUDIENCE_OF = ("适用对象代码", "audience.code")
PACKAGE = columns(
    models.MeasurePackage,
    "code",
    "title",
    "valid_from",
    "valid_from_basis",
    "valid_until",
    ("安排资金的本站合计（元）", "budget_total"),
    ("措施数", "measures_total"),
)
GENERAL_RULE = columns(models.GeneralRule, "code", ("所属政策措施代码", "package.code"), "position", "name")
MEASURE = columns(
    models.Measure,
    "code",
    ("所属政策措施代码", "package.code"),
    "number",
    "title",
    "category",
    ("安排资金的本站合计（元）", "budget_total"),
)
AUDIENCE = columns(models.Audience, "code", *MEASURE_OF, "position", "name")
VALUE = ("value", "value_max", "unit", "qualifier")
CONDITION = columns(models.Condition, "code", *MEASURE_OF, "position", AUDIENCE_OF, "text", *VALUE)
RESPONSIBILITY = columns(
    models.Responsibility,
    "code",
    *MEASURE_OF,
    "position",
    ("单位代码", "unit.code"),
    ("单位", "unit.name"),
    "as_written",
    "mode",
)
BUDGET = columns(models.Budget, "code", *MEASURE_OF, "position", "amount", "purpose")
BENEFIT = columns(
    models.Benefit,
    "code",
    *MEASURE_OF,
    "position",
    AUDIENCE_OF,
    "kind",
    "name",
    *VALUE,
    "value_before",
    "sense",
    "one_off",
    "derived",
)
WINDOW = columns(
    models.ValidityWindow,
    "code",
    *MEASURE_OF,
    "position",
    "part",
    "starts_on",
    "start_basis",
    "ends_on",
    "end_basis",
    "continued",
    "start_year",
    "end_year",
)
DEADLINE = columns(models.Deadline, "code", *MEASURE_OF, "position", "due", "action", "softness")
