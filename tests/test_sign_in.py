"""Signing in: what a password must be, when somebody is locked out, when a session is over, and the second factor."""

import re
import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import (
    password_changed,
    password_validators_help_texts,
    validate_password,
)
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from gazette.admin_base import admin_url
from gazette.models import SecurityEvent, User
from gazette.security import client_address
from wuhai_portal import environment
from wuhai_portal.environment import BadEnvironment
from wuhai_portal.signing import second_factor
from wuhai_portal.signing.middleware import SEEN_AT, SIGNED_IN_AT
from wuhai_portal.signing.passwords import why_change_is_due

PASSWORD = "示例-Clerk-2024"
OTHER = "示例-Clerk-2025"
REQUIRED = "请先启用动态口令：本站要求登录时除密码外再填写手机上的动态口令。"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """Hashes that take no time; what is tested here is who compares which."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def clerk():
    """A member of staff with a password and no rights."""
    return User.objects.create_user("clerk", password=PASSWORD, is_staff=True)


@pytest.fixture
def chief():
    """A member of staff with the two rights over the sign-ins of others, who may look at users."""
    chief = User.objects.create_user("chief", password=PASSWORD, is_staff=True)
    rights = ["release_lock", "reset_second_factor", "view_user", "change_user"]
    chief.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return chief


def sign_in(client, username="clerk", password=PASSWORD, code="", **extra):
    """Send the sign-in form."""
    data = {"username": username, "password": password, "code": code, "next": "/admin/"}
    return client.post("/admin/login/", data, **extra)


def said(response):
    """What the page says in messages."""
    return [str(message) for message in response.context["messages"]]


def code_of(user, steps=0):
    """The code that the user's phone shows, or will show some steps later."""
    totp = TOTP(TOTPDevice.objects.get(user=user).bin_key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def enrol(user):
    """Enrol a phone for a user; its recovery codes."""
    second_factor.pending_device(user)
    _device, codes, problem = second_factor.confirm(user, code_of(user))
    assert problem == ""
    return codes


# Passwords


def refusals(password, user=None):
    """The sentences with which a password is refused."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.parametrize(
    ("password", "sentences"),
    [
        (PASSWORD, []),
        ("Sample-gate-19", []),
        ("示例口令示例口令-Xy", []),  # 汉字 are other characters
        ("Sample-8", ["密码太短，至少要10个字符。"]),
        (
            "samplesgateway19",
            ["密码须含大写字母、小写字母、数字、其他字符中的至少3类，现在只有2类，请补上。"],
        ),
        (
            "7391648205",
            [
                "密码只包含数字。",
                "密码须含大写字母、小写字母、数字、其他字符中的至少3类，现在只有1类，请补上。",
            ],
        ),
    ],
)
def test_what_a_password_is_made_of(password, sentences):
    assert refusals(password) == sentences


def test_the_page_says_the_rules_in_chinese():
    assert password_validators_help_texts() == [
        "你的密码不能与你的其他个人信息太相似。",
        "密码至少要10个字符。",
        "你的密码不能是一个常见密码。",
        "你的密码不能全都是数字。",
        "密码须含大写字母、小写字母、数字、其他字符（符号、汉字）中的至少3类。",
        "不能与最近5次用过的密码相同。",
    ]


def test_the_last_five_passwords_are_not_taken_again(clerk):
    used = [PASSWORD, *(f"示例-Clerk-{year}" for year in range(2025, 2030))]
    for password in used[1:]:
        assert refusals(password, clerk) == []
        clerk.set_password(password)
        clerk.save()
    assert refusals(used[0], clerk) == []  # the sixth
    assert [refusals(password, clerk) for password in used[1:]] == [["不能用最近5次用过的密码，请换一个。"]] * 5
    assert clerk.old_passwords.count() == 5
    assert not clerk.old_passwords.filter(password__contains="Clerk").exists()


def test_a_password_from_before_the_rule_is_not_taken_again_either(clerk):
    clerk.old_passwords.all().delete()
    assert refusals(PASSWORD, clerk) == ["不能用最近5次用过的密码，请换一个。"]


def test_a_password_is_remembered_by_its_hash(clerk):
    password_changed(PASSWORD, clerk)
    assert set(clerk.old_passwords.values_list("password", flat=True)) == {clerk.password}


def test_a_password_is_due_after_ninety_days(clerk, settings):
    day = timedelta(days=1)
    changed = clerk.password_changed_at
    assert why_change_is_due(clerk, changed + 89 * day) == ""
    assert why_change_is_due(clerk, changed + 90 * day) == "请先修改密码：现在的密码已经用满90天。"
    settings.PASSWORD_MAX_AGE_DAYS = 0
    assert why_change_is_due(clerk, changed + 900 * day) == ""


def test_an_old_password_leads_to_its_change_and_then_to_work(client, clerk):
    User.objects.update(password_changed_at=timezone.now() - timedelta(days=91))
    sign_in(client)
    for page in ("/admin/", "/admin/gazette/unit/", "/admin/second-factor/"):
        answer = client.get(page, follow=True)
        assert answer.redirect_chain == [("/admin/password_change/", 302)]
    assert said(answer)[0] == "请先修改密码：现在的密码已经用满90天。"
    new = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}
    assert client.post("/admin/password_change/", new).url == "/admin/password_change/done/"
    assert client.get("/admin/").status_code == 200


def test_a_first_password_is_changed_before_work(client, clerk):
    clerk.must_change_password = True
    clerk.save()
    sign_in(client)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain == [("/admin/password_change/", 302)]
    assert said(answer) == ["请先修改密码：首次登录，或管理员要求您修改。"]
    same = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    form = client.post("/admin/password_change/", same).context["form"]
    assert form.errors == {"new_password2": ["不能用最近5次用过的密码，请换一个。"]}
    new = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}
    client.post("/admin/password_change/", new)
    clerk.refresh_from_db()
    assert not clerk.must_change_password
    assert client.get("/admin/").status_code == 200


def test_who_sets_a_password_for_somebody_asks_for_the_next(admin_client, clerk):
    url = f"{admin_url(User, 'change', clerk.pk)[: -len('change/')]}password/"
    data = {"password1": OTHER, "password2": OTHER, "usable_password": "true"}
    assert admin_client.post(url, data).status_code == 302
    clerk.refresh_from_db()
    assert clerk.check_password(OTHER)
    assert clerk.must_change_password


def test_a_user_entered_at_the_desk_changes_the_first_password(admin_client):
    data = {"username": "newcomer", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert admin_client.post(admin_url(User, "add"), data).status_code == 302
    assert User.objects.get(username="newcomer").must_change_password


def test_ones_own_password_is_changed_where_the_old_one_is_asked(admin_client, admin_user):
    url = f"{admin_url(User, 'change', admin_user.pk)[: -len('change/')]}password/"
    assert admin_client.get(url).url == "/admin/password_change/"


def test_a_changed_password_ends_the_sessions_elsewhere(client, clerk):
    elsewhere = Client()
    sign_in(client)
    sign_in(elsewhere)
    assert elsewhere.get("/admin/").status_code == 200
    new = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}
    client.post("/admin/password_change/", new)
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").url == "/admin/login/?next=/admin/"


def test_the_first_start_makes_no_account(founding):
    assert not User.objects.exists()


# Lock-out


def test_five_failures_lock_a_name_from_an_address(client, clerk):
    for _ in range(4):
        answer = sign_in(client, password="wrong")
        assert answer.status_code == 200
    answer = sign_in(client, password="wrong")
    assert answer.status_code == 429
    page = answer.content.decode()
    assert "连续5次登录失败，这个用户名从您的地址登录已被锁定30分钟。" in page
    assert "<h1>登录已锁定</h1>" in page
    assert sign_in(client).status_code == 429  # the right password does not help
    assert sign_in(client, REMOTE_ADDR="127.0.0.2").status_code == 302  # another address is not locked
    User.objects.create_user("other", password=PASSWORD, is_staff=True)
    assert sign_in(client, username="other").status_code == 302  # nor is another name


def test_a_lock_ends_by_itself(client, clerk):
    for _ in range(5):
        sign_in(client, password="wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=29))
    assert sign_in(client).status_code == 429
    # The attempt while locked has not made it longer.
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=31))
    assert sign_in(client).status_code == 302


def test_a_success_takes_the_failures_back(client, clerk):
    for _ in range(2):
        for _ in range(4):
            sign_in(client, password="wrong")
        assert sign_in(client).status_code == 302


@pytest.mark.parametrize(
    ("behind", "forwarded", "address"),
    [
        (False, None, "127.0.0.1"),
        (False, "203.0.113.9", "127.0.0.1"),  # anybody can send it
        (True, None, "127.0.0.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the first is the client's own word
        (True, "2001:db8::1", "2001:db8::1"),
        (True, "nonsense", None),
    ],
)
def test_the_address_of_a_client(behind, forwarded, address, rf, settings):
    settings.BEHIND_PROXY = behind
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(rf.get("/", headers=headers)) == address


def test_behind_the_proxy_one_clerk_does_not_lock_the_office(client, clerk, settings):
    settings.BEHIND_PROXY = True
    for _ in range(5):
        sign_in(client, password="wrong", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
    assert AccessAttempt.objects.get().ip_address == "203.0.113.9"
    assert sign_in(client, headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 302


def test_a_holder_of_the_right_releases_a_colleague(client, clerk, chief):
    for _ in range(5):
        sign_in(client, password="wrong")
    desk = Client()
    desk.force_login(chief)
    change = admin_url(User, "change", clerk.pk)
    page = desk.get(change).content.decode()
    until = timezone.localtime(AccessAttempt.objects.get().attempt_time + timedelta(minutes=30))
    assert f"来自127.0.0.1的登录锁定至{until:%Y-%m-%d %H:%M}" in page
    release = f"/admin/gazette/user/{clerk.pk}/release-lock/"
    assert release in page
    assert "此前的失败次数清零" in desk.get(release).content.decode()
    assert sign_in(client).status_code == 429  # the question alone releases nobody
    answer = desk.post(release, follow=True)
    assert said(answer) == ["已解除“clerk”的登录锁定。"]
    assert "未锁定" in answer.content.decode()
    assert sign_in(client).status_code == 302
    event = SecurityEvent.objects.get(kind="released")
    assert (event.user, event.by, event.detail) == (clerk, chief, "来源地址：127.0.0.1")


@pytest.mark.parametrize("act", ["release-lock", "reset-second-factor"])
def test_nobody_acts_without_the_right_or_on_oneself(act, client, clerk, chief):
    client.force_login(clerk)
    assert client.post(f"/admin/gazette/user/{chief.pk}/{act}/").status_code == 403
    client.force_login(chief)
    words = {"release-lock": "解除登录锁定", "reset-second-factor": "重置动态口令"}[act]
    answer = client.post(f"/admin/gazette/user/{chief.pk}/{act}/", follow=True)
    assert said(answer) == [f"不能为自己{words}，请由另一位有此权限的人办理。"]
    assert f"/{act}/" not in answer.content.decode()
    assert client.get(f"/admin/gazette/user/0/{act}/").status_code == 404
    assert not SecurityEvent.objects.filter(kind__in=["released", "second_factor_reset"]).exists()


# The end of a session


def move_back(client, key, seconds):
    """Make a session older."""
    session = client.session
    session[key] -= seconds
    session.save()


def test_an_idle_session_ends_and_leads_back(client, clerk):
    sign_in(client)
    move_back(client, SEEN_AT, 30 * 60 - 5)
    assert client.get("/admin/").status_code == 200
    move_back(client, SEEN_AT, 30 * 60)
    answer = client.get("/admin/gazette/?q=1", follow=True)
    assert answer.redirect_chain == [("/admin/login/?next=/admin/gazette/%3Fq%3D1", 302)]
    assert said(answer) == ["超过30分钟没有操作，已自动退出，请重新登录。"]
    assert client.get("/admin/").status_code == 302
    event = SecurityEvent.objects.get(kind="session_ended")
    assert (event.user, event.detail) == (clerk, "超过30分钟没有操作，已自动退出，请重新登录。")


def test_a_session_ends_after_twelve_hours_however_busy(client, clerk):
    sign_in(client)
    move_back(client, SIGNED_IN_AT, 12 * 3600)
    answer = client.get("/admin/", follow=True)
    assert said(answer) == ["登录已满12小时，请重新登录。"]


def test_a_session_from_before_these_rules_is_over(client, clerk):
    sign_in(client)
    session = client.session
    del session[SIGNED_IN_AT], session[SEEN_AT]
    session.save()
    assert client.get("/admin/").status_code == 302


def test_a_cookie_of_a_session_goes_with_the_browser(client, clerk):
    cookie = sign_in(client).cookies["sessionid"]
    assert (cookie["expires"], cookie["max-age"]) == ("", "")
    assert cookie["httponly"]


def test_a_visit_is_noted_once_a_minute_and_writes_nothing_between(client, clerk):
    sign_in(client)
    client.get("/admin/")
    assert not [query for query in queries(client, "/admin/") if not query.startswith("SELECT")]
    move_back(client, SEEN_AT, 61)
    assert any("UPDATE" in query for query in queries(client, "/admin/"))


def queries(client, url):
    """The queries of a page."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in caught.captured_queries]


def test_public_pages_ask_nothing_about_who_is_signed_in(client, clerk):
    anonymous = len(queries(client, "/units/"))
    enrol(clerk)
    sign_in(client, code=code_of(clerk, 1))
    client.get("/units/")
    of_staff = queries(client, "/units/")
    assert len(of_staff) == anonymous
    assert not [query for query in of_staff if "session" in query or "otp" in query or "axes" in query]


# The second factor


def test_a_clerk_enrols_and_then_signs_in_with_a_code(client, clerk, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    assert sign_in(client).url == "/admin/"
    for page in ("/admin/", "/admin/gazette/unit/", "/admin/gazette/unit/autocomplete/"):
        answer = client.get(page, follow=True)
        assert answer.redirect_chain == [("/admin/second-factor/", 302)]
    assert said(answer)[0] == REQUIRED
    page = answer.content.decode()
    device = TOTPDevice.objects.get(user=clerk)
    assert not device.confirmed
    assert second_factor.secret_of(device) in page
    assert '<svg role="img" aria-label="密钥的二维码"' in page
    assert "style=" not in page
    assert "data:" not in page
    answer = client.post("/admin/second-factor/", {"code": "000000x"})
    assert answer.context["form"].errors == {"code": [second_factor.WRONG]}
    answer = client.post("/admin/second-factor/", {"code": code_of(clerk)})
    assert answer.context["form"].errors == {"code": ["刚才的动态口令不正确，请等1秒再试。"]}
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(seconds=2))
    answer = client.post("/admin/second-factor/", {"code": code_of(clerk)})
    codes = re.findall(r"<code>([a-z2-7]{8})</code>", answer.content.decode())
    assert len(codes) == 10
    assert "动态口令已启用。" in answer.content.decode()
    assert client.get("/admin/").status_code == 200
    page = client.get("/admin/second-factor/").content.decode()
    assert "恢复码还剩10个" in page
    assert not [code for code in codes if code in page]
    client.post("/admin/logout/")
    # From now on the password alone is not enough.
    form = sign_in(client).context["form"]
    assert form.non_field_errors() == ["您已启用动态口令，请连同密码一起填写。"]
    assert sign_in(client, code=code_of(clerk, 1)).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_code_is_good_once_and_a_wrong_one_makes_wait(client, clerk):
    enrol(clerk)
    code = code_of(clerk, 1)
    assert sign_in(client, code=code).url == "/admin/"
    other = Client()
    assert sign_in(other, code=code).context["form"].non_field_errors() == [second_factor.WRONG]
    assert sign_in(other, code=code).context["form"].non_field_errors() == ["刚才的动态口令不正确，请等1秒再试。"]
    failures = SecurityEvent.objects.filter(kind="login_failed")
    assert [(event.user, event.detail) for event in failures] == [(clerk, "动态口令不正确")]


def test_wrong_codes_lock_like_wrong_passwords(client, clerk):
    enrol(clerk)
    answers = []
    for _ in range(5):
        answers.append(sign_in(client, code="zzzzzzzz").status_code)
        StaticDevice.objects.update(throttling_failure_count=0)
    assert answers == [200, 200, 200, 200, 429]


def test_a_recovery_code_is_good_once(client, clerk, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    code = enrol(clerk)[0]
    typed = f" {code[:4].upper()}-{code[4:]} "
    assert sign_in(client, code=typed).url == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert SecurityEvent.objects.filter(kind="login").first().detail == "用恢复码，还剩9个"
    assert sign_in(Client(), code=code).context["form"].non_field_errors() == [second_factor.WRONG]


def test_recovery_codes_are_replaced_by_who_signed_in_with_a_code(client, clerk):
    old = enrol(clerk)
    client.force_login(clerk)
    answer = client.post("/admin/second-factor/", {"_replace": "1"}, follow=True)
    assert said(answer) == ["动态口令已经启用；更换恢复码请用动态口令重新登录后再试。"]
    sign_in(client, code=old[0])
    answer = client.post("/admin/second-factor/", {"_replace": "1"})
    new = answer.context["codes"]
    assert "恢复码已更换，以前的不再有效。" in answer.content.decode()
    assert sign_in(Client(), code=old[1]).context["form"].non_field_errors() == [second_factor.WRONG]
    StaticDevice.objects.update(throttling_failure_count=0)
    assert sign_in(Client(), code=new[0]).status_code == 302
    assert SecurityEvent.objects.get(kind="recovery_codes").user == clerk


def test_a_session_of_the_password_alone_ends_once_a_phone_is_enrolled(client, clerk, settings):
    sign_in(client)
    enrol(clerk)
    settings.SECOND_FACTOR_REQUIRED = True
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain == [("/admin/login/?next=/admin/", 302)]
    assert said(answer) == ["您已启用动态口令，请重新登录并填写。"]


def test_a_colleague_resets_a_lost_phone_and_the_clerk_enrols_anew(client, clerk, chief, settings):
    code = enrol(clerk)[0]
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, code=code)
    assert client.get("/admin/").status_code == 200
    settings.SECOND_FACTOR_REQUIRED = False
    desk = Client()
    desk.force_login(chief)
    reset = f"/admin/gazette/user/{clerk.pk}/reset-second-factor/"
    page = desk.get(admin_url(User, "change", clerk.pk)).content.decode()
    assert reset in page
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d启用", page)
    assert "请先当面或电话核实本人身份。" in desk.get(reset).content.decode()
    answer = desk.post(reset, follow=True)
    assert said(answer) == ["已重置“clerk”的动态口令。"]
    assert "未启用" in answer.content.decode()
    event = SecurityEvent.objects.get(kind="second_factor_reset")
    assert (event.user, event.by) == (clerk, chief)
    settings.SECOND_FACTOR_REQUIRED = True
    # The session that the lost phone had opened does no more work.
    assert client.get("/admin/").url == "/admin/second-factor/"
    assert not TOTPDevice.objects.filter(user=clerk).exists()


def test_who_runs_the_machine_lets_the_last_one_in_again(client, clerk, capsys):
    enrol(clerk)
    for _ in range(5):
        sign_in(client, password="wrong")
    call_command("reset_second_factor", "clerk")
    assert capsys.readouterr().out == "已重置“clerk”的动态口令并解除登录锁定；请登录后重新启用。\n"
    assert sign_in(client).url == "/admin/"
    events = SecurityEvent.objects.filter(kind__in=["second_factor_reset", "released"])
    assert {(event.kind, event.user, event.by) for event in events} == {
        ("second_factor_reset", clerk, None),
        ("released", clerk, None),
    }
    with pytest.raises(CommandError) as refused:
        call_command("reset_second_factor", "nobody")
    assert str(refused.value) == "没有用户“nobody”；请核对用户名，大小写有别。"


def test_secrets_are_on_no_page_of_the_desk(admin_client):
    for model in ("otp_totp/totpdevice", "otp_static/staticdevice", "axes/accessattempt"):
        assert admin_client.get(f"/admin/{model}/").status_code == 404


def test_a_verified_session_takes_one_query_more(client, clerk, admin_user):
    client.force_login(admin_user)
    client.get("/admin/gazette/unit/")
    without = len(queries(client, "/admin/gazette/unit/"))
    codes = enrol(admin_user)
    admin_user.set_password(PASSWORD)
    admin_user.save()
    sign_in(client, "admin", code=codes[0])
    client.get("/admin/gazette/unit/")
    with_code = queries(client, "/admin/gazette/unit/")
    assert len(with_code) == without + 1  # the device: it may have been reset since
    assert len([query for query in with_code if "otp_" in query]) == 1


@pytest.mark.parametrize("rows", [1, 50])
def test_a_page_of_a_user_takes_a_fixed_number_of_queries(rows, admin_client, clerk):
    for number in range(rows):
        AccessAttempt.objects.create(username="clerk", ip_address=f"203.0.113.{number}", failures_since_start=5)
    url = admin_url(User, "change", clerk.pk)
    admin_client.get(url)
    # Session, user, colleague, his version; locks, phone; groups and permissions, chosen and to choose from.
    assert len(queries(admin_client, url)) == 10


def test_somebody_who_is_no_staff_does_not_get_in_and_is_written_down(client):
    User.objects.create_user("reader", password=PASSWORD)
    assert sign_in(client, "reader").status_code == 200
    event = SecurityEvent.objects.get(kind="login_failed")
    assert (event.name, event.detail) == ("reader", "不是工作人员")


# Settings


@pytest.mark.parametrize("value", ["9x", "-1", "7", "65", "1.5", "１２"])
def test_a_number_that_is_none_or_out_of_bounds(value):
    with pytest.raises(BadEnvironment) as refused:
        environment.number({"WUHAI_PASSWORD_MIN_LENGTH": value}, "WUHAI_PASSWORD_MIN_LENGTH", 10, 8, 64)
    assert str(refused.value) == f"WUHAI_PASSWORD_MIN_LENGTH 的值是 {value!r}；请写 8 到 64 的整数。"


def test_a_number_has_a_default():
    assert environment.number({}, "WUHAI_IDLE_MINUTES", 30, 1, 480) == 30
    assert environment.number({"WUHAI_IDLE_MINUTES": "15"}, "WUHAI_IDLE_MINUTES", 30, 1, 480) == 15


def test_the_second_factor_is_required_or_optional():
    name = "WUHAI_SECOND_FACTOR"
    read = environment.second_factor_required
    assert [read({}, default) for default in (True, False)] == [True, False]
    assert [read({name: value}, False) for value in ("required", "optional")] == [True, False]
    with pytest.raises(BadEnvironment) as refused:
        read({name: "yes"}, False)
    assert str(refused.value) == (
        "WUHAI_SECOND_FACTOR 的值是 'yes'；请写 required（必须启用）或 optional（自愿启用）。"
    )


def test_a_public_site_without_second_factor_is_warned(settings):
    def warnings():
        checks = run_checks(include_deployment_checks=True)
        return [(check.level, check.msg, check.hint) for check in checks if check.id == "wuhai.W001"]

    assert warnings() == []  # this one is for loopback
    settings.SITE_ADDRESS = environment.site_address({"WUHAI_SITE_ADDRESS": "https://data.example.gov.cn"})
    hint = "请删去 WUHAI_SECOND_FACTOR，或写 required。"
    assert warnings() == [(30, "工作人员只凭密码就能登录对外的站点。", hint)]
    settings.SECOND_FACTOR_REQUIRED = True
    assert warnings() == []
