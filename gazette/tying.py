"""Ties the fields of a draft's records to their words where the text leaves no doubt; a person ties the rest."""

from collections.abc import Iterator

from django.db import transaction

from . import publication, registry
from .models import Document, DocumentStatus, Passage, PassageKind, Tie
from .proof import Proof, candidates
from .verification import proof_value

# Where the document's own fields are printed.
HEAD = (PassageKind.TITLE, PassageKind.NUMBER_LINE, PassageKind.ADDRESSEE)


def tie_what_is_plain(document: Document) -> int:
    """Tie each field that needs words and has none, if one place alone proves it; how many ties were written.

    The place is looked for in the record's quote, for a rule of headings in the headings above it, and for the
    document's own fields at its head. What was tied by hand stays.
    """
    with transaction.atomic():
        publication.lock()
        document = Document.objects.select_for_update().get(pk=document.pk)
        if document.status != DocumentStatus.DRAFT:
            return 0
        passages = {passage.pk: passage for passage in document.passages.order_by("order")}
        tied = set(document.ties.exclude(code="").values_list("kind", "code", "field"))
        new = []
        for kind in registry.kinds():
            if not kind.proofs:
                continue
            for record in kind.model.objects.of_document(document).for_list():
                for name, proof in kind.proofs.items():
                    if (kind.name, record.code, name) not in tied:
                        new += _only_place(kind, record, name, proof, passages)
        for tie in new:
            tie.document = document
            tie.full_clean()
            # One by one, so that each has its line of history.
            tie.save()
        return len(new)


def _only_place(kind: registry.Kind, record, name: str, proof: Proof, passages: dict[int, Passage]) -> list[Tie]:
    value = proof_value(record, name)
    if not proof.needed_for(value) or kind.derive(record, name) is not None:
        return []
    if kind.name == "document" and proof.rule == "unit_name":
        # A title may name an office whose name begins with that of the government that approved the document.
        return []
    found = [
        (passage, offset + start, offset + end, rule)
        for passage, text, offset in _texts(record, proof, passages)
        for start, end, rule in candidates(proof, value, text)
    ]
    if len(found) != 1:
        return []
    passage, start, end, rule = found[0]
    names = {"kind": kind.name, "code": record.code, "field": name, "rule": rule}
    return [Tie(passage=passage, start=start, end=end, **names)]


def _texts(record, proof: Proof, passages: dict[int, Passage]) -> Iterator[tuple[Passage, str, int]]:
    """The texts in which a field may be proven, each with its passage and where it begins there."""
    if not hasattr(record, "quote"):
        yield from ((passage, passage.text, 0) for passage in passages.values() if passage.kind in HEAD)
    elif proof.rule == "heading":
        passage = passages.get(passages[record.passage_id].parent_id)
        while passage is not None:
            yield passage, passage.text, 0
            passage = passages.get(passage.parent_id)
    else:
        yield passages[record.passage_id], record.quote, record.start
