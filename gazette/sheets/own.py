"""The ground floor's own sheets: units, and what a document cites."""

from .registry import Sheet, register


def register_sheets():
    """Units first, since all else refers to them."""
    register(
        Sheet("unit", ("name", "kind", "parent", "note"), named_by=("name", "aliases__name", "former_names__name")),
        Sheet("citation", ("title", "cited")),
    )
