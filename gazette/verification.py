"""The machine that proves the records: quotes in place, values in words, every numeral accounted for.

Reads the database in a fixed number of queries a document and returns what is off; it changes nothing.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

from . import registry
from .figures import account_for
from .models import Document, Tie, Unit, UnitKind
from .proof import Named, proven

UNEXPLAINED = "数字没有对应的记录，也没有说明理由"


@dataclass(frozen=True)
class Miss:
    """One thing that is off: where (passage position and code point, or None) and what."""

    document: str
    passage: int | None
    start: int | None
    text: str
    what: str

    def __str__(self):
        place = f"第{self.passage}段第{self.start}字" if self.passage is not None else "全文"
        return f"{self.document} {place}“{self.text}”：{self.what}"


@dataclass
class Report:
    """What was checked in one document, and what is off."""

    document: str
    title: str
    passages: int = 0
    records: int = 0
    quotes: int = 0
    ties: int = 0
    derived: int = 0
    numerals: int = 0
    numerals_recorded: int = 0
    numerals_explained: int = 0
    misses: list[Miss] = field(default_factory=list)

    def as_json(self) -> dict:
        """The report in plain JSON types."""
        return asdict(self)


def verify(document: Document) -> Report:
    """Prove every record of a document and account for every numeral of its text."""
    return _Verifier(document).run()


def proof_value(record, name: str):
    """A field's value as the rules compare it: a unit by its names, a person or post by its name, a day in ISO."""
    value = getattr(record, name)
    if isinstance(value, Unit):
        return Named(value.names, value.kind == UnitKind.DISTRICT_GOVERNMENT)
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "_meta"):
        return str(value)
    return value


