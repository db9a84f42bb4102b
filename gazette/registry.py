"""The one registry of kinds: how the ground floor knows the records of the apps above without importing them.

Each app fills it in its `ready()`. Order of registration is the order of loading and of publication.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .proof import Proof


@dataclass(frozen=True)
class Derived:
    """A value that follows from another by a named rule instead of from words: what it must be."""

    rule: str
    value: Any


@dataclass(frozen=True)
class SearchText:
    """What search finds a record by and shows of it.

    `names` are further names (发文字号, aliases) and count like the title; a line of results without a title of its own
    bears `heading`, by which it is not found. `part` is the part of the document; `units` are codes,
    `audiences` values of `AudienceGroup`.
    """

    title: str = ""
    names: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    heading: str = ""
    part: int = 0
    units: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


def nothing(*_args) -> tuple:
    """The default of what a kind mentions and checks."""
    return ()


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    `form` turns a record into its public form (None: it is shown inside its parent). `resource` is the API list.
    `proofs` say how each field is proven, `derive(record, field)` what stands without words of its own. `children` maps
    a fixture's and the model's name of a list to the child's kind, `parent` is the child's way back. `rows` maps the
    name of a list whose rows have no code to the field that tells them apart. `mentions(record)`
    yields the (kind, code) of units, persons and posts that a record names; `check(document)` further misses;
    `settle(document)` writes what the records store and other records decide, before they are published.
    `standing(codes, day)` says how far documents hold by their own records (`gazette.validity.own_validity`).
    `search(record)` says what search finds it by, `search_rank` where its kind stands among the results (None: it is
    found by the `q` of its own list only). `sign` is the one character beside its figures in the text of a document,
    `columns` (`gazette.tables.Column`) what a download shows of it.
    """

    name: str
    model: Any
    form: Callable[[Any], dict] | None = None
    resource: str = ""
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    derive: Callable[[Any, str], Derived | None] = lambda record, field: None
    children: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""
    rows: Mapping[str, str] = field(default_factory=dict)
    mentions: Callable[[Any], Iterable[tuple[str, str]]] = nothing
    check: Callable[[Any], Iterable[Any]] = nothing
    settle: Callable[[Any], Any] = nothing
    standing: Callable[[list[str], date], Mapping[str, tuple[str, date | None]]] = lambda codes, day: {}
    search: Callable[[Any], SearchText] | None = None
    search_rank: int | None = None
    sign: str = ""
    columns: tuple = ()

    @property
    def label(self) -> str:
        """The kind in Chinese."""
        return str(self.model._meta.verbose_name)

    @property
    def is_register(self) -> bool:
        """Whether entries are public by being mentioned instead of belonging to one document."""
        return hasattr(self.model, "register_kind")


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; a second one of the same name or model is a programming error."""
    if kind.name in _kinds or any(known.model is kind.model for known in _kinds.values()):
        raise ValueError(f"kind {kind.name!r} is registered already")
    _kinds[kind.name] = kind


def kinds() -> list[Kind]:
    """All kinds in order."""
    return list(_kinds.values())


def get(name: str) -> Kind:
    """The kind of a name; KeyError for an unknown one."""
    return _kinds[name]


def of(model: type) -> Kind:
    """The kind of a model; KeyError for one that is no record."""
    for kind in _kinds.values():
        if kind.model is model:
            return kind
    raise KeyError(model)
