"""Which record each row is about, and which records its cells name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..models import Document
from . import values
from .exporting import joined, records_of
from .reading import Row
from .references import References
from .registry import CODE, Sheet, sheets
from .values import BadCell

NEW, CHANGED, SAME, DELETED, REFUSED = "new", "changed", "same", "deleted", "refused"
WHOLE_ROW = "整行"
UNIT = "计量单位"
CHUNK = 500


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


class Matching:
    """The rows of a file, each with its record, the record above and what its cells say, or with what is wrong."""

    def __init__(self, rows: list[Row], document: Document | None):
        self.document = document
        self.references = References()
        self.items: list[Item] = []
        order = {sheet.model: number for number, sheet in enumerate(sheets())}
        rows.sort(key=lambda row: (order[row.sheet.model], row.number))
        for sheet in sheets():
            if own := [row for row in rows if row.sheet is sheet]:
                self._start(sheet, own)
        self._look_up()
        for item in self.items:
            if item.verdict != REFUSED:
                self._find_owner(item)
        self._recognise()

    def _start(self, sheet: Sheet, rows: list[Row]) -> None:
        items = [Item(row, "") for row in rows]
        for item in items:
            try:
                item.code = values.folded(values.words(item.row.cells.get(CODE)))
            except BadCell as bad:
                item.refuse(CODE, str(bad))
        known = {} if sheet.rows else self._stored(sheet, [item.code for item in items])
        times = Counter(item.code for item in items if item.code)
        for number, item in enumerate(items):
            item.exists = item.code in known
            item.instance = known[item.code] if item.exists else sheet.model()
            if not item.exists and not sheet.rows:
                item.instance.code = item.code
            if sheet.is_head:
                self._check_head(item, number)
            elif times[item.code] > 1:
                item.refuse(CODE, f"代码“{item.code}”在表“{sheet.title}”中出现了{times[item.code]}次。")
            self.references.add(item.instance, item.code)
        self.items += items

    def _check_head(self, item: Item, number: int) -> None:
        """The one row of a document's head is that of the chosen document."""
        title, code = item.sheet.title, self.document.code
        if number:
            item.refuse(WHOLE_ROW, f"表“{title}”只有一行，就是所选的文件（{code}）；请删去多余的行。")
        elif item.code != code:
            item.refuse(CODE, f"这一行应是所选的文件，代码为“{code}”，不能写“{item.code}”；请改选文件，或改回代码。")

    def _stored(self, sheet: Sheet, codes: list[str]) -> dict:
        if not sheet.is_register:
            return {record.code: record for record in joined(sheet, records_of(sheet, self.document)).order_by()}
        records = joined(sheet, sheet.model.objects.order_by())
        found = {}
        wanted = sorted(set(codes))
        for start in range(0, len(wanted), CHUNK):
            found |= {record.code: record for record in records.filter(code__in=wanted[start : start + CHUNK])}
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
        for item in self.items:
            for column in item.sheet.columns:
                if column.name in item.values and self._is_reference(column):
                    try:
                        found = self.references.find(column.field.related_model, item.values[column.name])
                        item.values[column.name] = found
                    except BadCell as bad:
                        item.refuse(column.heading, str(bad))

    def _is_reference(self, column) -> bool:
        return column.field.is_relation and column.name != "passage"

    def _read(self, item: Item) -> None:
        """The values that the cells say."""
        cells = item.row.cells
        unit = values.folded(cells.get(UNIT)) if isinstance(cells.get(UNIT), str) else ""
        for column in item.sheet.columns:
            if column.only_shown:
                continue
            try:
                item.values[column.name] = column.read(cells.get(column.heading), unit)
            except BadCell as bad:
                item.refuse(column.heading, str(bad))

    def _find_owner(self, item: Item) -> None:
        """The record above, of which there is one, and which stays."""
        sheet = item.sheet
        if not sheet.is_owned:
            item.owner = None if sheet.is_register else self.document
            return
        columns = sheet.owner_columns
        given = [(column, owner) for column in columns if (owner := item.values.pop(column.name)) is not None]
        if len(given) != 1:
            labels = "或".join(column.label for column in columns)
            item.refuse(columns[0].heading, f"{labels}只能写其中一个。" if given else f"请写{labels}的代码。")
            return
        column, item.owner = given[0]
        if item.exists and getattr(item.instance, column.field.attname) != item.owner.pk:
            stored = getattr(item.instance, column.name)
            item.refuse(column.heading, f"代码“{item.code}”已属于“{stored.code}”，不能改到“{item.owner.code}”之下。")
        elif item.owner.pk and not sheet.is_register and item.owner.document_id != self.document.pk:
            item.refuse(column.heading, f"“{item.owner.code}”不属于文件“{self.document.title}”。")
        elif sheet.rows:
            setattr(item.instance, column.name, item.owner)
            item.code = f"{item.owner.code} · {item.values[sheet.key] or ''}"

    def _recognise(self) -> None:
        """Which stored row each row without a code is: that of the same owner and key."""
        for sheet in sheets():
            items = [item for item in self.items if item.sheet is sheet and item.verdict != REFUSED]
            if not sheet.rows or not items:
                continue
            names = (*sheet.owners, sheet.key)
            stored = {tuple(identity(row, name) for name in names): row for row in self._rows_of(sheet, items)}
            first: dict[tuple, Item] = {}
            for item in items:
                setattr(item.instance, sheet.key, item.values[sheet.key])
                key = tuple(identity(item.instance, name) for name in names)
                if key in first:
                    item.refuse(WHOLE_ROW, f"与第{first[key].row.number}行写的是同一条，请只留一行。")
                first.setdefault(key, item)
                if key in stored:
                    item.instance, item.exists = stored[key], True

    def _rows_of(self, sheet: Sheet, items: list[Item]) -> Iterator:
        for name in sheet.owners:
            model = sheet.model._meta.get_field(name).related_model
            keys = sorted({item.owner.pk for item in items if type(item.owner) is model and item.owner.pk})
            for start in range(0, len(keys), CHUNK):
                yield from joined(sheet, sheet.model.objects.filter(**{f"{name}__in": keys[start : start + CHUNK]}))


def identity(record, name: str):
    """A field's value, a record that is not stored yet by itself."""
    field = record._meta.get_field(name)
    if not field.is_relation:
        return getattr(record, name)
    referred = field.get_cached_value(record, default=None)
    return getattr(record, field.attname) or (id(referred) if referred is not None else None)
