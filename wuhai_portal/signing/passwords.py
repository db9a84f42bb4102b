"""The rules for passwords beyond Django's own: what a password is made of, that it is new, and how old it may get."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils import timezone

from gazette.models import EventKind, OldPassword
from gazette.security import record_event

CLASSES = (str.isupper, str.islower, str.isdecimal)


class LongEnough(MinimumLengthValidator):
    """Django's own rule of the length, in Chinese: its translation lacks these two sentences."""

    def get_error_message(self):
        """What is wrong."""
        return f"密码太短，至少要{self.min_length}个字符。"

    def get_help_text(self):
        """The rule as the form says it."""
        return f"密码至少要{self.min_length}个字符。"


class CharacterClasses:
    """A password has characters of several classes: capitals, small letters, digits, anything else."""

    def __init__(self, least=3):
        self.least = least

    def validate(self, password, user=None):
        """Refuse one with fewer classes, saying how many it has."""
        found = sum(any(map(belongs, password)) for belongs in CLASSES)
        found += any(not any(belongs(character) for belongs in CLASSES) for character in password)
        if found < self.least:
            raise ValidationError(
                f"密码须含大写字母、小写字母、数字、其他字符中的至少{self.least}类，现在只有{found}类，请补上。",
                code="password_too_uniform",
            )

    def get_help_text(self):
        """The rule as the form says it."""
        return f"密码须含大写字母、小写字母、数字、其他字符（符号、汉字）中的至少{self.least}类。"


class NotUsedBefore:
    """A password is none of a user's last ones; kept as hashes, by the hashers of the site."""

    def __init__(self, remembered=5):
        self.remembered = remembered

    def validate(self, password, user=None):
        """Refuse one of the last, the present one included."""
        if user is None or not user.pk:
            return
        hashes = [old.password for old in user.old_passwords.all()[: self.remembered]]
        # An account that is older than this rule has a password that was not remembered.
        if user.password and user.password not in hashes:
            hashes.append(user.password)
        if any(check_password(password, known) for known in hashes):
            raise ValidationError(f"不能用最近{self.remembered}次用过的密码，请换一个。", code="password_used_before")

    def password_changed(self, password, user=None):
        """Remember the new one by its hash, forget what is older than the last ones, and write down that it changed."""
        remember(user)
        kept = user.old_passwords.values_list("pk", flat=True)[: self.remembered]
        user.old_passwords.exclude(pk__in=list(kept)).delete()
        record_event(EventKind.PASSWORD_CHANGED, user=user)

    def get_help_text(self):
        """The rule as the form says it."""
        return f"不能与最近{self.remembered}次用过的密码相同。"


def remember(user):
    """Keep the hash of the password that a user has now."""
    OldPassword.objects.get_or_create(user=user, password=user.password)


def why_change_is_due(user, now=None):
    """Why a user has to change the password before anything else, or nothing."""
    if user.must_change_password:
        return "请先修改密码：首次登录，或管理员要求您修改。"
    days = settings.PASSWORD_MAX_AGE_DAYS
    if not days or not user.password or not user.has_usable_password():
        return ""
    changed = user.password_changed_at
    if changed is None:
        return "请先修改密码：现在的密码不知是何时设置的。"
    if changed + timedelta(days=days) <= (now or timezone.now()):
        return f"请先修改密码：现在的密码已经用满{days}天。"
    return ""
