"""The page on which a document is checked against its text before it goes to review."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from . import publication
from .admin_base import admin_url
from .figures import account_for
from .forms import why_closed
from .models import Document, DocumentStatus, Reason, Tie
from .tying import tie_what_is_plain
from .verification import UNEXPLAINED, verify
from .wording import findings


class Checking:
    """Adds the page 核对 to the admin of documents: what is not proven yet, and what can be done about it at once."""

    def get_urls(self):
        """The page, before the admin's own addresses, of which the last takes any."""
        view = self.admin_site.admin_view(self.check_view)
        return [path("<path:object_id>/check/", view, name="gazette_document_check"), *super().get_urls()]

    def check_view(self, request, object_id):
        """Show what is off; tie what is plain, or note why numbers are no figures."""
        document = self.get_object(request, unquote(object_id))
        if document is None:
            raise Http404
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        may_change = self.has_change_permission(request, document) and document.status == DocumentStatus.DRAFT
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            if "_tie" in request.POST:
                done = tie_what_is_plain(document)
                messages.success(request, f"已自动对应{done}处；摘录中有一处以上可能文字的，请逐条对应。")
            else:
                self._note_reasons(request, document)
            return HttpResponseRedirect(request.path)
        report = verify(document)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"核对：{document.title}",
            "document": document,
            "change_url": admin_url(Document, "change", document.pk),
            "tie_url": admin_url(Tie, "add", document=document.pk),
            "may_change": may_change,
            "report": report,
            "numerals": list(unexplained(document)),
            "misses": [miss for miss in report.misses if miss.what != UNEXPLAINED],
            "findings": findings(document),
            "reasons": Reason.choices,
        }
        return TemplateResponse(request, "admin/gazette/check.html", context)

    def _note_reasons(self, request, document):
        """Tie each number for which a reason was chosen."""
        chosen = {name: value for name, value in request.POST.items() if name.startswith("reason-") and value}
        try:
            with transaction.atomic():
                publication.lock()
                document = Document.objects.select_for_update(of=["self"]).get(pk=document.pk)
                if why := why_closed(document):
                    raise ValidationError(why)
                known = {numeral.name: numeral for numeral in unexplained(document)}
                for name, reason in chosen.items():
                    if name not in known:
                        raise ValidationError(f"{name.removeprefix('reason-')} 处已没有待说明的数字，请看现在的列表。")
                    tie = known[name].tie(document, reason)
                    tie.full_clean()
                    tie.save()
        except ValidationError as error:
            messages.error(request, f"没有保存：{'；'.join(error.messages)}")
        else:
            messages.success(request, f"已说明{len(chosen)}处数字。")


AROUND = 16


class Unexplained:
    """One number of the text that no record and no reason accounts for."""

    def __init__(self, passage, numeral):
        self.passage, self.start, self.end = passage, numeral.start, numeral.end
        self.words = numeral.text
        self.name = f"reason-{passage.position}-{numeral.start}-{numeral.end}"
        self.before = passage.text[max(0, self.start - AROUND) : self.start]
        self.after = passage.text[self.end : self.end + AROUND]

    def tie(self, document, reason):
        """The tie that notes a reason for it, unsaved."""
        return Tie(document=document, passage=self.passage, start=self.start, end=self.end, reason=reason)


def unexplained(document):
    """The numbers of a document that nothing accounts for, in order."""
    ties = {}
    for tie in document.ties.all():
        ties.setdefault(tie.passage_id, []).append((tie.start, tie.end, tie.rule, tie.reason))
    for passage in document.passages.order_by("order"):
        for numeral, fate in account_for(passage.text, ties.get(passage.pk, [])):
            if fate not in ("recorded", "explained"):
                yield Unexplained(passage, numeral)
