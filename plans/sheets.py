"""The sheets of plans, projects, targets and their assignments in the desk's workbook."""

from gazette.sheets import Sheet, register

PROMISE = ("commitment", "due", "due_precision", "due_basis")
LINKS = ("same_as", "part_of", "note")


def register_sheets():
    """What a plan holds."""
    register(
        Sheet("plan", ("title", "year"), document_kind="plan"),
        Sheet(
            "project",
            ("name", "kind", "action", "count", "scale", "investment", "district", *PROMISE, "listed", *LINKS),
            owners=("plan",),
            document_kind="plan",
        ),
        Sheet(
            "target",
            (
                *("name", "as_written", "qualifier", "value", "value_max", "unit", "direction", "basis", "base_year"),
                *(*PROMISE, "headline", "nature", "derived", *LINKS),
            ),
            owners=("plan",),
            document_kind="plan",
        ),
        Sheet(
            "target",
            ("unit", "note"),
            owners=("target", "project"),
            rows="assignments",
            key="unit",
            document_kind="plan",
        ),
    )
