"""The way of a correction: proposed with a reason, then accepted or returned by another person, or withdrawn.

Each step is one transaction; what it refuses is a `CannotCorrect` with sentences for the user. Who may take a step is
asked by the caller, except that nobody reviews a correction of his or her own.
"""

from collections.abc import Callable
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from . import carrying, correcting, publication, registry
from .correcting import CannotCorrect, Overtaken
from .models import Correction, CorrectionState, Document, DocumentStatus, LedgerHead, Passage, PublicRecord, Reason
from .saving import rolled_back

# What a new record's place says to the machine alone.
UNSAID = {"document", "start", "position"}


def propose(
    document: Document,
    kind_name: str,
    code: str,
    *,
    reason: str,
    by,
    save: Callable[[], None] | None = None,
    texts: dict[str, str] | None = None,
    evidence: list[dict] = (),
    removed: bool = False,
    merged_into: str = "",
    added: bool = False,
    since: int | None = None,
) -> Correction:
    """Keep the difference that a save would make to a public record and its children, for another person to review.

    `save` writes as a form or an import would; it is rolled back. `texts` gives passages a new text, by code.
    `evidence` says which words prove a field ({record, field, text, passage?, nth?}) or why words are no figure
    ({reason, passage, text, nth?}). `removed` deletes the record, of which `merged_into` says the same. `added` says
    that the save makes the record, which was left out when its document was entered. `since` is the ledger's head that
    the user saw when starting.
    """
    kind = registry.get(kind_name)
    with transaction.atomic():
        # Publication holds this row before those of the records: so does a save that is rolled back.
        document = Document.objects.select_for_update().get(pk=document.pk)
        head = LedgerHead.objects.values_list("seq", flat=True).first() or 0
        _refuse_closed(document, kind)
        if added:
            record, revision, before = None, 0, {"fields": {}, "rows": {}}
            _refuse_unfit(kind, code)
        else:
            record = _correctable(document, kind, code, head if since is None else since, merged_into)
            revision = PublicRecord.objects.get(**_public_key(kind, code, document)).revision
            before = correcting.content(kind, code, document)
        if not reason.strip():
            raise CannotCorrect("请写明更正理由。")
        found = {"fields": {}, "rows": {}}
        if save is not None and not removed:
            with rolled_back():
                save()
                found = correcting.difference(before, correcting.content(kind, code, document))
        plan = {**found, "evidence": list(evidence), "removed": removed, "merged_into": merged_into if removed else ""}
        plan |= {"added": True} if added else {}
        plan["texts"] = {} if removed else _texts(document, found, code if kind.name == "passage" else "", texts or {})
        ties = _ties(document)
        with rolled_back():
            plan["result"] = carrying.Carrying(kind, code, document, plan).run()
            changes = _removal(kind, merged_into) if removed else _in_words(kind, code, document, before)
            changes += _texts_in_words(plan["texts"]) if kind.name != "passage" else []
            changes += _ties_in_words(ties, _ties(document))
            record = record or correcting.find(kind, code, document)
        if not changes:
            raise CannotCorrect("没有改动任何内容，不必提出更正。")
        correction = Correction(
            kind=kind.name,
            code=code,
            name=str(record)[:240],
            document=document,
            path=record.get_absolute_url(),
            base_revision=revision,
            base_seq=head,
            difference=plan,
            changes=changes,
            reason=reason.strip(),
            author=by,
            proposed_at=timezone.now(),
        )
        try:
            with transaction.atomic():
                correction.save()
        except IntegrityError:
            # Another one for the same record was proposed at the same time.
            _refuse_second(kind, code)
            raise
        return correction


def accept(correction: Correction, *, by, opinion: str = "") -> Correction:
    """Repeat what a correction says and make it public; `Overtaken` where its record has changed: it is then void."""
    overtaken = None
    with transaction.atomic():
        # The ledger's lock before the row's: so does whoever accepts another one.
        publication.lock()
        correction = _open(correction, by)
        try:
            with transaction.atomic():
                outcome = publication.apply_correction(correction, by=by)
                if not outcome.lines:
                    raise CannotCorrect("这件更正没有改变任何公开的内容。")
        except publication.CannotPublish as refused:
            raise CannotCorrect(str(refused)) from None
        except Overtaken as error:
            overtaken = error
            _decide(correction, CorrectionState.SUPERSEDED, by, str(error))
        else:
            correction.seq = outcome.first
            # A corrected number may have moved the page.
            shown = PublicRecord.objects.filter(kind=correction.kind, code=correction.code).first()
            correction.path = shown.path if shown else correction.path
            _decide(correction, CorrectionState.ACCEPTED, by, opinion)
    if overtaken:
        raise overtaken
    return correction


