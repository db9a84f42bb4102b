"""The desk as a whole: its name, and its models grouped by what a clerk does."""

from types import MethodType

from django.contrib import admin
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from . import admin_staff  # noqa: F401 - registers the pages of users, groups and the security log
from .work_list import work_for

# Group → models, in the order of the work.
GROUPS = {
    "文件与段落": [
        "gazette.Document",
        "gazette.Passage",
        "gazette.Tie",
        "gazette.Citation",
        "gazette.Relation",
        "gazette.Attachment",
        "gazette.WatchedWord",
    ],
    "年度计划": ["plans.Plan", "plans.Target", "plans.KeyProject", "plans.Assignment", "plans.ProgressReport"],
    "政策措施": [
        "measures.MeasurePackage",
        "measures.GeneralRule",
        "measures.Measure",
        "measures.Responsibility",
        "measures.Budget",
        "measures.Audience",
        "measures.Condition",
        "measures.Benefit",
        "measures.ValidityWindow",
        "measures.Deadline",
    ],
    "人事任免": ["personnel.Appointment", "personnel.Person", "personnel.Post"],
    "表格": ["gazette.SheetImport"],
    "单位与用户": [
        "gazette.Unit",
        "gazette.UnitName",
        "gazette.User",
        "auth.Group",
        "gazette.Deputy",
        "gazette.SecurityEvent",
    ],
    "公开记录与更新记录": [
        "gazette.ReviewEntry",
        "gazette.Correction",
        "gazette.Merger",
        "gazette.Doubt",
        "gazette.PublicRecord",
        "gazette.Change",
        "gazette.Mention",
        "gazette.LedgerHead",
    ],
}


def get_app_list(site, request, app_label=None):
    """The models by group; those of one app for the page of that app. A model in no group comes last, by app."""
    by_app = admin.AdminSite.get_app_list(site, request, app_label)
    if app_label is not None:
        return by_app
    found = {model["model"]._meta.label: model for app in by_app for model in app["models"]}
    groups = []
    for number, (name, labels) in enumerate(GROUPS.items(), 1):
        models = [found.pop(label) for label in labels if label in found]
        if models:
            url = f"{reverse('admin:index', current_app=site.name)}#group-{number}"
            groups.append({"name": name, "app_label": f"group-{number}", "app_url": url, "models": models})
    for app in by_app:
        if rest := [model for model in app["models"] if model["model"]._meta.label in found]:
            groups.append({**app, "models": rest})
    return groups


# What the worker is given is shown by what it is for.
admin.site.unregister(DBTaskResult)


def index(site, request, extra_context=None):
    """The first page: what waits for this person, above the models."""
    return admin.AdminSite.index(site, request, {"work": work_for(request.user), **(extra_context or {})})


admin.site.site_header = "政务公开记录 · 工作台"
admin.site.site_title = "工作台"
admin.site.index_title = "办理事项"
admin.site.get_app_list = MethodType(get_app_list, admin.site)
admin.site.index = MethodType(index, admin.site)
