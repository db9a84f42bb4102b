"""What an import would do, row by row: new, changed, unchanged, deleted or refused; nothing is written here."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import ProtectedError, UniqueConstraint
from django.db.models.deletion import Collector

from .. import registry as kinds
from ..forms import why_closed
from ..models import Document, DocumentStatus
from . import values
from .exporting import belongs, joined
from .files import BadFile
from .forms import Forms
from .reading import Book, Row
from .references import References
from .registry import CODE, DELETE, Sheet, sheets
from .values import BadCell

NEW, CHANGED, SAME, DELETED, REFUSED = "new", "changed", "same", "deleted", "refused"
WORDS = {NEW: "新增", CHANGED: "修改", SAME: "不变", DELETED: "删除", REFUSED: "拒绝"}
WHOLE_ROW = "整行"
QUOTED = {"passage", "quote"}
EVERY = 200


@dataclass
class Item:
    """One row on its way: the record that it is about, and what becomes of it."""

    row: Row
    code: str
    instance: object = None
    owner: object = None
    exists: bool = False
    verdict: str = SAME
    changes: list[dict] = field(default_factory=list)
    errors: list[dict] = field(default_factory=list)
    values: dict = field(default_factory=dict)

    @property
    def sheet(self) -> Sheet:
        """The sheet on which the row stands."""
        return self.row.sheet

    def refuse(self, heading: str, message: str) -> None:
        """Say what is wrong in a column."""
        self.verdict = REFUSED
        self.errors.append({"column": heading, "message": message})

    def told(self) -> dict:
        """The row as the preview shows it."""
        return {
            "sheet": self.sheet.title,
            "row": self.row.number,
            "code": self.code,
            "verdict": self.verdict,
            "changes": self.changes,
            "errors": self.errors,
        }


@dataclass
class Plan:
    """All rows of a file, judged."""

    document: Document | None
    items: list[Item]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each verdict."""
        found = Counter(item.verdict for item in self.items)
        return {verdict: found[verdict] for verdict in WORDS}

    @property
    def by_correction(self) -> bool:
        """Whether what changes is proposed instead of written."""
        return self.document is not None and self.document.status == DocumentStatus.PUBLISHED


def check_target(document: Document | None) -> None:
    """Refuse a document into which nothing can be imported now."""
    if document is not None and document.status not in (DocumentStatus.DRAFT, DocumentStatus.PUBLISHED):
        raise BadFile(why_closed(document))


def fingerprint(document: Document | None) -> str:
    """A hash of all that a preview rests on: the records of the document, or the registers, and the text."""
    digest = hashlib.sha256()
    found = [sheet for sheet in sheets() if (sheet.is_register if document is None else not sheet.is_register)]
    for sheet in found:
        names = [column.field.attname for column in sheet.columns]
        records = sheet.model.objects.order_by("pk")
        records = records if document is None else records.filter(document=document)
        for record in records.values_list("pk", "code", *names).iterator(chunk_size=2000):
            digest.update(repr((sheet.kind, record)).encode())
    if document is not None:
        digest.update(document.status.encode())
        for passage in document.passages.order_by("position").values_list("position", "text"):
            digest.update(repr(passage).encode())
    return digest.hexdigest()


def plan(book: Book, document: Document | None, report: Callable[[int, int], None] = lambda done, total: None) -> Plan:
    """Judge every row of a file against a document, or against the registers."""
    check_target(document)
    _check_book(book, document)
    return _Planner(book, document, report).run()


def _check_book(book: Book, document: Document | None) -> None:
    expected = document.code if document else ""
    if book.document_code and book.document_code != expected:
        chosen = f"文件“{document.title}”（{document.code}）" if document else "单位、人员与职务"
        raise BadFile(f"这份表格是从代码为“{book.document_code}”的文件导出的，不能导入到{chosen}；请改选文件。")
    for sheet in book.sheets:
        if document is None and not sheet.is_register:
            raise BadFile(f"表“{sheet.title}”属于某一文件，请选择导入到哪个文件。")
        if document is not None and not belongs(sheet, document):
            raise BadFile(f"{document.get_kind_display()}类的文件没有“{sheet.title}”；请删去这张表，或改选文件。")


