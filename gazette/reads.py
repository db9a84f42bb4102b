"""Reads that need several queries to agree with each other."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction


@contextmanager
def consistent_read() -> Iterator[str]:
    """One state of the database for all queries inside; yields the alias to read by.

    On SQLite the default alias opens its transactions for writing, so that a reader would wait for writers; the
    snapshot alias defers. On PostgreSQL it reads repeatably.
    """
    with transaction.atomic(using=settings.SNAPSHOT_ALIAS):
        yield settings.SNAPSHOT_ALIAS
