"""The only place that changes what is public: publishing and withdrawing documents, in one transaction each.

Every change writes ledger lines (`Change`, gapless, in commit order) and the projection (`PublicRecord`).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from . import registry
from .models import Change, Document, DocumentStatus, LedgerHead, Mention, Operation, Origin, PublicRecord

HASH_VERSION = "v1"
# Where a document stands in its review says nothing about its content.
NOT_CONTENT = {"id", "status", "review_step"}


class CannotPublish(Exception):
    """A publication or withdrawal that the document's state does not allow; the message is for the user."""


@dataclass(frozen=True)
class Outcome:
    """What one publication wrote: the first and last line of the ledger, or none."""

    first: int
    last: int

    @property
    def lines(self) -> int:
        """How many lines."""
        return self.last - self.first + 1


def canonical(value) -> str:
    """Canonical JSON: keys as given, no spaces, Chinese unescaped; equal input gives equal bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def content_hash(stored: dict) -> str:
    """The hash of a record's stored fields, with the version of the rule: `v1:` and 64 hex digits of SHA-256."""
    text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return f"{HASH_VERSION}:{hashlib.sha256(text.encode()).hexdigest()}"


def stored_form(record, kind: registry.Kind) -> dict:
    """The stored fields of a record: references by code, no address, no name of another record, nothing of the day.

    Children without a list of their own in the API are part of it; the others have a line of their own.
    """
    form = {"kind": kind.name, "code": record.code}
    for field in record._meta.concrete_fields:
        if field.name not in NOT_CONTENT:
            form[field.name] = _stored(getattr(record, field.name))
    for name, child_name in kind.children.items():
        child = registry.get(child_name)
        if child.form is None:
            form[name] = [stored_form(row, child) for row in getattr(record, name).all()]
    if kind.name == "unit":
        form["aliases"] = sorted(alias.name for alias in record.aliases.all())
    if kind.name == "passage":
        form["ties"] = [
            [tie.start, tie.end, tie.kind, tie.code, tie.field, tie.rule, tie.reason] for tie in record.ties.all()
        ]
    return form


def _stored(value):
    """A field's value in JSON: decimals without trailing zeros, ISO days, references by code."""
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if hasattr(value, "_meta"):
        return value.code
    return value


def plain_decimal(value: Decimal | None) -> str | None:
    """A decimal as people write it: 82.8000 → 82.8, 4000.0000 → 4000."""
    return None if value is None else format(value.normalize(), "f")


def publish(document: Document, *, by=None, origin: str = Origin.REVIEW, at: datetime | None = None) -> Outcome:
    """Make a document, its records, and the units, persons and posts that it mentions public.

    Publishing a public document again writes a line only for what changed since. `CannotPublish` where the document has
    not been through review.
    """
    with transaction.atomic():
        seq = _lock()
        document = Document.objects.select_for_update().get(pk=document.pk)
        allowed = {DocumentStatus.IN_REVIEW, DocumentStatus.PUBLISHED, DocumentStatus.WITHDRAWN}
        if origin == Origin.FOUNDING:
            allowed.add(DocumentStatus.DRAFT)
        if document.status not in allowed:
            raise CannotPublish(f"文件“{document.title}”现为{document.get_status_display()}，须先送审才能发布。")
        _set_status(document, DocumentStatus.PUBLISHED)
        _write_mentions(document)
        writer = _Writer(document, seq, origin, by, at or timezone.now())
        for kind in registry.kinds():
            if kind.form is not None:
                records = kind.model.objects.of_document(document).for_publication()
                writer.publish(kind, records)
        return writer.finish()


def withdraw(document: Document, *, by=None, at: datetime | None = None) -> Outcome:
    """Take a document and its records from the public, and whatever only it mentioned.

    `CannotPublish` where the document is not public.
    """
    with transaction.atomic():
        seq = _lock()
        document = Document.objects.select_for_update().get(pk=document.pk)
        if document.status != DocumentStatus.PUBLISHED:
            raise CannotPublish(
                f"文件“{document.title}”现为{document.get_status_display()}，只有已发布的文件才能撤回。"
            )
        _set_status(document, DocumentStatus.WITHDRAWN)
        writer = _Writer(document, seq, Origin.REVIEW, by, at or timezone.now())
        writer.withdraw(PublicRecord.objects.filter(document=document))
        for kind in registry.kinds():
            if kind.is_register:
                mentioned = kind.model.objects.of_document(document)
                gone = mentioned.exclude(pk__in=kind.model.objects.public()).values("code")
                writer.withdraw(PublicRecord.objects.filter(kind=kind.name, code__in=gone))
        return writer.finish()


