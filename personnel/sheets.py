"""The sheets of persons, posts and appointments in the desk's workbook."""

from gazette.sheets import Sheet, register
from gazette.sheets.values import name


def register_sheets():
    """Persons and posts, then the events that name them."""
    register(
        Sheet("person", ("name", "note"), named_by=("name",), normal={"name": name}),
        Sheet("post", ("title", "unit", "seats"), named_by=("title",)),
        Sheet(
            "appointment",
            ("person", "kind", "post", "unit_as_written", "effective_on", "date_basis", "probation_months"),
            document_kind="personnel",
        ),
    )
