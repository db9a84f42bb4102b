"""The security log (who signed in or failed to, whose rights changed, what was taken away), and old passwords."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .base import choice_constraint


class EventKind(models.TextChoices):
    """What happened."""

    LOGIN = "login", "登录"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOCKED = "locked", "登录锁定"
    RELEASED = "released", "解除锁定"
    LOGOUT = "logout", "退出"
    SESSION_ENDED = "session_ended", "会话到期"
    PASSWORD_CHANGED = "password_changed", "修改密码"
    SECOND_FACTOR_SET = "second_factor_set", "启用动态口令"
    RECOVERY_CODES = "recovery_codes", "更换恢复码"
    SECOND_FACTOR_RESET = "second_factor_reset", "重置动态口令"
    RIGHTS_CHANGED = "rights_changed", "用户权限变更"
    USER_CHANGED = "user_changed", "用户变更"
    GROUP_CHANGED = "group_changed", "组变更"
    EXPORT = "export", "导出"
    IMPORT = "import", "导入"
    PURGED = "purged", "清理日志"


class CannotRewrite(TypeError):
    """Somebody tried to change or delete a line of the security log; a mistake in the program, not of the user."""

    def __init__(self):
        super().__init__("安全日志只能追加，不能修改或删除；到期的用 purge_logs 清理。")


class SecurityEventQuerySet(models.QuerySet):
    """Lines of the log; they are added and read."""

    def update(self, **values):
        """Refused."""
        raise CannotRewrite

    def bulk_update(self, *args, **kwargs):
        """Refused."""
        raise CannotRewrite

    def delete(self):
        """Refused."""
        raise CannotRewrite

    # As Django marks its own: not to be called on a manager.
    delete.queryset_only = True

    def purge(self, before):
        """Delete what is older than `before`, a moment; how many went. Called by `purge_logs` alone."""
        return models.QuerySet.delete(self.filter(at__lt=before))[0]


class SecurityEvent(models.Model):
    """One thing that happened to an account, its rights, or the data that was taken away; never changed afterwards.

    `user` and `name` say whom it concerns (the name as typed, where nobody has it), `by` who did it; no password and no
    code ever stands here.
    """

    at = models.DateTimeField("时间", default=timezone.now, editable=False)
    kind = models.CharField("类别", max_length=24, choices=EventKind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="用户", related_name="+", null=True, blank=True
    )
    name = models.CharField("名称", max_length=150, blank=True, help_text="用户名、组名，或登录时填写的用户名。")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="操作人", related_name="+", null=True, blank=True
    )
    address = models.GenericIPAddressField("来源地址", null=True, blank=True)
    detail = models.TextField("说明", blank=True)

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        verbose_name = "安全日志"
        verbose_name_plural = "安全日志"
        ordering = ["-pk"]
        default_permissions = ["view"]
        permissions = [("export_securityevent", "可以导出安全日志")]
        indexes = [
            models.Index(fields=["at"], name="securityevent_by_time"),
            models.Index(fields=["kind", "at"], name="securityevent_by_kind"),
        ]
        constraints = [choice_constraint("securityevent_kind_known", "kind", EventKind)]

    def __str__(self):
        return f"{self.get_kind_display()} {self.name}".strip()

    def save(self, *args, **kwargs):
        """Add a line; one that exists is not saved again."""
        if not self._state.adding:
            raise CannotRewrite
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        """Refused."""
        raise CannotRewrite


class OldPassword(models.Model):
    """The hash of a password that a user has or had, so that it is not taken again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="用户", related_name="old_passwords"
    )
    password = models.CharField("密码散列", max_length=128)
    at = models.DateTimeField("启用时间", default=timezone.now)

    class Meta:
        verbose_name = "用过的密码"
        verbose_name_plural = "用过的密码"
        ordering = ["-pk"]
        default_permissions = []

    def __str__(self):
        return f"{self.user} {self.at:%Y-%m-%d}"
