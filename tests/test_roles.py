"""The roles of the desk: what each may do, at every address and action that the desk has, and nothing else."""

import inspect
import logging
import re
import sys
from io import StringIO
from pathlib import Path

import pytest
from conftest import Samples
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gazette.admin_base import admin_url
from gazette.models import Correction, Deputy, Document, Doubt, Merger, ReviewEntry, SecurityEvent, SheetImport, User
from plans.models import ProgressReport
from wuhai_portal import environment, roles, roles_table
from wuhai_portal.urls import urlpatterns

OURS = {"gazette", "plans", "measures", "personnel"}
DOCS = (Path(__file__).resolve().parent.parent / "docs" / "permissions.md").read_text(encoding="utf-8")
ACTORS = [*roles.BY_KEY, "plain", "outsider", "anonymous"]
# The list of doubts forgets old senders whenever somebody may look at it.
FORGETTING = """SET "sender" = ''"""
WRITES = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) [`\"]?(?!django_session)", re.IGNORECASE)


@pytest.fixture
def make_user(db):
    """Make a member of staff with roles."""

    def make(name, *keys, **fields):
        user = User.objects.create(username=name, **{"is_staff": True} | fields)
        user.groups.set(Group.objects.filter(name__in=[roles.BY_KEY[key].name for key in keys]))
        return user

    return make


@pytest.fixture
def act_as(client, make_user):
    """A client that is signed in with roles."""

    def sign_in(*keys, **fields):
        user = make_user("示例用户", *keys, **fields)
        client.force_login(user)
        return client

    return sign_in


# The groups


@pytest.mark.django_db
def test_each_role_is_a_group_with_exactly_its_permissions():
    for role in roles.ROLES:
        held = Group.objects.get(name=role.name).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in held} == role.permissions, role.name


def _existing():
    rows = Permission.objects.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@pytest.mark.django_db
def test_what_was_changed_by_hand_is_undone_and_other_groups_are_left_alone(capsys):
    group, other = Group.objects.get(name="审计管理员"), Group.objects.create(name="示例组")
    added = Permission.objects.get(codename="add_document")
    group.permissions.add(added)
    group.permissions.remove(Permission.objects.get(codename="view_user"))
    other.permissions.add(added)
    Group.objects.get(name="初审").delete()
    call_command("sync_roles")
    first = len(roles.BY_NAME["初审"].permissions)
    assert capsys.readouterr().out.splitlines() == [
        f"已建立角色“初审”，{first}项权限。",
        "角色“审计管理员”已改回：增加1项，收回1项权限。",
    ]
    assert not group.permissions.filter(pk=added.pk).exists()
    assert other.permissions.get() == added
    call_command("sync_roles")
    assert capsys.readouterr().out == "角色：与规定一致，未作改动。\n"


@pytest.mark.django_db
def test_every_permission_is_held_by_a_role_or_by_nobody_on_purpose():
    held = frozenset().union(*(role.permissions for role in roles.ROLES))
    # History is read with the permission on its record, and written by nobody.
    ours = {name for name in _existing() if name.split(".")[0] in OURS and "_historical" not in name}
    assert sorted(ours - held - roles.NOBODYS) == []
    assert sorted(held & roles.NOBODYS) == []


@pytest.mark.django_db
def test_no_role_holds_a_permission_that_nothing_has():
    named = frozenset().union(*(role.permissions for role in roles.ROLES)) | roles.NOBODYS
    assert sorted(named - _existing()) == []


def test_no_role_both_publishes_in_an_emergency_and_clears_it():
    for role in roles.ROLES:
        assert not {"gazette.publish_bypass_document", "gazette.clear_bypass_document"} <= role.permissions


def test_an_administrator_holds_nothing_that_changes_content():
    content = roles.every("add change delete", *roles.CONTENT)
    for role in roles.ROLES:
        assert not (role.is_admin and role.permissions & content), role.name
    assert {name.split(".")[1].split("_")[0] for name in roles.BY_KEY["audit_admin"].permissions} == {"view", "export"}


@pytest.mark.django_db
def test_the_tables_of_the_docs_are_those_of_the_code(capsys):
    before, tables, after = DOCS.split("<!-- tables -->\n")
    call_command("sync_roles", "--table")
    assert capsys.readouterr().out == roles_table.tables() == tables


# 三员分立


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            ["system_admin", "security_admin"],
            "系统管理员、安全管理员不能由一人兼任；系统管理员、安全管理员、审计管理员每人至多任一种。",
        ),
        (["audit_admin", "editor"], "审计管理员不能同时担任编辑；管理员不办理内容，请为其另指定一人。"),
    ],
)
def test_roles_that_exclude_each_other_are_refused_from_both_sides(keys, said, make_user):
    first, second = (Group.objects.get(name=roles.BY_KEY[key].name) for key in keys)
    user = make_user("示例甲", keys[0])
    for add in (
        lambda: user.groups.add(second),
        lambda: second.user_set.add(user),
        lambda: make_user("示例乙").groups.set([first, second]),
    ):
        with pytest.raises(ValidationError) as refused, transaction.atomic():
            add()
        assert refused.value.messages == [said]
    assert user.groups.get() == first
    user.groups.set([second])
    assert user.groups.get() == second


def test_content_roles_go_together(make_user):
    assert make_user("示例甲", "editor", "first_reviewer", "unit_reporter").groups.count() == 3


def test_the_form_refuses_roles_that_exclude_each_other(act_as, make_user):
    desk, user = act_as("security_admin"), make_user("示例甲")
    groups = Group.objects.filter(name__in=["系统管理员", "终审"])
    url = admin_url(User, "change", user.pk)
    answer = desk.post(url, opened(desk, url) | {"groups": [group.pk for group in groups]})
    said = "系统管理员不能同时担任终审；管理员不办理内容，请为其另指定一人。"
    assert answer.context["adminform"].form.errors == {"groups": [said]}
    assert not user.groups.exists()
    assert desk.post(url, opened(desk, url) | {"groups": [groups[0].pk]}).status_code == 302
    assert user.groups.get() == groups[0]


# Accounts and roles at the desk


def fields_of(response):
    """The fields that a page lets its user change."""
    return set(response.context["adminform"].form.fields) - {"opened_version"}


def opened(desk, url):
    """What says which version a form shows, as its page posts it."""
    form = desk.get(url).context["adminform"].form
    return {"opened_version": form["opened_version"].value()}


def test_the_system_administrator_keeps_accounts_and_sees_no_role(act_as, make_user):
    desk, user = act_as("system_admin"), make_user("示例甲", "editor")
    page = desk.get(admin_url(User, "change", user.pk))
    assert {"username", "last_name", "first_name", "email", "unit", "is_active"} <= fields_of(page)
    assert not {"groups", "user_permissions", "is_superuser", "is_staff"} & fields_of(page)
    for place in (page, desk.get(admin_url(User, "changelist"))):
        shown = place.content.decode()
        for name in (*(set(roles.BY_NAME) - {"编辑"}), "角色", "超级用户"):
            assert name not in shown
    data = {"username": "示例甲", "last_name": "示例", "is_superuser": "on", "is_active": "on"}
    data |= opened(desk, page.request["PATH_INFO"])
    answer = desk.post(page.request["PATH_INFO"], data | {"groups": [Group.objects.get(name="终审").pk]})
    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.last_name, user.is_superuser, user.is_staff) == ("示例", False, True)
    assert user.groups.get().name == "编辑"


def test_an_account_that_is_made_at_the_desk_is_staff_without_a_role(act_as):
    desk = act_as("system_admin")
    password = "示例-口令-2024-Jia.9"
    data = {"username": "示例新人", "usable_password": "true", "password1": password, "password2": password}
    answer = desk.post(admin_url(User, "add"), data | {"is_superuser": "on"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    user = User.objects.get(username="示例新人")
    assert (user.is_staff, user.is_superuser, user.groups.count()) == (True, False, 0)


def test_the_security_administrator_changes_roles_and_nothing_else(act_as, make_user):
    desk, user = act_as("security_admin"), make_user("示例甲")
    page = desk.get(admin_url(User, "change", user.pk))
    assert fields_of(page) == {"groups"}
    data = {"groups": [Group.objects.get(name="编辑").pk], "username": "改名", "is_superuser": "on", "is_active": ""}
    data |= opened(desk, page.request["PATH_INFO"])
    assert desk.post(page.request["PATH_INFO"], data).status_code == 302
    user.refresh_from_db()
    assert (user.username, user.is_superuser, user.is_active) == ("示例甲", False, True)
    assert user.groups.get().name == "编辑"
    assert desk.get(reverse("admin:auth_user_password_change", args=[user.pk])).status_code == 403
    assert desk.get(admin_url(User, "add")).status_code == 403


@pytest.mark.parametrize("key", ["system_admin", "security_admin"])
def test_nobody_but_a_superuser_touches_a_superuser(key, act_as, make_user):
    desk, root = act_as(key), make_user("示例超级", is_superuser=True)
    page = desk.get(admin_url(User, "change", root.pk))
    assert page.status_code == 200
    assert not page.context["has_change_permission"]
    for url in (admin_url(User, "change", root.pk), reverse("admin:auth_user_password_change", args=[root.pk])):
        assert desk.post(url, {"username": "改名"}).status_code == 403
    root.refresh_from_db()
    assert (root.username, root.is_superuser) == ("示例超级", True)


@pytest.mark.parametrize("fields", [{}, {"is_superuser": True}])
def test_nobody_changes_his_or_her_own_roles(fields, act_as):
    desk = act_as(*([] if fields else ["security_admin"]), **fields)
    user = User.objects.get(username="示例用户")
    held = list(user.groups.all())
    page = desk.get(admin_url(User, "change", user.pk))
    assert not {"groups", "is_superuser", "user_permissions"} & fields_of(page)
    data = opened(desk, page.request["PATH_INFO"])
    desk.post(page.request["PATH_INFO"], data | {"username": "示例用户", "groups": [Group.objects.get(name="终审").pk]})
    assert list(user.groups.all()) == held


def test_the_page_of_a_role_is_read_only_for_a_superuser_too(act_as):
    desk = act_as(is_superuser=True)
    role, other = Group.objects.get(name="编辑"), Group.objects.create(name="示例组")
    assert desk.post(admin_url(Group, "change", role.pk), {"name": "改名"}).status_code == 403
    assert desk.post(admin_url(Group, "delete", role.pk), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [role.pk, other.pk], "post": "yes"}
    desk.post(admin_url(Group, "changelist"), action)
    assert Group.objects.filter(pk__in=[role.pk, other.pk]).count() == 2
    assert desk.post(admin_url(Group, "change", other.pk), {"name": "示例改名"}).status_code == 302


def test_the_reason_why_a_draft_in_review_is_closed_is_told_to_nobody_without_a_right(act_as, make_document):
    document = make_document(title="示例机密标题", status="in_review")
    desk = act_as()
    for page in ("change", "delete"):
        answer = desk.post(admin_url(Document, page, document.pk), follow=True)
        assert answer.status_code == 403
        assert "示例机密标题" not in answer.content.decode()


# create_staff


def create(*arguments):
    """What the command says, without a terminal."""
    out = StringIO()
    call_command("create_staff", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_an_account_is_made_with_a_password_that_is_shown_once(client, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())
    said = create("示例用户", "--role", "unit_reporter", "--unit", "finance-bureau").splitlines()
    assert said[0] == "已建立账号“示例用户”，角色：单位填报。首次登录须修改密码。"
    password = re.fullmatch(r"一次性密码（只显示这一次）：([\w-]{20})", said[1])[1]
    user = User.objects.get(username="示例用户")
    assert user.check_password(password)
    assert (user.is_staff, user.is_superuser, user.unit.code) == (True, False, "finance-bureau")
    assert [group.name for group in user.groups.all()] == ["单位填报"]
    assert user.must_change_password


@pytest.mark.django_db
def test_a_role_is_known_by_its_chinese_name_too(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())
    assert "角色：安全管理员。" in create("示例用户", "--role", "安全管理员")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["新人", "--role", "boss"], "没有角色“boss”；可用的有：editor（编辑）、first_reviewer（初审）、"),
        (["新人", "--role", "editor", "--unit", "x"], "没有代码为“x”的单位；代码见单位页面的地址，例如 /units/"),
        (["新人", "--role", "unit_reporter"], "单位填报须写明所属单位：--unit 单位代码。"),
        (["已有", "--role", "editor"], "用户名“已有”已有人使用，请另取一个；"),
        (["有 空格", "--role", "editor"], "账号没有建立：请输入合法的用户名。"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(arguments, said, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())
    User.objects.create(username="已有")
    with pytest.raises(CommandError) as refused:
        create(*arguments)
    assert str(refused.value).startswith(said)
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["示例-口令-2024-甲乙", "别的"], "两次输入的密码不同，账号没有建立。"),
        (["123", "123"], "密码不合要求，账号没有建立："),
        (["示例-口令-2024-Jia.9", "示例-口令-2024-Jia.9"], ""),
    ],
)
def test_at_a_terminal_the_password_is_asked_for(typed, said, monkeypatch):
    answers = iter(typed)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    if said:
        with pytest.raises(CommandError) as refused:
            create("示例用户", "--role", "editor")
        assert str(refused.value).startswith(said)
        assert not User.objects.exists()
    else:
        assert "一次性密码" not in create("示例用户", "--role", "editor")
        assert User.objects.get().check_password(typed[0])


# A superuser in production


def faults(databases=("default",)):
    """What the deployment check says of superusers."""
    found = run_checks(include_deployment_checks=True, databases=databases)
    return [(check.msg, check.hint, check.level) for check in found if check.id == "wuhai.E001"]


def test_a_superuser_in_production_fails_the_deployment_check(make_user, settings, capsys):
    make_user("示例超级", is_superuser=True)
    make_user("示例停用", is_superuser=True, is_active=False)
    assert faults() == []  # http on this machine
    settings.SITE_ADDRESS = environment.site_address({"WUHAI_SITE_ADDRESS": "https://data.example.gov.cn"})
    hint = "请用 create_staff 为各人建立账号，再执行 manage.py retire_superuser 用户名。"
    said = "超级用户不受角色约束，对外的站点不应有可登录的超级用户：示例超级。"
    assert faults() == [(said, hint, 40)]
    assert faults(None) == []  # without --database nothing is asked of it
    call_command("retire_superuser", "示例超级")
    assert capsys.readouterr().out == "“示例超级”不再是超级用户。现有角色：无，请由安全管理员授予。\n"
    assert faults() == []
    with pytest.raises(CommandError, match="没有用户名为“示例超级”的超级用户。"):
        call_command("retire_superuser", "示例超级")


# Every address and action of the desk × every role

# Pages of the site itself, which belong to no model.
SITE_PAGES = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n"}
SITE_PAGES |= {"view_on_site", "app_list", None}
# Page → the action whose permission opens it.
STANDARD = {
    "changelist": "view",
    "add": "add",
    "change": "view",
    "delete": "delete",
    "history": "view",
    "simple_history": "view",
}
# (model or *, page or action) → permissions of which one is enough, where they are not those of the four actions.
INSTEAD = {
    ("*", "correct"): {"gazette.propose_correction"},
    ("*", "supplement"): {"gazette.propose_correction"},
    ("gazette.user", "password_change"): {"gazette.change_user"},
    ("gazette.user", "release_lock"): {"gazette.release_lock"},
    ("gazette.user", "reset_second_factor"): {"gazette.reset_second_factor"},
    ("gazette.securityevent", "export"): {"gazette.export_securityevent"},
    ("gazette.attachment", "file"): {"gazette.view_attachment"},
    ("gazette.correction", "file"): {"gazette.view_correction"},
    ("gazette.document", "preview"): {"gazette.view_document"},
    ("gazette.document", "check"): {"gazette.view_document"},
    ("gazette.document", "post check"): {"gazette.change_document"},
    ("gazette.document", "misses"): {"gazette.change_document"},
    ("gazette.document", "submit_selected"): {"gazette.submit_document"},
    ("gazette.document", "tie_selected"): {"gazette.change_document"},
    ("gazette.doubt", "close_selected"): {"gazette.answer_doubt"},
    ("gazette.user", "deactivate_selected"): {"gazette.change_user"},
    ("plans.target", "assign_selected"): {"plans.add_assignment"},
    ("plans.keyproject", "assign_selected"): {"plans.add_assignment"},
    ("plans.progressreport", "accept_selected"): {"plans.accept_progress"},
    ("plans.progressreport", "return_selected"): {"plans.accept_progress"},
    ("plans.progressreport", "delete_selected"): {"plans.report_progress"},
    ("gazette.document", "review_form"): {"gazette.view_document"},
    ("gazette.document", "review"): {"gazette.view_document"},
    ("gazette.document", "post review"): {"gazette.submit_document"},
    ("gazette.sheetimport", "add"): {"gazette.import_records"},
    ("gazette.sheetimport", "post change"): {"gazette.import_records"},
    ("gazette.sheetimport", "export"): {"gazette.export_records"},
    ("gazette.merger", "post change"): {"gazette.change_register"},
    ("gazette.unit", "merge"): {"gazette.change_register"},
    ("gazette.unit", "rename"): {"gazette.change_register"},
    ("gazette.unit", "succession"): {"gazette.change_register"},
    ("personnel.person", "merge"): {"gazette.change_register"},
    ("gazette.doubt", "post change"): {"gazette.answer_doubt"},
    ("plans.plan", "template"): {"plans.add_target"},
    ("plans.plan", "post template"): {"plans.add_assignment"},
    ("plans.plan", "template_table"): {"gazette.export_records"},  # with plans.add_target
    ("plans.progressreport", "decide"): {"plans.accept_progress"},
    ("plans.progressreport", "add"): {"plans.report_progress"},
    ("plans.progressreport", "post change"): {"plans.report_progress"},
    ("plans.progressreport", "delete"): {"plans.report_progress"},
    ("gazette.user", "post change"): {"gazette.change_user", "gazette.grant_role"},
    ("gazette.correction", "post change"): {"gazette.propose_correction", "gazette.review_correction"},
}
# Pages that answer who may see them, but not do this, with a sentence on the page before.
SAID_ON_THE_PAGE = {(Document, "review")}
NEVER = {("*", "post simple_history")}
# Words in an address → what a test puts there.
ARGUMENTS = {"act": "submit", "sha256": "0"}
# Pages of the desk beside the admin site's own: name → (model, page), None where all staff may.
BESIDE = {"document-preview": (Document, "preview"), "misses": (Document, "misses"), "second-factor": None}


def rows_of_the_desk():
    """A row of every model of the desk: samples of what is entered, as drafts, and what the ledger has."""
    samples = Samples(publish=None)
    for name, maker in inspect.getmembers(samples, inspect.ismethod):
        if not name.startswith("_") and name != "report":
            maker()
    samples.report(accepted_at=None)
    document = Document.objects.public().first()
    author = User.objects.create(username="示例提出人", is_staff=True)
    Correction.objects.create(
        kind="document", code=document.code, name=document.title, document=document, path="/", base_revision=1,
        base_seq=1, difference={}, changes=[], reason="示例", author=author, proposed_at=timezone.now(),
    )  # fmt: skip
    day = timezone.localdate()
    deputy = User.objects.create(username="示例代理")
    Deputy.objects.create(principal=author, deputy=deputy, starts_on=day, ends_on=day, set_by=author)
    ReviewEntry.objects.create(document=document, round=1, act="submit", by=author, at=timezone.now())
    SheetImport.objects.create(name="示例.xlsx", author=author)
    Merger.objects.create(
        kind="unit", code="a", name="示例", survivor="b", survivor_name="示例", reason="示例", by=author,
        at=timezone.now(), entry={}, moved={},
    )  # fmt: skip
    Doubt.objects.create(receipt="r", kind="document", code=document.code, name="示例", text="示例", at=timezone.now())
    SecurityEvent.objects.create(kind="login", name="示例")
    for model in admin.site._registry:
        assert model.objects.exists(), f"make a row of {model._meta.label} here"


def pages_of_the_desk():
    """(model, page, address) of everything that the registered admins answer."""
    for model, model_admin in admin.site._registry.items():
        row = model.objects.order_by("-pk").first()
        if model is User:
            row = User.objects.get(username="示例提出人")
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        for url in model_admin.get_urls():
            if url.name is None:
                continue  # leads on to the change page
            page = url.name.removeprefix(prefix).removeprefix("auth_user_")
            words = {"object_id": row.pk, "id": row.pk, **ARGUMENTS}
            if "version_id" in getattr(url.pattern, "converters", {}):
                words["version_id"] = row.history.first().pk
            if page == "simple_history":
                yield model, page, reverse(f"admin:{url.name}", args=[row.pk, row.history.first().pk])
            else:
                known = {name: words[name] for name in url.pattern.converters}
                yield model, page, reverse(f"admin:{url.name}", kwargs=known)
    for url in urlpatterns:
        if str(url.pattern).startswith("admin/") and not hasattr(url, "url_patterns") and BESIDE[url.name]:
            model, page = BESIDE[url.name]
            row = model.objects.order_by("-pk").first()
            yield model, page, reverse(url.name, kwargs=dict.fromkeys(url.pattern.converters, row.pk))


def actions_of_the_desk(model):
    """The names of all that a list may offer to do with several rows."""
    model_admin = admin.site._registry[model]
    bulk = (act.name for act in getattr(model_admin, "bulk", ()))
    return dict.fromkeys(["delete_selected", *model_admin.actions, *bulk])


def permissions_for(model, page, method):
    """The permissions of which one opens a page for a method; empty where nobody's does."""
    label = model._meta.label_lower
    for key in (f"{method} {page}", page):
        if ("*", key) in NEVER:
            return set()
        for owner in (label, "*"):
            if (owner, key) in INSTEAD:
                return INSTEAD[owner, key]
    action = "delete" if page == "delete_selected" else STANDARD.get(page)
    if page == "restore":
        if not admin.site._registry[model].restores:
            return set()
        action = "change"
    assert action, f"say in INSTEAD which permission opens the page {page} of {label}"
    if page == "change" and method == "post":
        action = "change"
    app, name = label.split(".")
    actions = ["view", "change"] if action == "view" else [action]
    return {f"{app}.{each}_{name}" for each in actions}


def refused(answer):
    """Whether an answer gives and does nothing: 403, 405, or the way to the sign-in page."""
    return answer.status_code in (403, 405) or (
        answer.status_code == 302 and answer["Location"].startswith("/admin/login/")
    )


def quiet(client, method, url, data=None):
    """An answer, and what was written for it."""
    with CaptureQueriesContext(connection) as caught:
        answer = getattr(client, method)(url, data)
    written = [query["sql"] for query in caught if WRITES.match(query["sql"]) and FORGETTING not in query["sql"]]
    return answer, written


@pytest.mark.parametrize("actor", ACTORS)
def test_every_page_and_action_is_open_to_those_whom_the_matrix_names_and_to_nobody_else(
    actor, client, make_user, caplog
):
    caplog.set_level(logging.CRITICAL)  # A refusal is logged with its traceback, which takes longer than the refusal.
    rows_of_the_desk()
    held = roles.BY_KEY[actor].permissions if actor in roles.BY_KEY else frozenset()
    if actor != "anonymous":
        unit = ProgressReport.objects.get().unit
        keys = [actor] if actor in roles.BY_KEY else []
        client.force_login(make_user("示例办理人", *keys, is_staff=actor != "outsider", unit=unit))
    opened, closed, wrong = 0, 0, []
    for model, page, url in list(pages_of_the_desk()):
        for method in ("get", "post"):
            may = bool(permissions_for(model, page, method) & held)
            if may and method == "post":
                continue  # what is allowed is done in the tests of what it does
            answer, written = quiet(client, method, url, {"post": "yes"} if method == "post" else None)
            if answer.status_code == 302 and method == "post" and (model, page) in SAID_ON_THE_PAGE:
                answer.status_code = 403
            if refused(answer) == may or (written and not may) or answer.status_code >= 500:
                wrong.append((method, url, answer.status_code, written))
            opened, closed = opened + may, closed + (not may)
        for action in actions_of_the_desk(model) if page == "changelist" else ():
            # The page that asks is shown to those who may, and writes nothing; the rest stay on the list.
            may = bool(permissions_for(model, action, "post") & held)
            chosen = {"action": action, "_selected_action": [model.objects.order_by("-pk").first().pk]}
            answer, written = quiet(client, "post", url, chosen if may else chosen | {"post": "yes"})
            asks = answer.status_code == 200 and any(name in answer.context for name in ("act", "deletable_objects"))
            if written or asks != may or answer.status_code >= 500:
                wrong.append((action, url, answer.status_code, written))
            opened, closed = opened + may, closed + (not may)
    assert wrong == []
    assert closed > 50
    assert opened > 5 or not held or actor == "unit_reporter"


@pytest.mark.parametrize("actor", ["anonymous", "outsider", "plain"])
def test_pages_of_the_site_itself(actor, client, make_user):
    if actor != "anonymous":
        client.force_login(make_user("示例用户", is_staff=actor == "plain"))
    names = {url.name for url in admin.site.get_urls() if not hasattr(url, "url_patterns")}
    assert names - SITE_PAGES == set()
    for url in ("/admin/", reverse("admin:password_change"), reverse("admin:jsi18n")):
        assert refused(client.get(url)) == (actor != "plain"), url
    asked = {"term": "市", "app_label": "gazette", "model_name": "document", "field_name": "issuer"}
    assert refused(client.get(reverse("second-factor"))) == (actor != "plain")
    assert refused(client.get(reverse("admin:autocomplete"), asked))
    for app in OURS:
        assert client.get(reverse("admin:app_list", args=[app])).status_code in (302, 404)


# A unit sees its own reports


def test_a_unit_reporter_opens_nothing_of_drafts(act_as, samples):
    desk = act_as("unit_reporter", unit=samples.unit())
    shown = desk.get("/admin/").content.decode()
    assert "/admin/plans/progressreport/" in shown
    assert "/admin/gazette/document/" not in shown
    assert "/admin/plans/target/" not in shown


def test_a_unit_reporter_sees_and_reports_for_its_own_unit_only(act_as, samples, publish):
    unit, other = samples.unit(), samples.unit()
    mine, theirs = (samples.target(name=f"示例目标{letter}") for letter in "甲乙")
    for target, assigned in ((mine, unit), (theirs, other)):
        samples.assignment(target=target, unit=assigned)
    publish(mine.document)
    draft = samples.target(name="示例草稿目标", plan=samples.plan(year=2021))
    samples.assignment(target=draft, unit=unit)
    waiting = {"accepted_at": None, "light": ""}
    own, foreign = (
        samples.report(target=target, unit=each, **waiting) for target, each in ((mine, unit), (theirs, other))
    )
    desk = act_as("unit_reporter", unit=unit)
    listed = desk.get(admin_url(ProgressReport, "changelist"))
    assert list(listed.context["cl"].queryset) == [own]
    assert desk.get(admin_url(ProgressReport, "change", own.pk)).status_code == 200
    for page in ("change", "delete", "history", "decide"):
        answer = desk.get(admin_url(ProgressReport, page, foreign.pk), follow=True)
        assert theirs.name not in answer.content.decode(), page
    form = desk.get(admin_url(ProgressReport, "add"))
    choices = [str(choice) for _key, choice in form.context["adminform"].form.fields["target"].choices]
    assert mine.name in choices
    assert not {theirs.name, draft.name} & set(choices)
    data = {"as_of": "2022-06-30", "value": "5", "source": "示例", "light": "green", "value_unit": mine.unit}
    count = ProgressReport.objects.count()
    for target in (theirs, draft):
        answer = desk.post(form.request["PATH_INFO"], data | {"target": target.pk, "unit": other.pk})
        assert list(answer.context["adminform"].form.errors) == ["target"]
    assert ProgressReport.objects.count() == count
    answer = desk.post(form.request["PATH_INFO"], data | {"target": mine.pk, "unit": other.pk, "as_of": "2022-07-31"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert ProgressReport.objects.get(as_of="2022-07-31").unit == unit
