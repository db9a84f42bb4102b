"""An earlier plan as the template of a later one: what of it is entered, stands in the new text, or is not seen there.

Nothing is written but assignments that a person chose; what a record rests on is read anew from the new text.
"""

from collections import Counter
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import TextChoices

from gazette.forms import why_closed
from gazette.models import CODE_LENGTH, Document, DocumentStatus, PassageKind, Unit
from gazette.numerals import find_numerals
from gazette.sheets import exporting, sheets

from .matching import Found, Named, Text, next_code, pair, plain_name
from .models import Assignment, KeyProject, Plan, Target

MODELS = {"target": Target, "project": KeyProject}
# What one year's record may hand on; all else is stated by the text of its year alone.
CARRIED = {
    "target": ("name", "qualifier", "unit", "direction", "basis", "headline", "nature"),
    "project": ("name", "kind", "district"),
}
LISTED = 50
# Promises stand in paragraphs; a heading that holds a name counts only where no paragraph does.
SEARCHED = (PassageKind.PARAGRAPH, PassageKind.HEADING)


class State(TextChoices):
    """What became of a record of the earlier plan."""

    ENTERED = "entered", "已录入"
    NAMED = "named", "新文件中有此名称"
    UNSEEN = "unseen", "未见"


@dataclass
class Row:
    """A record of the earlier plan, and the later record or the places of its name in the new text.

    `is_sure` says that no other record shares the name by which `later` was found; `code` is free, or empty.
    """

    kind: str
    record: object
    code: str = ""
    later: object = None
    is_sure: bool = True
    found: Found | None = None

    @property
    def state(self):
        """Where it stands."""
        if self.later is not None:
            return State.ENTERED
        return State.NAMED if self.found else State.UNSEEN

    @property
    def opts(self):
        """The model's, for its name and its pages."""
        return self.record._meta

    @property
    def printed(self):
        """The words of the earlier text."""
        return self.record.as_written if self.kind == "target" else self.record.action

    @property
    def only_passage(self):
        """The number of the passage that has the name, where it is the only one."""
        places = self.found.places if self.found else ()
        return places[0].passage if len(places) == 1 else None


@dataclass
class Offer:
    """A unit that was assigned to the earlier record, and could be to the later one."""

    key: int
    row: Row
    unit: Unit

    @property
    def may_be_taken(self):
        """A unit whose duties passed to another is assigned no more."""
        return self.unit.succeeded_by_id is None


def earlier_plans(plan):
    """The plans of earlier years that may serve: the issuer's, or all where it has none; the newest first."""
    found = Plan.objects.filter(year__lt=plan.year).exclude(document__status=DocumentStatus.WITHDRAWN)
    found = found.select_related("document").order_by("-year", "code")
    return list(found.filter(document__issuer=plan.document.issuer_id)[:LISTED]) or list(found[:LISTED])


def carried(kind, record):
    """What a record hands on to that of the next year: field → value."""
    return {name: getattr(record, name) for name in CARRIED[kind]} | {"name": plain_name(record.name)}


def with_numbers(values):
    """The carried words that hold a number, which may be the earlier year's."""
    words = [values[name] for name in ("name", "basis") if values.get(name)]
    return [word for word in words if find_numerals(word)]


def free_codes(kind, codes):
    """Those of the codes that no record of the kind ever bore."""
    codes = {code for code in codes if code and len(code) <= CODE_LENGTH}
    borne = MODELS[kind].history.filter(code__in=codes).order_by().values_list("code", flat=True)
    return codes - set(borne.distinct())


def suggested_code(kind, record, plan):
    """The code of the record for the new plan, if it is free; else empty."""
    code = next_code(record.code, record.plan.code, plan.code)
    return code if code in free_codes(kind, [code]) else ""


