"""The security log: what is written in it and by whom, that nobody rewrites it, who reads it, and when it is purged."""

import csv
import io
from datetime import date, timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gazette.admin_base import admin_url
from gazette.models import CannotRewrite, Deputy, EventKind, SecurityEvent, User
from gazette.security import record_event

PASSWORD = "示例-Clerk-2024"
KEPT = "安全日志只能追加，不能修改或删除；到期的用 purge_logs 清理。"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """Hashes that take no time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def clerk():
    """A member of staff with a password and no rights."""
    return User.objects.create_user("clerk", password=PASSWORD, is_staff=True)


@pytest.fixture
def auditor():
    """Who may read the log and take it away."""
    auditor = User.objects.create(username="auditor", is_staff=True)
    auditor.user_permissions.set(Permission.objects.filter(codename__in=["view_securityevent", "export_securityevent"]))
    return auditor


@pytest.fixture
def lines():
    """The lines written since this fixture was asked for, as (kind, name, by, detail), oldest first."""
    last = SecurityEvent.objects.order_by("pk").last()
    before = last.pk if last else 0

    def read():
        events = SecurityEvent.objects.filter(pk__gt=before).order_by("pk").select_related("by")
        return [(event.kind, event.name, event.by and event.by.username, event.detail) for event in events]

    return read


def at(**age):
    """A line that is as old as said."""
    return SecurityEvent.objects.create(kind=EventKind.LOGIN, name="old", at=timezone.now() - timedelta(**age))


# What is written


def test_the_way_of_a_sign_in(client, clerk, lines):
    form = {"username": "clerk", "password": "hush-Hush-1", "next": "/admin/"}
    client.post("/admin/login/", form, REMOTE_ADDR="203.0.113.9")
    client.post("/admin/login/", form | {"username": "nobody"})
    client.post("/admin/login/", form | {"password": PASSWORD})
    new = {"old_password": PASSWORD, "new_password1": "示例-Clerk-2025", "new_password2": "示例-Clerk-2025"}
    client.post("/admin/password_change/", new)
    client.post("/admin/logout/")
    assert lines() == [
        ("login_failed", "clerk", None, "用户名或密码不正确"),
        ("login_failed", "nobody", None, "用户名或密码不正确"),
        ("login", "clerk", "clerk", ""),
        ("password_changed", "clerk", "clerk", ""),
        ("logout", "clerk", "clerk", ""),
    ]
    first, second = SecurityEvent.objects.filter(kind="login_failed").order_by("pk")
    assert (first.user, first.address) == (clerk, "203.0.113.9")
    assert (second.user, second.address) == (None, "127.0.0.1")


def test_a_lock_is_written_once_after_the_failure_that_brought_it(client, lines):
    form = {"username": "nobody", "password": "hush", "next": "/admin/"}
    for _ in range(7):
        client.post("/admin/login/", form)
    failure = ("login_failed", "nobody", None, "用户名或密码不正确")
    refused = ("login_failed", "nobody", None, "锁定期间，未核对密码")
    assert lines() == [failure] * 5 + [("locked", "nobody", None, "连续失败5次"), refused, refused]


def test_neither_a_password_nor_a_code_is_kept_anywhere(client, clerk):
    form = {"username": "clerk", "password": "hush-Hush-1", "code": "hushcode", "next": "/admin/"}
    client.post("/admin/login/?code=hushcode", form)
    kept = [str(event.__dict__) for event in SecurityEvent.objects.all()]
    kept += [str(attempt.__dict__) for attempt in AccessAttempt.objects.all()]
    assert len(kept) == 3  # the user made, the failure, its count
    assert not [text for text in kept if "hush" in text.lower()]


def test_rights_of_a_user_are_written_old_and_new(client, clerk, lines):
    chief = User.objects.create(username="chief", is_staff=True, is_superuser=True)
    client.force_login(chief)
    first, second = (Group.objects.create(name=name) for name in ("示例甲组", "示例乙组"))
    clerk.groups.add(first)
    page = client.get(admin_url(User, "change", clerk.pk))
    data = {"username": "clerk", "is_active": "on", "is_superuser": "on", "groups": [second.pk]}
    data |= {"_save": "1", "opened_version": page.context["adminform"].form["opened_version"].value()}
    data |= dict.fromkeys(("first_name", "last_name", "email", "unit"), "")
    assert page.status_code == 200
    assert client.post(admin_url(User, "change", clerk.pk), data).status_code == 302
    assert lines()[-4:] == [
        ("rights_changed", "clerk", "chief", "工作人员：是 → 否"),
        ("rights_changed", "clerk", "chief", "超级用户：否 → 是"),
        ("rights_changed", "clerk", "chief", "组：示例甲组 → 无"),
        ("rights_changed", "clerk", "chief", "组：无 → 示例乙组"),
    ]


def test_a_change_from_the_side_of_the_group_is_written_for_each_user(clerk, lines):
    group = Group.objects.create(name="示例甲组")
    other = User.objects.create(username="other", is_staff=True)
    group.user_set.add(clerk, other)
    group.user_set.remove(clerk)
    group.user_set.clear()
    assert lines() == [
        ("group_changed", "示例甲组", None, "新建组"),
        ("user_changed", "other", None, "新建用户；工作人员：是、超级用户：否"),
        ("rights_changed", "clerk", None, "组：无 → 示例甲组"),
        ("rights_changed", "other", None, "组：无 → 示例甲组"),
        ("rights_changed", "clerk", None, "组：示例甲组 → 无"),
        ("rights_changed", "other", None, "组：示例甲组 → 无"),
    ]


def test_a_group_its_rights_and_its_end_are_written(clerk, lines):
    right = Permission.objects.get(codename="release_lock")
    group = Group.objects.create(name="示例甲组")
    group.permissions.add(right)
    group.permissions.add(right)  # nothing new
    group.name = "示例乙组"
    group.save()
    clerk.groups.add(group)
    group.permissions.clear()
    group.delete()
    assert lines() == [
        ("group_changed", "示例甲组", None, "新建组"),
        ("group_changed", "示例甲组", None, "权限：无 → 可以解除登录锁定"),
        ("group_changed", "示例乙组", None, "名称：示例甲组 → 示例乙组"),
        ("rights_changed", "clerk", None, "组：无 → 示例乙组"),
        ("group_changed", "示例乙组", None, "权限：可以解除登录锁定 → 无"),
        ("group_changed", "示例乙组", None, "删除组；原有成员：clerk"),
    ]


def test_what_is_watched_of_a_user_is_written_and_nothing_else(clerk, make_unit, lines):
    unit = make_unit()
    clerk.unit, clerk.is_active, clerk.first_name = unit, False, "示例"
    clerk.save()
    clerk.username = "clerk-2"
    clerk.save(update_fields=["username"])
    clerk.email = "clerk@example.org"
    clerk.save()
    clerk.user_permissions.add(Permission.objects.get(codename="release_lock"))
    assert lines() == [
        ("user_changed", "clerk", None, f"所属单位：无 → {unit.name}"),
        ("user_changed", "clerk", None, "有效：是 → 否"),
        ("user_changed", "clerk-2", None, "用户名：clerk → clerk-2"),
        ("rights_changed", "clerk-2", None, "单独授予的权限：无 → 可以解除登录锁定"),
    ]


def test_who_may_review_in_whose_place_is_written(clerk, auditor, lines):
    absent = User.objects.create(username="absent", is_staff=True)
    days = {"starts_on": date(2024, 5, 6), "ends_on": date(2024, 5, 10)}
    deputy = Deputy.objects.create(principal=absent, deputy=clerk, note="示例事由", set_by=auditor, **days)
    deputy.note = "另一事由"
    deputy.save()
    deputy.ends_on = date(2024, 5, 17)
    deputy.save()
    deputy.deputy = User.objects.create(username="third", is_staff=True)
    deputy.save()
    deputy.delete()
    assert [line for line in lines() if line[0] == "rights_changed"] == [
        ("rights_changed", "clerk", None, "指定代理absent审核，2024-05-06至2024-05-10"),
        (
            "rights_changed",
            "clerk",
            None,
            "代理absent审核，2024-05-06至2024-05-10 → 代理absent审核，2024-05-06至2024-05-17",
        ),
        ("rights_changed", "clerk", None, "取消代理absent审核，2024-05-06至2024-05-17"),
        ("rights_changed", "third", None, "指定代理absent审核，2024-05-06至2024-05-17"),
        ("rights_changed", "third", None, "取消代理absent审核，2024-05-06至2024-05-17"),
    ]


def test_what_is_rolled_back_is_not_written(clerk, lines):
    clerk.is_superuser = True
    with transaction.atomic():
        clerk.save()
        transaction.set_rollback(True)
    assert lines() == []


def test_an_event_names_who_did_it_and_from_where(rf, clerk):
    request = rf.get("/", REMOTE_ADDR="203.0.113.9")
    request.user = clerk
    event = record_event(EventKind.EXPORT, "示例表", request=request)
    assert (event.user, event.name, event.by, event.address) == (None, "", clerk, "203.0.113.9")
    by_command = record_event(EventKind.EXPORT, "示例表")
    assert (by_command.by, by_command.address) == (None, None)


# Nobody rewrites it


def test_a_line_is_neither_changed_nor_deleted():
    event = record_event(EventKind.EXPORT, "示例表")
    event.detail = "别的"
    attempts = [
        event.save,
        event.delete,
        SecurityEvent.objects.all().delete,
        lambda: SecurityEvent.objects.update(detail="别的"),
        lambda: SecurityEvent.objects.bulk_update([event], ["detail"]),
        lambda: SecurityEvent.objects.update_or_create(pk=event.pk, defaults={"detail": "别的"}),
    ]
    for attempt in attempts:
        with pytest.raises(CannotRewrite) as refused:
            attempt()
        assert str(refused.value) == KEPT
    assert SecurityEvent.objects.get().detail == "示例表"


def test_who_stands_in_the_log_is_not_deleted(clerk):
    with pytest.raises(ProtectedError):
        clerk.delete()


def test_an_unknown_kind_is_refused():
    with pytest.raises(IntegrityError, match="securityevent_kind_known"), transaction.atomic():
        SecurityEvent.objects.create(kind="gossip")


def test_the_desk_shows_lines_and_lets_nobody_touch_them(client, auditor, admin_client, clerk):
    event = SecurityEvent.objects.first()
    client.force_login(auditor)
    for desk in (client, admin_client):
        page = desk.get(admin_url(SecurityEvent, "change", event.pk))
        assert page.status_code == 200
        assert not page.context["has_change_permission"]
        assert 'name="_save"' not in page.content.decode()
        assert desk.get(admin_url(SecurityEvent, "delete", event.pk)).status_code == 403
        assert desk.get(admin_url(SecurityEvent, "add")).status_code == 403
        assert desk.post(admin_url(SecurityEvent, "change", event.pk), {"detail": "别的"}).status_code == 403
        delete = {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"}
        desk.post(admin_url(SecurityEvent, "changelist"), delete)
    assert SecurityEvent.objects.get(pk=event.pk).detail == event.detail
    client.force_login(clerk)
    assert client.get(admin_url(SecurityEvent, "changelist")).status_code == 403


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_takes_the_same_queries_at_1_and_50_lines(rows, client, auditor):
    client.force_login(auditor)
    for _ in range(rows):
        record_event(EventKind.EXPORT, "示例表", user=auditor, by=auditor)
    url = admin_url(SecurityEvent, "changelist", kind__exact="export")
    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    # Session, user, rights of the user and of the groups, whom he stands in for; count, page; bounds and days of the
    # hierarchy.
    assert len(caught) == 9


# Taken away


def test_the_file_holds_the_lines_of_the_filter_and_is_itself_a_line(client, auditor):
    client.force_login(auditor)
    record_event(EventKind.LOGIN_FAILED, "示例说明", name="=1+1")
    answer = client.get("/admin/gazette/securityevent/export/?kind__exact=login_failed")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="security-log-')
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    head, *rows = csv.reader(io.StringIO(text[1:]))
    assert head == ["序号", "时间", "类别", "用户", "名称", "操作人", "来源地址", "说明"]
    (row,) = rows
    assert row[2:] == ["登录失败", "", "'=1+1", "", "", "示例说明"]
    event = SecurityEvent.objects.first()
    assert (event.kind, event.by, event.detail) == ("export", auditor, "安全日志，1条，筛选 kind__exact=login_failed")
    assert (
        "export/?kind__exact=login_failed"
        in client.get(admin_url(SecurityEvent, "changelist", kind__exact="login_failed")).content.decode()
    )


def test_the_file_is_for_who_has_the_right(client, auditor):
    auditor.user_permissions.remove(Permission.objects.get(codename="export_securityevent"))
    client.force_login(auditor)
    assert client.get("/admin/gazette/securityevent/export/").status_code == 403
    page = client.get(admin_url(SecurityEvent, "changelist"))
    assert page.status_code == 200
    assert "导出 CSV" not in page.content.decode()


def test_a_filter_that_means_nothing_gives_no_file(client, auditor):
    client.force_login(auditor)
    answer = client.get("/admin/gazette/securityevent/export/?at__year=x", follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["筛选条件不能识别，没有导出；请重新筛选。"]
    assert not SecurityEvent.objects.filter(kind="export").exists()


# Purged


def test_old_lines_go_and_the_purge_is_a_line(capsys):
    day = timezone.localdate() - timedelta(days=180)
    SecurityEvent.objects.all().purge(timezone.now())
    kept = at(days=179)
    for days in (182, 400):
        at(days=days)
        AccessAttempt.objects.create(username=f"old-{days}", failures_since_start=1)
        AccessAttempt.objects.filter(username=f"old-{days}").update(attempt_time=timezone.now() - timedelta(days=days))
    AccessAttempt.objects.create(username="new", failures_since_start=1)
    call_command("purge_logs", "--days", "180")
    said = f"清理了 {day} 以前的安全日志 2 条、登录失败计数 2 条"
    assert capsys.readouterr().out == f"{said}。\n"
    purge, left = SecurityEvent.objects.all()
    assert left == kept
    assert (purge.kind, purge.by, purge.detail) == ("purged", None, said)
    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["new"]
    call_command("purge_logs", "--before", day.isoformat())
    assert left in SecurityEvent.objects.all()


@pytest.mark.parametrize("option", ["--before", "--days"])
def test_half_a_year_is_kept_whatever_is_asked(option):
    latest = timezone.localdate() - timedelta(days=180)
    asked = latest + timedelta(days=1)
    at(days=400)
    count = SecurityEvent.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command("purge_logs", option, {"--before": asked.isoformat(), "--days": "179"}[option])
    assert str(refused.value) == (
        f"安全日志至少保存 180 天，{asked} 以前的不能全部清理；最晚可以写 --before {latest} 或 --days 180。"
        "没有清理任何日志。"
    )
    assert SecurityEvent.objects.count() == count


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--before", "2024-13-01"), "--before 的值是 '2024-13-01'；请写日期，例如 2024-01-01。"),
        (("--days", "-5"), "--days 的值是 '-5'；请写整数。"),
        (("--days", "半年"), "--days 的值是 '半年'；请写整数。"),
    ],
)
def test_an_age_that_is_none_is_refused(args, sentence):
    with pytest.raises(CommandError) as refused:
        call_command("purge_logs", f"{args[0]}={args[1]}")
    assert str(refused.value) == sentence


def test_the_clean_up_of_the_lock_out_leaves_the_log_alone(client, clerk, lines):
    client.post("/admin/login/", {"username": "clerk", "password": "hush", "next": "/admin/"})
    call_command("axes_reset", verbosity=0)
    assert not AccessAttempt.objects.exists()
    assert lines() == [("login_failed", "clerk", None, "用户名或密码不正确")]
