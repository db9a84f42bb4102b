"""The plan of a year."""

from django.db import models

from gazette.models import Listed, Sourced, SourcedQuerySet, list_index, place_of, place_once


class PlanQuerySet(SourcedQuerySet):
    """Plans, newest first."""


class Plan(Listed, Sourced):
    """The plan of one year; `code` is its address (2023)."""

    title = models.CharField(
        "标题", max_length=240, help_text="照抄计划正文的标题，如 2023年乌海市国民经济和社会发展计划。"
    )
    year = models.PositiveSmallIntegerField("年度", help_text="计划管哪一年，四位数，如 2023。")

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "年度计划"
        verbose_name_plural = "年度计划"
        ordering = ["-year", "code"]
        indexes = [list_index("plan", "year")]
        constraints = [
            models.UniqueConstraint(
                fields=["document"],
                name="plan_one_per_document",
                violation_error_message="一份文件只对应一个年度计划。",
            ),
            place_once("plan"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"/plans/{self.code}/"

    def listing(self):
        """Newest first."""
        return {"place": place_of(f"{9999 - self.year:04}", self.code)}

    @property
    def parts_count(self):
        """How many parts the plan's text has; the text itself says 6方面工作."""
        return self.document.passages.filter(kind="heading", level=1).count()
