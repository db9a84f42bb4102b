"""Whether a document holds on a day, as far as the documents of the portal say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models

from . import registry
from .models import RelationKind

ENDING = {RelationKind.REPEALS, RelationKind.REPLACES}
NO_DAY = "自何时起文中未载明"


class Standing(models.TextChoices):
    """Where a document stands on a day.

    Only a document that says until when it holds is known to be in force; of any other the portal knows that nothing it
    has read changes or ends it, and a later gazette may.
    """

    IN_FORCE = "in_force", "现行有效"
    AMENDED = "amended", "已修改"
    REPEALED = "repealed", "已废止"
    PARTLY = "partly", "部分仍在执行"
    EXPIRED = "expired", "失效"
    NOT_YET = "not_yet", "尚未施行"
    NO_LATER_RECORD = "no_later_record", "未见修改或废止"


# The names of states that the stylesheet knows, each with its shape.
SHAPES = {
    Standing.IN_FORCE: "yes",
    Standing.AMENDED: "part",
    Standing.PARTLY: "part",
    Standing.REPEALED: "over",
    Standing.EXPIRED: "over",
    Standing.NOT_YET: "not-yet",
    Standing.NO_LATER_RECORD: "unknown",
}


# Nothing is known against the document.
UNCHANGED = {Standing.IN_FORCE, Standing.NO_LATER_RECORD}


@dataclass(frozen=True)
class Validity:
    """Where a document stands on a day, and since when; None where nothing happened or no day is stated."""

    standing: Standing
    since: date | None = None

    @property
    def name(self) -> str:
        """The name for the stylesheet."""
        return SHAPES[self.standing]

    @property
    def label(self) -> str:
        """The state in words."""
        said = self.standing.label
        by_another = self.standing in {Standing.AMENDED, Standing.REPEALED}
        return f"{said}（{NO_DAY}）" if by_another and self.since is None else said

    @property
    def is_over(self) -> bool:
        """Whether readers are warned."""
        return self.standing in {Standing.REPEALED, Standing.EXPIRED}


def validity_on(
    day: date,
    relations: Iterable,
    *,
    effective_on: date | None,
    expires_on: date | None,
    own: Validity | None = None,
) -> Validity:
    """The validity of a document on a day, from what public documents say of it and from its own dates.

    A relation without a day counts on every day, and the answer says that the day is not stated. The day of expiry is
    the last on which a document holds. `own` is what its records say (`own_validity`).
    """
    begun = [relation for relation in relations if relation.has_begun(day)]
    if ending := [relation.since for relation in begun if relation.kind in ENDING]:
        return Validity(Standing.REPEALED, _first(ending))
    if expires_on and expires_on < day:
        return Validity(Standing.EXPIRED, expires_on + timedelta(days=1))
    if effective_on and day < effective_on:
        return Validity(Standing.NOT_YET)
    if own is not None and own.standing != Standing.IN_FORCE:
        return own
    if amended := [relation.since for relation in begun if relation.kind == RelationKind.AMENDS]:
        return Validity(Standing.AMENDED, _first(amended))
    return own or Validity(Standing.IN_FORCE if expires_on else Standing.NO_LATER_RECORD)


def own_validity(codes: list[str], day: date) -> dict[str, Validity]:
    """What the records of documents say of how far these hold on a day, by code; who says nothing is left out.

    A query for each kind that knows, however many documents.
    """
    found = {}
    for kind in registry.kinds():
        found |= {code: Validity(Standing(state), since) for code, (state, since) in kind.standing(codes, day).items()}
    return found


def _first(days: list[date | None]) -> date | None:
    """The first of the known days, or None."""
    return min((day for day in days if day), default=None)
