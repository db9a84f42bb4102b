"""What a correction does to a public record and its children, told as a difference.

`difference` compares the record before and after a save that is rolled back; `gazette.carrying` repeats it when the
correction is accepted. Nothing here decides whether it may be done (`gazette.corrections`).
"""

from django.core.exceptions import ObjectDoesNotExist

from . import registry
from .models import Change, Document
from .refusals import Refused
from .stored import document_codes, stored_fields, stored_rows


class CannotCorrect(Refused):
    """A correction that cannot be made; the messages are for the user."""


class Overtaken(CannotCorrect):
    """A correction of a record that has changed since it was made out."""


def find(kind: registry.Kind, code: str, document: Document, for_content: bool = False):
    """The record of a code in a document, as it is stored now; `CannotCorrect` where there is none.

    `for_content` reads its children with it.
    """
    try:
        if kind.name == "passage":
            return document.passages.get(position=int(code.rpartition("-p")[2]))
        records = kind.model.objects.of_document(document)
        return (records.for_publication() if for_content else records).get(code=code)
    except (ObjectDoesNotExist, ValueError):
        raise CannotCorrect(f"文件“{document.title}”中没有代码为“{code}”的{kind.label}。") from None


def content(kind: registry.Kind, code: str, document: Document) -> dict:
    """The stored fields of a record and of all its children: {"fields": …, "rows": {list: {code: fields}}}."""
    record = find(kind, code, document, for_content=True)
    codes = {**document_codes(document), (kind.model, record.pk): code}
    rows = _children(record, kind, codes) | {
        name: stored_rows(record, name, key, codes) for name, key in kind.rows.items()
    }
    return {"fields": _fields(record, codes), "rows": rows}


def _children(record, kind: registry.Kind, codes: dict) -> dict:
    """The children by list and code; the lists that came later are left out while empty, as in `stored_form`."""
    later = getattr(record, "content_if_filled", ())
    found = {name: {row.code: _fields(row, codes) for row in getattr(record, name).all()} for name in kind.children}
    return {name: rows for name, rows in found.items() if rows or name not in later}


def _fields(record, codes: dict) -> dict:
    """A code is what a record is told by, and never corrected."""
    return {name: value for name, value in stored_fields(record, codes).items() if name != "code"}


def difference(before: dict, after: dict) -> dict:
    """What differs between two contents: fields as name → [old, new], rows by list as changed, added and removed."""
    rows = {}
    for name in {**before["rows"], **after["rows"]}:
        old, new = before["rows"].get(name, {}), after["rows"].get(name, {})
        found = {
            "changed": {code: changed for code in old if code in new and (changed := _changed(old[code], new[code]))},
            "added": {code: new[code] for code in new if code not in old},
            "removed": {code: old[code] for code in old if code not in new},
        }
        if any(found.values()):
            rows[name] = found
    return {"fields": _changed(before["fields"], after["fields"]), "rows": rows}


def _changed(old: dict, new: dict) -> dict:
    pairs = {name: [old.get(name), new.get(name)] for name in {**old, **new}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def meanwhile(kind: registry.Kind, code: str, document: Document, since: int) -> list[str]:
    """What the ledger says of a record and its children after a line, in sentences."""
    codes = {code} if kind.form is not None else {document.code}
    if kind.children and (record := _stored(kind, code, document)):
        for name in kind.children:
            codes |= {row.code for row in getattr(record, name).all()}
    lines = Change.objects.filter(seq__gt=since, document=document, code__in=codes).order_by("seq")
    return [
        f"{registry.get(line.kind).label}“{line.code}”已{line.get_op_display()}（更新记录第{line.seq}条，第{line.revision}版）。"
        for line in lines
    ]


def _stored(kind, code, document):
    try:
        return find(kind, code, document)
    except CannotCorrect:
        return None


def refuse_overtaken(kind: registry.Kind, code: str, document: Document, since: int) -> None:
    """`Overtaken` where the record or one of its children has a line in the ledger after `since`."""
    if happened := meanwhile(kind, code, document, since):
        raise Overtaken("本条自提出更正时起已有变化，请按现在的内容重新提出：", *happened)


def refuse_used(kind: registry.Kind, code: str) -> None:
    """`CannotCorrect` where a code is, or ever was, that of a record: a new one needs another."""
    if kind.model.objects.filter(code=code).exists() or Change.objects.filter(kind=kind.name, code=code).exists():
        raise CannotCorrect(f"{kind.label}代码“{code}”已经用过，请另取一个。")
