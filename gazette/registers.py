"""Merging two entries of a register, units or persons: what refers to the one is moved to the other, and can be undone.

Rows are found by the models' own relations, and saved one by one so that each has its history. What becomes public of
it is written by `gazette.publication.change_register` alone.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from . import publication, registry
from .models import Document, DocumentStatus, Mention, Merger, UnitAlias, User
from .refusals import Refused
from .saving import sentence
from .stored import content_fields, stored_fields
from .verification import verify

MERGED = ("unit", "person")


class CannotMerge(Refused):
    """A merger, or the undoing of one, that cannot be done; the messages are for the user."""


@dataclass
class Changed:
    """What a change of a register means for the public: the documents to bring in step, and codes that go."""

    kind: str
    documents: set[int]
    merged: dict[str, str] = field(default_factory=dict)


def references(entry) -> list[tuple[models.Model, str]]:
    """Every row of every app that refers to an entry, with the field by which it does; its aliases are its own.

    A row that refers by two fields is one object, or its second save would take the first one back.
    """
    found, rows = [], {}
    for relation in entry._meta.related_objects:
        model = relation.related_model
        if model is UnitAlias or hasattr(model, "history_object"):
            continue
        name = relation.field.name
        for row in model._base_manager.filter(**{name: entry}).order_by("pk"):
            found.append((rows.setdefault((model, row.pk), row), name))
    return found


def counts(entry) -> list[tuple[str, int]]:
    """How many rows of which model and field refer to an entry, for people."""
    found = Counter(
        (type(row)._meta.verbose_name, row._meta.get_field(name).verbose_name) for row, name in references(entry)
    )
    return [(f"{model}的{label}", number) for (model, label), number in found.items()]


def merge(gone, kept, *, reason: str, by) -> Merger:
    """Merge the entry `gone` into `kept`; `CannotMerge` says why not."""
    kind = registry.of(type(gone))
    reason = reason.strip()
    if type(gone) is not type(kept) or kind.name not in MERGED:
        raise CannotMerge("只能把单位并入单位、人员并入人员。")
    if gone.pk == kept.pk:
        raise CannotMerge("不能把一条并入它自己。")
    if not reason:
        raise CannotMerge("请写明合并理由。")
    merger = Merger(kind=kind.name, reason=reason, by=by, at=timezone.now())

    def carry_out() -> Changed:
        here, there = _held(type(gone), gone.pk), _held(type(kept), kept.pk)
        _refuse_unlike(kind, here, there)
        documents = documents_of(kind, {here.code, there.code}, references(here))
        # Read again, because their documents are held only now.
        moved = references(here)
        before = misses_of(documents, here.name, there.name)
        merger.code, merger.name = here.code, str(here)
        merger.survivor, merger.survivor_name = there.code, str(there)
        merger.entry = {name: _plain(here, name) for name in _entry_fields(here)}
        merger.entry["id"] = here.pk
        if kind.name == "unit":
            merger.entry["aliases"] = [[alias.pk, alias.name] for alias in here.aliases.order_by("pk")]
        _move(moved, there, f"{here}并入{there}：{reason}")
        codes = {}
        merger.moved = [[row._meta.label, row.pk, name, _said(row), _left(row, name, codes)] for row, name in moved]
        if kind.name == "unit":
            _refuse_overlapping(there)
            for alias in here.aliases.all():
                alias.unit = there
                alias.save()
            if here.name not in there.names:
                merger.entry["alias_made"] = UnitAlias.objects.create(unit=there, name=here.name).pk
        mentioned, both = (set(_mentioned_by(kind, entry.code)) for entry in (here, there))
        merger.entry["mentions"] = [[key, key in both] for key in sorted(mentioned)]
        publication.move_mentions(kind.name, here.code, there.code, mentioned)
        here.delete()
        _refuse_unproven(documents, before, merger.name, there.name)
        return Changed(kind.name, documents, merged={here.code: there.code})

    with transaction.atomic():
        outcome = publication.change_register(carry_out, by=by, at=merger.at)
        merger.seq = outcome.first if outcome.lines else None
        merger.save()
    return merger


def undo(merger: Merger, *, by) -> Merger:
    """Take a merger back: the entry, its aliases and what referred to it; `CannotMerge` says what has changed since."""
    kind = registry.get(merger.kind)
    now = timezone.now()

    def carry_out() -> Changed:
        locked = Merger.objects.select_for_update(of=["self"]).get(pk=merger.pk)
        if locked.undone_at:
            raise CannotMerge("这次合并已经撤销。")
        kept = kind.model.objects.select_for_update(of=["self"]).filter(code=merger.survivor).first()
        if kept is None:
            raise CannotMerge(f"{kind.label}“{merger.survivor_name}”（{merger.survivor}）已不存在，不能撤销合并。")
        documents = documents_of(kind, {kept.code}, _moved(merger))
        # Read again, because their documents are held only now.
        rows = _moved(merger)
        aliases = _held_names(merger)
        _refuse_changed(merger, kept, rows, aliases)
        before = misses_of(documents, merger.name, kept.name)
        if made := aliases.pop(merger.entry.get("alias_made"), None):
            made.delete()
        entry = kind.model(pk=merger.entry["id"])
        for name in _entry_fields(entry):
            model_field = kind.model._meta.get_field(name)
            value = merger.entry.get(name, model_field.get_default())
            setattr(entry, model_field.attname, model_field.to_python(value))
        try:
            entry.full_clean()
        except ValidationError as error:
            raise CannotMerge(f"{kind.label}“{merger.name}”不能恢复：{sentence(error)}") from None
        entry.save(force_insert=True)
        _move(rows, entry, f"撤销合并：{merger}")
        for alias in aliases.values():
            alias.unit = entry
            alias.save()
        mentioned = dict(merger.entry["mentions"])
        # What a public document names no more, publication drops itself.
        keeping = {key for key, both in mentioned.items() if both} | documents
        publication.move_mentions(kind.name, kept.code, merger.code, mentioned, keeping)
        _refuse_unproven(documents, before, merger.name, kept.name)
        locked.undone_by, locked.undone_at = by, now
        locked.save()
        return Changed(kind.name, documents)

    publication.change_register(carry_out, by=by, at=now)
    merger.refresh_from_db()
    return merger


def _refuse_overlapping(unit) -> None:
    """The former names of two units, now one's, must not both hold on a day."""
    for former in unit.former_names.all():
        try:
            former.clean()
        except ValidationError as error:
            raise CannotMerge(*error.messages) from None


