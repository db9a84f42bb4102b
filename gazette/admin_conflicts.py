"""Two people and one record: a save or a deletion on top of a newer version is refused, and both versions are shown.

A form carries the newest versions, by the history, of its record and of its rows as they were when it was opened,
signed. They are compared while the record is held; what was typed stays in the form, and from then on the newer
version counts as seen.
"""

from dataclasses import dataclass, field

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.forms.models import _get_foreign_key
from django.http import HttpResponseRedirect

from .admin_words import NOTHING, Words, moment, who

REFUSED = (
    "您打开本页以后，已有人保存了较新的内容，本次没有保存；您填写的内容都还在下面。请对照后再保存，或者采用库中的值。"
)
UNSEEN = "表单没有带上打开时的版本，无法判断其间有没有人改过，本次没有保存；请对照现在库中的内容后再保存。"
FIELD = "opened_version"
TAKE = "take_stored"


class OpenedField(forms.CharField):
    """The version that a form was opened with; never a change of the record."""

    widget = forms.HiddenInput

    def has_changed(self, initial, data):
        """No."""
        return False


class RefusedForm:
    """A form that is shown again with what was typed, because of a sentence above it."""

    refused_because = ""

    def full_clean(self):
        """Validate as ever, then refuse."""
        super().full_clean()
        if self.is_bound:
            self.add_error(None, self.refused_because)


@dataclass
class Line:
    """One difference: what it is, the three values in words, and the form's field that can take the stored one."""

    label: str
    opened: str
    stored: str
    typed: str
    by: str
    name: str = ""
    take: bool = False


@dataclass
class Conflict:
    """What was saved since a form was opened."""

    because: str
    lines: list[Line] = field(default_factory=list)


