"""Merging at the desk: which entry into which, what would be moved, and why."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from . import registers
from .registers import CannotMerge

PERMISSION = "gazette.change_register"


class MergerForm(forms.Form):
    """Into which entry, and why."""

    survivor = forms.CharField(label="并入的代码", help_text="保留的那一条的代码；看列表或它的页面。")
    reason = forms.CharField(
        label="合并理由",
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text="记入历史，不公开。",
    )

    def __init__(self, *args, model, **kwargs):
        super().__init__(*args, **kwargs)
        self.model = model

    def clean_survivor(self):
        """The entry of the code."""
        code = self.cleaned_data["survivor"].strip()
        entry = self.model.objects.filter(code=code).first()
        if entry is None:
            raise forms.ValidationError(f"没有代码为“{code}”的{self.model._meta.verbose_name}。")
        return entry


class Merging(admin.ModelAdmin):
    """An admin of a register whose entries can be merged: adds the page 合并到…."""

    def get_urls(self):
        """The page before the admin's own."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        view = self.admin_site.admin_view(self.merge_view)
        return [path("<int:object_id>/merge/", view, name=name), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Lead to the page."""
        if obj and request.user.has_perm(PERMISSION):
            context["merge_url"] = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_merge", args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def merge_view(self, request, object_id):
        """Ask into which entry, show what would be moved, and merge once that is confirmed."""
        obj = self.get_object(request, str(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        if not (request.user.has_perm(PERMISSION) and self.has_view_permission(request, obj)):
            raise PermissionDenied
        form = MergerForm(request.POST if request.method == "POST" else None, model=self.model)
        survivor = None
        if request.method == "POST" and form.is_valid():
            survivor, reason = form.cleaned_data["survivor"], form.cleaned_data["reason"]
            if "_confirm" in request.POST:
                try:
                    merger = registers.merge(obj, survivor, reason=reason, by=request.user)
                except CannotMerge as refused:
                    form.add_error(None, list(refused.messages))
                else:
                    messages.success(request, f"“{merger.name}”已并入“{merger.survivor_name}”。")
                    return HttpResponseRedirect(reverse("admin:gazette_merger_change", args=[merger.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"合并：{obj}",
            "object": obj,
            "form": form,
            "survivor": survivor,
            "counts": registers.counts(obj),
        }
        return TemplateResponse(request, "admin/gazette/merge.html", context)
