"""What shows several apps together: home, units, the pages of errors; and the sign of life."""

from django.db.models import Count, F, Sum
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import generic

from gazette.api import problem
from gazette.filters import UnitFilter
from gazette.models import Document, LedgerHead, Unit
from gazette.views import DetailPage, ListPage, Page
from measures.models import Budget, Deadline, MeasurePackage, Mode, Responsibility
from measures.table import table
from measures.views import last_days
from measures.words import count_states, measure_state, quiet_day
from personnel.models import Appointment, AppointmentKind, Post
from personnel.views import AsRead
from plans.models import KeyProject, Plan, ProjectKind, Target
from plans.pictures import with_rails

# A unit's page shows no more of a kind than this; its links lead to the whole lists.
SHOWN = 50


class Home(Page, generic.TemplateView):
    """What the city promised, at a glance."""

    template_name = "home.html"
    title = "首页"
    description = "公报里的年度计划、政策措施和人事任免，逐条登记，每条附原句。"
    dated = True

    def get_day_links(self):
        return last_days(self.measures)

    def get_context_data(self, **kwargs):
        plan = Plan.objects.public().for_list().first()
        package = MeasurePackage.objects.public().for_list().first()
        self.measures = table(package.measures.public().values("code"), self.day) if package else []
        return super().get_context_data(
            plan=plan,
            package=package,
            headline=with_rails(Target.objects.public().filter(plan=plan, headline=True).for_list()),
            targets_total=Target.objects.public().filter(plan=plan).count(),
            kinds=_by_kind(KeyProject.objects.public().filter(plan=plan)),
            states=count_states(self.measures),
            quiet=quiet_day(self.measures, self.day),
            totals=package.totals_by_category() if package else [],
            documents=Document.objects.public().for_list()[:5],
            events=_count_events(),
            **kwargs,
        )


def _by_kind(projects):
    """The kinds of projects that there are, most frequent first: (kind, number)."""
    rows = projects.order_by().values("kind").annotate(n=Count("pk"))
    return [(ProjectKind(row["kind"]), row["n"]) for row in sorted(rows, key=lambda row: -row["n"])]


def _count_events():
    """The newest notice, and its numbers of appointments and removals; None where there is no notice."""
    document = Document.objects.public().filter(kind="personnel").first()
    if document is None:
        return None
    counts = dict(Appointment.objects.filter(document=document).order_by().values_list("kind").annotate(n=Count("pk")))
    removed = counts.pop(AppointmentKind.REMOVE, 0)
    return {"document": document, "appointed": sum(counts.values()), "removed": removed}


class UnitList(ListPage):
    """The register of units."""

    title = "单位"
    description = "公开文件提到的单位，以及各单位负责什么。"
    model = Unit
    template_name = "gazette/unit_list.html"
    filterset_class = UnitFilter
    shown = ("kind",)


class UnitDetail(AsRead, DetailPage):
    """All that one unit answers for, across the apps."""

    model = Unit
    description = "本单位发布的文件、负责的措施与资金、指定的目标与项目，以及所属职务。"
    template_name = "gazette/unit_detail.html"
    trail = (("单位", "unit-list"),)

    def get_title(self):
        """The name of the day, where that is known."""
        return self.object.name_on(self.day) or self.object.name

    def get_context_data(self, **kwargs):
        unit = self.object
        responsibilities = list(Responsibility.objects.public().filter(unit=unit).for_unit()[:SHOWN])
        for responsibility in responsibilities:
            responsibility.measure.state = measure_state(responsibility.measure, self.day)
        return super().get_context_data(
            name_then=unit.name_on(self.day),
            predecessors=Unit.objects.public().filter(succeeded_by=unit),
            issued=Document.objects.public().filter(issuer=unit).for_list()[:SHOWN],
            sole=[row for row in responsibilities if row.mode == Mode.SOLE],
            shared=[row for row in responsibilities if row.mode != Mode.SOLE],
            quiet=quiet_day([row.measure for row in responsibilities], self.day),
            money=_money_of(unit),
            deadlines=Deadline.objects.public().filter(measure__responsibilities__unit=unit).for_list()[:SHOWN],
            posts=self.with_holders(Post.objects.public().filter(unit=unit).for_tenure()[:SHOWN]),
            targets=Target.objects.public().filter(assignments__unit=unit).for_list()[:SHOWN],
            projects=KeyProject.objects.public().filter(assignments__unit=unit).for_list()[:SHOWN],
            shown=SHOWN,
            calendar_path=f"{reverse('calendar')}?unit={unit.code}",
            measures_path=f"{reverse('measure-list')}?unit={unit.code}",
            posts_path=f"{reverse('post-list')}?unit={unit.code}",
            documents_path=f"{reverse('document-list')}?issuer={unit.code}",
            **kwargs,
        )


def _money_of(unit) -> dict[str, int]:
    """The yuan set aside by the measures that a unit answers for, alone and with others."""
    budgets = Budget.objects.public().filter(measure__responsibilities__unit=unit).order_by()
    rows = budgets.values(mode=F("measure__responsibilities__mode")).annotate(total=Sum("amount"))
    totals = {"sole": 0, "shared": 0}
    for row in rows:
        totals["sole" if row["mode"] == Mode.SOLE else "shared"] += row["total"]
    return totals


# Errors: a page for people, problem details for programs.

SENTENCES = {
    400: "这个请求的内容有误，本站无法处理。",
    403: "您没有查看此页的权限。",
    404: "没有找到这个地址。可能是地址写错了，也可能是这条记录从未公开。",
    500: "本站出了故障，没能完成这个请求。请稍后再试。",
}


def _error(request, status: int):
    if request.path.startswith("/api/"):
        body = problem(status, SENTENCES[status])
        return JsonResponse(
            body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
        )
    return render(request, f"{status}.html", {"sentence": SENTENCES[status]}, status=status)


def bad_request(request, exception):
    """400."""
    return _error(request, 400)


def forbidden(request, exception):
    """403."""
    return _error(request, 403)


def not_found(request, exception):
    """404."""
    return _error(request, 404)


def server_error(request):
    """500; asks nothing of the database."""
    return _error(request, 500)


def healthz(request):
    """Plain `ok` after one query: the process and its database answer."""
    LedgerHead.objects.filter(pk=1).exists()
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