class Conflicting(admin.ModelAdmin):
    """An admin whose forms notice a colleague's newer save."""

    def watched(self, request):
        """The models whose history tells of a record or its rows: label → (model, its field for the record)."""
        found = {self.model._meta.label: (self.model, self.opts.pk.attname)}
        for inline in self.get_inlines(request, None):
            if hasattr(inline.model, "history"):
                fk = _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name)
                found[inline.model._meta.label] = (inline.model, fk.attname)
        return found

    def versions(self, request, key):
        """The newest version of a record and of its rows, by label."""
        return next(iter(self.versions_of(request, [key]).values()), {})

    def versions_of(self, request, keys):
        """The same for several records, by primary key, in one query."""
        watched = self.watched(request)
        newest = {
            f"newest_{number}": Subquery(
                model.history.filter(**{name: OuterRef("pk")}).order_by("-history_id").values("history_id")[:1]
            )
            for number, (model, name) in enumerate(watched.values())
        }
        try:
            rows = list(self.model._base_manager.filter(pk__in=keys).order_by().values_list("pk", *newest.values()))
        except (ValueError, TypeError):
            return {}
        return {key: dict(zip(watched, found, strict=True)) for key, *found in rows}

    def hold(self, *objs):
        """Hold records to the end of the transaction."""
        rows = self.model._base_manager.select_for_update(of=["self"]).filter(pk__in=[obj.pk for obj in objs])
        list(rows.order_by("pk"))

    def _signer(self, key):
        return Signer(salt=f"{self.model._meta.label}:{key}:opened")

    def _seen(self, request, key):
        """The versions that the posted form was opened with; None where it does not say."""
        try:
            return self._signer(key).unsign_object(request.POST.get(FIELD, ""))
        except (BadSignature, ValueError):
            return None

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Give the form its version; compare it when the form comes back."""
        if object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        key = unquote(object_id)
        if request.method != "POST":
            # Before the record is read: a save in between is noticed, at worst without need.
            request.opened = self._signer(key).sign_object(self.versions(request, key))
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            obj = self.get_object(request, key)
            if obj is not None and self.has_change_permission(request, obj):
                self.hold(obj)
                self._compare(request, key, self.get_object(request, key))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _compare(self, request, key, obj):
        seen, now = self._seen(request, key), self.versions(request, key)
        request.opened = self._signer(key).sign_object(now)
        data = request.POST = request.POST.copy()
        data[FIELD] = request.opened
        posted = Posted(self, request, obj, data)
        posted.take(data.getlist(TAKE))
        data.pop(TAKE, None)
        if seen is None:
            request.conflict = Conflict(UNSEEN)
        elif seen != now and (lines := posted.conflicts(seen)):
            request.conflict = Conflict(REFUSED, lines)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form with its version, refused where that is overtaken."""
        form = super().get_form(request, obj, change, **kwargs)
        # Asked without fields, the form tells the admin which ones there are: this is none of them.
        if obj is None or not hasattr(request, "opened") or kwargs.get("fields") is None:
            return form
        said = {FIELD: OpenedField(initial=request.opened, required=False)}
        if conflict := getattr(request, "conflict", None):
            return type(form.__name__, (RefusedForm, form), said | {"refused_because": conflict.because})
        return type(form.__name__, (form,), said)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Show both versions."""
        context["conflict"] = getattr(request, "conflict", None)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def delete_view(self, request, object_id, extra_context=None):
        """Delete what the page of confirmation showed, and nothing newer."""
        key = unquote(object_id)
        if request.method != "POST":
            opened = self._signer(key).sign_object(self.versions(request, key))
            return super().delete_view(request, object_id, {**(extra_context or {}), FIELD: opened})
        with transaction.atomic():
            obj = self.get_object(request, key)
            if obj is not None and self.has_delete_permission(request, obj):
                self.hold(obj)
                if self._seen(request, key) != self.versions(request, key):
                    messages.error(request, f"您打开本页以后，“{obj}”已有变化，没有删除；请核对现在的内容再决定。")
                    return HttpResponseRedirect(request.get_full_path())
            return super().delete_view(request, object_id, extra_context)


class Posted:
    """The posted data of a form and its rows, beside what is stored now and what was when the form was opened."""

    def __init__(self, model_admin, request, obj, data):
        self.admin, self.request, self.obj, self.data = model_admin, request, obj, data
        self.watched = model_admin.watched(request)
        self.form_class = model_admin.get_form(request, obj, change=True)
        self.formsets = {
            formset.get_default_prefix(): formset for formset, _ in model_admin.get_formsets_with_inlines(request, obj)
        }

    def _row_form(self, prefix, instance, place):
        formset = self.formsets[prefix](instance=self.obj, prefix=prefix)
        return formset.form(instance=instance, prefix=f"{prefix}-{place}", **formset.get_form_kwargs(None))

    def _number(self, name):
        value = self.data.get(name, "")
        return int(value) if value.isdecimal() else 0

    def _keys(self, prefix):
        """Primary key → place of the posted rows that were there when the form was opened."""
        name = self.formsets[prefix].model._meta.pk.name
        places = range(self._number(f"{prefix}-INITIAL_FORMS"))
        return {self._number(f"{prefix}-{place}-{name}"): place for place in places}

    def take(self, names):
        """Put what is stored in place of what was typed."""
        stored = {}
        for name in names:
            prefix, number, field_name = (name.split("-", 2) + ["", ""])[:3]
            if prefix in self.formsets and number.isdecimal():
                key = {place: key for key, place in self._keys(prefix).items()}.get(int(number))
                row = self.formsets[prefix].model._default_manager.filter(pk=key).first()
                form = row and self._row_form(prefix, row, number)
            else:
                field_name, form = name, stored.setdefault("", self.form_class(instance=self.obj))
            if form and field_name in form.fields:
                value = posted_value(form, field_name)
                self.data.pop(name, None)
                if value != "":
                    self.data[name] = value

    def conflicts(self, seen):
        """What was saved since the form was opened, in fields that it holds."""
        self.found = []  # (field or None, label, opened, stored, typed, by, name, take)
        self._compare_record(seen)
        for prefix, formset in self.formsets.items():
            if formset.model._meta.label in seen:
                self._compare_rows(prefix, formset.model, seen)
        words = Words((item[0], value) for item in self.found if item[0] for value in item[2:4])
        lines = []
        for model_field, label, opened, stored, typed, by, name, take in self.found:
            if model_field is not None:
                opened, stored = words.say(model_field, opened), words.say(model_field, stored)
            lines.append(Line(label, opened, stored, opened if typed is None else typed, by, name, take))
        return lines

    def _compare_record(self, seen):
        history = self.admin.model.history
        opened = history.filter(history_id=seen[self.admin.model._meta.label]).first()
        newest = history.filter(id=self.obj.pk).select_related("history_user").order_by("-history_id").first()
        if opened and newest:
            self._compare_fields(self.form_class(instance=opened.instance), opened, newest)

    def _compare_fields(self, form, opened, newest, label=""):
        """Compare the fields of a form as it was opened; `form` bears the names under which it was posted."""
        for name in form.fields:
            model_field = _concrete(type(opened.instance), getattr(form, "stands_for", {}).get(name, name))
            if model_field is None or not hasattr(opened, model_field.attname):
                continue
            old, new = getattr(opened, model_field.attname), getattr(newest, model_field.attname)
            if old != new:
                untouched = self._untouched(form, name)
                typed = None if untouched else self._typed(form, name)
                said, by = f"{label}{model_field.verbose_name}", f"{who(newest)}，{moment(newest.history_date)}"
                self.found.append((model_field, said, old, new, typed, by, form.add_prefix(name), untouched))

    def _untouched(self, opened_form, name):
        if opened_form.add_prefix(name) in self.request.FILES:
            return False
        typed = self.data.get(opened_form.add_prefix(name), "").replace("\r\n", "\n")
        return typed == posted_value(opened_form, name)

    def _typed(self, form, name):
        """What was typed into a field, in words where it is one of the choices."""
        raw = self.data.get(form.add_prefix(name), "")
        if file := self.request.FILES.get(form.add_prefix(name)):
            return f"上传的“{file.name}”（要重新选择）"
        field_ = form.fields[name]
        if isinstance(field_, forms.BooleanField):
            return "是" if raw else "否"
        if raw == "":
            return NOTHING
        if isinstance(field_, forms.ModelChoiceField):
            try:
                return field_.label_from_instance(field_.to_python(raw))
            except forms.ValidationError:
                return raw
        labels = {str(key): str(text) for key, text in getattr(field_, "choices", ())}
        return labels.get(raw, raw)

    def _compare_rows(self, prefix, model, seen):
        label = model._meta.label
        owner = {self.watched[label][1]: self.obj.pk}
        last = seen[label] or 0
        history = model.history.filter(**owner).select_related("history_user").order_by("history_id")
        newest = {version.id: version for version in history.filter(history_id__gt=last)}
        opened = {version.id: version for version in history.filter(history_id__lte=last, id__in=newest)}
        places, gone = self._keys(prefix), []
        for key, now in newest.items():
            before = opened.get(key)
            there = before is not None and before.history_type != "-"
            said = f"{model._meta.verbose_name} {getattr(now, 'code', '') or now.instance}"
            by = f"{who(now)}，{moment(now.history_date)}"
            if now.history_type == "-":
                if there:
                    lost = key in places and self._row_typed(prefix, places[key], before)
                    gone += [(places[key], lost)] if key in places else []
                    typed = "改过，再次保存将重新新增" if lost else "没有改过，不再保留"
                    self.found.append((None, said, "有", "已删除", typed, by, "", False))
            elif not there:
                self.found.append((None, said, "没有", "新增", "不在表单中，再次保存不影响它", by, "", False))
            elif key in places:
                form = self._row_form(prefix, before.instance, places[key])
                self._compare_fields(form, before, now, f"{said} · ")
        self._make_new(prefix, gone)

    def _row_typed(self, prefix, place, before):
        """Whether a posted row was changed, and not to be deleted."""
        if f"{prefix}-{place}-DELETE" in self.data:
            return False
        form = self._row_form(prefix, before.instance, place)
        names = [name for name in form.fields if _concrete(type(before.instance), name) and name != "id"]
        return any(not self._untouched(form, name) for name in names)

    def _make_new(self, prefix, gone):
        """Turn posted rows that are stored no more into new ones where they were changed, else leave them out."""
        if not gone:
            return
        total, initial = self._number(f"{prefix}-TOTAL_FORMS"), self._number(f"{prefix}-INITIAL_FORMS")
        kept = [place for place in range(initial) if place not in dict(gone)]
        lost = [place for place, changed in gone if changed]
        order = [*kept, *range(initial, total), *lost]
        rows = [self._pop_row(f"{prefix}-{place}-") for place in range(total)]
        for new, old in enumerate(order):
            for name, values in rows[old].items():
                if old not in lost or name != "id":
                    self.data.setlist(f"{prefix}-{new}-{name}", values)
        self.data[f"{prefix}-TOTAL_FORMS"], self.data[f"{prefix}-INITIAL_FORMS"] = str(len(order)), str(len(kept))
        places = {f"{prefix}-{old}-": f"{prefix}-{new}-" for new, old in enumerate(order)}
        for number, item in enumerate(self.found):
            name = item[6]
            for old, new in places.items():
                if name.startswith(old):
                    self.found[number] = (*item[:6], new + name[len(old) :], item[7])

    def _pop_row(self, start):
        return {name[len(start) :]: self.data.pop(name) for name in list(self.data) if name.startswith(start)}


def _concrete(model, name):
    """The stored field of a name, or None."""
    return next((found for found in model._meta.concrete_fields if found.name == name), None)


def posted_value(form, name):
    """What a browser posts of a field that nobody touched."""
    value = form[name].value()
    if value is None or value is False:
        return ""
    return "on" if value is True else str(value).replace("\r\n", "\n")
