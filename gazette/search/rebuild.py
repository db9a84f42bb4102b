"""Makes the whole index anew from what is public, and says where it differs from that."""

from collections.abc import Iterator

from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef

from .. import registry
from ..models import Document, PublicRecord, SearchEntry
from ..publication import lock
from . import engine, index


def _wanted(document: Document) -> list[SearchEntry]:
    """What the index should hold for the records of a public document, and for the entries that it mentions."""
    kinds = [kind for kind in registry.kinds() if kind.search is not None]
    records = {kind.name: kind.model.objects.of_document(document).for_publication() for kind in kinds}
    return list(index.entries_of(document, records))


def _not_public():
    """Entries of records that are public no more."""
    return SearchEntry.objects.exclude(
        Exists(PublicRecord.objects.filter(kind=OuterRef("kind"), code=OuterRef("code")))
    )


def _public_documents() -> Iterator[Document]:
    """Oldest first, as they would have been published: new entries are newer."""
    return Document.objects.public().order_by(F("written_on").asc(nulls_first=True), "code").iterator(chunk_size=100)


def rebuild() -> tuple[int, int]:
    """Write what is missing or differs, and delete what is too many: how many entries of both."""
    written = 0
    for document in _public_documents():
        with transaction.atomic():
            # Nothing becomes public or is withdrawn meanwhile.
            lock()
            if Document.objects.public().filter(pk=document.pk).exists():
                written += index.write(_wanted(document))
    with transaction.atomic():
        lock()
        deleted = index.forget(_not_public().values_list("kind", "code"))
        engine.command(SearchEntry.objects.db, "rebuild")
    return written, deleted


def fill_index() -> None:
    """Build the index where there is none yet, after an upgrade."""
    if not SearchEntry.objects.exists() and PublicRecord.objects.exists():
        rebuild()


def differences() -> Iterator[str]:
    """Where the index differs from what is public, in words."""
    for document in _public_documents():
        for entry, stored in index.compare(_wanted(document)):
            if stored is None:
                yield f"缺少：{entry.kind} {entry.code}"
            else:
                yield f"过时：{entry.kind} {entry.code}"
    for kind, code in _not_public().order_by("kind", "code").values_list("kind", "code"):
        yield f"多余：{kind} {code}"
    try:
        engine.command(SearchEntry.objects.db, "integrity-check")
    except DatabaseError as error:
        yield f"索引与检索条目不符：{error}"
