"""What waits on the desk's first page: a list of blocks, each of which asks two questions of the database.

A block names its permission, its rows and the list that shows them all. To add one, add it to `BLOCKS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Replace
from django.utils import timezone
from django.utils.formats import date_format

from gazette.admin_base import admin_url
from gazette.models import (
    Correction,
    CorrectionState,
    Document,
    DocumentStatus,
    Doubt,
    DoubtState,
    ReviewAct,
    ReviewEntry,
    Unit,
)
from gazette.review_people import ROLES as STEPS
from gazette.review_people import stands_in_for
from measures.models import Deadline, ValidityWindow
from personnel.models import Appointment, Person
from plans.models import ProgressReport

from .working_days import working_days_before

SHOWN = 10
WORKING_DAYS = 20
SOON = 30  # days
KEPT = 30  # days for which a returned correction stays on the list


@dataclass(frozen=True)
class Block:
    """One kind of work: who sees it, which rows of a model wait, and where all of them are listed."""

    title: str
    permissions: tuple[str, ...]  # One is enough.
    model: type
    rows: Callable[[object, date], QuerySet]
    link: Callable[[object, date], dict]  # The change list's filters.
    empty: str
    detail: Callable[[object], str] = lambda row: ""
    name: Callable[[object], str] = str
    note: Callable[[date], str] = lambda today: ""
    page: Callable[[object], str] | None = None  # None: the row's own page at the desk.
    by_proxy: bool = False  # Whether who stands in for somebody with the permission sees it, too.


def waiting_for(user) -> Q:
    """Documents that wait for a person, or for somebody absent whom he or she stands in for.

    Who submitted a document or approved a step of it has had his or her turn.
    """
    found = _step_of(user) & ~_took_part(user)
    for principal in stands_in_for(user):
        found |= _step_of(principal) & ~_took_part(principal) & ~_took_part(user)
    return found


def _step_of(user) -> Q:
    """Documents at a step for which somebody has the right, whatever number of steps they were submitted with."""
    found = Q(pk__in=[])
    for steps, names in STEPS.items():
        for step, name in enumerate(names, 1):
            if user.has_perm(f"gazette.review_{name}_document"):
                found |= Q(review_step=step, review_steps=steps)
    return found


def _took_part(user) -> Q:
    """Documents that somebody submitted, or of which he or she has approved a step, in the present round."""
    acts = ReviewEntry.objects.filter(
        document=OuterRef("pk"), round=OuterRef("review_round"), act__in=[ReviewAct.SUBMIT, ReviewAct.APPROVE]
    )
    return Q(Exists(acts.filter(Q(by=user.pk) | Q(in_place_of=user.pk), void=False)))


def _made_by(user):
    return Exists(Document.history.filter(id=OuterRef("pk"), history_type="+", history_user=user.pk))


def _returned_to(user):
    """Drafts whose last act is a return, and that this person submitted."""
    acts = ReviewEntry.objects.filter(document=OuterRef("pk")).order_by("-pk")
    drafts = Document.objects.filter(status=DocumentStatus.DRAFT)
    returned = drafts.alias(last=Subquery(acts.values("act")[:1])).filter(last=ReviewAct.RETURN)
    return returned.filter(Exists(acts.filter(act=ReviewAct.SUBMIT, by=user.pk)))


def _returned_corrections(user, today):
    """A person's corrections that came back of late, where nobody has proposed another for the record since."""
    since = timezone.now() - timedelta(days=KEPT)
    back = Correction.objects.filter(
        author=user.pk, state__in=[CorrectionState.RETURNED, CorrectionState.SUPERSEDED], decided_at__gte=since
    )
    newer = Correction.objects.filter(kind=OuterRef("kind"), code=OuterRef("code"), pk__gt=OuterRef("pk"))
    return back.filter(~Exists(newer)).defer("difference", "changes")


def _until(field, text):
    """The day to which a row runs, in words."""
    return lambda row: f"{date_format(getattr(row, field))}{text}"


def _alike(model, field):
    """One row for each name that several entries have, spaces aside."""

    def rows(user, today):
        folded = Replace(Replace(field, Value(" "), Value("")), Value("\u3000"), Value(""))
        groups = model.objects.order_by().annotate(folded=folded).values("folded")
        return groups.annotate(several=Count("pk"), first=Min("pk")).filter(several__gt=1).order_by("folded")

    return rows


def _alike_block(title, model, field, note):
    return Block(
        title,
        (f"{model._meta.app_label}.change_{model._meta.model_name}",),
        model,
        _alike(model, field),
        lambda user, today: {},
        f"没有{title}。",
        name=lambda row: row["folded"],
        detail=lambda row: f"{row['several']}条",
        note=lambda today: note,
        page=lambda row: admin_url(model, "changelist", q=row["folded"]),
    )


