"""The ground floor's own kinds of record, for the registry."""

from . import models
from .api import DocumentSerializer, PassageSerializer, UnitSerializer, public_form
from .proof import Proof
from .registry import Kind
from .registry import register as register_kind

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


def register():
    """Units first, since all else refers to them."""
    register_kind(Kind("unit", models.Unit, public_form(UnitSerializer), "units"))
    register_kind(
        Kind(
            "document",
            models.Document,
            public_form(DocumentSerializer),
            "documents",
            DOCUMENT_PROOFS,
            children={"citations": "citation"},
            mentions=document_mentions,
        )
    )
    register_kind(Kind("citation", models.Citation, None, proofs={"title": Proof("verbatim")}))
    register_kind(Kind("passage", models.Passage, public_form(PassageSerializer)))
