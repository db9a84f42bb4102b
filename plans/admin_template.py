"""照上年录入: an earlier plan as the template of a draft, and the add forms that it fills in."""

from types import SimpleNamespace
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from gazette.admin_base import admin_url
from gazette.admin_sheets import EXPORT, IMPORT, download
from gazette.models import DocumentStatus
from gazette.sheets.exporting import CannotExport

from . import last_year
from .last_year import LastYear, State
from .matching import Text
from .models import ASSIGN, Plan

ADD = "plans.add_target"
LABEL = "照上年录入"
PAGE = 50
ALL, TODO, ADDED, UNITS = "all", "todo", "added", "units"
NO_EARLIER = "没有更早年度的计划可以照着录入。"


def template_url(plan, **query):
    """The address of the page of a plan."""
    url = reverse("admin:plans_plan_template", args=[plan.pk])
    query = {name: value for name, value in query.items() if value}
    return f"{url}?{urlencode(query)}" if query else url


class Templating:
    """Adds to the admin of plans the page 照上年录入 and its workbook."""

    def get_urls(self):
        """The pages, before the admin's own addresses, of which the last takes any."""
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/template/", view(self.template_view), name="plans_plan_template"),
            path("<path:object_id>/template/table/", view(self.template_table_view), name="plans_plan_template_table"),
            *super().get_urls(),
        ]

    def links_from(self, request, document):
        """The page, where the document is a draft that has its plan."""
        if document.status != DocumentStatus.DRAFT or not request.user.has_perm(ADD):
            return []
        plan = Plan.objects.filter(document=document).first()
        return [(LABEL, template_url(plan))] if plan else []

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Lead from a draft to the page."""
        if obj and not self.is_closed(obj) and request.user.has_perm(ADD):
            context["desk_links"] = [(LABEL, template_url(obj))]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _plan(self, request, object_id):
        plan = self.get_object(request, unquote(object_id))
        if plan is None:
            raise Http404
        return plan

    def _earlier(self, request, plan):
        """The plans to choose from, and the one that is chosen."""
        choices = last_year.earlier_plans(plan)
        code = request.GET.get("from", "")
        chosen = next((each for each in choices if each.code == code), choices[0] if choices else None)
        if code and chosen and chosen.code != code:
            messages.warning(request, f"没有代码为“{code}”的可照录的计划，现照“{chosen}”列出。")
        return choices, chosen

    def template_view(self, request, object_id):
        """List the earlier plan's records with what became of them; take the choice of units to be assigned again."""
        if not request.user.has_perm(ASSIGN if request.method == "POST" else ADD):
            raise PermissionDenied
        plan = self._plan(request, object_id)
        if self.is_closed(plan):
            messages.error(request, plan._why_closed)
            return HttpResponseRedirect(admin_url(Plan, "change", plan.pk))
        choices, earlier = self._earlier(request, plan)
        if request.method == "POST" and earlier is None:
            messages.error(request, NO_EARLIER)
            return HttpResponseRedirect(template_url(plan))
        keys = list(dict.fromkeys(request.POST.getlist("offer")))
        if request.method == "POST" and ("_confirm" in request.POST or not keys):
            self._carry_over(request, plan, earlier, keys)
            return HttpResponseRedirect(template_url(plan, **{"from": earlier.code, "state": UNITS}))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{LABEL}：{plan}",
            "plan": plan,
            "earlier": earlier,
            "choices": choices,
            "no_earlier": NO_EARLIER,
            "change_url": admin_url(Plan, "change", plan.pk),
            **(self._listed(request, plan, earlier, keys) if earlier else {}),
        }
        return TemplateResponse(request, "admin/plans/plan/template.html", context)

    def _carry_over(self, request, plan, earlier, keys):
        if not keys:
            messages.error(request, "没有选择要沿用的单位，没有改动任何内容。")
            return
        try:
            done = last_year.carry_over(plan, earlier, keys, request.user)
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        else:
            messages.success(request, f"已照{earlier.year}年指定{done}个责任单位。")

    def _listed(self, request, plan, earlier, keys):
        """What the page lists: the rows of the chosen state, a page of them, and all counts; or the offers chosen."""
        last = LastYear(plan, earlier)
        offers = last.offers() if request.user.has_perm(ASSIGN) else []
        lists = {
            ALL: ("全部", last.rows),
            TODO: ("未录入", last.missing),
            State.UNSEEN: ("未见", [row for row in last.rows if row.state == State.UNSEEN]),
            ADDED: ("新增", last.added),
        }
        if request.user.has_perm(ASSIGN):
            lists[UNITS] = ("指定责任单位", offers)
        state = UNITS if keys else request.GET.get("state", "")
        state = state if state in lists else ALL
        chosen = [offer for offer in offers if offer.may_be_taken and str(offer.key) in keys]
        page = Paginator(chosen if keys else lists[state][1], len(chosen) or PAGE).get_page(request.GET.get("p"))
        here = {"from": earlier.code, "state": state, "p": page.number}
        return {
            "state": state,
            "tabs": [
                (label, len(rows), template_url(plan, **here | {"state": key, "p": ""}), key == state)
                for key, (label, rows) in lists.items()
            ],
            "counts": [*((label.label, number) for label, number in last.counts), ("新增", len(last.added))],
            "total": len(last.rows),
            "page": page,
            "shown": [self._shown(request, row, last, here) for row in page] if state not in (ADDED, UNITS) else (),
            "confirming": bool(keys),
            "pages": {
                way: template_url(plan, **here | {"p": number})
                for way, number in (("previous", page.number - 1), ("next", page.number + 1))
                if 1 <= number <= page.paginator.num_pages
            },
            "table_url": reverse("admin:plans_plan_template_table", args=[plan.pk]) + f"?from={earlier.code}",
            "may_export": bool(last.missing) and request.user.has_perm(EXPORT),
            "may_import": request.user.has_perm(IMPORT),
            "import_url": f"{reverse('admin:gazette_sheetimport_add')}?document={plan.document.code}",
        }

    def _shown(self, request, row, last, here):
        """A row with its passages, and the addresses of the form that it fills in: once for each passage."""
        add = ""
        if request.user.has_perm(f"plans.add_{row.record._meta.model_name}"):
            add = admin_url(type(row.record), "add", plan=last.plan.pk, like=row.record.code, **here)
        places = row.found.places if row.found else ()
        return {
            "row": row,
            "add_url": add,
            "places": [
                (place, last.passages[place.passage], add and f"{add}&passage={place.passage}") for place in places
            ],
        }

    def template_table_view(self, request, object_id):
        """The workbook of what is missing."""
        if not (request.user.has_perm(ADD) and request.user.has_perm(EXPORT)):
            raise PermissionDenied
        plan = self._plan(request, object_id)
        _choices, earlier = self._earlier(request, plan)
        last = LastYear(plan, earlier) if earlier and not self.is_closed(plan) else None
        if last is None or not last.missing:
            if last is not None:
                messages.info(request, f"“{earlier}”的各条都已录入，没有可下载的。")
            return HttpResponseRedirect(template_url(plan))
        try:
            return download(request, last.workbook(), f"{plan}（{LABEL}）", f"{plan.document.code}，照{earlier.code}")
        except CannotExport as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(template_url(plan))


