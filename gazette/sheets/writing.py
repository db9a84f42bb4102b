"""Carrying out a plan: into a draft with history, into a published document as corrections; all of it or nothing."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from .. import corrections
from .. import registry as kinds
from ..admin_forms import drop_ties
from ..correcting import CannotCorrect
from ..forms import why_closed
from ..models import Document, DocumentStatus, LedgerHead
from ..saving import sentence
from .files import BadFile
from .matching import CHANGED, DELETED, NEW, Item
from .planning import Plan, fingerprint

OVERTAKEN = "预览之后，文件或登记的内容已有变化，没有导入任何一行；请重新上传，再看预览。"
MOST_CORRECTIONS = 50
TOO_MANY = "这份表格要更正{}条已公开的记录，一次最多{}条；请分几次导入。"


def carry_out(plan: Plan, *, by, reason: str, name: str, based_on: str, finish=lambda: None) -> int:
    """Write what a plan says, in one transaction with `finish`; how many corrections were proposed.

    `based_on` is the fingerprint of what the preview showed. `BadFile` where anything stands against it.
    """
    with transaction.atomic():
        if plan.document is not None:
            # Held to the end: publication may have come in between, or a colleague at the desk.
            document = Document.objects.select_for_update(of=["self"]).get(pk=plan.document.pk)
            if document.status not in (DocumentStatus.DRAFT, DocumentStatus.PUBLISHED):
                raise BadFile(why_closed(document))
        if fingerprint(plan.document) != based_on:
            raise BadFile(OVERTAKEN)
        writer = _Writer(by, f"表格导入：{name}"[:200])
        try:
            if plan.by_correction:
                number = writer.propose(plan, reason)
            else:
                number = 0
                writer.apply(plan.items)
        except ProtectedError as error:
            using = "、".join(sorted(f"{row._meta.verbose_name}“{row}”" for row in error.protected_objects)[:5])
            raise BadFile(f"还被引用，不能删除：{using}。没有导入任何一行。") from None
        finish()
    return number


class _Writer:
    def __init__(self, by, note: str):
        self.by, self.note = by, note

    def apply(self, items: list[Item]) -> None:
        """Save what is new or changed, and delete what is said to be."""
        self.write([item for item in items if item.verdict in (NEW, CHANGED)])
        self.delete([item for item in items if item.verdict == DELETED])

    def write(self, items: list[Item]) -> None:
        """Save rows, each after those of the same file that it refers to."""
        waiting = items
        while waiting:
            later = []
            for item in waiting:
                if self._is_ready(item.instance):
                    self._save(item)
                else:
                    later.append(item)
            if len(later) == len(waiting):
                first = later[0]
                raise BadFile(f"表“{first.sheet.title}”第{first.row.number}行等记录互相引用，无法确定先后。")
            waiting = later

    def _is_ready(self, record) -> bool:
        return all(
            getattr(record, field.name).pk is not None
            for field in record._meta.concrete_fields
            if field.is_relation and field.is_cached(record) and getattr(record, field.name) is not None
        )

    def _save(self, item: Item) -> None:
        record = item.instance
        record._history_user, record._change_reason = self.by, self.note
        try:
            with transaction.atomic():
                record.save()
        except IntegrityError as refused:
            where = f"表“{item.sheet.title}”第{item.row.number}行"
            try:
                record.validate_unique()
                record.validate_constraints()
            except ValidationError as error:
                raise BadFile(f"{where}：{sentence(error)}没有导入任何一行。") from None
            raise BadFile(f"{where}：数据库拒绝写入（{refused}）。没有导入任何一行。") from refused

    def delete(self, items: list[Item]) -> None:
        """Delete rows with their ties, the lower ones first; one that others of its kind name waits for them."""
        waiting = items[::-1]
        while waiting:
            later, held = [], None
            for item in waiting:
                item.instance._history_user, item.instance._change_reason = self.by, self.note
                try:
                    with transaction.atomic():
                        drop_ties(item.instance)
                        item.instance.delete()
                except ProtectedError as error:
                    later.append(item)
                    held = error
            if len(later) == len(waiting):
                raise held
            waiting = later

    def propose(self, plan: Plan, reason: str) -> int:
        """One correction for each public record that changes, with its rows; entries of registers are written."""
        since = LedgerHead.objects.values_list("seq", flat=True).first() or 0
        touched = [item for item in plan.items if item.verdict in (NEW, CHANGED, DELETED)]
        self.apply([item for item in touched if item.sheet.is_register])
        records = defaultdict(list)
        for item in touched:
            if not item.sheet.is_register:
                record = item.owner if item.sheet.is_part else item.instance
                records[kinds.of(type(record)).name, record.code].append(item)
        if len(records) > MOST_CORRECTIONS:
            raise BadFile(TOO_MANY.format(len(records), MOST_CORRECTIONS))
        for (kind, code), items in records.items():
            self._propose(plan.document, kind, code, items, reason, since)
        return len(records)

    def _propose(self, document, kind: str, code: str, items: list[Item], reason: str, since: int) -> None:
        model = kinds.get(kind).model
        verdicts = {item.verdict for item in items if item.sheet.model is model}
        how = {
            "reason": reason,
            "by": self.by,
            "removed": DELETED in verdicts,
            "added": NEW in verdicts,
            "since": since,
        }
        try:
            corrections.propose(document, kind, code, save=lambda: self.apply(items), **how)
        except CannotCorrect as refused:
            first = items[0]
            where = f"表“{first.sheet.title}”第{first.row.number}行（{kinds.get(kind).label}“{code}”）"
            raise BadFile(f"{where}不能更正，没有导入任何一行：{' '.join(refused.messages)}") from None
