"""The way of a doubt: sent by a reader of a public record, answered or closed at the desk.

No account and no name is asked for. What one address may send is bounded; only a keyed hash of it is kept, for a day.
"""

import ipaddress
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from . import registry
from .models import Doubt, DoubtState
from .refusals import Refused
from .security import client_address

# How many doubts may come from one address within one window.
WINDOWS = [(timedelta(hours=1), 5, "一小时"), (timedelta(days=1), 20, "一天")]
KEPT = timedelta(days=1)


class TooMany(Exception):
    """One address has sent too much; the message is for the reader, `wait` says for how long."""

    def __init__(self, message: str, wait: timedelta):
        super().__init__(message)
        self.wait = wait


class CannotAnswer(Refused):
    """A step that the state of a doubt does not allow; the message is for the user."""


def send(row, *, text: str, contact: str, sender: str) -> Doubt:
    """Keep a doubt about a public record (a `PublicRecord`); `TooMany` where its sender has sent too much."""
    with transaction.atomic():
        forget_senders()
        now = timezone.now()
        for window, bound, words in WINDOWS:
            if Doubt.objects.filter(sender=sender, at__gt=now - window).count() >= bound:
                raise TooMany(
                    f"同一网络地址{words}内最多提交{bound}件纠错；请过{words}再提交，您写的内容还在下面。", window
                )
        record = registry.get(row.kind).model.objects.get(code=row.code)
        return Doubt.objects.create(
            receipt=secrets.token_urlsafe(24),
            kind=row.kind,
            code=row.code,
            name=str(record)[:240],
            path=row.path,
            text=text,
            contact=contact,
            at=now,
            sender=sender,
        )


def settle(doubt: Doubt, *, by, answer: str, state: str, seen: str = "") -> Doubt:
    """Answer a doubt, or close it with or without a word; an answer can be bettered. The contact is erased.

    `seen` is its `version` that the user looked at.
    """
    with transaction.atomic():
        doubt = Doubt.objects.select_for_update(of=["self"]).get(pk=doubt.pk)
        if seen != version(doubt):
            raise CannotAnswer("您打开这一页之后，别人已办过这件纠错；请重新核对后再办。")
        if state == DoubtState.ANSWERED and not answer.strip():
            raise CannotAnswer("请写答复；不必答复的请按“不答复，办结”。")
        doubt.state, doubt.answer, doubt.by, doubt.answered_at = state, answer.strip(), by, timezone.now()
        doubt.contact = ""
        doubt.save()
        return doubt


def version(doubt: Doubt) -> str:
    """What tells one state of a doubt from the next."""
    return doubt.answered_at.isoformat() if doubt.answered_at else "open"


def forget_senders() -> None:
    """Erase where doubts came from once it bounds nothing any more."""
    Doubt.objects.exclude(sender="").filter(at__lte=timezone.now() - KEPT).update(sender="")


def sender_of(request) -> str:
    """A keyed hash of the address that a request comes from; an IPv6 household counts as one."""
    return salted_hmac("gazette.doubts.sender", _network(client_address(request)), algorithm="sha256").hexdigest()


def _network(address: str | None) -> str:
    if address is None:
        return ""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
