"""Ties the fields of a draft's records to their words where the text leaves no doubt; a person ties the rest."""

import re
from collections.abc import Iterator

from django.db import transaction

from . import publication, registry
from .models import DateBasis, Document, DocumentStatus, Passage, PassageKind, Tie
from .proof import Proof, candidates, proven
from .verification import proof_value

# Where the document's own fields are printed.
HEAD = (PassageKind.TITLE, PassageKind.NUMBER_LINE, PassageKind.ADDRESSEE)
ISSUER = re.compile(r".+?(?=关于)")
LABEL = re.compile(r"[一二三四五六七八九十百]+")


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
        new = what_is_plain(document)
        for tie in new:
            tie.full_clean()
            # One by one, so that each has its line of history.
            tie.save()
        return len(new)


def what_is_plain(document: Document) -> list[Tie]:
    """The ties that would be written, unsaved."""
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
    return new


def _only_place(kind: registry.Kind, record, name: str, proof: Proof, passages: dict[int, Passage]) -> list[Tie]:
    value = proof_value(record, name)
    if not proof.needed_for(value) or kind.derive(record, name) is not None:
        return []
    unit = getattr(record, "unit", "")
    context = {"words": proof.words, "unit": unit if isinstance(unit, str) else ""}
    found = [
        (passage, offset + start, offset + end, rule)
        for passage, text, offset in _texts(record, name, proof, passages)
        for start, end, rule in _places(record, proof, value, text)
        if _proves(rule, text[start:end], value, context)
    ]
    if len(found) != 1:
        return []
    passage, start, end, rule = found[0]
    names = {"kind": kind.name, "code": record.code, "field": name, "rule": rule}
    return [Tie(passage=passage, start=start, end=end, **names)]


def _places(record, proof: Proof, value: object, text: str) -> list[tuple[int, int, str]]:
    """Where a text may prove a value; a label by the whole of its number, an issuer by all before 关于."""
    if proof.rule == "label":
        return [(0, len(text), "label")]
    found = candidates(proof, value, text)
    if proof.rule == "unit_name" and not hasattr(record, "quote"):
        # An office whose name begins with that of another unit does not name that one.
        found = [place for place in found if place[:2] == (0, len(text))]
    return found


def _proves(rule: str, words: str, value: object, context: dict) -> bool:
    try:
        return proven(rule, [words], value, **context)
    except ValueError:
        return False


def _texts(record, name: str, proof: Proof, passages: dict[int, Passage]) -> Iterator[tuple[Passage, str, int]]:
    """The texts in which a field may be proven, each with its passage and where it begins there."""
    head = [passage for passage in passages.values() if passage.kind in HEAD]
    if not hasattr(record, "quote"):
        yield from _head_texts(proof, head)
    elif proof.rule == "heading":
        passage = passages.get(passages[record.passage_id].parent_id)
        while passage is not None:
            yield passage, passage.text, 0
            passage = passages.get(passage.parent_id)
    elif proof.rule == "label":
        passage = passages[record.passage_id]
        number = LABEL.search(passage.label)
        if number and passage.text.startswith(passage.label):
            yield passage, number.group(), number.start()
    elif getattr(record, f"{name}_basis", None) in (DateBasis.HEAD, DateBasis.ON_ISSUE):
        yield from ((passage, passage.text, 0) for passage in head)
    else:
        yield passages[record.passage_id], record.quote, record.start


def _head_texts(proof: Proof, head: list[Passage]) -> Iterator[tuple[Passage, str, int]]:
    """Where the document's own fields are printed; a unit is the issuer, whose name alone stands before 关于."""
    for passage in head:
        if proof.rule != "unit_name":
            yield passage, passage.text, 0
        elif passage.kind == PassageKind.TITLE and (issuer := ISSUER.match(passage.text)):
            yield passage, issuer.group(), 0
