"""The eight roles of the desk: who may do what, which roles exclude each other, and their groups in the database.

A role is a group of the same Chinese name that holds exactly the permissions below: `sync` makes it so after each
migration. Whatever else somebody gave to such a group is taken away again; other groups are left alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.apps import apps as installed
from django.core.exceptions import ValidationError
from django.db.models import Q


def every(actions: str, *models: str) -> frozenset[str]:
    """The permissions for some actions on some models: every("view add", "gazette.unit")."""
    return frozenset(
        f"{app}.{action}_{model}" for app, model in (label.split(".") for label in models) for action in actions.split()
    )


# What documents say, and the registers of whom they name.
CONTENT = (
    "gazette.document",
    "gazette.passage",
    "gazette.tie",
    "gazette.citation",
    "gazette.relation",
    "gazette.attachment",
    "gazette.unit",
    "gazette.unitalias",
    "gazette.watchedword",
    "plans.plan",
    "plans.target",
    "plans.keyproject",
    "plans.assignment",
    "measures.measurepackage",
    "measures.generalrule",
    "measures.measure",
    "measures.responsibility",
    "measures.budget",
    "measures.audience",
    "measures.condition",
    "measures.benefit",
    "measures.validitywindow",
    "measures.deadline",
    "personnel.appointment",
    "personnel.person",
    "personnel.post",
)
# What publication and the acts of people write; nobody enters it.
LEDGER = (
    "gazette.change",
    "gazette.correction",
    "gazette.ledgerhead",
    "gazette.mention",
    "gazette.merger",
    "gazette.publicrecord",
    "gazette.reviewentry",
    "gazette.unitname",
    "gazette.sheetimport",
)
SEES_ALL = every("view", *CONTENT, *LEDGER, "plans.progressreport")


@dataclass(frozen=True)
class Role:
    """A role: its name in commands, its name for people, what it is for, and its permissions."""

    key: str
    name: str
    duty: str
    permissions: frozenset[str]
    is_admin: bool = False


ROLES = (
    Role(
        "editor",
        "编辑",
        "录入和修改草稿、送审，提出更正，导入导出，答复公众纠错",
        SEES_ALL
        | every("add change delete", *CONTENT)
        | {
            "gazette.submit_document",
            "gazette.propose_correction",
            "gazette.import_records",
            "gazette.export_records",
            "gazette.view_doubt",
            "gazette.answer_doubt",
        },
    ),
    Role("first_reviewer", "初审", "查看全部内容，初审送审的文件", SEES_ALL | {"gazette.review_first_document"}),
    Role(
        "second_reviewer",
        "复审",
        "查看全部内容，复审送审的文件，审核进展情况，应急发布",
        SEES_ALL | {"gazette.review_second_document", "gazette.publish_bypass_document", "plans.accept_progress"},
    ),
    Role(
        "final_reviewer",
        "终审",
        "查看全部内容，终审送审的文件，审核更正和进展情况，撤回公开的文件，核销应急发布，合并或更名单位、人员",
        SEES_ALL
        | {
            "gazette.review_final_document",
            "gazette.review_correction",
            "gazette.withdraw_document",
            "gazette.clear_bypass_document",
            "gazette.change_register",
            "gazette.view_doubt",
            "plans.accept_progress",
        },
    ),
    Role(
        "unit_reporter",
        "单位填报",
        "填报指定给本单位的目标、项目的进展情况，只看到本单位的填报",
        every("view", "plans.progressreport") | {"plans.report_progress"},
    ),
    Role(
        "system_admin",
        "系统管理员",
        "建立和停用账号，改姓名、所属单位和密码；不授予角色，不碰内容",
        every("view add change", "gazette.user") | every("view", "gazette.unit"),
        is_admin=True,
    ),
    Role(
        "security_admin",
        "安全管理员",
        "授予和收回角色，设审核代理，解除登录锁定，重置动态口令；不建账号，不碰内容",
        every("view", "gazette.user", "auth.group")
        | every("view add change delete", "gazette.deputy")
        | {"gazette.grant_role", "gazette.release_lock", "gazette.reset_second_factor"},
        is_admin=True,
    ),
    Role(
        "audit_admin",
        "审计管理员",
        "查看安全日志、全部历史和更新记录，导出安全日志；不改任何东西",
        SEES_ALL
        | every("view", "gazette.user", "auth.group", "gazette.deputy", "gazette.securityevent")
        | {"gazette.export_securityevent"},
        is_admin=True,
    ),
)
BY_NAME: Mapping[str, Role] = {role.name: role for role in ROLES}
BY_KEY: Mapping[str, Role] = {role.key: role for role in ROLES}

# Held by no role, on purpose: what publication writes is not entered; reports have permissions of their own; accounts
# are stopped and never deleted, since what people did stays under their names; roles are defined here alone.
NOBODYS = (
    every("add change delete", "gazette.change", "gazette.ledgerhead", "gazette.mention", "gazette.publicrecord")
    | every("add change delete view", "gazette.searchentry")
    | every("add change delete", "plans.progressreport", "auth.group")
    | every("delete", "gazette.user")
)


class RolesExclude(ValidationError):
    """Roles that one person must not hold together; the message is for the user."""


def refuse_together(names: Iterable[str]) -> None:
    """`RolesExclude` where one person must not hold these groups: 三员分立."""
    names = set(names)
    held = [role for role in ROLES if role.name in names]
    admins = [role.name for role in held if role.is_admin]
    others = [role.name for role in held if not role.is_admin]
    if len(admins) > 1:
        raise RolesExclude(f"{'、'.join(admins)}不能由一人兼任；系统管理员、安全管理员、审计管理员每人至多任一种。")
    if admins and others:
        raise RolesExclude(f"{admins[0]}不能同时担任{'、'.join(others)}；管理员不办理内容，请为其另指定一人。")


def guard_groups(sender, instance, action, reverse, pk_set, using, **kwargs):
    """Refuse to add groups to users who would then hold roles that exclude each other, whoever adds them."""
    if action != "pre_add" or not pk_set:
        return
    groups = installed.get_model("auth", "Group").objects.using(using)
    if not reverse:
        refuse_together(groups.filter(Q(user=instance) | Q(pk__in=pk_set)).values_list("name", flat=True).distinct())
    elif instance.name in BY_NAME:
        for user in pk_set:
            refuse_together([instance.name, *groups.filter(user=user).values_list("name", flat=True)])


def sync(using: str = "default", apps=installed) -> list[str]:
    """Make the group of each role hold exactly its permissions; returns what was changed, in sentences.

    A permission that the database does not have yet is left out: a later migration brings it, and calls this again.
    """
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    rows = permission_model.objects.using(using).values_list("pk", "content_type__app_label", "codename")
    known = {f"{app}.{codename}": key for key, app, codename in rows}
    said = []
    for role in ROLES:
        group, made = group_model.objects.using(using).get_or_create(name=role.name)
        held = set(group.permissions.values_list("pk", flat=True))
        wanted = {known[name] for name in role.permissions & known.keys()}
        if held != wanted:
            group.permissions.set(wanted)
        if made:
            said.append(f"已建立角色“{role.name}”，{len(wanted)}项权限。")
        elif held != wanted:
            said.append(f"角色“{role.name}”已改回：增加{len(wanted - held)}项，收回{len(held - wanted)}项权限。")
    return said


def sync_after_migration(sender, using, apps=installed, **kwargs):
    """After the last app, when every permission is there, make the roles."""
    if sender == [config for config in installed.get_app_configs() if config.models_module][-1]:
        try:
            apps.get_model("auth", "Group")
        except LookupError:
            return  # A migration backwards has taken the tables away.
        sync(using, installed if apps is None else apps)
