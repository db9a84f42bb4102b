"""The tables of docs/permissions.md, written from the roles: `sync_roles --table` prints them, and a test compares."""

from django.apps import apps
from django.contrib import admin

from . import roles

ACTIONS = {"view": "查", "add": "增", "change": "改", "delete": "删"}


def tables() -> str:
    """What stands between the comments of the page."""
    return "\n".join([*_duties(), "", *_models(), "", *_acts(), ""])


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _duties() -> list[str]:
    rows = [[role.name, f"`{role.key}`", role.duty] for role in roles.ROLES]
    return ["## Roles", "", *_table(["role", "`--role`", "what for"], rows)]


def _models() -> list[str]:
    """Every model of the desk and every one of which a role holds something."""
    rows = []
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        app, name = model._meta.app_label, model._meta.model_name
        cells = [
            "".join(sign for action, sign in ACTIONS.items() if f"{app}.{action}_{name}" in role.permissions)
            for role in roles.ROLES
        ]
        if any(cells) or admin.site.is_registered(model):
            rows.append([f"{model._meta.verbose_name} `{app}.{name}`", *cells])
    names = [role.name for role in roles.ROLES]
    return [
        "## Records",
        "",
        "查 view · 增 add · 改 change · 删 delete; empty: refused.",
        "",
        *_table(["", *names], rows),
    ]


def _acts() -> list[str]:
    """Every permission that is none of the four."""
    labels = {
        f"{model._meta.app_label}.{codename}": label
        for model in apps.get_models()
        for codename, label in model._meta.permissions
    }
    rows = [
        [f"{label} `{name}`", *("●" if name in role.permissions else "" for role in roles.ROLES)]
        for name, label in sorted(labels.items())
    ]
    return ["## Acts", "", *_table(["", *(role.name for role in roles.ROLES)], rows)]