class _Planner:
    def __init__(self, book: Book, document: Document | None, report):
        self.document, self.report = document, report
        self.forms = Forms(document)
        self.references = References()
        self.rows = book.rows
        self.items: list[Item] = []
        self.published = document is not None and document.status == DocumentStatus.PUBLISHED

    def run(self) -> Plan:
        order = {sheet.kind: number for number, sheet in enumerate(sheets())}
        self.rows.sort(key=lambda row: (order[row.sheet.kind], row.number))
        for sheet in sheets():
            if rows := [row for row in self.rows if row.sheet is sheet]:
                self._start(sheet, rows)
        self._look_up()
        for number, item in enumerate(self.items, 1):
            if item.verdict != REFUSED:
                self._judge(item)
            if number % EVERY == 0:
                self.report(number, len(self.items))
        self._refuse_repeated()
        self._refuse_protected()
        return Plan(self.document, self.items)

    # Which record each row is about

    def _start(self, sheet: Sheet, rows: list[Row]) -> None:
        codes = [values.text(row.cells.get(CODE)).strip() for row in rows]
        known = self._stored(sheet, codes)
        times = Counter(code for code in codes if code)
        for row, code in zip(rows, codes, strict=True):
            item = Item(row, code, known.get(code), exists=code in known)
            if item.instance is None:
                item.instance = sheet.model()
            if times[code] > 1:
                item.refuse(CODE, f"代码“{code}”在表“{sheet.title}”中出现了{times[code]}次。")
            self.references.add(item.instance, code)
            self.items.append(item)

    def _stored(self, sheet: Sheet, codes: list[str]) -> dict:
        records = joined(sheet, sheet.model.objects.order_by())
        if not sheet.is_register:
            return {record.code: record for record in records.filter(document=self.document)}
        found = {}
        wanted = sorted(set(codes))
        for start in range(0, len(wanted), 500):
            found |= {record.code: record for record in records.filter(code__in=wanted[start : start + 500])}
        return found

    def _look_up(self) -> None:
        for item in self.items:
            self._read(item)
            named_by = item.sheet.named_by
            if named_by and not item.exists and isinstance(name := item.values.get(named_by[0]), str):
                self.references.add_name(item.instance, name)
        for item in self.items:
            for column in item.sheet.columns:
                if column.name in item.values and self._is_reference(column):
                    self.references.want(column.field.related_model, item.values[column.name])
        self.references.load()

    def _is_reference(self, column) -> bool:
        return column.field.is_relation and column.name != "passage"

    def _read(self, item: Item) -> None:
        """The values that the cells say."""
        unit = values.text(item.row.cells.get("计量单位")).strip()
        for column in item.sheet.columns:
            try:
                item.values[column.name] = column.read(item.row.cells.get(column.heading), unit)
            except BadCell as bad:
                item.refuse(column.heading, str(bad))

    # What becomes of it

    def _judge(self, item: Item) -> None:
        for column in item.sheet.columns:
            if self._is_reference(column):
                try:
                    found = self.references.find(column.field.related_model, item.values[column.name])
                    item.values[column.name] = found
                except BadCell as bad:
                    item.refuse(column.heading, str(bad))
        try:
            deleted = values.yes(item.row.cells.get(DELETE))
        except BadCell as bad:
            item.refuse(DELETE, str(bad))
        if item.verdict == REFUSED or not self._has_owner(item):
            return
        if deleted:
            self._judge_deletion(item)
        elif item.exists:
            self._judge_change(item)
        else:
            self._judge_new(item)

    def _has_owner(self, item: Item) -> bool:
        sheet = item.sheet
        if not sheet.is_owned:
            item.owner = None if sheet.is_register else self.document
            return True
        column = sheet.columns[0]
        item.owner = item.values.pop(sheet.owner)
        if item.owner is None:
            item.refuse(column.heading, f"请写{column.label}的代码。")
        elif item.exists and getattr(item.instance, column.field.attname) != item.owner.pk:
            stored = getattr(item.instance, sheet.owner)
            item.refuse(column.heading, f"代码“{item.code}”已属于“{stored.code}”，不能改到“{item.owner.code}”之下。")
        elif item.owner.pk and item.owner.document_id != self.document.pk:
            item.refuse(column.heading, f"“{item.owner.code}”不属于文件“{self.document.title}”。")
        return item.verdict != REFUSED

    def _judge_deletion(self, item: Item) -> None:
        if not item.exists:
            item.refuse(DELETE, "没有这条记录，不能删除。")
        elif item.sheet.is_register:
            item.refuse(DELETE, f"{item.sheet.title}不能用表格删除。")
        else:
            item.verdict = DELETED

    def _judge_change(self, item: Item) -> None:
        changed = {}
        for column in item.sheet.columns:
            if column.name in item.values and item.values[column.name] != column.stored(item.instance):
                changed[column.name] = (column, column.stored(item.instance))
        if not changed:
            return
        if item.sheet.is_register and item.sheet.model.objects.public().filter(pk=item.instance.pk).exists():
            item.refuse(WHOLE_ROW, f"“{item.instance}”已被公开的文件提及，不能用表格修改。")
            return
        item.verdict = CHANGED
        only = {*changed, *(QUOTED if changed.keys() & QUOTED else ())}
        self._validate(item, only)
        for column, old in changed.values():
            self._tell(item, column, old, column.stored(item.instance))
        if not item.changes and item.verdict == CHANGED:
            # Another way to write what is stored: `*` for the whole passage, an empty place in the order.
            item.verdict = SAME

    def _judge_new(self, item: Item) -> None:
        if not item.code and not item.sheet.letter:
            item.refuse(CODE, f"新增的{item.sheet.title}请写代码。")
            return
        if self.published and not item.sheet.is_register and not kinds.get(item.sheet.kind).parent:
            item.refuse(CODE, f"文件已发布，不能用表格新增{item.sheet.title}；已公开的只能更正。")
            return
        item.verdict = NEW
        self._validate(item, None)
        for column in item.sheet.columns:
            if column.name in item.values:
                self._tell(item, column, None, column.stored(item.instance))

    def _validate(self, item: Item, only: set[str] | None) -> None:
        """Have the desk's own form say what is wrong; the instance holds the new values afterwards."""
        headings = {column.name: column.heading for column in item.sheet.columns} | {"code": CODE}
        form = self.forms.form(item.sheet, item.instance, item.owner, {**item.values, "code": item.code}, only)
        for name, messages in form.errors.items():
            for message in messages:
                item.refuse(headings.get(name, WHOLE_ROW), str(message))
        item.code = item.code or item.instance.code

    def _tell(self, item: Item, column, old, new) -> None:
        shown = [None if value in (None, "") else column.words(value) for value in (old, new)]
        if old is None and (shown[1] is None or new is False):
            return
        if shown[0] != shown[1]:
            item.changes.append({"label": column.field.verbose_name, "old": shown[0], "new": shown[1]})

    # What only all rows together show

    def _refuse_repeated(self) -> None:
        """Rows of one file that may not stand together; what is stored already was asked row by row."""
        for sheet in {item.sheet.kind: item.sheet for item in self.items}.values():
            written = [item for item in self.items if item.sheet is sheet and item.verdict in (NEW, CHANGED)]
            rules = [(("code",), "代码重复。")]
            rules += [
                (rule.fields, rule.violation_error_message)
                for rule in sheet.model._meta.constraints
                if isinstance(rule, UniqueConstraint) and rule.fields and rule.condition is None
            ]
            rules += [
                ((field.name,), f"“{field.verbose_name}”重复。")
                for field in sheet.model._meta.fields
                if field.unique and field.name not in ("id", "code", "place")
            ]
            for names, message in rules:
                self._refuse_twins(written, names, message)

    def _refuse_twins(self, written: list[Item], names: tuple[str, ...], message: str) -> None:
        groups = defaultdict(list)
        for item in written:
            key = tuple(_identity(item.instance, name) for name in names)
            if None not in key:
                groups[key].append(item)
        for group in groups.values():
            for item in group if len(group) > 1 else ():
                others = "、".join(f"第{other.row.number}行" for other in group if other is not item)
                item.refuse(WHOLE_ROW, f"与{others}相同：{message}")

    def _refuse_protected(self) -> None:
        gone = {(type(item.instance), item.instance.pk) for item in self.items if item.verdict == DELETED}
        for item in self.items:
            if item.verdict != DELETED or self.published:
                continue
            try:
                Collector(using="default").collect([item.instance])
            except ProtectedError as error:
                using = [row for row in error.protected_objects if (type(row), row.pk) not in gone]
                if using:
                    names = "、".join(sorted(f"{row._meta.verbose_name}“{row}”" for row in using)[:5])
                    item.refuse(DELETE, f"还被引用，不能删除：{names}。")


def _identity(record, name: str):
    """A field's value, a record that is not stored yet by itself."""
    field = record._meta.get_field(name)
    if not field.is_relation:
        return getattr(record, name)
    referred = getattr(record, name) if field.is_cached(record) else None
    return getattr(record, field.attname) or (id(referred) if referred is not None else None)
