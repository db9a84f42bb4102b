"""A unit's names and its successor at the desk: a change of name, former names, and who took its duties over."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from . import renaming
from .admin_base import LedgerAdmin, admin_url
from .admin_registers import PERMISSION
from .filters import DayField
from .models import Unit
from .renaming import CannotRename

RENAME, RECORD = "rename", "record"


class ReasonedForm(forms.Form):
    """What is changed, where that is known from, and why it is entered."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"] = forms.CharField(
            label="理由",
            widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            help_text="记入历史，不公开。",
        )


class NameForm(ReasonedForm):
    """Another name from a day on, or a name of old."""

    act = forms.ChoiceField(
        label="办理",
        choices=[(RENAME, "更名：单位改用新的名称，现在的名称成为曾用名"), (RECORD, "补记曾用名：现在的名称不变")],
        widget=forms.RadioSelect,
        initial=RENAME,
        help_text="单位从某一天起改了名称的选更名；从前用过、后来不用的名称，只是补上的选补记。",
    )
    name = forms.CharField(label="名称", max_length=120, help_text="更名的写新名称，补记的写曾用名。")
    from_day = DayField(
        label="起始日期", required=False, help_text="这个名称从哪一天起用，写作 2023-03-15；不知道的留空。"
    )
    until_day = DayField(
        label="终止日期",
        required=False,
        help_text="只在补记曾用名时填：用到哪一天（含当日），次日起用后一个名称；不知道的留空。",
    )
    note = forms.CharField(label="依据", max_length=240, help_text="例如更名文件的名称和文号；公开。")

    def clean(self):
        """A name that is given today has no last day."""
        data = super().clean()
        if data.get("act") == RENAME and data.get("until_day"):
            self.add_error("until_day", "更名不填终止日期。")
        return data


class SuccessionForm(ReasonedForm):
    """Who took the duties over, and when."""

    successor = forms.CharField(label="承接单位的代码", required=False, help_text="看列表或它的页面；留空即撤去。")
    day = DayField(label="承接日期", required=False, help_text="从哪一天起承接，写作 2023-03-15；不知道的留空。")
    note = forms.CharField(
        label="依据", max_length=240, required=False, help_text="例如机构改革文件的名称和文号；公开。"
    )

    def clean_successor(self):
        """The unit of the code, or None."""
        code = self.cleaned_data["successor"].strip()
        unit = Unit.objects.filter(code=code).first()
        if code and unit is None:
            raise forms.ValidationError(f"没有代码为“{code}”的单位。")
        return unit


class Renaming(admin.ModelAdmin):
    """The admin of units: adds the pages 更名… and 承接…."""

    def get_urls(self):
        """The pages before the admin's own."""
        pages = [("rename", self.rename_view), ("succession", self.succession_view)]
        own = [
            path(f"<int:object_id>/{page}/", self.admin_site.admin_view(view), name=f"gazette_unit_{page}")
            for page, view in pages
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Lead to the pages."""
        if obj and request.user.has_perm(PERMISSION):
            context["desk_links"] = [
                ("更名…", admin_url(Unit, "rename", obj.pk)),
                ("承接…", admin_url(Unit, "succession", obj.pk)),
            ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def rename_view(self, request, object_id):
        """Rename a unit, record a former name, or take one back."""
        unit = self._unit(request, object_id)
        if unit is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        forgotten = request.POST.get("_forget", "")
        form = NameForm(request.POST if request.method == "POST" and not forgotten else None)
        reason_errors = ()
        if forgotten.isdecimal():
            try:
                renaming.forget_former_name(
                    unit, int(forgotten), reason=request.POST.get("reason", ""), by=request.user
                )
            except CannotRename as refused:
                reason_errors = refused.messages
            else:
                return self._done(request, unit, f"“{unit}”的曾用名已删去。")
        elif form.is_bound and form.is_valid():
            data = form.cleaned_data
            said = {"note": data["note"], "reason": data["reason"], "by": request.user}
            try:
                if data["act"] == RENAME:
                    before = unit.name
                    renaming.rename(unit, data["name"], day=data["from_day"], **said)
                    done = f"“{before}”已更名为“{unit}”。"
                else:
                    days = {name: data[name] for name in ("from_day", "until_day")}
                    renaming.record_former_name(unit, data["name"], **days, **said)
                    done = f"“{unit}”的曾用名“{data['name']}”已记下。"
            except CannotRename as refused:
                form.add_error(None, list(refused.messages))
            else:
                return self._done(request, unit, done)
        return self._page(
            request, unit, form, "更名", former_names=unit.former_names.all(), reason_errors=reason_errors
        )

    def succession_view(self, request, object_id):
        """Say who took a unit's duties over, or take that back."""
        unit = self._unit(request, object_id)
        if unit is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        initial = {
            "successor": unit.succeeded_by.code if unit.succeeded_by else "",
            "day": unit.succeeded_on,
            "note": unit.succession_note,
        }
        form = SuccessionForm(request.POST if request.method == "POST" else None, initial=initial)
        if form.is_bound and form.is_valid():
            data = form.cleaned_data
            try:
                renaming.succeed(
                    unit, data["successor"], day=data["day"], note=data["note"], reason=data["reason"], by=request.user
                )
            except CannotRename as refused:
                form.add_error(None, list(refused.messages))
            else:
                to = unit.succeeded_by
                return self._done(request, unit, f"已登记“{unit}”由“{to}”承接。" if to else f"“{unit}”的承接已撤去。")
        return self._page(request, unit, form, "承接")

    def _unit(self, request, object_id):
        unit = self.get_object(request, str(object_id))
        if not request.user.has_perm(PERMISSION) or not self.has_view_permission(request, unit):
            raise PermissionDenied
        return unit

    def _done(self, request, unit, said: str):
        messages.success(request, said)
        return HttpResponseRedirect(admin_url(Unit, "change", unit.pk))

    def _page(self, request, unit, form, act: str, **context):
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{act}：{unit}",
            "act": act,
            "object": unit,
            "form": form,
        }
        return TemplateResponse(request, "admin/gazette/renaming.html", context)


class UnitNameAdmin(LedgerAdmin):
    """Former names, looked at; they are entered on the unit's page 更名…."""

    list_display = ["name", "unit", "from_day", "until_day", "note"]
    list_select_related = ["unit"]
    search_fields = ["name", "unit__name", "unit__code"]
