"""The library's own pages: the list of documents, the reader, the files of a document, and its attachments."""

from datetime import date

from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format
from django.views import generic

from .. import attachments, downloads, linked_data, tables
from ..filters import DocumentFilter
from ..models import Attachment, Change, Correction, Document, DocumentKind, Relation
from ..reader import ReadPassage, citation, read
from ..validity import ENDING, UNCHANGED, Validity, own_validity, validity_on
from .pages import DetailPage, Gone, ListPage, Page


class DocumentList(ListPage):
    """The library."""

    title = "文件"
    description = "公报所载的文件全文，按类型、发文机关和年份查找。"
    model = Document
    filterset_class = DocumentFilter
    shown = ("kind", "issuer", "year")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        documents = list(context["object_list"])
        related = {document.code: [] for document in documents}
        for relation in Relation.objects.onto(related):
            related[relation.target.code].append(relation)
        today = timezone.localdate()
        own = own_validity([*related], today)
        for document in documents:
            validity = _validity(document, related[document.code], today, own)
            # That nothing is known against a document is no news.
            document.validity = None if validity.standing in UNCHANGED else validity
        return {**context, "object_list": documents}


def _validity(document: Document, related: list[Relation], day: date, own: dict[str, Validity]) -> Validity:
    dates = {"effective_on": document.effective_on, "expires_on": document.expires_on}
    return validity_on(day, related, own=own.get(document.code), **dates)


class DocumentDetail(DetailPage):
    """The full text, every recorded figure marked and linked; `?cite=8` gives the citation of the eighth passage."""

    model = Document
    trail = (("文件", "document-list"),)
    dated = True

    def get_description(self):
        document = self.object
        written = f"{date_format(document.written_on)}成文" if document.written_on else ""
        return "，".join(filter(None, [str(document.issuer), document.number, written])) + "。全文与所载记录。"

    def get_source(self):
        return str(self.object.issuer)

    def get_linked_data(self):
        # A notice of who was appointed is no rule for anybody.
        return {} if self.object.kind == DocumentKind.PERSONNEL else linked_data.legislation(self.object)

    def get_keywords(self):
        return [word for word in (*super().get_keywords(), self.object.number) if word]

    @property
    def canonical(self):
        """Without a day: the text is the same on each."""
        return self.address("on")

    @classmethod
    def known_parameters(cls):
        return {*super().known_parameters(), "cite"}

    def get_corrections(self):
        """Those of the document, its text, citations and relations; the other records have pages of their own."""
        kinds = ["document", "passage", "citation", "relation"]
        return Correction.objects.public().filter(document=self.object, kind__in=kinds).order_by("-seq")

    def get_context_data(self, **kwargs):
        reading = read(self.object)
        cited = self._cited(reading.passages)
        related = list(Relation.objects.onto([self.object.code]))
        return super().get_context_data(
            reading=reading,
            citations=self.object.citations.all(),
            relations=self.object.relations.all(),
            attachments=self.object.attachments.all(),
            related_from=related,
            ended_by=[relation for relation in related if relation.kind in ENDING and relation.has_begun(self.day)],
            validity=_validity(self.object, related, self.day, own_validity([self.object.code], self.day)),
            cited=cited,
            citation=citation(self.object, cited),
            downloads=downloads.links(self.object.get_absolute_url()),
            **kwargs,
        )

    def _cited(self, passages) -> ReadPassage | None:
        """The passage that the address asks to cite, if it is one; the page says where it is none, answered 400."""
        given = self.query.get("cite")
        cited = next((passage for passage in passages if str(passage.position) == given), None)
        if given and cited is None:
            self.status = 400
        return cited


class DocumentRecords(DetailPage):
    """All records of a document as a file, a table for each kind."""

    model = Document

    def render_to_response(self, context, **kwargs):
        document = self.object
        return downloads.answer(
            self.kwargs["format"], document.title, document.get_absolute_url(), tables.of_document(document)
        )


class DocumentText(DetailPage):
    """The text of a document as a file."""

    model = Document

    def render_to_response(self, context, **kwargs):
        return downloads.answer_text(self.object)


class AttachmentFile(Page, generic.View):
    """The bytes of an attachment, while its document is public; after a withdrawal 410, as at the document's page."""

    def get(self, request, code, attachment):
        found = Attachment.objects.public().filter(document__code=code, code=attachment).first()
        if found is None:
            line = Change.objects.withdrawal_of("document", code)
            raise Gone(line) if line else Http404
        return attachments.answer(request, found)
