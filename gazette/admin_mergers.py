"""The mergers at the desk: what was moved, and undoing it."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse

from . import registers, registry
from .admin_base import LedgerAdmin
from .admin_lists import KindFilter
from .admin_registers import PERMISSION
from .registers import CannotMerge


class MergerAdmin(LedgerAdmin):
    """Mergers, newest first."""

    list_display = ["name", "code", "survivor_name", "survivor", "by", "at", "undone_by", "undone_at"]
    list_filter = [KindFilter]
    list_select_related = ["by", "undone_by"]
    search_fields = ["name", "code", "survivor_name", "survivor"]
    date_hierarchy = "at"

    def has_view_permission(self, request, obj=None):
        """Who merges sees them, too."""
        return super().has_view_permission(request, obj) or request.user.has_perm(PERMISSION)

    def has_module_permission(self, request):
        """As seen."""
        return self.has_view_permission(request)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show what was moved, and undo it."""
        merger = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and merger is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if merger is None or not self.has_view_permission(request, merger):
            raise PermissionDenied
        refusals = ()
        if request.method == "POST":
            if "_undo" not in request.POST or not request.user.has_perm(PERMISSION):
                raise PermissionDenied
            try:
                registers.undo(merger, by=request.user)
            except CannotMerge as refused:
                refusals = refused.messages
            else:
                messages.success(request, f"合并已撤销，“{merger.name}”恢复为单独的一条。")
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"合并：{merger}",
            "merger": merger,
            "kind_label": registry.get(merger.kind).label,
            "may_undo": merger.undone_at is None and request.user.has_perm(PERMISSION),
            "refusals": refusals,
        }
        return TemplateResponse(request, "admin/gazette/merger.html", context)
