"""The only place that changes what is public: publishing, withdrawing, correcting, reporting, in one transaction each.

Every change writes ledger lines (`Change`, gapless, in commit order), the projection (`PublicRecord`) and the search
index (`gazette.search.index`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from . import carrying, naming, places, registry
from .models import Change, Document, DocumentStatus, LedgerHead, Mention, Merger, Operation, Origin, PublicRecord
from .models.ledger import UNREVIEWED
from .saving import rolled_back
from .search import index
from .stored import canonical, content_hash, document_codes, stored_form


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


def publish(document: Document, *, by=None, origin: str = Origin.REVIEW, at: datetime | None = None) -> Outcome:
    """Make a document, its records, and the units, persons and posts that it mentions public.

    Publishing a public document again writes a line only for what changed since. `CannotPublish` where the document has
    not been through all steps of review.
    """
    with transaction.atomic():
        seq = lock()
        document = Document.objects.select_for_update().get(pk=document.pk)
        allowed = {DocumentStatus.IN_REVIEW, DocumentStatus.PUBLISHED, DocumentStatus.WITHDRAWN}
        if origin in UNREVIEWED:
            allowed.add(DocumentStatus.DRAFT)
        if document.status not in allowed:
            raise CannotPublish(f"文件“{document.title}”现为{document.get_status_display()}，须先送审才能发布。")
        # The step beyond the last is reached by approvals alone (`gazette.review`).
        waiting = document.status == DocumentStatus.IN_REVIEW and document.review_step <= document.review_steps
        if waiting and origin not in UNREVIEWED:
            raise CannotPublish(f"文件“{document.title}”还没有审完，不能发布。")
        _set_status(document, DocumentStatus.PUBLISHED)
        writer = _Writer(document, seq, origin, by, at or timezone.now())
        _bring_in_step(document, writer)
        return writer.finish()


@contextmanager
def rehearsal(document: Document) -> Iterator[None]:
    """Inside, all is as it would be once the document is published; of it nothing remains.

    The ledger's lock is held meanwhile, as for any publication. `CannotPublish` where publication would be refused.
    """
    with rolled_back():
        # Nobody has reviewed what is only being looked at.
        publish(document, origin=Origin.SAMPLE)
        yield


def withdraw(document: Document, *, by=None, at: datetime | None = None, reason="", explanation="") -> Outcome:
    """Take a document and its records from the public, and whatever only it mentioned.

    `reason` (`WithdrawalReason`) and `explanation` are public for ever at each address. `CannotPublish` where the
    document is not public.
    """
    with transaction.atomic():
        seq = lock()
        document = Document.objects.select_for_update().get(pk=document.pk)
        if document.status != DocumentStatus.PUBLISHED:
            raise CannotPublish(
                f"文件“{document.title}”现为{document.get_status_display()}，只有已发布的文件才能撤回。"
            )
        _set_status(document, DocumentStatus.WITHDRAWN)
        writer = _Writer(document, seq, Origin.REVIEW, by, at or timezone.now())
        writer.reason, writer.explanation = reason, explanation
        writer.withdraw(PublicRecord.objects.filter(document=document))
        for kind in registry.kinds():
            if kind.is_register:
                mentioned = kind.model.objects.of_document(document)
                gone = mentioned.exclude(pk__in=kind.model.objects.mentioned()).values("code")
                writer.withdraw(PublicRecord.objects.filter(kind=kind.name, code__in=gone))
        return writer.finish()


def apply_correction(correction, *, by, at: datetime | None = None) -> Outcome:
    """Do what a correction says to a public record and its children, and bring what is public in step.

    `CannotPublish` where the document is not public; `gazette.correcting.CannotCorrect` where the record is not as it
    was when the correction was made out, or would not be proven by the text any more.
    """
    with transaction.atomic():
        seq = lock()
        document = Document.objects.select_for_update().get(pk=correction.document_id)
        if document.status != DocumentStatus.PUBLISHED:
            raise CannotPublish(
                f"文件“{document.title}”现为{document.get_status_display()}，只有已发布的文件才能更正。"
            )
        carrying.repeat(correction, document)
        writer = _Writer(document, seq, Origin.CORRECTION, by, at or timezone.now())
        if survivor := correction.difference["merged_into"]:
            writer.merged[correction.kind, correction.code] = survivor
        _bring_in_step(document, writer)
        return writer.finish()


def accept_report(report, *, by, at: datetime | None = None) -> Outcome:
    """Make public what was reported of a public record.

    `CannotPublish` where that record's document is not public.
    """
    with transaction.atomic():
        seq = lock()
        document = _public_document_of(report, "采纳")
        report.accepted_at, report.reviewer = at or timezone.now(), by
        report.save()
        writer = _Writer(document, seq, Origin.PROGRESS, by, report.accepted_at)
        _bring_in_step(document, writer)
        return writer.finish()


def withdraw_report(report, *, by, reason: str, at: datetime | None = None) -> Outcome:
    """Take a report from the public, which is told why; `CannotPublish` where its record's document is not public."""
    with transaction.atomic():
        seq = lock()
        document = _public_document_of(report, "撤回")
        report.withdrawn_at, report.withdrawal_reason = at or timezone.now(), reason
        report.save()
        writer = _Writer(document, seq, Origin.PROGRESS, by, report.withdrawn_at)
        writer.withdraw(PublicRecord.objects.filter(kind=registry.of(type(report)).name, code=report.code))
        _bring_in_step(document, writer)
        return writer.finish()