def send_back(correction: Correction, *, by, opinion: str) -> Correction:
    """Return a correction to its author, with the reason."""
    with transaction.atomic():
        correction = _open(correction, by)
        if not opinion.strip():
            raise CannotCorrect("退回更正须写明理由。")
        return _decide(correction, CorrectionState.RETURNED, by, opinion)


def withdraw(correction: Correction, *, by) -> Correction:
    """Take a correction back; only its author may."""
    with transaction.atomic():
        correction = _locked(correction)
        if correction.author_id != by.pk:
            raise CannotCorrect("只有提出人可以撤销更正。")
        return _decide(correction, CorrectionState.WITHDRAWN, None, "")


def _locked(correction: Correction) -> Correction:
    correction = Correction.objects.select_for_update(of=["self"]).get(pk=correction.pk)
    if not correction.is_open:
        raise CannotCorrect(f"这件更正{correction.get_state_display()}，不能再办。")
    return correction


def _open(correction: Correction, by) -> Correction:
    correction = _locked(correction)
    if correction.author_id == by.pk:
        raise CannotCorrect("更正须由提出人以外的人审核。")
    return correction


def _decide(correction: Correction, state: str, by, opinion: str) -> Correction:
    correction.state, correction.reviewer, correction.opinion = state, by, opinion.strip()
    correction.decided_at = timezone.now()
    correction.save()
    return correction


def _public_key(kind: registry.Kind, code: str, document: Document) -> dict:
    """What is public of a record: itself, or the document where it is shown inside that."""
    return {"kind": kind.name, "code": code} if kind.form else {"kind": "document", "code": document.code}


def can_be_added(kind: registry.Kind) -> bool:
    """Whether a record of a kind can be entered after its document was published: one that quotes, with a page."""
    return bool(kind.form) and hasattr(kind.model, "quote") and not kind.parent


def _refuse_unfit(kind: registry.Kind, code: str) -> None:
    """Refuse what cannot be added, or not under this code."""
    if not can_be_added(kind):
        raise CannotCorrect(f"{kind.label}不能补录。")
    _refuse_second(kind, code)
    correcting.refuse_used(kind, code)


def _refuse_closed(document: Document, kind: registry.Kind) -> None:
    """Refuse a document that is not public, and a record that goes with the one above it."""
    if document.status != DocumentStatus.PUBLISHED:
        raise CannotCorrect(f"文件“{document.title}”现为{document.get_status_display()}，只有已发布的文件才能更正。")
    if kind.parent:
        raise CannotCorrect(f"{kind.label}随它所属的{registry.get(kind.parent).label}一并更正。")


def _correctable(document: Document, kind: registry.Kind, code: str, since: int, merged_into: str):
    """The record to correct; `CannotCorrect` where it has changed since, or somebody was first."""
    record = correcting.find(kind, code, document)
    _refuse_second(kind, code)
    correcting.refuse_overtaken(kind, code, document, since)
    if merged_into and not (
        merged_into != code and PublicRecord.objects.filter(kind=kind.name, code=merged_into).exists()
    ):
        raise CannotCorrect(f"没有代码为“{merged_into}”的另一条公开的{kind.label}可以并入。")
    return record


def _refuse_second(kind: registry.Kind, code: str) -> None:
    first = Correction.objects.filter(kind=kind.name, code=code, state=CorrectionState.PROPOSED).first()
    if first is not None:
        when = date_format(timezone.localtime(first.proposed_at), "Y年n月j日 H:i")
        raise CannotCorrect(f"{kind.label}“{code}”已有一件{when}提出的更正待审核，办结后才能再提。")


def _texts(document: Document, found: dict, own: str, given: dict[str, str]) -> dict[str, list[str]]:
    """The passages that get another text: code → [old, new]; a passage's own correction is one of them."""
    texts = {own: found["fields"]["text"]} if own and "text" in found["fields"] else {}
    for code, new in given.items():
        old = correcting.find(registry.get("passage"), code, document).text
        if new != old:
            texts[code] = [old, new]
    return texts


