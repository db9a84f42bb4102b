"""What an import would do, row by row: new, changed, unchanged, deleted or refused; nothing is written here."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import ProtectedError, UniqueConstraint
from django.db.models.deletion import Collector

from ..forms import why_closed
from ..models import Document, DocumentStatus
from . import values
from .exporting import belongs, records_of
from .files import BadFile
from .forms import Forms
from .matching import CHANGED, DELETED, NEW, REFUSED, SAME, WHOLE_ROW, Item, Matching, identity
from .reading import Book
from .registry import CODE, DELETE, sheets
from .values import BadCell

WORDS = {NEW: "新增", CHANGED: "修改", SAME: "不变", DELETED: "删除", REFUSED: "拒绝"}
QUOTED = {"passage", "quote"}
EVERY = 200


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
        records = sheet.model.objects.all() if document is None else records_of(sheet, document)
        for record in records.order_by("pk").values_list().iterator(chunk_size=2000):
            digest.update(repr((sheet.title, record)).encode())
    if document is not None:
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
        self.items = Matching(book.rows, document).items
        self.public: dict[object, bool] = {}
        self.published = document is not None and document.status == DocumentStatus.PUBLISHED

    def run(self) -> Plan:
        for number, item in enumerate(self.items, 1):
            if item.verdict != REFUSED:
                self._judge(item)
            if number % EVERY == 0:
                self.report(number, len(self.items))
        self._refuse_repeated()
        self._refuse_protected()
        return Plan(self.document, self.items)

    # What becomes of it

    def _judge(self, item: Item) -> None:
        try:
            deleted = values.yes(item.row.cells.get(DELETE))
        except BadCell as bad:
            item.refuse(DELETE, str(bad))
            return
        if deleted:
            self._judge_deletion(item)
        elif item.exists:
            self._judge_change(item)
        else:
            self._judge_new(item)

    def _is_closed(self, item: Item) -> bool:
        """Refuse to change an entry of a register that is public, or its rows, as the desk does."""
        entry = item.owner if item.sheet.rows else item.instance
        if not item.sheet.is_register or entry.pk is None:
            return False
        if entry not in self.public:
            self.public[entry] = type(entry).objects.public().filter(pk=entry.pk).exists()
        if self.public[entry]:
            what = f"它的{item.sheet.title}不能用表格增删" if item.sheet.rows else "不能用表格修改"
            item.refuse(WHOLE_ROW, f"“{entry}”已被公开的文件提及，{what}。")
        return self.public[entry]

    def _judge_deletion(self, item: Item) -> None:
        if not item.exists:
            item.refuse(DELETE, "没有这条记录，不能删除。")
        elif item.sheet.is_head or (item.sheet.is_register and not item.sheet.rows):
            item.refuse(DELETE, f"{item.sheet.title}不能用表格删除。")
        elif not self._is_closed(item):
            item.verdict = DELETED

    def _judge_change(self, item: Item) -> None:
        changed = {}
        for column in item.sheet.columns:
            if column.name in item.values and item.values[column.name] != column.stored(item.instance):
                changed[column.name] = (column, column.stored(item.instance))
        if not changed or self._is_closed(item):
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
        if item.sheet.rows and self._is_closed(item):
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
        for name, errors in form.errors.as_data().items():
            for error in errors:
                taken = self._taken(item, name) if error.code == "unique" else ""
                for message in [taken] if taken else error.messages:
                    item.refuse(headings.get(name, WHOLE_ROW), str(message))
        item.code = item.code or item.instance.code

    def _taken(self, item: Item, name: str) -> str:
        """Who has a value already that only one may have."""
        value = getattr(item.instance, name, None)
        holder = item.sheet.model.objects.filter(**{name: value}).first() if value else None
        if holder is None:
            return ""
        if item.sheet.rows:
            holder = getattr(holder, item.sheet.owners[0])
            return f"“{value}”已是“{holder}”（{holder.code}）的{item.sheet.title}，不能重复。"
        return f"“{value}”已用于{item.sheet.title}“{holder}”（{holder.code}），不能重复。"

    def _tell(self, item: Item, column, old, new) -> None:
        shown = [None if value in (None, "") else column.words(value) for value in (old, new)]
        if old is None and (shown[1] is None or new is False):
            return
        if shown[0] != shown[1]:
            item.changes.append({"label": column.field.verbose_name, "old": shown[0], "new": shown[1]})

    # What only all rows together show

    def _refuse_repeated(self) -> None:
        """Rows of one file that may not stand together; what is stored already was asked row by row."""
        for sheet in {item.sheet.model: item.sheet for item in self.items}.values():
            written = [item for item in self.items if item.sheet is sheet and item.verdict in (NEW, CHANGED)]
            rules = [] if sheet.rows else [(("code",), "代码重复。")]
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
            key = tuple(identity(item.instance, name) for name in names)
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
