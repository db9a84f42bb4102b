"""The way of a document to the public: submitted, approved step by step by different people, published, withdrawn.

Each act is one transaction under the ledger's lock; what it refuses is a `CannotReview` with sentences for the user.
What is public is still written by `gazette.publication` alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from . import publication, registry
from .models import Document, DocumentStatus, Origin, ReviewAct, ReviewEntry, WithdrawalReason
from .review_people import CannotReview, in_place_of, require, step_name
from .stored import content_hash, document_codes, stored_form
from .verification import verify
from .wording import Finding, findings

CHANGED = "送审之后内容有变，已作废全部审核意见，文件退回草稿；请核对之后重新送审。"
# Whose right is not that of the present step.
RIGHTS = {
    ReviewAct.SUBMIT: "submit_document",
    ReviewAct.REOPEN: "change_document",
    ReviewAct.BYPASS: "publish_bypass_document",
    ReviewAct.CLEAR: "clear_bypass_document",
    ReviewAct.WITHDRAW: "withdraw_document",
}


def is_waiting(document: Document) -> bool:
    """Whether the document waits for a reviewer."""
    return document.status == DocumentStatus.IN_REVIEW and 1 <= document.review_step <= document.review_steps


def is_scheduled(document: Document) -> bool:
    """Whether all have approved and the document waits for its time."""
    return document.status == DocumentStatus.IN_REVIEW and document.publish_at is not None


def stage(document: Document) -> str:
    """Where a document stands, in words: 草稿, 待初审, 待定时发布 …"""
    if is_waiting(document):
        return f"待{step_name(document.review_step, document.review_steps)}"
    return "待定时发布" if is_scheduled(document) else document.get_status_display()


def course(document: Document) -> list[ReviewEntry]:
    """All that was done with a document, oldest first, with the people."""
    return list(document.review_entries.select_related("by", "in_place_of").order_by("pk"))


def acts_in(document: Document) -> list[ReviewAct]:
    """What the state of a document allows, whoever may do it."""
    acts = []
    if is_waiting(document):
        acts += [ReviewAct.APPROVE, ReviewAct.RETURN, ReviewAct.RECALL]
    elif is_scheduled(document):
        acts.append(ReviewAct.CANCEL)
    elif document.status == DocumentStatus.DRAFT:
        acts.append(ReviewAct.SUBMIT)
    elif document.status == DocumentStatus.PUBLISHED:
        acts.append(ReviewAct.WITHDRAW)
    if document.status in (DocumentStatus.IN_REVIEW, DocumentStatus.WITHDRAWN):
        acts.append(ReviewAct.REOPEN)
    if document.status in (DocumentStatus.DRAFT, DocumentStatus.IN_REVIEW):
        acts.append(ReviewAct.BYPASS)
    if document.bypass_open:
        acts.append(ReviewAct.CLEAR)
    return acts


def check(act: ReviewAct, document: Document, by, entries: list[ReviewEntry], *, edited: bool = True):
    """`CannotReview` where a person may not do this with a document now; returns for whom he or she stands in.

    Without `edited` the histories are not read: a list of buttons promises no more than it needs.
    """
    if act not in acts_in(document):
        raise CannotReview(f"文件“{document.title}”现为{stage(document)}，不能{ReviewAct(act).label}。")
    if act in RIGHTS:
        require(by, RIGHTS[act])
    if act == ReviewAct.RECALL and by.pk != _last(entries, ReviewAct.SUBMIT).by_id:
        raise CannotReview("只有送审人可以撤回送审。")
    if act == ReviewAct.CLEAR and by.pk == _last(entries, ReviewAct.BYPASS).by_id:
        raise CannotReview("应急发布须由发布人以外的人核销。")
    if act == ReviewAct.CANCEL:
        return in_place_of(document, entries, by, acted=False, edited=False)
    if act in (ReviewAct.APPROVE, ReviewAct.RETURN):
        return in_place_of(document, entries, by, acted=True, edited=edited)
    return None


def possible(document: Document, by, entries: list[ReviewEntry]) -> list[ReviewAct]:
    """What a person may do with a document now, as far as can be told without reading the histories."""
    found = []
    for act in acts_in(document):
        try:
            check(act, document, by, entries, edited=False)
        except CannotReview:
            continue
        found.append(act)
    return found


# The acts


def submit(document: Document, by, opinion: str = "", *, seen: int | None = None) -> ReviewEntry:
    """Send a draft and all its records into review; refused with the list of what the text does not prove.

    Forbidden words in what staff typed are refused too (`gazette.wording`).
    Here and below, `seen` is the key of the newest entry that the user saw: what happened since is not decided upon.
    """
    with _step(ReviewAct.SUBMIT, document, by, seen) as step:
        refuse_unfit(step.document)
        found = step.document
        _move(
            found,
            status=DocumentStatus.IN_REVIEW,
            review_step=1,
            review_steps=settings.REVIEW_STEPS,
            review_round=found.review_round + 1,
        )
        return step.note(opinion=opinion, digest=digest(found))


def refuse_unfit(document: Document) -> list[Finding]:
    """`CannotReview` where the content keeps a draft from review; returns the words that are only hinted at."""
    _refuse_unproven(document, "送审")
    found = findings(document)
    if stopping := [finding for finding in found if finding.stops]:
        raise CannotReview(f"录入的文字中有{len(stopping)}处禁用词，改正之后才能送审：", *map(str, stopping))
    return found


def approve(
    document: Document,
    by,
    opinion: str = "",
    *,
    proofread: bool,
    publish_at: datetime | None = None,
    seen: int | None = None,
) -> ReviewEntry:
    """Approve the present step; after the last one the document is published, at once or at `publish_at`.

    Where the content differs from what was submitted, all opinions are void and the document is a draft again.
    """
    with _step(ReviewAct.APPROVE, document, by, seen) as step:
        found = step.document
        if not proofread:
            raise CannotReview("审核同意须先校对并勾选“已校对”。", field="proofread")
        last = found.review_step == found.review_steps
        if publish_at is not None and not last:
            raise CannotReview("只有最后一步才能定发布时间。", field="publish_at")
        if publish_at is not None and publish_at <= step.at:
            raise CannotReview("定时发布的时间须晚于现在。", field="publish_at")
        if step.returned_because_changed():
            return step.entry
        step.note(step=found.review_step, opinion=opinion, proofread=True, publish_at=publish_at)
        _move(found, review_step=found.review_step + 1, publish_at=publish_at)
        if last and publish_at is None:
            step.publish()
        return step.entry


def send_back(document: Document, by, opinion: str, *, seen: int | None = None) -> ReviewEntry:
    """Return a document to its editors with the reason; it begins anew at the first step."""
    with _step(ReviewAct.RETURN, document, by, seen) as step:
        _said(opinion, "退回须写明理由。")
        entry = step.note(step=step.document.review_step, opinion=opinion)
        step.to_draft()
        return entry


def recall(document: Document, by, opinion: str = "", *, seen: int | None = None) -> ReviewEntry:
    """Take a submission back; only who submitted it may."""
    with _step(ReviewAct.RECALL, document, by, seen) as step:
        entry = step.note(opinion=opinion)
        step.to_draft()
        return entry


def reopen(document: Document, by, opinion: str = "", *, seen: int | None = None) -> ReviewEntry:
    """Return a document that is in review or withdrawn to draft, to be edited; opinions on it are void."""
    with _step(ReviewAct.REOPEN, document, by, seen) as step:
        entry = step.note(opinion=opinion)
        step.to_draft()
        return entry


def cancel(document: Document, by, opinion: str = "", *, seen: int | None = None) -> ReviewEntry:
    """Cancel the scheduled publication: the document waits for the last step again."""
    with _step(ReviewAct.CANCEL, document, by, seen) as step:
        found = step.document
        entry = step.note(opinion=opinion)
        _void(found, step=found.review_steps)
        _move(found, review_step=found.review_steps, publish_at=None)
        return entry


def withdraw(document: Document, by, reason_code: str, explanation: str, *, seen: int | None = None) -> ReviewEntry:
    """Take a document and its records from the public; each of their addresses says why from then on."""
    with _step(ReviewAct.WITHDRAW, document, by, seen) as step:
        if reason_code not in WithdrawalReason.values:
            known = "、".join(map(str, WithdrawalReason.labels))
            raise CannotReview(f"撤回原因“{reason_code}”不在可选之列；可选：{known}。", field="reason")
        _said(explanation, "请写明撤回说明，它随撤回公开。", "explanation")
        how = {"reason": reason_code, "explanation": explanation.strip()}
        outcome = publication.withdraw(step.document, by=by, at=step.at, **how)
        return step.note(opinion=f"{WithdrawalReason(reason_code).label}：{explanation}", seq=outcome.first)


def publish_bypass(document: Document, by, reason: str, *, seen: int | None = None) -> ReviewEntry:
    """Publish in an emergency without review, though not without proof; flagged until another person clears it."""
    with _step(ReviewAct.BYPASS, document, by, seen) as step:
        _said(reason, "应急发布须写明理由。")
        found = step.document
        _refuse_unproven(found, "发布")
        _move(found, bypass_open=True, review_round=found.review_round + 1)
        step.note(opinion=reason)
        step.publish(Origin.EMERGENCY)
        return step.entry


def clear_bypass(document: Document, by, note: str, *, seen: int | None = None) -> ReviewEntry:
    """Say that an emergency publication was looked at afterwards, by another person."""
    with _step(ReviewAct.CLEAR, document, by, seen) as step:
        _said(note, "核销须写明核查情况。")
        _move(step.document, bypass_open=False)
        return step.note(opinion=note)


def publish_due(now: datetime | None = None) -> Iterator[tuple[Document, CannotReview | None]]:
    """Publish each document whose stated time has come; yields it with what kept it from the public, or None."""
    due = Document.objects.filter(status=DocumentStatus.IN_REVIEW, publish_at__lte=now or timezone.now())
    for document in due.order_by("publish_at", "pk"):
        try:
            with _changing(document) as (found, entries):
                if not is_scheduled(found):
                    continue
                step = _Step(ReviewAct.PUBLISH, found, None, entries, None)
                if not step.returned_because_changed():
                    step.note(publish_at=found.publish_at)
                    step.publish(by=_last(entries, ReviewAct.APPROVE).by)
            if step.changed:
                raise CannotReview(CHANGED)
        except CannotReview as refused:
            yield document, refused
        else:
            yield document, None


def digest(document: Document) -> str:
    """The hash of all that is reviewed with a document: itself, its text, its records and ties."""
    codes = document_codes(document)
    stored = [
        stored_form(record, registry.get(name), codes)
        for name, records in publication.records_of(document).items()
        # What is reported about a record is accepted on its own.
        if name == "document" or "document" in {field.name for field in registry.get(name).model._meta.fields}
        for record in records
    ]
    return content_hash({"records": sorted(stored, key=lambda form: (form["record"], form["code"]))})


# What the acts share


@dataclass
class _Step:
    """One act being done, in a transaction that holds the ledger's lock and the document's row."""

    act: ReviewAct
    document: Document
    by: object
    entries: list[ReviewEntry]
    principal: object
    entry: ReviewEntry | None = None
    changed: bool = False

    def __post_init__(self):
        self.at = timezone.now()

    def note(self, act: ReviewAct | None = None, *, opinion: str = "", **values) -> ReviewEntry:
        """Write the entry of the act, or of another that follows from it."""
        found = self.document
        entry = ReviewEntry.objects.create(
            document=found,
            round=found.review_round,
            act=act or self.act,
            steps=found.review_steps,
            by=None if act == ReviewAct.VOID else self.by,
            in_place_of=None if act else self.principal,
            at=self.at,
            opinion=opinion.strip(),
            **values,
        )
        self.entry = self.entry or entry
        return entry

    def to_draft(self) -> None:
        """Make the document a draft again; what was approved counts no more."""
        _void(self.document)
        _move(self.document, status=DocumentStatus.DRAFT, review_step=0, publish_at=None)

    def returned_because_changed(self) -> bool:
        """Return the document to draft if it is not what was submitted."""
        if _last(self.entries, ReviewAct.SUBMIT).digest == digest(self.document):
            return False
        self.changed = True
        self.note(ReviewAct.VOID)
        self.to_draft()
        return True

    def publish(self, origin: str = Origin.REVIEW, by=None) -> None:
        """Make it public, and note the line."""
        try:
            outcome = publication.publish(self.document, by=by or self.by, origin=origin, at=self.at)
        except publication.CannotPublish as refused:
            raise CannotReview(str(refused)) from None
        seq = outcome.first if outcome.lines else None
        if self.act == ReviewAct.APPROVE:
            self.note(ReviewAct.PUBLISH, seq=seq)
        else:
            self.entry.seq = seq
            self.entry.save(update_fields=["seq"])


@contextmanager
def _changing(document: Document) -> Iterator[tuple[Document, list[ReviewEntry]]]:
    """The document as it is now and its course, held to the end of a transaction."""
    with transaction.atomic():
        publication.lock()
        found = Document.objects.select_for_update().get(pk=document.pk)
        yield found, course(found)


@contextmanager
def _step(act: ReviewAct, document: Document, by, seen: int | None) -> Iterator[_Step]:
    """One act by one person, checked first; a change of the content is kept although the act is refused."""
    with _changing(document) as (found, entries):
        newest = entries[-1].pk if entries else 0
        known = (document.status, document.review_step, document.review_round)
        if known != (found.status, found.review_step, found.review_round) or seen not in (None, newest):
            raise CannotReview(f"文件“{found.title}”刚由别人办理过，现为{stage(found)}；请看过现在的情况再办。")
        step = _Step(act, found, by, entries, check(act, found, by, entries))
        yield step
    document.refresh_from_db()
    if step.changed:
        raise CannotReview(CHANGED)


def _move(document: Document, **values) -> None:
    for name, value in values.items():
        setattr(document, name, value)
    document.save(update_fields=list(values))


def _void(document: Document, **which) -> None:
    """Have approvals of the present round count no more."""
    approvals = document.review_entries.filter(act=ReviewAct.APPROVE, round=document.review_round, **which)
    approvals.update(void=True)


def _last(entries: list[ReviewEntry], act: ReviewAct) -> ReviewEntry:
    return next((entry for entry in reversed(entries) if entry.act == act), ReviewEntry())


def _said(words: str, sentence: str, field: str = "opinion") -> None:
    if not words.strip():
        raise CannotReview(sentence, field=field)


def _refuse_unproven(document: Document, what: str) -> None:
    if misses := verify(document).misses:
        raise CannotReview(f"全文核对有{len(misses)}处不符，改正之后才能{what}：", *map(str, misses))
