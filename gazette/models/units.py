"""Who acts: the users of the desk, and the organisations that documents name."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from .base import RegisterQuerySet, choice_constraint, code_field
from .listing import History, Listed, list_index, place_once


class UnitKind(models.TextChoices):
    """What sort of organisation a unit is, as its name says."""

    GOVERNMENT = "government", "人民政府"
    OFFICE = "office", "政府办公室"
    DISTRICT_GOVERNMENT = "district_government", "区人民政府"
    DEPARTMENT = "department", "政府部门"
    CENTRAL = "central", "垂直管理机构"
    INSTITUTION = "institution", "事业单位"
    ENTERPRISE = "enterprise", "企业"
    BANK = "bank", "银行"
    OTHER = "other", "其他"


class UnitQuerySet(RegisterQuerySet):
    """Units by what they are asked for."""

    def for_list(self):
        """With parents and aliases: two queries."""
        return self.select_related("parent").prefetch_related("aliases")

    def named(self, name):
        """The units that bear this name or alias, as printed."""
        return self.filter(Q(name=name) | Q(aliases__name=name)).distinct()


class Unit(Listed):
    """An organisation; its name is the fullest form that the documents print."""

    register_kind = "unit"

    code = code_field()
    name = models.CharField("名称", max_length=120, unique=True)
    kind = models.CharField("类别", max_length=24, choices=UnitKind)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级单位", related_name="children", null=True, blank=True
    )
    note = models.CharField("说明", max_length=240, blank=True)
    history = History()

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        ordering = ["code"]
        permissions = [("change_register", "可以合并或更名单位")]
        indexes = [list_index("unit", "kind")]
        constraints = [choice_constraint("unit_kind_known", "kind", UnitKind), place_once("unit")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/units/{self.code}/"

    def natural_key(self):
        return (self.code,)

    @property
    def names(self):
        """The name and every alias; costs a query unless aliases are prefetched."""
        return (self.name, *(alias.name for alias in self.aliases.all()))


class UnitAlias(models.Model):
    """Another form of a unit's name that a document prints (财政局 for 市财政局)."""

    unit = models.ForeignKey(Unit, models.CASCADE, verbose_name="单位", related_name="aliases")
    name = models.CharField("别名", max_length=120, unique=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "单位别名"
        verbose_name_plural = "单位别名"
        ordering = ["name"]

    def __str__(self):
        return self.name


class User(AbstractUser):
    """A member of staff: the unit that he or she acts for, and the age of the password."""

    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="所属单位", related_name="staff", null=True, blank=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True, editable=False)
    must_change_password = models.BooleanField(
        "下次登录须修改密码", default=False, help_text="勾选后，本人登录时须先修改密码；修改后自动取消。"
    )
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta(AbstractUser.Meta):
        verbose_name = "用户"
        verbose_name_plural = "用户"
        ordering = ["username"]
        permissions = [
            ("grant_role", "可以授予和收回角色"),
            ("release_lock", "可以解除登录锁定"),
            ("reset_second_factor", "可以重置动态口令"),
        ]

    def save(self, *args, **kwargs):
        """Save; of a new user with a password, its age begins now: Django's own makers do not use `set_password`."""
        if self._state.adding and self.password and self.password_changed_at is None:
            self.password_changed_at = timezone.now()
        super().save(*args, **kwargs)

    def set_password(self, raw_password):
        """Set the password and note when, so that its age can be asked.

        A change that was due is done with it; who sets a password for somebody else asks for the next one afterwards.
        """
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()
        self.must_change_password = False