def change_register(carry_out: Callable, *, by, at: datetime | None = None) -> Outcome:
    """Carry out a change of a register and bring every public document that it concerns in step, in one transaction.

    `carry_out` (`gazette.registers`) is called under the ledger's lock and says what it changed.
    """
    at = at or timezone.now()
    with transaction.atomic():
        seq = before = lock()
        changed = carry_out()
        gone = list(PublicRecord.objects.filter(kind=changed.kind, code__in=changed.merged).order_by("code"))
        for document in Document.objects.filter(pk__in=changed.documents).order_by("pk"):
            writer = _Writer(document, seq, Origin.REGISTER, by, at)
            writer.merged |= {(changed.kind, code): survivor for code, survivor in changed.merged.items()}
            writer.delete(gone)
            gone = []
            _bring_in_step(document, writer)
            seq = writer.finish().last
        return Outcome(before + 1, seq)


def _public_document_of(report, what: str) -> Document:
    document = Document.objects.select_for_update().get(pk=report.document.pk)
    if document.status != DocumentStatus.PUBLISHED:
        raise CannotPublish(
            f"文件“{document.title}”现为{document.get_status_display()}，只有已发布的文件才能{what}进展情况。"
        )
    return document


def lock() -> int:
    """Take the ledger's lock by updating its one row first of all, and return the last number given."""
    # An UPDATE takes the write lock on SQLite and the row's on PostgreSQL, and both hold it to the commit.
    if not LedgerHead.objects.filter(pk=1).update(seq=F("seq")):
        LedgerHead.objects.bulk_create([LedgerHead(pk=1)], ignore_conflicts=True)
        LedgerHead.objects.filter(pk=1).update(seq=F("seq"))
    return LedgerHead.objects.get(pk=1).seq


def _bring_in_step(document: Document, writer: "_Writer") -> None:
    """Write mentions, lines, projection, places and search entries of a public document for what changed since."""
    for kind in registry.kinds():
        kind.settle(document)
    records = records_of(document)
    unnamed = _write_mentions(document, records)
    records |= _entries_of(document)
    writer.publish([(kind, records[kind.name]) for kind in registry.kinds() if kind.form is not None])
    places.write(records)
    index.write(index.entries_of(document, records))
    for kind in registry.kinds():
        if codes := [code for name, code in unnamed if name == kind.name]:
            gone = PublicRecord.objects.filter(kind=kind.name, code__in=codes)
            writer.withdraw(gone.exclude(code__in=kind.model.objects.mentioned().values("code")))


def _set_status(document: Document, status: str) -> None:
    document.status, document.review_step, document.publish_at = status, 0, None
    document.save(update_fields=["status", "review_step", "publish_at"])


def records_of(document: Document) -> dict[str, list]:
    """The document's records by kind, with what their public form needs: each is read once.

    Passages come last, because their figures name the pages of all others.
    """
    found, paths = {}, {}
    for kind in registry.kinds():
        if kind.is_register or kind.name == "passage" or (kind.form is None and kind.mentions is registry.nothing):
            continue
        found[kind.name] = records = list(
            kind.model.objects.using(document._state.db).of_document(document).for_publication()
        )
        for record in records:
            paths[kind.name, record.code] = record.get_absolute_url()
            for name, child_name in kind.children.items():
                if registry.get(child_name).parent:
                    for row in getattr(record, name).all():
                        paths[child_name, row.code] = row.get_absolute_url()
    found["passage"] = document.passages.for_publication(paths)
    return found


def _entries_of(document: Document) -> dict[str, list]:
    """The registers' entries that the document mentions, by kind."""
    return {
        kind.name: list(kind.model.objects.of_document(document).for_publication())
        for kind in registry.kinds()
        if kind.is_register
    }


def _write_mentions(document: Document, records: dict[str, list]) -> set[tuple[str, str]]:
    """Note which units, persons and posts the document names; returns those that it names no more."""
    named = set()
    for kind in registry.kinds():
        if kind.mentions is not registry.nothing:
            for record in records[kind.name]:
                named.update(kind.mentions(record))
    known = set(Mention.objects.filter(document=document).values_list("kind", "code"))
    for kind_name, code in known - named:
        Mention.objects.filter(document=document, kind=kind_name, code=code).delete()
    Mention.objects.bulk_create(
        Mention(document=document, kind=kind_name, code=code) for kind_name, code in sorted(named - known)
    )
    return known - named


