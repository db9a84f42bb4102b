"""What every record is made of: a code, a quote, and one rule of visibility."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from .listing import History

CODE_LENGTH = 80
validate_code = RegexValidator(r"\A[a-z0-9-]+\Z", "代码只能用小写字母、数字和连字符，例如 2023-gdp-growth。")


def code_field():
    """The public identity of a record: readable, given once by a person, never reused."""
    return models.CharField(
        "代码",
        max_length=CODE_LENGTH,
        unique=True,
        validators=[validate_code],
        help_text="小写字母、数字和连字符；一经公开不再更改，也不再用于别的记录。",
    )


def choice_constraint(name, field, choices, blank=False):
    """A constraint that makes the database agree with a TextChoices."""
    values = [*choices.values, *([""] if blank else [])]
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__in": values}),
        violation_error_message=f"{field} 只能取：{'、'.join(map(str, choices.values))}。",
    )


class PublicQuerySet(models.QuerySet):
    """Records whose visibility is that of their document."""

    document_field = "document"

    def public(self):
        """Records of published documents: the one rule of what the public sees.

        Where the records have a list, publication keeps the answer beside each of them (`Listed`).
        """
        if hasattr(self.model, "kept_by_publication"):
            return self.filter(place__isnull=False)
        return self.filter(**{f"{self.document_field}__status": "published"})

    def listed(self):
        """The public records in the order of their list, which is a walk along the index of `place`."""
        return self.public().order_by("place")

    def of_document(self, document):
        """Every record of one document, whatever its status."""
        return self.filter(**{self.document_field: document})

    def for_list(self):
        """The rows of a list with what a line of it shows; models name their joins."""
        return self

    def for_publication(self):
        """The rows with all that their public form needs, in a fixed number of queries."""
        return self.for_list()

    def for_page(self):
        """The rows with all that a record's own page shows, in a fixed number of queries."""
        return self.for_list()


class SourcedQuerySet(PublicQuerySet):
    """Records that quote a passage."""

    def for_list(self):
        """With the document and the passage's heading, for the source line."""
        return self.select_related("document", "passage__parent")

    def neighbours(self, record):
        """The records before and after one in its document's order, or None: two queries."""
        order, start, code = record.passage.order, record.start, record.code
        here, at_start = Q(passage__order=order), Q(passage__order=order, start=start)
        before = Q(passage__order__lt=order) | here & Q(start__lt=start) | at_start & Q(code__lt=code)
        after = Q(passage__order__gt=order) | here & Q(start__gt=start) | at_start & Q(code__gt=code)
        rows = self.filter(document=record.document_id).for_list()
        return (
            rows.filter(before).order_by("-passage__order", "-start", "-code").first(),
            rows.filter(after).order_by("passage__order", "start", "code").first(),
        )


class RegisterQuerySet(PublicQuerySet):
    """Units, persons and posts: public while a published document mentions them."""

    def mentioned(self):
        """Entries that a published document mentions: the rule by which publication makes them public."""
        from .ties import Mention

        kind = self.model.register_kind
        mentioned = Mention.objects.filter(kind=kind, code=OuterRef("code"), document__status="published")
        return self.filter(Exists(mentioned))

    def of_document(self, document):
        """Entries that one document mentions."""
        from .ties import Mention

        return self.filter(
            code__in=Mention.objects.filter(document=document, kind=self.model.register_kind).values("code")
        )


class Sourced(models.Model):
    """A record that rests on the words of one passage.

    `quote` is verbatim and stands at `start` (code points) of the passage's text.
    """

    code = code_field()
    document = models.ForeignKey("gazette.Document", models.PROTECT, verbose_name="文件", related_name="+")
    passage = models.ForeignKey("gazette.Passage", models.PROTECT, verbose_name="段落", related_name="+")
    start = models.PositiveIntegerField("摘录起点", help_text="摘录在段落中的起始字符位置，从 0 数起。")
    quote = models.TextField("原文摘录", help_text="一字不差地照录本条所依据的原文。")
    history = History(inherit=True)

    objects = SourcedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def end(self):
        """The code point after the quote's last."""
        return self.start + len(self.quote)

    def clean(self):
        """The quote must stand in the passage at its place, and the passage in the document."""
        super().clean()
        if not self.passage_id or not self.document_id or self.start is None:
            return
        if self.passage.document_id != self.document_id:
            raise ValidationError({"passage": f"段落“{self.passage}”不属于文件“{self.document}”，请改选本文件的段落。"})
        found = self.passage.text[self.start : self.end]
        if found != self.quote:
            raise ValidationError(
                {"quote": f"原文摘录与第{self.passage.position}段第{self.start}字起的原文不符：该处原文是“{found}”。"}
            )