def _lock() -> int:
    """Take the ledger's lock by updating its one row first of all, and return the last number given."""
    # An UPDATE takes the write lock on SQLite and the row's on PostgreSQL, and both hold it to the commit.
    if not LedgerHead.objects.filter(pk=1).update(seq=F("seq")):
        LedgerHead.objects.bulk_create([LedgerHead(pk=1)], ignore_conflicts=True)
        LedgerHead.objects.filter(pk=1).update(seq=F("seq"))
    return LedgerHead.objects.get(pk=1).seq


def _set_status(document: Document, status: str) -> None:
    document.status, document.review_step = status, 0
    document.save(update_fields=["status", "review_step"])


def _write_mentions(document: Document) -> None:
    """Note which units, persons and posts the document names."""
    named = set()
    for kind in registry.kinds():
        if kind.mentions is not registry.nothing:
            for record in kind.model.objects.of_document(document).for_publication():
                named.update(kind.mentions(record))
    known = set(Mention.objects.filter(document=document).values_list("kind", "code"))
    for kind_name, code in known - named:
        Mention.objects.filter(document=document, kind=kind_name, code=code).delete()
    Mention.objects.bulk_create(
        Mention(document=document, kind=kind_name, code=code) for kind_name, code in sorted(named - known)
    )


class _Writer:
    """Writes the ledger's lines and the projection of one transaction; holds what it wrote until `finish`."""

    def __init__(self, document, seq, origin, by, at):
        self.document, self.origin, self.by, self.at = document, origin, by, at
        self.before = self.seq = seq
        self.changes: list[Change] = []

    def publish(self, kind: registry.Kind, records) -> None:
        """Bring the projection of one kind in step with the records, writing a line for each that differs."""
        scope = PublicRecord.objects.filter(kind=kind.name)
        records = list(records)
        if kind.is_register:
            scope = scope.filter(code__in=[record.code for record in records])
        else:
            scope = scope.filter(document=self.document)
        current = {row.code: row for row in scope}
        revisions = self._last_revisions(kind, [record.code for record in records if record.code not in current])
        created, updated = [], []
        for record in records:
            digest = content_hash(stored_form(record, kind))
            body, path = canonical(kind.form(record)), record.get_absolute_url()
            row = current.pop(record.code, None)
            if row is None:
                row = PublicRecord(
                    kind=kind.name,
                    code=record.code,
                    document=None if kind.is_register else self.document,
                    revision=revisions.get(record.code, 0),
                    published_at=self.at,
                )
                created.append(row)
                operation = Operation.PUBLISH
            elif row.hash == digest:
                # Another record's new name shows here without being a change of this record.
                if (row.body, row.path) != (body, path):
                    row.body, row.path = body, path
                    updated.append(row)
                continue
            else:
                updated.append(row)
                operation = Operation.UPDATE
            row.hash, row.body, row.path, row.changed_at = digest, body, path, self.at
            row.revision += 1
            row.seq = self._line(operation, row)
        PublicRecord.objects.bulk_create(created, batch_size=500)
        PublicRecord.objects.bulk_update(
            updated, ["hash", "body", "path", "changed_at", "revision", "seq"], batch_size=200
        )
        # What the document no longer holds is no longer public.
        self._remove(current.values())

    def withdraw(self, rows) -> None:
        """Take rows of the projection away, with a line for each."""
        self._remove(rows.order_by("kind", "code"))

    def _remove(self, rows: Iterable[PublicRecord]) -> None:
        ids = []
        for row in rows:
            row.revision += 1
            self._line(Operation.WITHDRAW, row)
            ids.append(row.pk)
        PublicRecord.objects.filter(pk__in=ids).delete()

    def _last_revisions(self, kind: registry.Kind, codes: list[str]) -> dict[str, int]:
        """The last revision of records that were public once, so that it never runs backwards."""
        lines = Change.objects.filter(kind=kind.name, code__in=codes).values("code").annotate(last=Max("revision"))
        return {line["code"]: line["last"] for line in lines.order_by()}

    def _line(self, operation: str, row: PublicRecord) -> int:
        self.seq += 1
        self.changes.append(
            Change(
                seq=self.seq,
                at=self.at,
                op=operation,
                origin=self.origin,
                kind=row.kind,
                code=row.code,
                document=self.document,
                revision=row.revision,
                hash=row.hash,
                path=row.path,
                by=self.by,
            )
        )
        return self.seq

    def finish(self) -> Outcome:
        """Write the lines and move the head."""
        Change.objects.bulk_create(self.changes, batch_size=500)
        LedgerHead.objects.filter(pk=1).update(seq=self.seq)
        return Outcome(self.before + 1, self.seq)
