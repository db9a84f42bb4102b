"""Deleting several records at once: what the page showed is deleted as a whole, or nothing is."""

from django.contrib import messages
from django.db import IntegrityError, transaction

from .admin_bulk import DISTURBED, Bulks, Held
from .refusals import Refused
from .stored import content_hash


class Deleting(Bulks):
    """An admin that deletes several records only as they were shown."""

    def get_actions(self, request):
        """Django's action under its own name and permission, with our page."""
        found = super().get_actions(request)
        if DeleteSelected.name in found:
            found[DeleteSelected.name] = (DeleteSelected.respond, DeleteSelected.name, DeleteSelected.label)
        return found


class DeleteSelected(Held):
    """Delete the selected records with what hangs on them."""

    name = "delete_selected"
    label = "删除所选的%(verbose_name)s"
    template = "admin/gazette/bulk_delete.html"

    def may(self):
        """Who may delete such records."""
        return self.admin.has_delete_permission(self.request)

    def refuse(self, row):
        """A closed record says why; whose deletion is another's is not offered."""
        if self.admin.is_closed(row):
            raise Refused(row._why_closed)
        if not self.admin.has_delete_permission(self.request, row):
            raise Refused("你没有删除它的权限。")

    def beside(self, lines):
        """What goes with them, which is shown too."""
        rows = [line.row for line in lines]
        self.tree, counts, self.lacking, self.protected = self.admin.get_deleted_objects(rows, self.request)
        self.counts = counts.items()
        self.stopped = bool(self.lacking or self.protected or any(line.because for line in lines))
        return content_hash({"deleted": sorted(map(str, _leaves(self.tree)))})

    def do_all(self, shown, said):
        """Delete all that was shown, if it is still what was shown."""
        keys = [key for key, _name, _seen in shown["rows"]]
        try:
            with transaction.atomic():
                self.admin.hold(*self.rows(keys))
                lines = [self.judge(row, seen) for row, seen in self.read(keys)]
                beside = self.beside(lines)
                if changed := self._changed(shown, lines, beside):
                    raise Refused(f"您打开确认页以后已有变化，一条也没有删除：{'；'.join(changed)}。请核对现在的内容。")
                if self.stopped:
                    raise Refused("现在不能删除，一条也没有删除；原因见下。")
                self.admin.log_deletions(self.request, [line.row for line in lines])
                self.admin.delete_queryset(self.request, self.admin.get_queryset(self.request).filter(pk__in=keys))
        except (Refused, IntegrityError) as refused:
            messages.error(self.request, str(refused) if isinstance(refused, Refused) else DISTURBED)
            return False
        messages.success(self.request, f"已删除{len(keys)}条{self.admin.opts.verbose_name}。")
        return True

    def _changed(self, shown, lines, beside):
        """What is not as it was shown, by name."""
        now = {line.row.pk: line for line in lines}
        changed = []
        for key, name, seen in shown["rows"]:
            if key not in now:
                changed.append(f"“{name}”已被删除")
            elif now[key].seen != seen:
                changed.append(f"“{now[key].row}”已被改动")
        if not changed and beside != shown["beside"]:
            changed.append("连带删除的内容与所列的不同")
        return changed


def _leaves(tree):
    for item in tree:
        if isinstance(item, list):
            yield from _leaves(item)
        else:
            yield item
