"""The forms of signing in: name, password and code on one page; and the code alone."""

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError

from . import second_factor


class CodeField(forms.CharField):
    """A code of the phone, or a recovery code."""

    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"})

    def __init__(self, **options):
        super().__init__(**{"label": "动态口令", "max_length": 20} | options)


class SignInForm(AdminAuthenticationForm):
    """User name, password, and the code of who has enrolled a phone."""

    code = CodeField(required=False, help_text="手机上的六位数字，或一个恢复码；没有启用动态口令的不填。")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = "管理员为您建立账号时所给的名称。"
        self.fields["password"].help_text = "区分大小写；连续输错会锁定一段时间，忘记的请联系管理员。"

    def clean(self):
        """Check name and password, then the code; a wrong code counts as a failure like a wrong password."""
        cleaned = super().clean()
        user = self.get_user()
        if user is None or second_factor.device_of(user) is None:
            return cleaned
        code = cleaned.get("code")
        if not code:
            raise ValidationError("您已启用动态口令，请连同密码一起填写。", code="code_missing")
        user.otp_device, problem = second_factor.verify(user, code)
        if problem:
            # What came too soon after a wrong one was not looked at, and counts for nothing.
            if problem == second_factor.WRONG:
                self.fail("动态口令不正确")
            raise ValidationError(problem, code="code_wrong")
        return cleaned

    def confirm_login_allowed(self, user):
        """Staff only; an attempt by anybody else is a failure, and is written down."""
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            self.fail("不是工作人员")
            raise

    def fail(self, why):
        """Let the lock-out count and the security log keep a failure that is not one of the password."""
        credentials = {"username": self.cleaned_data["username"]}
        user_login_failed.send(type(self), credentials=credentials, request=self.request, why=why)


class CodeForm(forms.Form):
    """The code that ends the enrolment."""

    code = CodeField(help_text="手机扫码后显示的六位数字。")


class SetPasswordOfStaffForm(AdminPasswordChangeForm):
    """A password set for somebody else holds until the next sign-in."""

    def set_password_and_save(self, user, *args, commit=True, **kwargs):
        """Set it, and ask for another."""
        super().set_password_and_save(user, *args, commit=False, **kwargs)
        user.must_change_password = True
        if commit:
            user.save()
        return user
