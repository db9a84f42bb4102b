"""Acts on several drafts at once: tying what is plain, and sending into review.

There is none for approving: in 三审三校 each document is read and decided upon by itself.
"""

from django.db.models import Max
from django.urls import reverse
from django.utils.html import format_html

from . import review
from .admin_bulk import Bulk
from .admin_review import ACTS, ActForm
from .forms import why_closed
from .models import ReviewAct, ReviewEntry
from .refusals import Refused
from .tying import tie_what_is_plain, what_is_plain


class OpinionForm(ActForm):
    """What is said of all; what was seen of each is carried beside it."""

    seen = None


class OnDocuments(Bulk):
    """An act on documents: their texts are gone through, so they are fewer."""

    limit = 50

    def about(self, row):
        """Its number, and the way to its check."""
        check = reverse("admin:gazette_document_check", args=[row.pk])
        return [*([row.number] if row.number else []), format_html('<a href="{}">核对</a>', check)]


class SubmitSelected(OnDocuments):
    """Send drafts into review."""

    name = "submit_selected"
    label = "送审所选文件"
    permission = "gazette.submit_document"
    before = ACTS[ReviewAct.SUBMIT].before
    done, undone = "已送审{}份文件。", "{}份文件没有送审"
    form = OpinionForm

    def refuse(self, row):
        """What is no draft, is not proven, or has forbidden words."""
        review.check(ReviewAct.SUBMIT, row, self.user, [])
        row.hints = review.refuse_unfit(row)

    def about(self, row):
        """With the words to look at."""
        hints = [f"用词提示：{hint}" for hint in getattr(row, "hints", ())]
        return [*super().about(row), *hints]

    def seen(self, row):
        """The newest entry of its course."""
        return ReviewEntry.objects.filter(document=row).aggregate(newest=Max("pk"))["newest"] or 0

    def run(self, row, said, seen):
        """As its own page does."""
        review.submit(row, self.user, said["opinion"], seen=seen)


class TieSelected(OnDocuments):
    """Tie what only one place can prove."""

    name = "tie_selected"
    label = "自动对应所选草稿中可以确定之处"
    button = "自动对应"
    permission = "gazette.change_document"
    before = "字段的依据在摘录中只有一处的，自动对应；有几处的，请到核对页逐条对应。人工已对应的不动。"
    undone = "{}份文件没有对应"

    def __init__(self, *args):
        super().__init__(*args)
        self.written = 0

    def refuse(self, row):
        """What is closed, or has nothing to tie."""
        if because := why_closed(row):
            raise Refused(because)
        row.plain = len(what_is_plain(row))
        if not row.plain:
            raise Refused("没有可以自动对应之处。")

    def about(self, row):
        """With how many."""
        plain = getattr(row, "plain", 0)
        return [*super().about(row), *([f"将对应{plain}处"] if plain else [])]

    def run(self, row, said, seen):
        """As its own page does; a second time there is nothing to tie."""
        tied = tie_what_is_plain(row)
        if not tied:
            row.refresh_from_db()
            raise Refused(why_closed(row) or "没有可以自动对应之处，可能别人已对应过。")
        self.written += tied

    def result(self, count):
        """With how many ties."""
        return f"已在{count}份文件中自动对应{self.written}处。"