class LastYear:
    """An earlier plan beside a later one: `rows` in the order of the earlier text, `added` what only the later has."""

    def __init__(self, plan, earlier):
        self.plan, self.earlier = plan, earlier
        found = plan.document.passages.filter(kind__in=SEARCHED).order_by("order")
        self.passages = {passage.position: passage for passage in found}
        self._texts = [
            Text((number, passage.text) for number, passage in self.passages.items() if passage.kind == kind)
            for kind in SEARCHED
        ]
        before, now = _records(earlier), _records(plan)
        codes = {named: next_code(named.code, earlier.code, plan.code) for named in before}
        pairs = pair(list(before), list(now), codes)
        free = {kind: free_codes(kind, [codes[named] for named in before if named.kind == kind]) for kind in MODELS}
        self.rows = [self._row(named, record, pairs.get(named), now) for named, record in before.items()]
        for row, code in zip(self.rows, codes.values(), strict=True):
            row.code = code if code in free[row.kind] else ""
        taken = {found.later for found in pairs.values()}
        self.added = [Row(named.kind, record) for named, record in now.items() if named not in taken]

    def _row(self, named, record, paired, now):
        if paired is not None:
            return Row(named.kind, record, later=now[paired.later], is_sure=paired.is_sure)
        places = filter(None, (text.find(record.name) for text in self._texts))
        return Row(named.kind, record, found=next(places, None))

    @property
    def counts(self):
        """How many rows of each state."""
        found = Counter(row.state for row in self.rows)
        return [(state, found[state]) for state in State]

    @property
    def missing(self):
        """The rows that have no later record."""
        return [row for row in self.rows if row.later is None]

    def offers(self):
        """The assignments of the earlier plan that its surely known later records lack: four queries."""
        offers = []
        for kind in MODELS:
            rows = {row.record.pk: row for row in self.rows if row.kind == kind and row.later and row.is_sure}
            ours = Assignment.objects.filter(**{f"{kind}__plan": self.plan})
            has = set(ours.order_by().values_list(f"{kind}_id", "unit_id"))
            theirs = Assignment.objects.filter(**{f"{kind}__plan": self.earlier}).select_related("unit__succeeded_by")
            for assignment in theirs:
                row = rows.get(getattr(assignment, f"{kind}_id"))
                if row and (row.later.pk, assignment.unit_id) not in has:
                    offers.append(Offer(assignment.pk, row, assignment.unit))
        order = {id(row): number for number, row in enumerate(self.rows)}
        return sorted(offers, key=lambda offer: (order[id(offer.row)], offer.key))

    def workbook(self):
        """The file to be completed and imported: a line for each missing record, without what is read anew."""
        drafts = {kind: [self._draft(row) for row in self.missing if row.kind == kind] for kind in MODELS}
        filled = [(sheet, drafts[sheet.kind]) for sheet in sheets() if not sheet.rows and drafts.get(sheet.kind)]
        notes = [
            ("", f"本表照“{self.earlier}”列出还没有录入的各条：空着的各列须照今年原文填写，带入的各列也请核对。"),
            ("", "今年没有的，删去整行。名称不在新文件中或在不止一段的，段号也空着。没有填完的行，导入时会逐条指出。"),
            *((row.record.code, self._told(row)) for row in self.missing),
        ]
        return exporting.workbook(self.plan.document, filled, notes)

    def _draft(self, row):
        passage = self.passages.get(row.only_passage)
        values = carried(row.kind, row.record) | ({"passage": passage} if passage else {})
        return MODELS[row.kind](code=row.code, plan=self.plan, document=self.plan.document, **values)

    def _told(self, row):
        printed = f"{self.earlier.year}年“{row.printed}”；" if row.printed else ""
        if row.found is None:
            return f"{row.record}：{printed}新文件中未见此名称。"
        places = "、".join(f"第{place.passage}段" for place in row.found.places)
        return f"{row.record}：{printed}新文件{places}有“{row.found.stem}”。"


def _records(plan):
    """The targets and projects of a plan in the order of its text: two queries."""
    found = [
        (kind, record)
        for kind, model in MODELS.items()
        for record in model.objects.filter(plan=plan).select_related("passage").order_by()
    ]
    found.sort(key=lambda pair: (pair[1].passage.order, pair[1].start, pair[1].code))
    return {Named(kind, record.code, record.name): record for kind, record in found}


def carry_over(plan, earlier, keys, by):
    """Assign the units of the chosen offers to the later records, all or none; how many were assigned."""
    with transaction.atomic():
        document = Document.objects.select_for_update(of=["self"]).get(pk=plan.document_id)
        if why := why_closed(document):
            raise ValidationError(why)
        offers = {str(offer.key): offer for offer in LastYear(plan, earlier).offers() if offer.may_be_taken}
        if gone := [key for key in keys if key not in offers]:
            raise ValidationError(f"所选的有{len(gone)}项已不能沿用，没有指定任何单位；请看现在的列表，重新选择。")
        for key in keys:
            offer = offers[key]
            assignment = Assignment(**{offer.row.kind: offer.row.later}, unit=offer.unit)
            assignment._history_user, assignment._change_reason = by, f"沿用“{earlier.code}”的指定"
            assignment.full_clean()
            assignment.save()
    return len(keys)
