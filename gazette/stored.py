"""What of a record is stored content, in a form that is the same on every database: for hashes and differences."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal

from . import registry

HASH_VERSION = "v1"
# Where a document stands in its review says nothing about its content.
NOT_CONTENT = {"id", "status", "review_step", "review_steps", "review_round", "publish_at", "bypass_open"}


def canonical(value) -> str:
    """Canonical JSON: keys as given, no spaces, Chinese unescaped; equal input gives equal bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def content_hash(stored: dict) -> str:
    """The hash of a record's stored fields, with the version of the rule: `v1:` and 64 hex digits of SHA-256."""
    text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return f"{HASH_VERSION}:{hashlib.sha256(text.encode()).hexdigest()}"


def content_fields(record) -> list:
    """The fields of a record that people enter: no id, no status, nothing that publication keeps beside it.

    A model names further fields that say nothing of its content in `not_content`.
    """
    skipped = {*NOT_CONTENT, *getattr(record, "kept_by_publication", ()), *getattr(record, "not_content", ())}
    return [field for field in record._meta.concrete_fields if field.name not in skipped]


def stored_form(record, kind: registry.Kind, codes: dict[tuple[type, int], str] | None = None) -> dict:
    """The stored fields of a record: references by code, no address, no name of another record, nothing of the day.

    Children without a list of their own in the API are part of it; the others have a line of their own. `codes` keeps
    the code of each record referred to, by model and id, so that it is looked up once.
    """
    codes = {} if codes is None else codes
    later = getattr(record, "content_if_filled", ())
    # Not `kind`: some records have a field of that name.
    form = {"record": kind.name, "code": record.code, **stored_fields(record, codes)}
    for name, child_name in kind.children.items():
        child = registry.get(child_name)
        if child.form is None:
            rows = [stored_form(row, child, codes) for row in getattr(record, name).all()]
            if rows or name not in later:
                form[name] = rows
    for name, key in kind.rows.items():
        if rows := stored_rows(record, name, key, codes):
            form[name] = [rows[code] for code in sorted(rows)]
    if kind.name == "unit":
        form["aliases"] = sorted(alias.name for alias in record.aliases.all())
        if former := sorted(stored_former_name(row) for row in record.former_names.all()):
            form["former_names"] = former
    if kind.name == "passage":
        form["ties"] = [
            [tie.start, tie.end, tie.kind, tie.code, tie.field, tie.rule, tie.reason] for tie in record.ties.all()
        ]
    return form


def stored_former_name(row) -> list[str]:
    """A former name of a unit in JSON; a day that is not known is empty, so that the rows can be sorted."""
    return [row.name, *(day.isoformat() if day else "" for day in (row.from_day, row.until_day)), row.note]


def document_codes(document) -> dict[tuple[type, int], str]:
    """The codes of a document and its passages by model and id, which all its records refer to."""
    passages = document.passages
    codes = {(type(document), document.pk): document.code}
    for pk, position in passages.values_list("pk", "position"):
        codes[passages.model, pk] = f"{document.code}-p{position}"
    return codes


def stored_fields(record, codes: dict[tuple[type, int], str]) -> dict:
    """The fields of a record by name, its children left out.

    Those that a model names in `content_if_filled` came after the first hashes, and are left out while empty; so are
    its lists of children.
    """
    form = {}
    later = getattr(record, "content_if_filled", ())
    for field in content_fields(record):
        value = getattr(record, field.attname)
        if value in ("", None) and field.name in later:
            continue
        if field.is_relation and value is not None:
            known = (field.related_model, value)
            if known not in codes:
                codes[known] = getattr(record, field.name).code
            value = codes[known]
        form[field.name] = _stored(value)
    return form


def stored_rows(record, name: str, key: str, codes: dict[tuple[type, int], str]) -> dict[str, dict]:
    """The rows of a record that have no code of their own, each under that of the record which `key` refers to."""
    rows = {}
    for row in getattr(record, name).all():
        owners = {field.name for field in row._meta.concrete_fields if field.is_relation} - {key}
        fields = stored_fields(row, codes)
        rows[fields[key]] = {field: value for field, value in fields.items() if field not in owners}
    return rows


def _stored(value):
    """A field's value in JSON: decimals without trailing zeros, ISO days."""
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def plain_decimal(value: Decimal | None) -> str | None:
    """A decimal as people write it: 82.8000 → 82.8, 4000.0000 → 4000."""
    return None if value is None else format(value.normalize(), "f")
