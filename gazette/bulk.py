"""Loading many documents at once: rows are built as `gazette.loading` builds them, collected, and written by kind.

For documents that the database does not hold yet. Units, persons and posts may be there already and stay as they are.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import models, transaction
from simple_history.utils import bulk_create_with_history

from . import registry
from .loading import DocumentLoader
from .models import Passage, Tie, Unit, UnitAlias
from .saving import Loaded, validate

BATCH = 500


Rows = dict[type[models.Model], list[models.Model]]


def known_units(codes: Iterable[str]) -> set[str]:
    """Which of these units the database holds."""
    return set(Unit.objects.filter(code__in=list(codes)).values_list("code", flat=True))


def load_units(rows: Iterable[dict]) -> None:
    """Write new units, in the shape of units.json, parents before the units below them."""
    new: Rows = {Unit: [], UnitAlias: []}
    known = {}
    for row in rows:
        row = dict(row)
        aliases, parent = row.pop("aliases", []), row.pop("parent", None)
        unit = known[row["code"]] = Unit(**row, parent=known.get(parent))
        new[Unit].append(unit)
        new[UnitAlias] += [UnitAlias(unit=unit, name=name) for name in aliases]
    for unit in known.values():
        validate(unit, f"units.json {unit.code}")
    write(new)


def load_documents(documents: Iterable[tuple[str, dict, list[dict]]], units: Iterable[str]) -> Loaded:
    """Write new documents, each as (name, content, passages); `units` are the codes that they may refer to.

    One transaction, and all in memory until it ends: the caller cuts what is large into chunks.
    """
    documents = list(documents)
    codes: dict[str, Iterable[str]] = {"unit": units}
    for kind in registry.kinds():
        if kind.is_register and kind.name != "unit":
            codes[kind.name] = {
                row["code"] for _, content, _ in documents for row in content["records"].get(kind.name, ())
            }
    registers = {
        name: {row.code: row for row in registry.get(name).model.objects.filter(code__in=list(wanted)).for_list()}
        for name, wanted in codes.items()
    }
    new: Rows = defaultdict(list)
    loaded = Loaded()
    for name, content, passages in documents:
        loaded.documents.append(_Collector(new, registers, name, content, passages, loaded).run())
    write(new)
    return loaded


def write(new: Rows) -> None:
    """Write rows with their history, those that others refer to first."""
    with transaction.atomic():
        waiting = {model: rows for model, rows in new.items() if rows}
        while waiting:
            wrote = 0
            for model, rows in list(waiting.items()):
                ready = [row for row in rows if _has_references(row)]
                bulk_create_with_history(ready, model, batch_size=BATCH)
                wrote += len(ready)
                waiting[model] = [row for row in rows if row.pk is None]
            waiting = {model: rows for model, rows in waiting.items() if rows}
            if waiting and not wrote:
                raise ValueError(f"rows that refer to each other: {', '.join(model.__name__ for model in waiting)}")


def _has_references(row: models.Model) -> bool:
    """Whether every row that this one refers to is written."""
    for field in row._meta.concrete_fields:
        if field.is_relation and getattr(row, field.attname) is None:
            related = field.get_cached_value(row, default=None)
            if related is not None and related.pk is None:
                return False
    return True


class _Collector(DocumentLoader):
    """A document loader that collects what it would write."""

    def __init__(self, new: Rows, registers: dict[str, dict[str, models.Model]], *content):
        self.new, self.registers = new, registers
        super().__init__(*content)

    def stored_units(self) -> dict[str, Unit]:
        return dict(self.registers["unit"])

    def stored(self, kind: registry.Kind, code: str) -> models.Model | None:
        return self.registers[kind.name].get(code) if kind.is_register else None

    def stored_passages(self) -> dict[int, Passage]:
        return {}

    def stored_codes(self, kind: registry.Kind) -> set[str]:
        return set()

    def stored_ties(self) -> Iterable[Tie]:
        return ()

    def save(self, new: models.Model, old: models.Model | None, may_change) -> models.Model:
        if old is not None:
            self.loaded.unchanged += 1
            return old
        validate(new, f"{self.name} {new.code}")
        self.new[type(new)].append(new)
        self.loaded.added += 1
        if register := getattr(new, "register_kind", None):
            self.registers[register][new.code] = new
        return new

    def save_ties(self, ties: list[Tie]) -> None:
        self.new[Tie] += ties
