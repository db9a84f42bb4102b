"""The index of search: one row for each public record that search finds."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from ..search.engine import TokensField
from ..search.tokens import facet_token
from .base import CODE_LENGTH
from .documents import Document


class AudienceGroup(models.TextChoices):
    """To whom, in a closed set by which readers narrow; the app that reads the names says which one a name falls in."""

    INDIVIDUAL = "individual", "个人和家庭"
    SOLE_TRADER = "sole_trader", "个体工商户"
    ENTERPRISE = "enterprise", "企业"
    FARM = "farm", "农业经营主体"
    ORGANISATION = "organisation", "单位和机构"
    CUSTOMER = "customer", "用户和客户"
    OTHER = "other", "其他"


class SearchEntryQuerySet(models.QuerySet):
    """Entries by what they hold."""

    def public(self):
        """All of them: only what is public is in the index."""
        return self

    def matching(self, query, kind=""):
        """Entries that hold every word of a `gazette.search.query.Query`: by the index, then by the folded text.

        `kind` is looked up with the words.
        """
        found = self.filter(tokens__has=[*query.tokens, *([facet_token("kind", kind)] if kind else [])])
        if kind:
            found = found.filter(kind=kind)
        for word in query.folded_words:
            found = found.filter(Q(_holds("head", word)) | Q(_holds("body", word)))
        return found


def _holds(field, word):
    return GreaterThan(StrIndex(F(field), Value(word)), 0)


class SearchEntry(models.Model):
    """A public record as search finds and shows it; present exactly while the record is public.

    `title` and `text` are shown, a line of `text` for each of its names and passages; `head` and `body` are the same
    folded, `head` with the names. `rank` is the place of its kind among the results; entries without one are found by
    the `q` of their own list only. Only `gazette.publication` and `rebuild_search` write here.
    """

    kind = models.CharField("类别", max_length=24)
    code = models.CharField("代码", max_length=CODE_LENGTH)
    document = models.ForeignKey(
        Document, models.PROTECT, verbose_name="文件", related_name="search_entries", null=True, blank=True
    )
    rank = models.PositiveSmallIntegerField("类别次序", null=True, blank=True)
    path = models.CharField("页面", max_length=240)
    title = models.TextField("标题", blank=True)
    text = models.TextField("内容", blank=True)
    head = models.TextField("折叠后的标题", blank=True)
    body = models.TextField("折叠后的内容", blank=True)
    year = models.PositiveSmallIntegerField("年份", null=True, blank=True)
    day = models.DateField("日期", null=True, blank=True)
    facets = models.JSONField("分面", default=dict, help_text="名称 → 取值，如 unit → 单位代码。")
    tokens = TokensField("索引词")

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "检索条目"
        verbose_name_plural = "检索条目"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"], name="search_entry_once", violation_error_message="同一记录只有一个检索条目。"
            )
        ]

    def __str__(self):
        return self.title or f"{self.kind} {self.code}"
