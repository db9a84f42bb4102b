"""The sheets of packages, measures and their rows in the desk's workbook."""

from gazette.sheets import Sheet, register

FIGURE = ("qualifier", "value", "value_max", "unit")


def register_sheets():
    """What a package holds; a row names the code of its measure."""
    rows = {
        "responsibility": ("r", ("unit", "as_written", "mode")),
        "budget": ("b", ("amount", "purpose")),
        "audience": ("a", ("name",)),
        "condition": ("c", ("text", *FIGURE, "audience")),
        "benefit": ("g", ("kind", "name", *FIGURE, "value_before", "sense", "one_off", "derived", "audience")),
        "validity-window": (
            "w",
            ("part", "starts_on", "start_basis", "start_year", "ends_on", "end_basis", "end_year", "continued"),
        ),
        "deadline": ("d", ("due", "action", "softness")),
    }
    register(
        Sheet("package", ("title", "valid_from", "valid_from_basis", "valid_until"), document_kind="policy"),
        Sheet("general-rule", ("name",), owners=("package",), letter="g", document_kind="policy"),
        Sheet("measure", ("number", "title", "category"), owners=("package",), document_kind="policy"),
        *(
            Sheet(kind, fields, owners=("measure",), letter=letter, document_kind="policy")
            for kind, (letter, fields) in rows.items()
        ),
    )
