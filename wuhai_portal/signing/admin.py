"""The desk's pages of users and of the security log, with what signing in adds to them."""

import csv

import django_otp.plugins.otp_static.admin  # noqa: F401 - registers a model, which is taken away below
import django_otp.plugins.otp_totp.admin  # noqa: F401 - the same
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from gazette.admin import UserAdmin
from gazette.admin_base import LedgerAdmin, admin_url
from gazette.downloads import BOM, safe
from gazette.models import EventKind, SecurityEvent, User
from gazette.security import record_event

from . import lockout, second_factor
from .forms import SetPasswordOfStaffForm, SignInForm

# Their own pages show secrets to whoever may see the model.
admin.site.unregister([StaticDevice, TOTPDevice])
admin.site.unregister(User)
admin.site.login_form = SignInForm
admin.site.login_template = "admin/sign_in.html"


@admin.register(User)
class StaffAdmin(UserAdmin):
    """A member of staff, with the state of lock and second factor and what others may do about them."""

    change_password_form = SetPasswordOfStaffForm

    def get_urls(self):
        """The two acts beside Django's pages."""
        acts = [
            ("<id>/release-lock/", self.release_lock, "release_lock"),
            ("<id>/reset-second-factor/", self.reset_second_factor, "reset_second_factor"),
        ]
        wrap = self.admin_site.admin_view
        return [path(route, wrap(view), name=f"gazette_user_{name}") for route, view, name in acts] + super().get_urls()

    def get_readonly_fields(self, request, obj=None):
        """The states are looked at."""
        return [*super().get_readonly_fields(request, obj), *(["lock", "second_factor"] if obj else [])]

    def get_fieldsets(self, request, obj=None):
        """With the states of signing in."""
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, ("登录", {"fields": ["lock", "second_factor"]})] if obj else fieldsets

    @admin.display(description="登录锁定")
    def lock(self, obj):
        """From where, and until when."""
        locks = lockout.locks_of(obj.get_username())
        return "；".join(f"来自{address}的登录锁定至{until:%Y-%m-%d %H:%M}" for address, until in locks) or "未锁定"

    @admin.display(description="动态口令")
    def second_factor(self, obj):
        """Since when."""
        device = second_factor.device_of(obj)
        return f"{timezone.localtime(device.created_at):%Y-%m-%d %H:%M}启用" if device else "未启用"

    def save_model(self, request, obj, form, change):
        """Whoever gets a first password from somebody else has to change it."""
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)

    def user_change_password(self, request, id, form_url=""):
        """One's own password is changed on the page that asks for the old one."""
        if unquote(id) == str(request.user.pk):
            return HttpResponseRedirect(reverse("admin:password_change"))
        return super().user_change_password(request, id, form_url)

    def release_lock(self, request, id):
        """Release the lock of a colleague."""
        return self._act(
            request,
            id,
            "release_lock",
            title="解除登录锁定",
            question="解除后，该用户可以立即重新登录；此前的失败次数清零。",
            act=lockout.release,
            done="已解除{}的登录锁定。",
        )

    def reset_second_factor(self, request, id):
        """Take a colleague's second factor away."""
        return self._act(
            request,
            id,
            "reset_second_factor",
            title="重置动态口令",
            question="请先当面或电话核实本人身份。重置后，原来的手机和恢复码立即失效，该用户须重新启用动态口令。",
            act=second_factor.reset,
            done="已重置{}的动态口令。",
        )

    def _act(self, request, id, right, *, title, question, act, done):
        """Ask, then act; for holders of a right, and never on oneself."""
        if not request.user.has_perm(f"gazette.{right}"):
            raise PermissionDenied
        user = self.get_object(request, unquote(id))
        if user is None:
            raise Http404
        change = admin_url(User, "change", user.pk)
        if user == request.user:
            messages.error(request, f"不能为自己{title}，请由另一位有此权限的人办理。")
            return HttpResponseRedirect(change)
        if request.method == "POST":
            act(user)
            messages.success(request, done.format(f"“{user}”"))
            return HttpResponseRedirect(change if self.has_view_permission(request, user) else reverse("admin:index"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "colleague": user,
            "question": question,
        }
        return TemplateResponse(request, "admin/gazette/user/act.html", context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Offer what the viewer may do about a colleague."""
        if obj and obj != request.user:
            for right in ("release_lock", "reset_second_factor"):
                context[f"may_{right}"] = request.user.has_perm(f"gazette.{right}")
        return super().render_change_form(request, context, add, change, form_url, obj)


@admin.register(SecurityEvent)
class SecurityEventAdmin(LedgerAdmin):
    """The security log: looked at, and taken away as a file."""

    list_display = ["at", "kind", "name", "by", "address", "detail"]
    list_display_links = ["at"]
    list_filter = ["kind"]
    list_select_related = ["user", "by"]
    search_fields = ["name", "address", "detail", "by__username"]
    date_hierarchy = "at"
    change_list_template = "admin/gazette/securityevent/change_list.html"

    def get_urls(self):
        """The file beside the list."""
        export = path("export/", self.admin_site.admin_view(self.export), name="gazette_securityevent_export")
        return [export, *super().get_urls()]

    def has_export_permission(self, request):
        """A right of its own."""
        return request.user.has_perm("gazette.export_securityevent")

    def changelist_view(self, request, extra_context=None):
        """Offer the file to who may take it."""
        return super().changelist_view(request, {"may_export": self.has_export_permission(request)})

    def export(self, request):
        """The lines that the list's filters leave, as CSV; that somebody took them is a line too."""
        if not (self.has_export_permission(request) and self.has_view_permission(request)):
            raise PermissionDenied
        try:
            events = self.get_changelist_instance(request).get_queryset(request).order_by("pk")
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件不能识别，没有导出；请重新筛选。")
            return HttpResponseRedirect(admin_url(SecurityEvent, "changelist"))
        filters = request.GET.urlencode()
        # The line of this export is not part of it.
        last = events.last()
        events = events.filter(pk__lte=last.pk if last else 0)
        record_event(EventKind.EXPORT, f"安全日志，{events.count()}条" + (f"，筛选 {filters}" if filters else ""))
        name = f"security-log-{timezone.localtime():%Y%m%d-%H%M}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(_csv(events), content_type="text/csv; charset=utf-8", headers=headers)


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text):
        return text


def _csv(events):
    """The lines of a file, one by one: the log is long."""
    writer = csv.writer(_Line())
    yield BOM + writer.writerow(["序号", "时间", "类别", "用户", "名称", "操作人", "来源地址", "说明"])
    for event in events.iterator(chunk_size=2000):
        at = timezone.localtime(event.at).isoformat(sep=" ", timespec="seconds")
        user, by = (person.get_username() if person else "" for person in (event.user, event.by))
        words = [event.get_kind_display(), user, event.name, by, event.address or "", event.detail]
        yield writer.writerow([event.pk, at, *map(safe, words)])
