"""Units change their names and succeed each other on a day: neither is an alias or a merger, and nothing is moved.

What becomes public of it is written by `gazette.publication.change_register` alone.
"""

from collections.abc import Callable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from . import publication, registry
from .models import Unit, UnitName
from .refusals import Refused
from .registers import Changed, documents_of, misses_of, references

KIND = "unit"


class CannotRename(Refused):
    """A change of a unit's names or of its successor that cannot be made; the messages are for the user."""


def rename(unit: Unit, name: str, *, day: date | None, note: str, reason: str, by) -> None:
    """Give a unit another name from a day on, if that is known; the present one is kept as a former name."""
    name = name.strip()

    def carry_out(here: Unit) -> None:
        if name == here.name:
            raise CannotRename(f"新名称与现在的名称“{name}”相同。")
        if other := Unit.objects.filter(name=name).first():
            raise CannotRename(f"已有名称为“{name}”的单位（{other.code}）；若是同一单位，请合并。")
        _refuse_future(day)
        former = list(here.former_names.all())
        begun = None if any(each.until_day is None for each in former) else former[-1].day_after if former else None
        _save(
            UnitName(
                unit=here, name=here.name, from_day=begun, until_day=day and day - timedelta(days=1), note=note.strip()
            ),
            reason,
        )
        for alias in here.aliases.filter(name=name):
            alias.delete()  # It is the name now.
        here.name = name

    _change(unit, carry_out, reason, by, name)


def record_former_name(
    unit: Unit, name: str, *, from_day: date | None, until_day: date | None, note: str, reason: str, by
) -> None:
    """Say that a unit bore a name once; its present name stays."""
    name = name.strip()

    def carry_out(here: Unit) -> None:
        _save(UnitName(unit=here, name=name, from_day=from_day, until_day=until_day, note=note.strip()), reason)

    _change(unit, carry_out, reason, by, name)


def forget_former_name(unit: Unit, key: int, *, reason: str, by) -> None:
    """Take a former name back that was recorded by mistake."""

    def carry_out(here: Unit) -> None:
        former = here.former_names.filter(pk=key).first()
        if former is None:
            raise CannotRename("这个曾用名已不存在，请刷新页面。")
        former._change_reason = reason.strip()
        former.delete()

    _change(unit, carry_out, reason, by)


def succeed(unit: Unit, successor: Unit | None, *, day: date | None, note: str, reason: str, by) -> None:
    """Say which unit took a unit's duties over, on a day if that is known; None takes it back."""
    note = note.strip()

    def carry_out(here: Unit) -> None:
        there = successor and Unit.objects.select_for_update(of=["self"]).filter(pk=successor.pk).first()
        if successor is not None:
            if there is None:
                raise CannotRename("承接单位已不存在，请重新选择。")
            _refuse_circle(here, there)
            _refuse_future(day)
            if here.place is not None and there.place is None:
                raise CannotRename(
                    f"“{there}”尚未公开，不能登记为已公开单位的承接单位；待有公开的文件提及它以后再登记。"
                )
        now = (there.pk if there else None, day, note)
        if now == (here.succeeded_by_id, here.succeeded_on, here.succession_note):
            raise CannotRename("与已登记的承接情况相同，没有改动。")
        here.succeeded_by, here.succeeded_on, here.succession_note = there, day, note

    _change(unit, carry_out, reason, by)


def _change(unit: Unit, carry_out: Callable[[Unit], None], reason: str, by, *names: str) -> None:
    """Change a unit and bring every public document that names it in step; `names` are those that it is given."""
    reason = reason.strip()
    if not reason:
        raise CannotRename("请写明理由。")

    def change() -> Changed:
        here = Unit.objects.select_for_update(of=["self"]).filter(pk=unit.pk).first()
        if here is None:
            raise CannotRename("单位已不存在，请重新选择。")
        names_then = (here.name, *names)
        documents = documents_of(registry.get(KIND), {here.code}, references(here), moves=False)
        before = misses_of(documents, *names_then)
        carry_out(here)
        _save(here, reason)
        if new := misses_of(documents, *names_then) - before:
            raise CannotRename("改动以后公开的文件不能再由原文证明：", *new)
        return Changed(KIND, documents)

    with transaction.atomic():
        publication.change_register(change, by=by)
    unit.refresh_from_db()


def _save(row, reason: str) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise CannotRename(*_in_words(row, error)) from None
    row._change_reason = reason.strip()
    row.save()


def _in_words(row, error: ValidationError) -> list[str]:
    """The messages of a validation error, those of a field after its label."""
    found = []
    for name, messages in error.message_dict.items():
        label = "" if name == "__all__" else f"{row._meta.get_field(name).verbose_name}："
        found += [f"{label}{message}" for message in messages]
    return found


def _refuse_future(day: date | None) -> None:
    today = timezone.localdate()
    if day is not None and day > today:
        raise CannotRename(f"{date_format(day)}还没有到；请在当日（含）以后登记。")


def _refuse_circle(unit: Unit, successor: Unit) -> None:
    """No unit succeeds itself, by way of others either."""
    seen = set()
    while successor is not None and successor.pk not in seen:
        if successor.pk == unit.pk:
            raise CannotRename("单位不能由它自己承接，也不能由它所承接的单位承接。")
        seen.add(successor.pk)
        successor = successor.succeeded_by
