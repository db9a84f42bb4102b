"""What a later document says of an earlier one: that it amends, repeals, replaces or interprets it."""

from django.db import models
from django.db.models import F, Q

from .base import Sourced, SourcedQuerySet, choice_constraint
from .documents import Document, DocumentStatus


class RelationKind(models.TextChoices):
    """What a document does to an earlier one; merely citing it is a `Citation`."""

    AMENDS = "amends", "修改"
    REPEALS = "repeals", "废止"
    REPLACES = "replaces", "替代"
    INTERPRETS = "interprets", "解释"


class RelationQuerySet(SourcedQuerySet):
    """What documents say of each other."""

    def for_list(self):
        """With both documents and the passage's heading."""
        return super().for_list().select_related("target")

    def onto(self, codes):
        """What public documents say of the documents of some codes, for their pages and answers."""
        return self.public().filter(target__code__in=codes).for_list()


class Relation(Sourced):
    """What a document does to an earlier one, by a sentence of its own; it belongs to the later document."""

    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="relations")
    kind = models.CharField(
        "关系",
        max_length=16,
        choices=RelationKind,
        help_text="本文件对较早的文件做了什么；只是提到的，登记为引用文件。",
    )
    target = models.ForeignKey(
        Document,
        models.PROTECT,
        verbose_name="较早的文件",
        related_name="related_from",
        help_text="被修改、废止、替代或解释的文件，须是本站收录的。",
    )
    takes_effect_on = models.DateField(
        "起始日期",
        null=True,
        blank=True,
        help_text="原句写明从哪一天起的才填写；没有写明的留空，按本文件的施行日期、成文日期推定。",
    )

    objects = RelationQuerySet.as_manager()

    class Meta:
        verbose_name = "文件关系"
        verbose_name_plural = "文件关系"
        ordering = ["document", "code"]
        constraints = [
            choice_constraint("relation_kind_known", "kind", RelationKind),
            models.CheckConstraint(
                name="relation_not_to_itself",
                condition=~Q(target=F("document")),
                violation_error_message="文件不能修改、废止、替代或解释它自己，请改选较早的文件。",
            ),
            models.UniqueConstraint(
                fields=["document", "target", "kind"],
                name="relation_once_of_a_kind",
                violation_error_message="本文件与这份较早的文件的这种关系已经登记过，不能重复。",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}《{self.target}》"

    def get_absolute_url(self):
        return f"{self.document.get_absolute_url()}#p{self.passage.position}"

    @property
    def since(self):
        """The day from which it holds: its own, else the later document's; None where the text states none."""
        return self.takes_effect_on or self.document.effective_on or self.document.written_on

    def has_begun(self, day):
        """Whether it holds on a day; one without a known day is taken to, and the pages say so."""
        return self.since is None or self.since <= day

    @property
    def public_target(self):
        """The earlier document while it is public, else None."""
        return self.target if self.target.status == DocumentStatus.PUBLISHED else None
