"""Signing in as a clerk does it: the first password, the phone, the codes, in a real browser on the real server."""

import re
import subprocess
import sys
import time
from base64 import b32decode

import pytest
from browsing import RULES, assert_fits, violations
from django.conf import settings
from django_otp.oath import TOTP
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

FIRST, SECOND = "示例-Clerk-2024", "示例-Clerk-2025"
MAKE_CLERK = f"""
from gazette.models import User
user = User(username="clerk", is_staff=True, is_superuser=True)
user.set_password("{FIRST}")
user.must_change_password = True
user.save()
"""


@pytest.fixture
def portal(serve):
    """The address of a portal that requires a second factor, with one clerk who never signed in."""
    address, environment = serve(WUHAI_SECOND_FACTOR="required")
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", MAKE_CLERK],
        cwd=settings.BASE_DIR,
        env=environment,
        check=True,
        capture_output=True,
    )
    return address


def shows(secret, steps=0):
    """What a phone with this secret shows, now or some steps later."""
    totp = TOTP(b32decode(secret))
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def sign_in(page, password, code=""):
    """Fill in the sign-in form and send it."""
    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill(password)
    page.get_by_label("动态口令").fill(code)
    page.get_by_role("button", name="登录").click()


def assert_good(page):
    """The page fits, and axe-core finds nothing; what it would load anew, the policy refuses."""
    assert_fits(page)
    assert violations(page, runOnly=RULES, preload=False) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_a_clerk_signs_in_for_the_first_time_and_again(width, portal, open_browser):
    page = open_browser(portal, width=width, statuses={429})
    page.goto("/admin/gazette/unit/")
    assert_good(page)
    sign_in(page, FIRST)

    expect(page.get_by_text("请先修改密码：首次登录，或管理员要求您修改。")).to_be_visible()
    assert_fits(page)
    for name, password in (("old_password", FIRST), ("new_password1", SECOND), ("new_password2", SECOND)):
        page.locator(f"[name={name}]").fill(password)
    page.get_by_role("button", name="修改我的密码").click()
    expect(page.get_by_text("你的密码已修改。")).to_be_visible()
    page.goto("/admin/gazette/unit/")

    expect(page.get_by_text("请先启用动态口令：本站要求登录时除密码外再填写手机上的动态口令。")).to_be_visible()
    expect(page.get_by_role("img", name="密钥的二维码")).to_be_visible()
    assert_good(page)
    secret = page.locator(".second-factor code").inner_text().replace(" ", "")
    page.get_by_label("动态口令").fill(shows(secret))
    page.get_by_role("button", name="确认启用").click()
    expect(page.get_by_text("动态口令已启用。")).to_be_visible()
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    assert all(re.fullmatch("[a-z2-7]{8}", code) for code in codes)
    assert_good(page)
    page.get_by_role("link", name="已经保存，进入工作台").click()
    expect(page.get_by_role("heading", name="办理事项")).to_be_visible()

    page.get_by_role("button", name="注销").click()
    page.goto("/admin/")
    sign_in(page, SECOND)
    expect(page.get_by_role("alert")).to_have_text("您已启用动态口令，请连同密码一起填写。")
    assert_good(page)
    sign_in(page, SECOND, shows(secret, 1))
    expect(page.get_by_role("heading", name="办理事项")).to_be_visible()
    page.goto("/admin/second-factor/")
    expect(page.get_by_text("恢复码还剩10个")).to_be_visible()
    assert_good(page)

    page.get_by_role("button", name="注销").click()
    page.goto("/admin/")
    for _ in range(5):
        sign_in(page, FIRST)
    expect(page.get_by_role("alert")).to_have_text("连续5次登录失败，这个用户名从您的地址登录已被锁定30分钟。")
    assert_good(page)
