"""Files kept for good in the data directory, each under the SHA-256 of its bytes: written once, never overwritten.

Nothing in them is read but as bytes, and no program deletes them: a record, its history or a proposal may name them.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK = 2**20
MISSING = "不在数据目录的 attachments 之下"
DIFFERENT = "与登记的 SHA-256 不符"


def path_of(sha256: str) -> Path:
    """Where the file of a hash lies, whether it is there or not."""
    return settings.DATA_DIR / "attachments" / sha256[:2] / sha256


def exists(sha256: str) -> bool:
    """Whether the file of a hash is there."""
    return path_of(sha256).is_file()


def digest_of(file: BinaryIO) -> str:
    """The hash of a file's bytes; it is read from its beginning and left there."""
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def keep(file: BinaryIO) -> str:
    """Keep a file and return its hash; what is there already stays as it is."""
    sha256 = digest_of(file)
    path = path_of(sha256)
    if path.exists():
        return sha256
    os.makedirs(path.parent.parent, mode=0o700, exist_ok=True)
    os.makedirs(path.parent, mode=0o700, exist_ok=True)
    # Complete before it bears its name: a crash leaves no half of it there.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix="new-") as new:
        for chunk in _chunks(file):
            new.write(chunk)
        new.flush()
        os.fsync(new.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(new.name, path)
    file.seek(0)
    return sha256


def fault(sha256: str) -> str:
    """What is wrong with the file of a hash, in words; empty where it is there and the same."""
    try:
        with path_of(sha256).open("rb") as file:
            return "" if digest_of(file) == sha256 else DIFFERENT
    except OSError:
        return MISSING


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
