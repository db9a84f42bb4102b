"""Who may take a step of a review: rights, deputies, and that each step is another person's, and no editor's."""

from collections.abc import Iterable

from django.conf import settings

from . import registry
from .models import Deputy, Document, ReviewAct, ReviewEntry, Tie
from .refusals import Refused
from .stored import content_fields

# The number of steps → whose they are.
ROLES = {1: ("final",), 2: ("first", "final"), 3: ("first", "second", "final")}


class CannotReview(Refused):
    """A step that cannot be taken; the messages are for the user, and `field` names what has to be filled in."""

    def __init__(self, *messages: str, field: str | None = None):
        super().__init__(*messages)
        self.field = field


def role_of(step: int, steps: int) -> str:
    """Whose a step is; what waits for its time is still the last one's."""
    return ROLES[steps][min(step, steps) - 1]


def step_name(step: int, steps: int) -> str:
    """初审, 复审 or 终审."""
    return settings.REVIEW_STEP_NAMES[role_of(step, steps)]


def person(user) -> str:
    """A member of staff as the desk names him or her; nobody is the system."""
    # The family name first, and no space between: Django's own order is the English one.
    return "系统" if user is None else f"{user.last_name}{user.first_name}" or user.get_username()


def require(user, codename: str) -> None:
    """`CannotReview` where a person lacks a right."""
    if not user.has_perm(f"gazette.{codename}"):
        raise CannotReview(f"你没有“{_right(codename)}”的权限。")


def in_place_of(document: Document, entries: list[ReviewEntry], user, *, acted: bool, edited: bool):
    """The absent reviewer for whom a person takes the present step, or None: by a right of his or her own.

    `CannotReview` where there is no such right, or where either of them took part in what is reviewed: `acted` looks
    for other steps and the submission, `edited` for edits too.
    """
    codename = f"review_{role_of(document.review_step, document.review_steps)}_document"
    principals = [None] if user.has_perm(f"gazette.{codename}") else _principals(user, codename)
    if not principals:
        raise CannotReview(f"你没有“{_right(codename)}”的权限，今天也不代理有此权限的人。")
    taken = _part_taken(document, entries) if acted else {}
    by = editors(document, entries) if edited else set()
    refused = None
    for principal in principals:
        try:
            for who, name in ((user, "你"), (principal, f"你所代理的{person(principal)}")):
                if who is not None:
                    _refuse_part(who, name, taken, by)
        except CannotReview as refusal:
            refused = refusal
        else:
            return principal
    raise refused


def _right(codename: str) -> str:
    return dict(Document._meta.permissions).get(codename, "更改文件")


def stands_in_for(user) -> list:
    """The absent reviewers for whom a person stands in today."""
    if not user.is_active:
        return []
    standing = Deputy.objects.on_today().filter(deputy=user.pk).select_related("principal")
    return [row.principal for row in standing.order_by("pk")]


def _principals(user, codename: str) -> list:
    """Those of them who have the right themselves."""
    return [principal for principal in stands_in_for(user) if principal.has_perm(f"gazette.{codename}")]


def _refuse_part(who, name: str, taken: dict[int, str], edited_by: set[int]) -> None:
    part = taken.get(who.pk) or ("在上次退回之后编辑过" if who.pk in edited_by else "")
    if part:
        raise CannotReview(f"{name}{part}这份文件，不能审核它；每一步须由没有参与过的人办理。")


def _part_taken(document: Document, entries: list[ReviewEntry]) -> dict[int, str]:
    """Who submitted the document since its last return, or approved a step of this round: person → what, in words."""
    taken = {}
    for entry in entries:
        if entry.act == ReviewAct.RETURN:
            taken = {}
        elif entry.act == ReviewAct.SUBMIT and entry.by_id:
            taken[entry.by_id] = "送审了"
    for entry in entries:
        if entry.act == ReviewAct.APPROVE and entry.round == document.review_round and not entry.void:
            for who in (entry.by_id, entry.in_place_of_id):
                if who:
                    taken.setdefault(who, f"{step_name(entry.step, entry.steps)}过")
    return taken


def editors(document: Document, entries: list[ReviewEntry]) -> set[int]:
    """Who wrote the document, its text, records or ties since its last return, as the histories tell."""
    since = max((entry.at for entry in entries if entry.act == ReviewAct.RETURN), default=None)
    first, *others = [
        (rows.filter(history_date__gt=since) if since else rows)
        .filter(history_user__isnull=False)
        .order_by()
        .values_list("history_user_id", flat=True)
        for rows in _histories(document)
    ]
    return set(first.union(*others)) | _head_editors(document, since)


def _histories(document: Document) -> Iterable:
    """The histories of all that belongs to a document but its head."""
    yield Tie.history.filter(document_id=document.pk)
    for kind in registry.kinds():
        model = kind.model
        if "document" not in {field.name for field in model._meta.concrete_fields}:
            continue
        of_document = model.history.filter(document_id=document.pk)
        yield of_document
        for name in kind.rows:
            back = model._meta.get_field(name)
            owners = of_document.order_by().values("id")
            yield back.related_model.history.filter(**{f"{back.remote_field.name}_id__in": owners})


def _head_editors(document: Document, since) -> set[int]:
    """Who changed the document's own fields: a step of its review also writes a version, which is no edit."""
    names = [field.attname for field in content_fields(document)]
    found, before = set(), None
    rows = document.history.order_by("history_date", "history_id")
    for user, at, *content in rows.values_list("history_user_id", "history_date", *names):
        if content != before and user and (since is None or at > since):
            found.add(user)
        before = content
    return found
