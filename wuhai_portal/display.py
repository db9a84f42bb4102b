"""How large pages are shown: chosen by link, kept in a cookie of closed values, told apart by the public cache."""

from django.db.models import TextChoices
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

COOKIE = "display"
YEAR = 365 * 24 * 3600


class Mode(TextChoices):
    """The font sizes, and 长辈版: larger, plainer, in stronger contrast."""

    STANDARD = "standard", "标准"
    LARGE = "large", "大"
    LARGER = "larger", "特大"
    ELDER = "elder", "长辈版"


def chosen(request) -> Mode:
    """The mode that the reader's cookie names; standard where it names none that there is."""
    value = request.COOKIES.get(COOKIE, "")
    return Mode(value) if value in Mode else Mode.STANDARD


class Display(View):
    """`/display/?mode=…&next=…`: keep a mode and go back to the page; 400 for any other mode or a page elsewhere.

    A GET, because a form with a token of its own would keep every public page out of the caches; all that it changes is
    how this reader sees the site.
    """

    def get(self, request):
        mode, page = request.GET.get("mode", ""), request.GET.get("next", "/")
        if mode not in Mode:
            names = "、".join(f"{value}（{label}）" for value, label in Mode.choices)
            return self.refuse(f"没有“{mode[:20]}”这种显示方式；可用的有：{names}。")
        # A path is not enough: browsers take //host and /\host for another host.
        if not page.startswith("/") or not url_has_allowed_host_and_scheme(page, allowed_hosts=None):
            return self.refuse("切换显示方式后只能回到本站的页面，next 请写以 / 开头的地址。")
        response = HttpResponseRedirect(page, headers={"Cache-Control": "private, no-store"})
        if mode == Mode.STANDARD:
            response.delete_cookie(COOKIE, samesite="Lax")
        else:
            response.set_cookie(COOKIE, mode, max_age=YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")
        return response

    def refuse(self, sentence: str):
        return render(self.request, "400.html", {"sentence": sentence}, status=400)