# In words


def _in_words(kind: registry.Kind, code: str, document: Document, before: dict) -> list[dict]:
    """What differs from `before` now, field by field, with the labels and words that people read."""
    found = correcting.difference(before, correcting.content(kind, code, document))
    model = kind.model
    changes = [_change(model, name, "", "", *pair) for name, pair in found["fields"].items()]
    if not before["fields"]:
        # Of a new record what is said is what its fields say.
        changes = [change for change in changes if change["field"] not in UNSAID and change["new"] not in (None, "否")]
    for name, rows in found["rows"].items():
        child = model._meta.get_field(name).related_model
        hidden = {*UNSAID, "passage", model._meta.get_field(name).remote_field.name}
        for row, fields in rows["changed"].items():
            where = f"{child._meta.verbose_name} {row} · "
            changes += [_change(child, field, f"{name}/{row}/", where, *pair) for field, pair in fields.items()]
        for row, fields in rows["removed"].items():
            changes.append(_row(child, name, row, _row_in_words(child, fields, hidden), None))
        for row, fields in rows["added"].items():
            changes.append(_row(child, name, row, None, _row_in_words(child, fields, hidden)))
    return changes


def _change(model, name: str, prefix: str, where: str, old, new) -> dict:
    field = model._meta.get_field(name)
    label = f"{where}{field.verbose_name}"
    return {"field": f"{prefix}{name}", "label": label, "old": words_of(field, old), "new": words_of(field, new)}


def _row(child, name: str, code: str, old: str | None, new: str | None) -> dict:
    return {"field": f"{name}/{code}", "label": f"{child._meta.verbose_name} {code}", "old": old, "new": new}


def _row_in_words(child, fields: dict, hidden: set) -> str:
    said = []
    for name, value in fields.items():
        field = child._meta.get_field(name)
        words = words_of(field, value)
        if name not in hidden and words is not None and value is not False:
            said.append(f"{field.verbose_name}：{words}")
    return "；".join(said)


def words_of(field, value) -> str | None:
    """A stored value as people read it: a choice by label, a record by name, a day in Chinese; None if empty."""
    if value is None or value == "":
        return None
    if field.related_model is Passage:
        return f"第{value.rpartition('-p')[2]}段"
    if field.related_model is not None:
        named = field.related_model.objects.filter(code=value).first()
        return value if named is None else str(named)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.get_internal_type() == "DateField":
        return date_format(date.fromisoformat(value))
    return str(value)


def _removal(kind: registry.Kind, merged_into: str) -> list[dict]:
    now = f"已并入{kind.label}“{merged_into}”" if merged_into else "已删除"
    return [{"field": "code", "label": "本条", "old": "公开", "new": now}]


def _texts_in_words(texts: dict[str, list[str]]) -> list[dict]:
    return [
        {"field": f"{code}/text", "label": f"第{code.rpartition('-p')[2]}段 · 原文", "old": old, "new": new}
        for code, (old, new) in texts.items()
    ]


def _ties(document: Document) -> dict[tuple, list[str]]:
    """The words that are tied in a document: (kind, code, field) or ("", passage, reason) → words in order."""
    found = {}
    for tie in document.ties.select_related("passage").order_by("passage__order", "start", "end"):
        passage = f"{document.code}-p{tie.passage.position}"
        key = (tie.kind, tie.code, tie.field) if tie.code else ("", passage, tie.reason)
        found.setdefault(key, []).append(tie.passage.text[tie.start : tie.end])
    return found


def _ties_in_words(before: dict, after: dict) -> list[dict]:
    changes = []
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key, []), after.get(key, [])
        if old != new:
            kind, code, what = key
            label = (
                f"{registry.get(kind).label} {code} · “{_field_label(kind, what)}”依据的文字"
                if kind
                else f"第{code.rpartition('-p')[2]}段 · 不计为数字（{Reason(what).label}）"
            )
            words = ["”“".join(texts) or None for texts in (old, new)]
            changes.append({"field": f"ties/{code}/{what}", "label": label, "old": words[0], "new": words[1]})
    return changes


def _field_label(kind: str, name: str) -> str:
    return str(registry.get(kind).model._meta.get_field(name).verbose_name)
