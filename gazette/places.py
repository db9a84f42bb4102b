"""Keeping beside each record where it stands in the public list of its kind; publication alone asks for it."""

from django.db import connections, router, transaction

from . import registry
from .models import Document, DocumentStatus


def write(records: dict[str, list]) -> None:
    """Keep beside each record where it stands in the public list of its kind."""
    for name, rows in records.items():
        kept = getattr(registry.get(name).model, "kept_by_publication", ())
        moved = []
        for row in rows if kept else ():
            listing = row.listing()
            if any(getattr(row, field) != listing[field] for field in kept):
                moved.append([*(listing[field] for field in kept), row.pk])
        if moved:
            _update(registry.get(name).model, kept, moved)


def _update(model, fields: tuple[str, ...], rows: list[list]) -> None:
    """Write fields of many rows, each as its values and its id; `bulk_update` takes ten times as long to say so."""
    connection = connections[router.db_for_write(model)]
    columns = [model._meta.get_field(name).column for name in (*fields, "id")]
    *changed, key = [f"{connection.ops.quote_name(column)} = %s" for column in columns]
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.executemany(f"UPDATE {table} SET {', '.join(changed)} WHERE {key}", rows)


def fill() -> int:
    """Write the places of public documents that have none, after an upgrade; how many documents."""
    found = list(Document.objects.filter(status=DocumentStatus.PUBLISHED, place=None))
    for document in found:
        with transaction.atomic():
            write(
                {
                    kind.name: list(kind.model.objects.of_document(document).for_publication())
                    for kind in registry.kinds()
                    if hasattr(kind.model, "kept_by_publication")
                }
            )
    return len(found)