class Prefilled:
    """An admin of targets or projects whose add form can be filled in from an earlier year's record (`?like=code`)."""

    add_form_template = "admin/plans/promise_add.html"

    def earlier_record(self, request):
        """The earlier record that the address names, or None."""
        if not hasattr(request, "earlier_record"):
            plan, code = self.owner_asked_for(request), request.GET.get("like", "")
            found = None
            if plan and code:
                plans = last_year.earlier_plans(plan)
                found = self.model.objects.filter(code=code, plan__in=plans).select_related("plan", "passage").first()
            request.earlier_record = found
        return request.earlier_record

    @property
    def _kind(self):
        return next(kind for kind, model in last_year.MODELS.items() if model is self.model)

    def get_changeform_initial_data(self, request):
        """What the earlier record hands on."""
        initial = super().get_changeform_initial_data(request)
        if like := self.earlier_record(request):
            code = last_year.suggested_code(self._kind, like, self.owner_asked_for(request))
            initial |= last_year.carried(self._kind, like) | {"code": code}
        return initial

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Say from what the form was filled in, and what is read anew."""
        like = self.earlier_record(request) if add else None
        if like:
            values = last_year.carried(self._kind, like)
            fields = context["adminform"].form.fields
            context["like"] = like
            context["anew"] = [field.label for name, field in fields.items() if self._is_read_anew(name, field)]
            context["with_numbers"] = last_year.with_numbers(values)
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if like and (place := self._place(request, like)):
            response.context_data["place"] = place
            response.context_data["paragraphs"] = self.source_of(request, obj).paragraphs(place)
        return response

    def _place(self, request, like):
        """Where the passage that the address names has the earlier name, to be marked in the text; or None."""
        number = request.GET.get("passage", "")
        passage = self.source_of(request, None).passages.get(int(number)) if number.isdecimal() else None
        found = Text([(passage.position, passage.text)]).find(like.name) if passage else None
        if found is None:
            return None
        start, words = found.places[0].start, found.places[0].words
        return SimpleNamespace(number=passage.position, passage_id=passage.pk, start=start, end=start + len(words))

    def _is_read_anew(self, name, field):
        return name not in (*last_year.CARRIED[self._kind], "code", "passage") and not field.widget.is_hidden

    def response_post_save_add(self, request, obj):
        """Back to the list from which the form was filled in."""
        if like := self.earlier_record(request):
            here = {name: request.GET.get(name, "") for name in ("state", "p")}
            return HttpResponseRedirect(template_url(obj.plan, **{"from": like.plan.code} | here))
        return super().response_post_save_add(request, obj)
