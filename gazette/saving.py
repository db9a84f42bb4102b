"""Writing one record from a fixture: validated like a form, written with history, and only where it differs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from .fixture_files import CannotLoad
from .models import Document
from .stored import content_fields


@dataclass
class Loaded:
    """What loading did, by number of records."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    documents: list[Document] = field(default_factory=list)

    def __str__(self):
        return f"新增{self.added}条，更改{self.changed}条，未变{self.unchanged}条"


@contextmanager
def rolled_back() -> Iterator[None]:
    """A savepoint of which nothing remains."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def validate(instance: models.Model, where: str) -> None:
    """The validation of a form, but for the constraints, which the database checks (`write`)."""
    references = [field.name for field in instance._meta.concrete_fields if field.is_relation]
    for name in references:
        model_field = instance._meta.get_field(name)
        # A record that is yet to be saved has no id: it is found as the object that was given.
        given = getattr(instance, model_field.attname) or model_field.get_cached_value(instance, default=None)
        if not model_field.null and given is None:
            raise CannotLoad(f"{where}：{model_field.verbose_name}没有填写。")
    try:
        instance.clean_fields(exclude=references)
        instance.clean()
    except ValidationError as error:
        raise CannotLoad(f"{where}：{sentence(error)}") from None


def sentence(error: ValidationError) -> str:
    """The messages of a validation error, each after its field's name."""
    return "；".join(
        f"{name}：{'、'.join(messages)}" if name != "__all__" else "、".join(messages)
        for name, messages in error.message_dict.items()
    )


def write(instance: models.Model, where: str) -> None:
    """Save; what the database refuses is said in the constraint's own words.

    Asking each constraint beforehand would take a query for each: four times as long for the founding documents.
    """
    try:
        with transaction.atomic():
            instance.save()
    except IntegrityError as refused:
        try:
            instance.validate_unique()
            instance.validate_constraints()
        except ValidationError as error:
            raise CannotLoad(f"{where}：{sentence(error)}") from None
        raise CannotLoad(f"{where}：数据库拒绝写入（{refused}）。") from refused


def differences(new: models.Model, old: models.Model) -> dict[str, tuple]:
    """The fields in which a fixture differs from what is stored: name → (stored, fixture)."""
    found = {}
    for model_field in content_fields(old):
        name = model_field.attname
        if getattr(old, name) != model_field.to_python(getattr(new, name)):
            found[str(model_field.verbose_name)] = (getattr(old, model_field.name), getattr(new, model_field.name))
    return found


def save(new: models.Model, old: models.Model | None, loaded: Loaded, where: str, may_change) -> models.Model:
    """Write a record if it is new or differs; `may_change(old)` refuses where it is public."""
    if old is not None:
        differ = differences(new, old)
        if not differ:
            loaded.unchanged += 1
            return old
        if not may_change(old):
            name, values = next(iter(differ.items()))
            stored, typed = ("" if value is None else value for value in values)
            raise CannotLoad(
                f"{where} {old.code} 已公开，不能由装载改写：“{name}”库中为“{stored}”，文件中为“{typed}”。"
                "已公开的记录只能更正。"
            )
        new.pk = old.pk
    validate(new, f"{where} {new.code}")
    write(new, f"{where} {new.code}")
    if old is None:
        loaded.added += 1
    else:
        loaded.changed += 1
    return new
