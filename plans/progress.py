"""The way of a report on progress: handed in, then accepted or returned by another person, or withdrawn later.

Each step is one transaction; what it refuses is a `CannotReport` with a sentence for the user. Who may take a step is
asked by the caller, except that nobody decides on a report of his or her own, or of the unit that he or she acts for.
"""

from django.db import transaction
from django.utils import timezone

from gazette import publication
from gazette.refusals import Refused

from .models import ProgressReport


class CannotReport(Refused):
    """A step that a report's state or the person does not allow; the message is for the user."""


def submit(report: ProgressReport, *, by) -> ProgressReport:
    """Hand a report in, anew where it waits or was returned."""
    with transaction.atomic():
        if report.pk:
            _refuse_decided(ProgressReport.objects.select_for_update(of=["self"]).get(pk=report.pk))
        promise = report.promise
        if not type(promise).objects.reportable_by(by).filter(pk=promise.pk).exists():
            raise CannotReport(not_reportable(promise))
        report.reporter, report.submitted_at = by, timezone.now()
        report.reviewer, report.returned_at, report.opinion = None, None, ""
        report.save()
        return report


def not_reportable(promise) -> str:
    """Why somebody may not report on a target or project."""
    return f"“{promise}”不在您可以报送的范围内：它须在已发布的文件中，并已指定给您的单位。"


def accept(report: ProgressReport, *, by, seen: str = "") -> publication.Outcome:
    """Make a waiting report public; `seen` is its `version` that the reviewer looked at."""
    with transaction.atomic():
        # The ledger's lock before the row's, as everywhere.
        publication.lock()
        report = _waiting(report, by, seen)
        try:
            return publication.accept_report(report, by=by)
        except publication.CannotPublish as refused:
            raise CannotReport(str(refused)) from None


def send_back(report: ProgressReport, *, by, opinion: str, seen: str = "") -> ProgressReport:
    """Return a waiting report, with the reason."""
    with transaction.atomic():
        report = _waiting(report, by, seen)
        if not opinion.strip():
            raise CannotReport("退回进展情况须写明理由。")
        report.reviewer, report.returned_at, report.opinion = by, timezone.now(), opinion.strip()
        report.save()
        return report


def withdraw(report: ProgressReport, *, by, reason: str) -> publication.Outcome:
    """Take a public report from the public, with the reason, which is public."""
    with transaction.atomic():
        publication.lock()
        report = ProgressReport.objects.select_for_update(of=["self"]).get(pk=report.pk)
        if not report.accepted_at or report.withdrawn_at:
            raise CannotReport(f"这份进展情况{report.state}，只有已采纳的才能撤回。")
        if not reason.strip():
            raise CannotReport("撤回进展情况须写明理由。")
        try:
            return publication.withdraw_report(report, by=by, reason=reason.strip())
        except publication.CannotPublish as refused:
            raise CannotReport(str(refused)) from None


def version(report: ProgressReport) -> str:
    """What tells one state of a waiting report from the next."""
    return report.submitted_at.isoformat() if report.submitted_at else ""


def why_not_review(report: ProgressReport, by) -> str:
    """Why somebody who may review reports may not decide on this one; empty where he or she may."""
    # Whoever handed any version in; the last one may be a colleague's.
    if report.reporter_id == by.pk or report.history.filter(reporter=by.pk).exists():
        return "进展情况须由填报人以外的人审核。"
    if by.unit_id and by.unit_id in (report.unit_id, report.reporter.unit_id if report.reporter else None):
        return "本单位报送的进展情况须由别的单位审核。"
    return ""


def refuse_review(report: ProgressReport, by) -> None:
    """`CannotReport` where a report waits for no decision, or not for this person's."""
    _refuse_decided(report)
    if report.returned_at:
        raise CannotReport("这份进展情况已退回，填报人重新报送后才能审核。")
    if refusal := why_not_review(report, by):
        raise CannotReport(refusal)


def _waiting(report: ProgressReport, by, seen: str) -> ProgressReport:
    found = ProgressReport.objects.select_for_update(of=["self"]).get(pk=report.pk)
    refuse_review(found, by)
    if seen and seen != version(found):
        raise CannotReport("您打开这一页之后，填报人又改过这份进展情况；请重新核对后再办。")
    return found


def _refuse_decided(report: ProgressReport) -> None:
    if report.accepted_at:
        raise CannotReport(f"这份进展情况{report.state}，不能再办。")