def _held(model, key):
    entry = model.objects.select_for_update(of=["self"]).filter(pk=key).first()
    if entry is None:
        raise CannotMerge(f"{model._meta.verbose_name}已不存在，请重新选择。")
    return entry


def _refuse_unlike(kind, gone, kept) -> None:
    if kind.name == "person" and gone.name != kept.name:
        raise CannotMerge(f"“{gone}”与“{kept}”姓名不同，只有同名的人员可以合并。")
    successor = getattr(gone, "succeeded_by", None)
    if successor is not None:
        raise CannotMerge(f"“{gone}”已登记由“{successor}”承接，不能并入别的单位；请先撤去承接单位。")
    above, seen = getattr(kept, "parent", None), set()
    while above is not None and above.pk not in seen:
        if above.pk == gone.pk:
            raise CannotMerge(f"“{gone}”是“{kept}”的上级单位，不能并入它。")
        seen.add(above.pk)
        above = above.parent


def _entry_fields(entry) -> list[str]:
    return [found.name for found in content_fields(entry)]


def _plain(entry, name):
    value = getattr(entry, entry._meta.get_field(name).attname)
    return value.isoformat() if isinstance(value, date) else value


def _said(row) -> str:
    return f"{row.code}" if hasattr(row, "code") else str(row)


def _move(rows, entry, reason: str) -> None:
    """Have rows refer to an entry, each saved with its history; what its rules forbid is said in their words."""
    for row, name in rows:
        setattr(row, name, entry)
        row._change_reason = reason
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            label = row._meta.verbose_name
            try:
                row.validate_unique()
                row.validate_constraints()
                why = "数据库拒绝写入。"
            except ValidationError as error:
                why = "".join(error.messages)
            raise CannotMerge(f"{label}“{_said(row)}”不能改为“{entry}”：{why}请先更正其中一条。") from None


def _moved(merger: Merger) -> list[tuple[models.Model | None, str]]:
    """What a merger moved, as it is now, with the field; none where it is gone; one object as in `references`."""
    found, rows = [], {}
    for label, key, name, *_ in merger.moved:
        if (label, key) not in rows:
            rows[label, key] = apps.get_model(label)._base_manager.filter(pk=key).first()
        found.append((rows[label, key], name))
    return found


