"""What the worker does with an uploaded workbook: preview it, then, once confirmed, import it."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from ..models import EventKind
from ..models.imports import UNDER_WAY, UNFINISHED, ImportState, SheetImport
from ..security import record_event
from . import files, reading, writing
from .files import BadFile
from .matching import REFUSED, SAME
from .planning import Plan, fingerprint, plan

log = logging.getLogger(__name__)
SHOWN = 5_000  # Rows of a preview that are kept to be shown.
FAILED = "程序出错，没有导入任何一行；可以重新运行，仍不行请报告管理员。"


@task()
def preview(pk: int) -> None:
    """Judge every row of an upload."""
    with _working(pk, ImportState.WAITING, ImportState.PREVIEWING) as job:
        if job is not None:
            based_on = fingerprint(job.document)
            found = _plan(job)
            job.counts = found.counts
            job.rows = [item.told() for item in found.items if item.verdict != SAME][:SHOWN]
            job.fingerprint = based_on
            job.state = ImportState.REFUSED if job.counts[REFUSED] else ImportState.READY
            job.rows_done = job.rows_total = len(found.items)
            job.save()


@task()
def carry_out(pk: int) -> None:
    """Import what was previewed and confirmed: all of it, or nothing."""
    with _working(pk, ImportState.CONFIRMED, ImportState.WRITING) as job:
        if job is None:
            return
        found = _plan(job)
        if found.counts[REFUSED]:
            raise BadFile(writing.OVERTAKEN)

        def finish():
            job.state, job.done_at = ImportState.DONE, timezone.now()
            job.rows_done = job.rows_total = len(found.items)
            job.save()
            where = job.document.code if job.document else "单位、人员与职务"
            record_event(EventKind.IMPORT, f"表格“{job.name}”导入到{where}", by=job.author)

        writing.carry_out(
            found, by=job.author, reason=job.reason, name=job.name, based_on=job.fingerprint, finish=finish
        )


def enqueue(job: SheetImport) -> None:
    """Have the worker do what is next, in the caller's transaction."""
    (preview if job.state == ImportState.WAITING else carry_out).enqueue(job.pk)


def run_again(job: SheetImport) -> None:
    """Have an interrupted import done again from where nothing was written."""
    confirmed = bool(job.fingerprint)
    job.state = ImportState.CONFIRMED if confirmed else ImportState.WAITING
    job.errors, job.rows_done = [], 0
    job.save()
    enqueue(job)


def mark_interrupted(job: SheetImport) -> bool:
    """Say of an import under way that its worker is gone; whether it was."""
    if job.state not in UNDER_WAY:
        return False
    with _lock(job) as held:
        if not held:
            return False
        job.refresh_from_db(fields=["state"])
        if job.state not in UNDER_WAY:
            return False
        job.state = ImportState.INTERRUPTED
        job.save(update_fields=["state", "changed_at"])
        return True


def tidy() -> None:
    """What a worker does when it starts: mark what was interrupted, delete files that nobody needs."""
    for job in SheetImport.objects.filter(state__in=UNDER_WAY):
        mark_interrupted(job)
    for job in SheetImport.objects.forgotten():
        job.drop_file()


def _plan(job: SheetImport) -> Plan:
    if not job.file:
        raise BadFile("上传的文件已按期删除，请重新上传。")
    with job.file.open("rb") as file:
        files.check(file, job.name, job.file.size)
        book = reading.read(file, job.name)
    SheetImport.objects.filter(pk=job.pk).update(rows_total=len(book.rows), rows_done=0)
    return plan(book, job.document, lambda done, total: _report(job, done, total))


def _report(job: SheetImport, done: int, total: int) -> None:
    SheetImport.objects.filter(pk=job.pk).update(rows_done=done, rows_total=total)


@contextmanager
def _working(pk: int, waiting: str, working: str) -> Iterator[SheetImport | None]:
    """Hold an import while the worker has it; None where another has it, or it is not waiting any more."""
    job = SheetImport.objects.select_related("document", "author").get(pk=pk)
    with _lock(job) as held:
        begun = held and SheetImport.objects.filter(pk=pk, state__in=[waiting, working]).update(
            state=working, changed_at=timezone.now()
        )
        if not begun:
            yield None
            return
        job.state = working
        try:
            yield job
        except BadFile as refused:
            _end(pk, ImportState.REFUSED, [str(refused)])
        except Exception:
            _end(pk, ImportState.INTERRUPTED, [FAILED])
            log.exception("import %s failed", pk)
    _clear(pk)


def _clear(pk: int) -> None:
    """Delete the file of an import that is over."""
    for job in SheetImport.objects.filter(pk=pk).forgotten():
        job.drop_file()
        Path(job.lock_path).unlink(missing_ok=True)


def _end(pk: int, state: str, errors: list[str]) -> None:
    with transaction.atomic():
        job = SheetImport.objects.select_for_update().get(pk=pk)
        if job.state in UNFINISHED:
            job.state, job.errors = state, errors
            job.save()


@contextmanager
def _lock(job: SheetImport) -> Iterator[bool]:
    """Hold the lock of an import, which goes with the process; whether it was free."""
    os.makedirs(os.path.dirname(job.lock_path), mode=0o700, exist_ok=True)
    with open(job.lock_path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
