"""Who acts: the users of the desk, and the organisations that documents name."""

from datetime import timedelta

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
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
        """With parents, successors, aliases and former names: three queries."""
        return self.select_related("parent", "succeeded_by").prefetch_related("aliases", "former_names")

    def named(self, name):
        """The units that bear this name or alias, as printed, or bore the name once."""
        return self.filter(Q(name=name) | Q(aliases__name=name) | Q(former_names__name=name)).distinct()


class Unit(Listed):
    """An organisation; its name is the fullest form that the documents print, and the one that it bears today."""

    register_kind = "unit"

    code = code_field()
    name = models.CharField(
        "名称",
        max_length=120,
        unique=True,
        help_text="文件中最全的印法，如 市财政局、国家税务总局乌海市税务局；其他印法写在下面的别名中。",
    )
    kind = models.CharField(
        "类别",
        max_length=24,
        choices=UnitKind,
        help_text=(
            "按名称判断：市财政局 选政府部门，国家税务总局乌海市税务局 选垂直管理机构，"
            "乌海供电公司 选企业；看不出的选其他。"
        ),
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="上级单位",
        related_name="children",
        null=True,
        blank=True,
        help_text="隶属关系清楚的才选，如 乌海市人民政府办公室 的上级是 乌海市人民政府；文中未载明的留空。",
    )
    note = models.CharField(
        "说明",
        max_length=240,
        blank=True,
        help_text="须告诉读者的话，公开，如 海勃湾区人民政府 在文件中印为“各区人民政府”；没有的留空。",
    )
    # Not editable: entered with a reason, whether the unit is public or not (`gazette.renaming`).
    succeeded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="承接单位",
        related_name="predecessors",
        null=True,
        blank=True,
        editable=False,
    )
    succeeded_on = models.DateField("承接日期", null=True, blank=True, editable=False)
    succession_note = models.CharField("承接依据", max_length=240, blank=True, editable=False)
    history = History()

    # Fields that came later do not alter the hash of what says nothing in them.
    content_if_filled = ("succeeded_by", "succeeded_on", "succession_note")

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        ordering = ["code"]
        permissions = [("change_register", "可以合并或更名单位")]
        indexes = [list_index("unit", "kind")]
        constraints = [
            choice_constraint("unit_kind_known", "kind", UnitKind),
            place_once("unit"),
            models.CheckConstraint(
                name="unit_succeeded_by_another",
                condition=Q(succeeded_by__isnull=True) | ~Q(succeeded_by=F("pk")),
                violation_error_message="单位不能由它自己承接。",
            ),
            models.CheckConstraint(
                name="unit_succession_whole",
                condition=Q(succeeded_by__isnull=True, succeeded_on__isnull=True, succession_note="")
                | Q(succeeded_by__isnull=False) & ~Q(succession_note=""),
                violation_error_message="承接须写明承接单位和依据。",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/units/{self.code}/"

    def natural_key(self):
        return (self.code,)

    @property
    def names(self):
        """The name, every alias and every former name; two queries unless those are prefetched.

        A document that was printed before a change of name goes on naming the unit as it did.
        """
        others = [*self.aliases.all(), *self.former_names.all()]
        return tuple(dict.fromkeys((self.name, *(other.name for other in others))))

    def name_on(self, day):
        """The name that the unit bore on a day; None where what is known of its former names does not say."""
        if day >= timezone.localdate():
            return self.name
        former = list(self.former_names.all())
        ended = [name for name in former if name.until_day]
        covering = next((name for name in ended if name.covers(day)), None)
        # Without its first day, a name held since the unit began, unless another is known of which the days are not.
        if covering and (covering.from_day or len(ended) == len(former)):
            return covering.name
        all_over = len(ended) == len(former) and all(name.until_day < day for name in former)
        return self.name if all_over else None


class UnitName(models.Model):
    """A name that a unit bore once, with its first and last day where they are known, and where that is known from."""

    unit = models.ForeignKey(Unit, models.CASCADE, verbose_name="单位", related_name="former_names")
    name = models.CharField("曾用名", max_length=120)
    from_day = models.DateField("起始日期", null=True, blank=True)
    until_day = models.DateField("终止日期", null=True, blank=True)
    note = models.CharField("依据", max_length=240)
    history = HistoricalRecords()

    class Meta:
        verbose_name = "曾用名"
        verbose_name_plural = "曾用名"
        ordering = [F("until_day").asc(nulls_first=True), "pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="unit_name_days_in_order",
                condition=Q(from_day__isnull=True) | Q(until_day__isnull=True) | Q(from_day__lte=F("until_day")),
                violation_error_message="曾用名的起始日期不能晚于终止日期。",
            ),
            models.CheckConstraint(
                name="unit_name_has_note", condition=~Q(note=""), violation_error_message="请写明曾用名的依据。"
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """The days are over, and the unit bore one name on a day."""
        if self.until_day is None:
            return  # A name of which the end is unknown covers no day for certain.
        if self.until_day >= timezone.localdate():
            raise ValidationError("曾用名的终止日期须早于今天。")
        for other in UnitName.objects.filter(unit=self.unit_id, until_day__isnull=False).exclude(pk=self.pk):
            if self._reaches(other) and other._reaches(self):
                raise ValidationError(
                    f"“{self.name}”（{self.days_in_words}）与曾用名“{other.name}”（{other.days_in_words}）的日期重叠，"
                    "请核对；起始日期不明的，视为此前一直使用。"
                )

    def _reaches(self, other) -> bool:
        return other.from_day is None or other.from_day <= self.until_day

    def covers(self, day) -> bool:
        """Whether the name, of which the last day is known, was borne on a day."""
        return (self.from_day is None or self.from_day <= day) and day <= self.until_day

    @property
    def day_after(self):
        """The day after its last, or None."""
        return self.until_day and self.until_day + timedelta(days=1)

    @property
    def days_in_words(self) -> str:
        """From when to when, and what of it is not known."""
        first, last = (date_format(day) if day else "" for day in (self.from_day, self.until_day))
        if first and last:
            return f"{first}至{last}"
        if last:
            return f"至{last}，起始日期不明"
        return f"{first}起，终止日期不明" if first else "起止日期不明"


class UnitAlias(models.Model):
    """Another form of a unit's name that a document prints (财政局 for 市财政局)."""

    unit = models.ForeignKey(Unit, models.CASCADE, verbose_name="单位", related_name="aliases")
    name = models.CharField(
        "别名", max_length=120, unique=True, help_text="文件中的另一种印法，照抄，一行一种，如 市财政局 也印作 财政局。"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = "单位别名"
        verbose_name_plural = "单位别名"
        ordering = ["name"]

    def __str__(self):
        return self.name


class User(AbstractUser):
    """A member of staff: the unit that he or she acts for, and the age of the password."""

    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="所属单位",
        related_name="staff",
        null=True,
        blank=True,
        help_text="代表哪个单位工作；报送进展的人只能报送这个单位的，不报送的可以留空。",
    )
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