BLOCKS = [
    Block(
        "退回给我的文件",
        ("gazette.submit_document",),
        Document,
        lambda user, today: _returned_to(user),
        lambda user, today: {"status__exact": DocumentStatus.DRAFT},
        "没有退回给您的文件。",
    ),
    Block(
        "我的草稿",
        ("gazette.change_document",),
        Document,
        lambda user, today: Document.objects.filter(_made_by(user), status=DocumentStatus.DRAFT),
        lambda user, today: {"status__exact": DocumentStatus.DRAFT},
        "您没有草稿。",
    ),
    Block(
        "待我审核的文件",
        tuple(f"gazette.review_{name}_document" for name in settings.REVIEW_STEP_NAMES),
        Document,
        lambda user, today: Document.objects.filter(
            waiting_for(user), status=DocumentStatus.IN_REVIEW, publish_at=None
        ),
        lambda user, today: {"status__exact": DocumentStatus.IN_REVIEW},
        "没有待您审核的文件。",
        by_proxy=True,
    ),
    Block(
        "应急发布待核销",
        ("gazette.clear_bypass_document",),
        Document,
        lambda user, today: Document.objects.filter(bypass_open=True),
        lambda user, today: {"bypass_open__exact": 1},
        "没有待核销的应急发布。",
    ),
    Block(
        "待审核的更正",
        ("gazette.review_correction",),
        Correction,
        lambda user, today: (
            Correction.objects.filter(state=CorrectionState.PROPOSED)
            .exclude(author=user.pk)
            .defer("difference", "changes")
        ),
        lambda user, today: {"state__exact": CorrectionState.PROPOSED},
        "没有待审核的更正。",
        name=lambda row: row.name,
        detail=lambda row: f"{date_format(timezone.localtime(row.proposed_at))}提出",
    ),
    Block(
        "退回给我的更正",
        ("gazette.propose_correction",),
        Correction,
        _returned_corrections,
        lambda user, today: {
            "author__id__exact": user.pk,
            "state__in": f"{CorrectionState.RETURNED},{CorrectionState.SUPERSEDED}",
        },
        "没有退回给您的更正。",
        name=lambda row: row.name,
        detail=lambda row: f"{row.get_state_display()}：{row.opinion}",
        note=lambda today: f"已重新提出的和退回满{KEPT}日的不再列出。",
    ),
    Block(
        "待审核的进展情况",
        ("plans.accept_progress",),
        ProgressReport,
        lambda user, today: ProgressReport.objects.filter(accepted_at=None, returned_at=None).for_list(),
        lambda user, today: {"state": "waiting"},
        "没有待审核的进展情况。",
        detail=lambda row: row.unit.name,
    ),
    Block(
        "退回给我的进展情况",
        ("plans.report_progress",),
        ProgressReport,
        lambda user, today: ProgressReport.objects.filter(reporter=user.pk, returned_at__isnull=False).for_list(),
        lambda user, today: {"state": "returned"},
        "没有退回给您的进展情况。",
    ),
    Block(
        "待答复的公众纠错",
        ("gazette.answer_doubt",),
        Doubt,
        lambda user, today: Doubt.objects.open(),
        lambda user, today: {"state__exact": DoubtState.OPEN},
        "没有待答复的公众纠错。",
        name=lambda row: row.name,
        detail=lambda row: f"{date_format(timezone.localtime(row.at))}提交",
    ),
    Block(
        f"成文{WORKING_DAYS}个工作日仍未公开",
        ("gazette.change_document", "gazette.review_final_document"),
        Document,
        lambda user, today: Document.objects.filter(
            status__in=[DocumentStatus.DRAFT, DocumentStatus.IN_REVIEW],
            written_on__lte=working_days_before(today, WORKING_DAYS).day,
        ),
        lambda user, today: {
            "status__in": f"{DocumentStatus.DRAFT},{DocumentStatus.IN_REVIEW}",
            "written_on__lte": working_days_before(today, WORKING_DAYS).day,
        },
        f"没有成文超过{WORKING_DAYS}个工作日仍未公开的文件。",
        detail=_until("written_on", "成文"),
        note=lambda today: f"{working_days_before(today, WORKING_DAYS).in_words}没有成文日期的文件不在其中。",
    ),
    *(
        Block(
            title,
            (f"{model._meta.app_label}.change_{model._meta.model_name}", "gazette.review_final_document"),
            model,
            lambda user, today, model=model, field=field: (
                model.objects.filter(**{f"{field}__gte": today, f"{field}__lte": today + timedelta(days=SOON)})
                .for_list()
                .order_by(field, "pk")
            ),
            lambda user, today, field=field: {
                f"{field}__gte": today,
                f"{field}__lte": today + timedelta(days=SOON),
            },
            empty,
            detail=_until(field, words),
        )
        for title, model, field, words, empty in (
            ("30日内到期的执行期限", ValidityWindow, "ends_on", "止", "30日内没有到期的执行期限。"),
            ("30日内的截止日期", Deadline, "due", "截止", "30日内没有截止日期。"),
            ("30日内试用期满", Appointment, "probation_until", "期满", "30日内没有试用期满的任职。"),
        )
    ),
    _alike_block("疑似重复的人员", Person, "name", "同名的可能是两个人，请核对。"),
    _alike_block("疑似重复的单位", Unit, "name", "名称只差空格的单位。"),
]


def work_for(user, today: date | None = None) -> list[dict]:
    """The blocks that a person has a part in, each with its first rows, how many there are, and where all are."""
    today = today or timezone.localdate()
    proxy = bool(stands_in_for(user))
    return [
        _shown(block, user, today)
        for block in BLOCKS
        if any(user.has_perm(name) for name in block.permissions) or (block.by_proxy and proxy)
    ]


def _shown(block: Block, user, today: date) -> dict:
    rows = block.rows(user, today)
    page = block.page or (lambda row: admin_url(block.model, "change", row.pk))
    return {
        "title": block.title,
        "count": rows.count(),
        "rows": [(page(row), block.name(row), block.detail(row)) for row in rows[:SHOWN]],
        "url": admin_url(block.model, "changelist", **block.link(user, today)),
        "empty": block.empty,
        "note": block.note(today),
    }
