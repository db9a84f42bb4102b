"""Lock-out after repeated failures, by user name and address together; django-axes counts."""

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import Max, Sum
from django.template.response import TemplateResponse
from django.utils import timezone

from gazette.models import EventKind
from gazette.security import record_event


def locked_page(request, response=None, credentials=None):
    """What somebody sees who is locked out."""
    context = {
        **admin.site.each_context(request),
        "title": "登录已锁定",
        "failures": settings.AXES_FAILURE_LIMIT,
        "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
    }
    return TemplateResponse(request, "admin/locked.html", context, status=429).render()


def locks_of(username):
    """The addresses from which a user name is locked now, each with the moment at which the lock ends: one query."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    rows = (
        AccessAttempt.objects.filter(username=username, attempt_time__gt=since)
        .values("ip_address")
        .annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
        .order_by("ip_address")
    )
    return [
        (row["ip_address"] or "未知地址", timezone.localtime(row["last"] + settings.AXES_COOLOFF_TIME)) for row in rows
    ]


def release(user):
    """Let a user try again from everywhere; what was locked is written down."""
    addresses = [address for address, _until in locks_of(user.get_username())]
    AccessAttempt.objects.filter(username=user.get_username()).delete()
    record_event(EventKind.RELEASED, f"来源地址：{'、'.join(addresses) or '无锁定'}", user=user)
    return addresses
