"""Documents that name another document: how its state shows in what is public of them."""

from collections.abc import Iterator

from django.db.models import Q

from . import registry
from .models import Document
from .stored import canonical


def shown_anew(document: Document) -> Iterator[tuple[str, str]]:
    """The public documents that cite or change this one: (code, body), with it as it is now: public, gone or renamed.

    As with any name of another record, that is no change of theirs, and gets no line in the ledger.
    """
    form = registry.get("document").form
    naming = Document.objects.public().filter(Q(citations__cited=document) | Q(relations__target=document))
    for other in naming.exclude(pk=document.pk).distinct().order_by("pk").for_publication():
        yield other.code, canonical(form(other))
