"""Writes the security log, and knows from which address somebody came."""

import ipaddress

from django.conf import settings
from simple_history.models import HistoricalRecords

from .models import EventKind, SecurityEvent


def client_address(request):
    """The address of who sent a request, or None; behind our proxy, the one that the proxy saw.

    A client can send any X-Forwarded-For; the proxy appends what it saw itself, so only the last entry counts.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR")):
        address = forwarded.rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def record_event(kind: EventKind, detail: str = "", *, user=None, name: str = "", by=None, request=None):
    """Add a line to the security log: what happened, to whom, by whom.

    Without `request`, the one at hand is taken; without `by`, whoever sent it. What a command does is by nobody, and
    its line has no address. Never give a password or a code as `detail`.
    """
    request = request or getattr(HistoricalRecords.context, "request", None)
    if by is None and request is not None:
        at_hand = getattr(request, "user", None)
        by = at_hand if at_hand is not None and at_hand.is_authenticated else None
    return SecurityEvent.objects.create(
        kind=kind,
        detail=detail,
        user=user,
        name=(name or (user.get_username() if user else ""))[:150],
        by_id=by.pk if by else None,
        address=client_address(request) if request else None,
    )