def _left(row, name: str, codes: dict) -> dict:
    """The stored fields of a row; an account is no record, and only what was moved of it counts."""
    return {name: getattr(row, name).code} if isinstance(row, User) else stored_fields(row, codes)


def _held_names(merger: Merger) -> dict[int, UnitAlias]:
    """The aliases that a merger moved or made, by id, as far as they are there."""
    keys = [key for key, _ in merger.entry.get("aliases", ())]
    return UnitAlias.objects.in_bulk([*keys, *filter(None, [merger.entry.get("alias_made")])])


def _refuse_changed(merger: Merger, kept, rows, aliases: dict[int, UnitAlias]) -> None:
    """What was moved must be as it was left, or undoing would pass over what somebody did since."""
    changed, codes = [], {}
    for (label, _, name, said, left), (row, _) in zip(merger.moved, rows, strict=True):
        what = f"{apps.get_model(label)._meta.verbose_name}“{said}”"
        if row is None:
            changed.append(f"{what}已删除。")
        elif getattr(row, f"{name}_id") != kept.pk:
            changed.append(f"{what}已改指别处。")
        else:
            now = _left(row, name, codes)
            # What is left out is empty.
            fields = [
                found for found in row._meta.concrete_fields if now.get(found.name, "") != left.get(found.name, "")
            ]
            if fields:
                changed.append(f"{what}的{'、'.join(f'“{found.verbose_name}”' for found in fields)}已有改动。")
    names = [*merger.entry.get("aliases", ())]
    if "alias_made" in merger.entry:
        names.append([merger.entry["alias_made"], merger.name])
    for key, name in names:
        alias = aliases.get(key)
        if alias is None or alias.unit_id != kept.pk or alias.name != name:
            changed.append(f"别名“{name}”已有改动。")
    if changed:
        raise CannotMerge("合并以后另有改动，不能撤销：", *changed)


def _standing_in(row) -> set[int]:
    """The documents that a row is part of; none for entries of registers and for staff."""
    if isinstance(row, Document):
        return {row.pk}
    if getattr(row, "document", None) is not None:
        return {row.document.pk}
    owners = [getattr(row, found.name) for found in row._meta.concrete_fields if found.is_relation]
    return {owner.document_id for owner in owners if hasattr(owner, "document_id")}


def documents_of(kind, codes: set[str], rows, *, moves: bool = True) -> set[int]:
    """The published documents that a change of an entry concerns, held to the end of the transaction.

    `CannotMerge` where a row that moves is part of a document in review: nobody reviewed what it would be.
    """
    rows = [row for row, _ in rows if row is not None]
    parts = {key for row in rows for key in _standing_in(row)}
    keys = set(parts)
    named = {(kind.name, code) for code in codes}
    named |= {(row.register_kind, row.code) for row in rows if hasattr(row, "register_kind")}
    for name in {name for name, _ in named}:
        mentioned = Mention.objects.filter(kind=name, code__in=[code for known, code in named if known == name])
        keys |= set(mentioned.values_list("document", flat=True))
    held = list(Document.objects.select_for_update(of=["self"]).filter(pk__in=keys).order_by("pk"))
    in_review = [row for row in held if row.pk in parts and row.status == DocumentStatus.IN_REVIEW]
    if moves and in_review:
        titles = "、".join(f"“{document.title}”" for document in in_review)
        raise CannotMerge(f"文件{titles}正在审核，其中的内容不能改动；请等审核办结，或退回草稿之后再办。")
    return {document.pk for document in held if document.status == DocumentStatus.PUBLISHED}


def _mentioned_by(kind, *codes: str) -> list[int]:
    return list(Mention.objects.filter(kind=kind.name, code__in=codes).values_list("document", flat=True))


def misses_of(keys: set[int], *names: str) -> Counter:
    """What is not proven in some documents; the names, which change, left out."""
    found = Counter()
    for document in Document.objects.filter(pk__in=keys).order_by("pk"):
        for miss in verify(document).misses:
            said = str(miss)
            for name in names:
                said = said.replace(f"“{name}”", "")
            found[said] += 1
    return found


def _refuse_unproven(keys: set[int], before: Counter, *names: str) -> None:
    """The words of a public document must prove as much as they did."""
    if new := misses_of(keys, *names) - before:
        raise CannotMerge("合并以后公开的文件不能再由原文证明：", *new)