def move_mentions(kind: str, old: str, new: str, documents: Iterable[int], keeping: Iterable[int] = ()) -> None:
    """Have documents mention another entry instead of one; those in `keeping` go on mentioning both."""
    keys = set(documents)
    Mention.objects.filter(kind=kind, code=old, document__in=keys - set(keeping)).delete()
    new_ones = [Mention(document_id=key, kind=kind, code=new) for key in sorted(keys)]
    Mention.objects.bulk_create(new_ones, ignore_conflicts=True)


class _Writer:
    """Writes the ledger's lines and the projection of one transaction; holds what it wrote until `finish`."""

    def __init__(self, document, seq, origin, by, at):
        self.document, self.origin, self.by, self.at = document, origin, by, at
        self.reason = self.explanation = ""
        self.before = self.seq = seq
        self.changes: list[Change] = []
        self.gone: list[tuple[str, str]] = []
        self.merged: dict[tuple[str, str], str] = {}  # What is deleted because another record says the same.
        self.codes = document_codes(document)

    def publish(self, found: list[tuple[registry.Kind, list]]) -> None:
        """Bring the projection in step with the records, kind by kind, writing a line for each that differs."""
        current = self._current(found)
        new = [(kind.name, row.code) for kind, rows in found for row in rows if (kind.name, row.code) not in current]
        revisions = self._last_revisions(new)
        created, updated = [], []
        for kind, records in found:
            for record in records:
                digest = content_hash(stored_form(record, kind, self.codes))
                body, path = canonical(kind.form(record)), record.get_absolute_url()
                row = current.pop((kind.name, record.code), None)
                if row is None:
                    row = PublicRecord(
                        kind=kind.name,
                        code=record.code,
                        document=None if kind.is_register else self.document,
                        revision=revisions.get((kind.name, record.code), 0),
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
            # What the document no longer holds is no longer public.
            self._remove([row for (name, _), row in current.items() if name == kind.name], Operation.DELETE)
        PublicRecord.objects.bulk_create(created, batch_size=500)
        PublicRecord.objects.bulk_update(
            updated, ["hash", "body", "path", "changed_at", "revision", "seq"], batch_size=200
        )

    def _current(self, found: list[tuple[registry.Kind, list]]) -> dict[tuple[str, str], PublicRecord]:
        """What is public now of the document, and of the registers' entries, by kind and code."""
        scope = Q(document=self.document)
        for kind, records in found:
            if kind.is_register and records:
                scope |= Q(kind=kind.name, code__in=[record.code for record in records])
        return {(row.kind, row.code): row for row in PublicRecord.objects.filter(scope)}

    def withdraw(self, rows) -> None:
        """Take rows of the projection away, with a line for each."""
        self._remove(rows.order_by("kind", "code"), Operation.WITHDRAW)

    def delete(self, rows: Iterable[PublicRecord]) -> None:
        """Take rows of the projection away for good, with a line for each."""
        self._remove(rows, Operation.DELETE)

    def _remove(self, rows: Iterable[PublicRecord], operation: str) -> None:
        gone = defaultdict(list)
        for row in rows:
            row.revision += 1
            self._line(operation, row)
            gone[row.kind].append(row)
            self.gone.append((row.kind, row.code))
        for name, removed in gone.items():
            model = registry.get(name).model
            if hasattr(model, "kept_by_publication"):
                model.objects.filter(code__in=[row.code for row in removed]).update(place=None)
            PublicRecord.objects.filter(pk__in=[row.pk for row in removed]).delete()

    def _last_revisions(self, new: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The last revision of records that were public once, so that it never runs backwards.

        `CannotPublish` where a code is that of a record that was deleted: codes are not given twice, but to the same
        entry once its merger is undone.
        """
        last = {}
        for start in range(0, len(new), 500):
            # By code alone: with the kinds beside it, SQLite may walk all that was ever public of them.
            codes = {code for _, code in new[start : start + 500]}
            lines = Change.objects.filter(code__in=codes).values("kind", "code")
            deleted = Max("seq", filter=Q(op=Operation.DELETE))
            for line in lines.annotate(last=Max("revision"), deleted=deleted).order_by():
                key = line["kind"], line["code"]
                if line["deleted"] and key in new and not Merger.objects.undid(line["deleted"]):
                    label = registry.get(line["kind"]).label
                    raise CannotPublish(f"{label}代码“{line['code']}”曾用于已删除的公开记录，不能再用，请另取一个。")
                last[key] = line["last"]
        return last

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
                merged_into=self.merged.get((row.kind, row.code), ""),
                reason=self.reason,
                explanation=self.explanation,
                by=self.by,
            )
        )
        return self.seq

    def finish(self) -> Outcome:
        """Write the lines, move the head, show the document anew where it is named, let search forget what is gone."""
        Change.objects.bulk_create(self.changes, batch_size=500)
        LedgerHead.objects.filter(pk=1).update(seq=self.seq)
        for code, body in naming.shown_anew(self.document):
            PublicRecord.objects.filter(kind="document", code=code).update(body=body)
        index.forget(self.gone)
        return Outcome(self.before + 1, self.seq)
