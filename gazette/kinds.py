"""The ground floor's own kinds of record, for the registry."""

from . import exports, models
from .api import DocumentSerializer, PassageSerializer, UnitSerializer, public_form
from .proof import Proof
from .registry import Kind, SearchText
from .registry import register as register_kind

RELATION_WORDS = {
    "修改": models.RelationKind.AMENDS,
    "修订": models.RelationKind.AMENDS,
    "修正": models.RelationKind.AMENDS,
    "废止": models.RelationKind.REPEALS,
    "停止执行": models.RelationKind.REPEALS,
    "不再执行": models.RelationKind.REPEALS,
    "替代": models.RelationKind.REPLACES,
    "代替": models.RelationKind.REPLACES,
    "取代": models.RelationKind.REPLACES,
    "解释": models.RelationKind.INTERPRETS,
}
DOCUMENT_PROOFS = {
    "title": Proof("verbatim"),
    "number": Proof("verbatim"),
    "issuer": Proof("unit_name"),
    "written_on": Proof("date"),
    "effective_on": Proof("date"),
    "addressees": Proof("verbatim"),
    "approved_by": Proof("unit_name"),
    "disclosure_note": Proof("verbatim"),
}


def document_mentions(document):
    """Who issued and who approved."""
    return [("unit", unit.code) for unit in (document.issuer, document.approved_by) if unit]


def unit_search(unit):
    """By its name, its aliases, and its former names, which say that they are."""
    names = [alias.name for alias in unit.aliases.all()]
    names += [f"曾用名：{former.name}" for former in unit.former_names.all()]
    return SearchText(unit.name, tuple(names), (unit.note,), units=(unit.code,))


def document_search(document):
    """By title, number, what the head of the text says, and its attachments; its own words are passages."""
    details = ("addressees", "based_on", "index_number", "subject", "gazette_issue", "note")
    return SearchText(
        document.title,
        (document.number,),
        (
            *(getattr(document, name) for name in details),
            *(citation.title for citation in document.citations.all()),
            *(attachment.title for attachment in document.attachments.all()),
        ),
        units=tuple(unit.code for unit in (document.issuer, document.approved_by) if unit),
    )


def passage_search(passage):
    """By its text; a heading's text is its title."""
    if passage.kind in {models.PassageKind.TITLE, models.PassageKind.HEADING}:
        return SearchText(passage.text, part=passage.part)
    heading = passage.parent.text if passage.parent else passage.document.title
    return SearchText(body=(passage.text,), heading=heading, part=passage.part)


def register():
    """Units first, since all else refers to them."""
    register_kind(
        Kind(
            "unit",
            models.Unit,
            public_form(UnitSerializer),
            "units",
            search=unit_search,
            search_rank=10,
            columns=exports.UNIT,
        )
    )
    register_kind(
        Kind(
            "document",
            models.Document,
            public_form(DocumentSerializer),
            "documents",
            DOCUMENT_PROOFS,
            children={"citations": "citation", "relations": "relation", "attachments": "attachment"},
            mentions=document_mentions,
            search=document_search,
            search_rank=40,
            sign="文",
            columns=exports.DOCUMENT,
        )
    )
    register_kind(
        Kind("citation", models.Citation, None, proofs={"title": Proof("verbatim")}, columns=exports.CITATION)
    )
    register_kind(
        Kind(
            "relation",
            models.Relation,
            None,
            proofs={"kind": Proof("word", RELATION_WORDS), "takes_effect_on": Proof("date")},
            sign="关",
            columns=exports.RELATION,
        )
    )
    register_kind(Kind("attachment", models.Attachment, None, parent="document", columns=exports.ATTACHMENT))
    register_kind(
        Kind("passage", models.Passage, public_form(PassageSerializer), search=passage_search, search_rank=80)
    )
