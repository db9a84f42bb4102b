"""The plan by part, its targets, its projects and tasks."""

from collections import Counter, defaultdict

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import cached_property

from gazette import linked_data, registry
from gazette.models import PassageKind
from gazette.views import DetailPage, ListPage, RecordPage, find_public

from .filters import PlanFilter, ProjectFilter, TargetFilter
from .models import KeyProject, Plan, ProjectKind, Target
from .pictures import draw_projects, with_rails


class PlanList(ListPage):
    """All plans."""

    title = "年度计划"
    description = "国民经济和社会发展计划中的目标、项目与任务。"
    model = Plan
    filterset_class = PlanFilter


class PlanDetail(DetailPage):
    """One plan, by part."""

    model = Plan
    trail = (("年度计划", "plan-list"),)

    def get_context_data(self, **kwargs):
        targets = self.object.targets.for_list()
        counts = Counter()
        by_part, lights = defaultdict(Counter), defaultdict(Counter)
        rows = self.object.projects.with_light().order_by().values("passage__part", "kind", "light")
        for row in rows.annotate(n=Count("pk")):
            counts[row["kind"]] += row["n"]
            by_part[row["passage__part"]][ProjectKind(row["kind"])] += row["n"]
            lights[row["passage__part"]][row["light"]] += row["n"]
        headings = self.object.document.passages.filter(kind=PassageKind.HEADING).order_by("order")
        parts = _parts(headings, targets, by_part)
        return super().get_context_data(
            headline=with_rails(target for target in targets if target.headline),
            parts=parts,
            drawn_projects=draw_projects(parts, lights),
            kinds=[(kind, counts[kind]) for kind in ProjectKind if counts[kind]],
            targets_total=len(targets),
            projects_total=counts.total(),
            **kwargs,
        )


def _parts(headings, targets, projects) -> list[dict]:
    """The parts of a plan with their sections, targets, and numbers of projects by kind."""
    return [
        {
            "number": heading.part,
            "heading": heading,
            "sections": [section for section in headings if section.parent_id == heading.pk],
            "targets": [target for target in targets if target.passage.part == heading.part],
            "projects": sorted(projects[heading.part].items(), key=lambda pair: -pair[1]),
            "projects_total": projects[heading.part].total(),
        }
        for heading in headings
        if heading.level == 1
    ]


class OfPlan:
    """Below one public plan."""

    @cached_property
    def plan(self) -> Plan:
        return find_public(Plan.objects.all(), self.kwargs["plan"])

    def get_trail(self):
        return [("年度计划", reverse("plan-list")), (self.plan.title, self.plan.get_absolute_url())]

    def get_context_data(self, **kwargs):
        return super().get_context_data(plan=self.plan, **kwargs)


class PromiseList(OfPlan, ListPage):
    """Targets or projects of one plan."""

    def get_linked_data(self):
        resource = registry.of(self.model).resource
        name = f"{self.plan.title}：{self.title}"
        api = f"/api/v1/{resource}/?plan={self.plan.code}"
        return linked_data.dataset(name, self.description, self.request.path, api)

    def get_file_title(self):
        return f"{self.plan.year}年{self.title}"

    def get_queryset(self):
        return super().get_queryset().filter(plan=self.plan)

    def get_choices(self):
        headings = self.plan.document.passages.filter(kind=PassageKind.HEADING, level=1).order_by("order")
        return {"part": [(0, "开头"), *((heading.part, heading.text) for heading in headings)]}

    def written(self, field):
        """The values that the plan's records have in a field of words."""
        values = self.get_queryset().exclude(**{field: ""}).order_by(field).values_list(field, flat=True).distinct()
        return [(value, value) for value in values]


class TargetList(PromiseList):
    """The targets of a plan."""

    title = "目标"
    description = "年度计划里说要做到的，有数的和没有数的都在，每条附原句。"
    model = Target
    filterset_class = TargetFilter
    shown = ("part", "qualifier", "headline", "commitment", "due")

    def get_choices(self):
        return {**super().get_choices(), "due": [(due, f"{due}年") for due, _label in self.written("due")]}


class ProjectList(PromiseList):
    """The projects and tasks of a plan."""

    title = "项目与任务"
    description = "年度计划里写到的工程、基地、平台、行动、创建和活动，每条附原句。"
    model = KeyProject
    filterset_class = ProjectFilter
    shown = ("part", "kind", "district", "listed", "commitment")

    def get_choices(self):
        return {**super().get_choices(), "district": self.written("district")}


class PromiseDetail(OfPlan, RecordPage):
    """One target or project with its sentence."""

    list_name = ""

    def get_object(self, queryset=None):
        code = self.kwargs["code"]
        return find_public(self.model.objects.filter(plan__code=self.kwargs["plan"]), code)

    @cached_property
    def plan(self):
        return self.object.plan

    def get_trail(self):
        label = self.model._meta.verbose_name
        return [*super().get_trail(), (label, reverse(self.list_name, args=[self.plan.code]))]


class TargetDetail(PromiseDetail):
    """One target."""

    model = Target
    list_name = "target-list"


class ProjectDetail(PromiseDetail):
    """One project or task."""

    model = KeyProject
    list_name = "project-list"