class _Verifier:
    def __init__(self, document):
        self.document = document
        self.alias = document._state.db
        self.passages = {passage.pk: passage for passage in document.passages.all()}
        self.ties = list(document.ties.all())
        self.report = Report(document.code, document.title, passages=len(self.passages), ties=len(self.ties))

    def run(self) -> Report:
        by_record: dict[tuple[str, str], list[Tie]] = defaultdict(list)
        for tie in self.ties:
            self._check_bounds(tie)
            if tie.code:
                by_record[tie.kind, tie.code].append(tie)
        units = self._unit_names()
        for kind in registry.kinds():
            for miss in kind.check(self.document):
                self.report.misses.append(miss)
            if not kind.proofs:
                continue
            for record in kind.model.objects.using(self.alias).of_document(self.document).for_list():
                self.report.records += 1
                self._check_quote(record)
                self._check_fields(kind, record, by_record.pop((kind.name, record.code), []), units)
        for (kind_name, code), ties in by_record.items():
            for tie in ties:
                self._miss(tie.passage_id, tie.start, tie.end, f"对应的记录不存在：{kind_name} {code}")
        self._check_numerals()
        self.report.misses.sort(key=lambda miss: (miss.passage or 0, miss.start or 0, miss.what))
        return self.report

    def _unit_names(self) -> dict[int, Named]:
        return {
            unit.pk: Named(unit.names, unit.kind == UnitKind.DISTRICT_GOVERNMENT)
            for unit in Unit.objects.using(self.alias).for_list()
        }

    def _miss(self, passage_id, start, end, what):
        passage = self.passages.get(passage_id)
        text = passage.text[start:end] if passage else ""
        self.report.misses.append(Miss(self.document.code, passage.position if passage else None, start, text, what))

    def _check_bounds(self, tie: Tie) -> None:
        passage = self.passages.get(tie.passage_id)
        if passage is None or tie.end > len(passage.text):
            self._miss(tie.passage_id, tie.start, tie.end, "对应的位置不在本文件的段落之内")

    def _check_quote(self, record) -> None:
        if not hasattr(record, "quote"):
            return
        self.report.quotes += 1
        passage = self.passages.get(record.passage_id)
        if passage is None:
            self.report.misses.append(
                Miss(self.document.code, None, None, record.quote, f"{record.code} 的摘录不在本文件的段落中")
            )
        elif passage.text[record.start : record.end] != record.quote:
            self._miss(record.passage_id, record.start, record.end, f"{record.code} 的摘录“{record.quote}”与原文不符")

    def _check_fields(self, kind, record, ties, units) -> None:
        by_field: dict[str, list[Tie]] = defaultdict(list)
        for tie in ties:
            by_field[tie.field].append(tie)
        for name in by_field.keys() - kind.proofs.keys():
            for tie in by_field[name]:
                self._miss(tie.passage_id, tie.start, tie.end, f"{record.code} 没有可对应的字段 {name}")
        for name, proof in kind.proofs.items():
            value = units.get(_unit_id(record, name)) or proof_value(record, name)
            if by_field[name]:
                self._check_tied(kind, record, name, value, by_field[name])
            elif proof.needed_for(value):
                self._check_derived(kind, record, name, value)

    def _check_tied(self, kind, record, name, value, ties) -> None:
        first = ties[0]
        pieces = [
            self.passages[tie.passage_id].text[tie.start : tie.end] for tie in ties if tie.passage_id in self.passages
        ]
        rules = {tie.rule for tie in ties}
        what = ""
        if len(rules) != 1:
            what = f"同一字段用了不同的规则：{'、'.join(sorted(rules))}"
        elif first.rule in ("heading", "word") and not self._is_above(first.passage_id, record):
            what = "对应的文字不在该记录所在段落或其上的小标题中"
        else:
            try:
                unit = getattr(record, "unit", "")
                proof = kind.proofs[name]
                if not proven(first.rule, pieces, value, words=proof.words, unit=unit if isinstance(unit, str) else ""):
                    what = f"不能证明值“{_shown(value)}”"
            except ValueError as error:
                what = f"无法解读（{error}）"
        if what:
            field_label = _label(record, name)
            self._miss(first.passage_id, first.start, first.end, f"{record.code} 的“{field_label}”{what}")

    def _is_above(self, passage_id, record) -> bool:
        passage = self.passages.get(record.passage_id)
        while passage is not None:
            if passage.pk == passage_id:
                return True
            passage = self.passages.get(passage.parent_id)
        return False

    def _check_derived(self, kind, record, name, value) -> None:
        derived = kind.derive(record, name)
        shown = _shown(value)
        passage = self.passages.get(getattr(record, "passage_id", None))
        start = getattr(record, "start", None) if passage else None
        end = record.end if passage else None
        place = (passage.pk, start, end) if passage else (None, None, None)
        if derived is None:
            self._miss(*place, f"{record.code} 的“{_label(record, name)}”值“{shown}”没有对应的原文")
        elif _shown(derived.value) != shown:
            self._miss(
                *place,
                f"{record.code} 的“{_label(record, name)}”值“{shown}”"
                f"按规则“{derived.rule}”应为“{_shown(derived.value)}”",
            )
        else:
            self.report.derived += 1

    def _check_numerals(self) -> None:
        ties = defaultdict(list)
        for tie in self.ties:
            ties[tie.passage_id].append((tie.start, tie.end, tie.rule, tie.reason))
        for passage in self.passages.values():
            for numeral, fate in account_for(passage.text, ties[passage.pk]):
                self.report.numerals += 1
                if fate == "recorded":
                    self.report.numerals_recorded += 1
                elif fate == "explained":
                    self.report.numerals_explained += 1
                else:
                    self._miss(passage.pk, numeral.start, numeral.end, UNEXPLAINED)


def _unit_id(record, name: str) -> int | None:
    """The id of the unit that a field refers to; None for any other field."""
    field = {field.name: field for field in record._meta.concrete_fields}.get(name)
    return getattr(record, field.attname) if field is not None and field.related_model is Unit else None


def _label(record, name: str) -> str:
    fields = {field.name: field for field in record._meta.get_fields()}
    return str(fields[name].verbose_name) if name in fields else name


def _shown(value) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)
