"""What stands between a session and the desk: its age, a password that is due, and the second factor."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseRedirect
from django.urls import reverse

from gazette.models import EventKind
from gazette.security import record_event

from . import second_factor
from .passwords import why_change_is_due

SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
# A visit is noted at most so often: most requests write nothing.
NOTED_SECONDS = 60
DESK = "/admin/"
# Open to who is signed in and may do nothing else yet.
ALWAYS = ("login", "logout", "jsi18n")
PASSWORD_PAGES = ("password_change", "password_change/done")


def stamp(session):
    """Note in a new session when it began."""
    session[SIGNED_IN_AT] = session[SEEN_AT] = int(time.time())


class SigningMiddleware:
    """Ends sessions that are over, and leads to what has to be done before work; public pages pass untouched."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = None
        if request.path.startswith(DESK) and request.user.is_authenticated:
            answer = self._refusal(request)
        return answer or self.get_response(request)

    def _refusal(self, request):
        """Where to go instead, or None."""
        if problem := _why_over(request.session):
            return _end(request, problem)
        user, unverified = request.user, settings.SECOND_FACTOR_REQUIRED and request.user.otp_device is None
        # Signed in with the password alone, before the phone was enrolled elsewhere or the rule was made.
        if unverified and second_factor.device_of(user):
            return _end(request, "您已启用动态口令，请重新登录并填写。")
        page = request.path.removeprefix(DESK).strip("/")
        if page in ALWAYS:
            return None
        if why := why_change_is_due(user):
            return _lead(request, page, PASSWORD_PAGES, "admin:password_change", why)
        if unverified:
            why = "请先启用动态口令：本站要求登录时除密码外再填写手机上的动态口令。"
            return _lead(request, page, (*PASSWORD_PAGES, "second-factor"), "second-factor", why)
        return None


def _why_over(session, now=None):
    """Why a session is over, or nothing; notes the visit where it is not."""
    now = int(now or time.time())
    if now - session.get(SIGNED_IN_AT, 0) >= settings.SESSION_COOKIE_AGE:
        return f"登录已满{settings.SESSION_COOKIE_AGE // 3600}小时，请重新登录。"
    seen = session.get(SEEN_AT, 0)
    if now - seen >= settings.IDLE_MINUTES * 60:
        return f"超过{settings.IDLE_MINUTES}分钟没有操作，已自动退出，请重新登录。"
    if now - seen >= NOTED_SECONDS:
        session[SEEN_AT] = now
    return ""


def _end(request, why):
    """End the session and lead to the sign-in page, and from there back."""
    record_event(EventKind.SESSION_ENDED, why, user=request.user, request=request)
    request.session.flush()
    request.user = AnonymousUser()
    messages.warning(request, why)
    back = request.get_full_path() if request.method == "GET" else DESK
    return redirect_to_login(back, reverse("admin:login"))


def _lead(request, page, open_pages, target, why):
    """To the page where something has to be done first, saying what; None for a page on the way."""
    if page in open_pages:
        return None
    messages.warning(request, why)
    return HttpResponseRedirect(reverse(target))
