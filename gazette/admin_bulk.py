"""Acts on several rows of a list: a page shows each row and what keeps it from the act, and is held to what it showed.

An act is a class of a few lines. The page carries, signed, the rows that can be done and what tells the present state
of each from the next; every row is then done in a transaction of its own, by the function that its own page uses, and
what that refuses is named in the result. Deleting alone is done for all rows or for none (`gazette.admin_deleting`).
"""

from dataclasses import dataclass, field

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import model_format_dict, quote
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from .refusals import Refused

LIMIT = 200
SHOWN = "shown"
UNSEEN = "页面没有带上确认时所列的内容，什么也没有办；请核对下面现在的内容再确认。"
CHANGED = "您打开确认页以后它已有变化；请核对现在的内容再办。"
GONE = "已被删除，或已不归您查看。"
DISTURBED = "办理时另有人写入了相关的记录，请重新选择再办。"


@dataclass
class Line:
    """One row on the page: what there is to know of it, what tells its state from the next, and what keeps it back."""

    row: object
    seen: object
    url: str
    about: list = field(default_factory=list)
    because: str = ""


class Bulks(admin.ModelAdmin):
    """An admin whose list offers acts on several rows to who may do them."""

    bulk = ()

    def get_actions(self, request):
        """Django's, and the acts."""
        if IS_POPUP_VAR in request.GET:
            return super().get_actions(request)
        acts = {act.name: (act.respond, act.name, act.label) for act in self.bulk if act(self, request).may()}
        return super().get_actions(request) | acts


class Bulk:
    """One act on the selected rows, for one request; a subclass says what it is.

    `run` does a row and refuses it with a `Refused`; `refuse` says the same beforehand.
    """

    name = label = button = before = done = undone = permission = ""
    form = forms.Form
    limit = LIMIT
    template = "admin/gazette/bulk.html"

    def __init__(self, model_admin, request):
        self.admin, self.request, self.user = model_admin, request, request.user

    @classmethod
    def respond(cls, model_admin, request, queryset):
        """The action, as Django calls it."""
        act = cls(model_admin, request)
        if not act.may():
            raise PermissionDenied
        return act.answer(queryset)

    # What an act says

    def may(self):
        """Whether the user may do such a thing at all."""
        return self.user.has_perm(self.permission)

    def refuse(self, row):
        """`Refused` where this row cannot be done."""

    def about(self, row):
        """What the page shows beside the row, line by line."""
        return []

    def joined(self, rows):
        """The rows with what the page shows of them beside."""
        return rows

    def seen(self, row):
        """What tells the present state of a row from the next."""
        return None

    def run(self, row, said, seen):
        """Do one row, as it was seen."""
        raise NotImplementedError

    def result(self, count):
        """What is said when rows were done."""
        return self.done.format(count)

    # The page

    def answer(self, queryset):
        """Show the page; do what it showed when it comes back."""
        form, shown = self.form(), None
        if confirmed := "post" in self.request.POST:
            form, shown = self.form(self.request.POST), self._shown()
            if shown is None:
                messages.error(self.request, UNSEEN)
            elif form.is_valid() and self.do_all(shown, form.cleaned_data):
                return None
        if shown is not None:
            keys = [key for key, _, _ in shown["rows"]]
        else:
            keys = list(dict.fromkeys(queryset.values_list("pk", flat=True)[: self.limit + 1]))
        if len(keys) > self.limit:
            messages.error(self.request, f"“{self.title}”一次最多{self.limit}项，所选的多于此数；请分批选择。")
            return None
        found = self.read(keys)
        if not found and confirmed:
            return None
        return self._page(found, form)

    def _page(self, found, form):
        lines = [self.judge(row, seen) for row, seen in found]
        ready = [line for line in lines if not line.because]
        rows = [(line.row.pk, str(line.row), line.seen) for line in ready]
        context = {
            **self.admin.admin_site.each_context(self.request),
            "opts": self.admin.opts,
            "title": self.title,
            "button": self.button or self.title,
            "act": self,
            "lines": lines,
            "ready": ready,
            "kept_back": [line for line in lines if line.because],
            "form": form,
            "shown": self._signer().sign_object({"rows": rows, "beside": self.beside(lines)}, compress=True),
            "shown_name": SHOWN,
            "chosen_name": helpers.ACTION_CHECKBOX_NAME,
            "list_url": self.request.get_full_path(),
        }
        return TemplateResponse(self.request, self.template, context)

    @property
    def title(self):
        """What the page is called: the label, with what the rows are."""
        return self.label % model_format_dict(self.admin.opts)

    def beside(self, lines):
        """What the page shows beside its rows, as a short text; empty where that is nothing."""
        return ""

    def judge(self, row, seen):
        """One row as a line of the page."""
        url = reverse(f"admin:{self.admin.opts.app_label}_{self.admin.opts.model_name}_change", args=[quote(row.pk)])
        line = Line(row, seen, url)
        try:
            self.refuse(row)
        except Refused as refused:
            line.because = sentence(refused)
        line.about = list(self.about(row))
        return line

    def rows(self, keys):
        """The rows that the user sees, in the order of the keys."""
        rows = self.joined(self.admin.get_queryset(self.request))
        found = {row.pk: row for row in rows.filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]

    def read(self, keys):
        """The rows, each with what tells its state from the next."""
        return [(row, self.seen(row)) for row in self.rows(keys)]

    def _signer(self):
        return Signer(salt=f"{self.admin.opts.label}:{self.name}:{self.user.pk}:bulk")

    def _shown(self):
        """What the page that comes back showed; None where it does not say."""
        try:
            return self._signer().unsign_object(self.request.POST.get(SHOWN, ""))
        except (BadSignature, ValueError):
            return None

    # The act

    def do_all(self, shown, said):
        """Do each row, say what was done and name what was not; whether the list comes next, or the page again."""
        rows = {row.pk: row for row in self.rows([key for key, _, _ in shown["rows"]])}
        done, refusals = 0, []
        for key, name, seen in shown["rows"]:
            try:
                if key not in rows:
                    raise Refused(GONE)
                self.do(rows[key], said, seen)
            except Refused as refused:
                refusals.append((name, sentence(refused)))
            except IntegrityError:
                refusals.append((name, DISTURBED))
            else:
                done += 1
        if done:
            messages.success(self.request, self.result(done))
        if refusals:
            named = format_html_join("", "<br>“{}”：{}", refusals)
            messages.error(self.request, format_html("{}：{}", self.undone.format(len(refusals)), named))
        return True

    def do(self, row, said, seen):
        """Do one row."""
        self.run(row, said, seen)


class Held(Bulk):
    """An act whose rows are held, compared with what was seen and judged anew; `run` only writes."""

    def states(self, keys):
        """Key → what tells the state of a row from the next: the newest versions by the history, its rows' included."""
        return self.admin.versions_of(self.request, keys)

    def read(self, keys):
        """The rows and their states, which are asked before: a change in between is noticed, at worst without need."""
        states = self.states(keys)
        return [(row, states.get(row.pk)) for row in self.rows(keys)]

    def do(self, row, said, seen):
        """Hold the row, and do it if it is what was seen."""
        with transaction.atomic():
            self.admin.hold(row)
            [(held, now)] = self.read([row.pk]) or [(None, None)]
            if held is None:
                raise Refused(GONE)
            if now != seen:
                raise Refused(CHANGED)
            self.refuse(held)
            self.run(held, said, seen)


def sentence(refused):
    """The first sentence of what was refused; the list that may follow it stands on the row's own page."""
    first, *others = refused.messages
    return f"{first.removesuffix('：')}。" if others else first
