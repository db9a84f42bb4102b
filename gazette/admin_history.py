"""The history of a record at the desk: each version as what it changed, with its rows; that of a draft can be restored.

The history is read in a fixed number of queries a page and never written back; restoring saves the former values
through the record's own form, as if they were typed again.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from .admin_conflicts import FIELD, posted_value
from .admin_words import Words, moment, who

PER_PAGE = 50
DID = {"+": "新增", "~": "修改", "-": "删除"}


@dataclass
class Entry:
    """One version: when, who, what was done to which object, the changes in words, and where it can be looked at."""

    at: str
    by: str
    did: str
    name: str
    changes: list[tuple[str, str, str]]
    reason: str = ""
    url: str = ""
    restore_url: str = ""


def compared(version, before):
    """The fields in which a version differs from the one before it: (field, old, new); all that it had if deleted."""
    found = []
    for field in version.tracked_fields:
        if field.primary_key:
            continue
        new = getattr(version, field.attname)
        old = getattr(before, field.attname) if before else None
        if version.history_type == "-":
            old, new = new, None
        if old != new and not (old in (None, "", False) and new in (None, "", False)):
            found.append((field, old, new))
    return found


class Histories(admin.ModelAdmin):
    """An admin whose history page shows differences, and restores former versions where `restores` says so."""

    restores = False
    beside_form = ()  # Fields that no form shows, and that a former version brings back with the others.

    def get_urls(self):
        """The page that asks before a version is restored."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<int:object_id>/history/<int:version_id>/restore/", view, name=name), *super().get_urls()]

    def history_view(self, request, object_id, extra_context=None):
        """The versions of a record and of its rows, newest first."""
        watched = self.watched(request)
        versions = self.model.history.filter(id=object_id) if str(object_id).isdecimal() else None
        newest = versions.order_by("-history_id").first() if versions is not None else None
        obj = self.get_object(request, object_id)
        if obj is None and newest is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj or newest.instance):
            raise PermissionDenied
        lists = [
            model.history.filter(**{name: object_id})
            .order_by()
            .annotate(of_model=Value(label, output_field=CharField()))
            .values_list("history_date", "history_id", "of_model")
            for label, (model, name) in watched.items()
        ]
        both = lists[0].union(*lists[1:], all=True) if len(lists) > 1 else lists[0]
        paginator = Paginator(both.order_by("-history_date", "-history_id"), PER_PAGE)
        page = paginator.get_page(request.GET.get(PAGE_VAR))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{self.opts.verbose_name}“{obj or newest.instance}”的历史",
            "entries": self._entries(request, obj, watched, [(label, key) for _, key, label in page]),
            "page_obj": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/gazette/history.html", context)

    def _entries(self, request, obj, watched, keys):
        """The entries of one page: two queries for each model on it, and one for each that its values refer to."""
        wanted = defaultdict(list)
        for label, key in keys:
            wanted[label].append(key)
        found = {}
        for label, ids in wanted.items():
            history = watched[label][0].history
            earlier = history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
            rows = history.filter(history_id__in=ids).select_related("history_user")
            rows = list(rows.annotate(before=Subquery(earlier.values("history_id")[:1])))
            former = history.in_bulk([row.before for row in rows if row.before])
            for row in rows:
                found[label, row.history_id] = (row, compared(row, former.get(row.before)))
        words = Words((field, value) for _, differ in found.values() for field, *pair in differ for value in pair)
        may_restore = obj is not None and self.may_restore(request, obj)
        newest = max((key for label, key in keys if label == self.model._meta.label), default=None)
        entries = []
        for label, key in keys:
            row, differ = found[label, key]
            model = watched[label][0]
            entry = Entry(
                at=moment(row.history_date),
                by=who(row),
                did=DID[row.history_type],
                name=model._meta.verbose_name + (f" {row.code}" if hasattr(row, "code") else ""),
                changes=[
                    (field.verbose_name, words.say(field, old), words.say(field, new)) for field, old, new in differ
                ],
                reason=row.history_change_reason or "",
            )
            if model is self.model:
                entry.url = self._address("simple_history", row.id, key)
                if may_restore and key != newest and row.history_type != "-":
                    entry.restore_url = self._address("restore", row.id, key)
            entries.append(entry)
        return entries

    def _address(self, page, *args):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def may_restore(self, request, obj):
        """Whether this user may bring back a former version: of what is open to him or her, and kept as a draft."""
        return self.restores and self.has_change_permission(request, obj)

    def restore_view(self, request, object_id, version_id):
        """Show what a former version would change, and save it once that is confirmed."""
        obj = self.get_object(request, str(object_id))
        version = self.model.history.filter(id=object_id, history_id=version_id).exclude(history_type="-").first()
        if obj is None or version is None:
            raise Http404
        if not self.restores or not self.has_view_permission(request, obj):
            raise PermissionDenied
        if refusal := self._refusal(request, str(object_id)):
            return refusal
        if not self.may_restore(request, obj):
            raise PermissionDenied
        if request.method != "POST":
            return self._ask(request, obj, version)
        with transaction.atomic():
            self.hold(obj)
            obj = self.get_object(request, str(object_id))
            if self._seen(request, str(object_id)) != self.versions(request, str(object_id)):
                messages.error(request, f"您打开本页以后，“{obj}”已有变化，没有恢复；请核对现在的内容再决定。")
                return HttpResponseRedirect(request.get_full_path())
            form = self._former_form(request, obj, version)
            if not form.is_valid():
                obj = self.get_object(request, str(object_id))
                return self._ask(request, obj, version, _sentences(form))
            restored = self.save_form(request, form, change=True)
            restored._change_reason = f"恢复{moment(version.history_date)}的版本"
            self.save_model(request, restored, form, change=True)
            self.log_change(request, restored, restored._change_reason)
        messages.success(request, f"“{restored}”已恢复到{moment(version.history_date)}的版本。")
        return HttpResponseRedirect(self._address("change", object_id))

    def _former_form(self, request, obj, version):
        """The record's form, filled with the former version's values."""
        form_class = self.get_form(request, obj, change=True)
        former = version.instance
        former._state.adding = False
        blank = form_class(instance=former)
        data = {name: posted_value(blank, name) for name in blank.fields}
        # The words may stand in the passage more than once: they are meant where they stood.
        places = {"start", "end", "passage"} if hasattr(obj, "start") else set()
        for name in {*places, *self.beside_form} & {field.name for field in self.opts.concrete_fields}:
            setattr(obj, name, getattr(former, name))
        return form_class({name: value for name, value in data.items() if value != ""}, instance=obj)

    def _ask(self, request, obj, version, errors=()):
        names = {*self.get_form(request, obj, change=True).base_fields, *self.beside_form}
        pairs = [
            (field, getattr(obj, field.attname), getattr(version, field.attname))
            for field in version.tracked_fields
            if field.name in names
        ]
        pairs = [pair for pair in pairs if pair[1] != pair[2]]
        words = Words((field, value) for field, *both in pairs for value in both)
        key = str(obj.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"恢复“{obj}”{moment(version.history_date)}的版本",
            "changes": [
                (field.verbose_name, words.say(field, now), words.say(field, old)) for field, now, old in pairs
            ],
            "errors": errors,
            "object": obj,
            "opts": self.opts,
            "history_url": self._address("history", obj.pk),
            FIELD: self._signer(key).sign_object(self.versions(request, key)),
        }
        return TemplateResponse(request, "admin/gazette/restore.html", context)


def _sentences(form):
    """What is wrong with a former version, each after its field's name."""
    return [
        f"{form.fields[name].label}：{message}" if name in form.fields else message
        for name, said in form.errors.items()
        for message in said
    ]
