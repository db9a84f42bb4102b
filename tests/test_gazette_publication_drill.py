"""Many publish and withdraw at once: the ledger has no gap and no repeat, and its order is that of the commits."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections import defaultdict
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from gazette import publication
from gazette.models import Change, Document, LedgerHead, PublicRecord
from gazette.publication import CannotPublish

ROOT = Path(__file__).resolve().parent.parent
THREADS, ROUNDS = 8, 4

pytestmark = pytest.mark.drill


def check_ledger(changes, records, head):
    """`changes` as (seq, op, kind, code, revision, hash) in order of seq; `records` as (kind, code, revision, hash)."""
    assert [change[0] for change in changes] == list(range(1, head + 1))
    history = defaultdict(list)
    for _seq, op, kind, code, revision, digest in changes:
        history[kind, code].append((op, revision, digest))
    public = {(kind, code): (revision, digest) for kind, code, revision, digest in records}
    for key, events in history.items():
        assert [revision for _op, revision, _digest in events] == list(range(1, len(events) + 1)), key
        # Each record is published and withdrawn in turn.
        operations = [op for op, _revision, _digest in events]
        assert operations == ["publish", "withdraw"] * (len(events) // 2) + ["publish"] * (len(events) % 2), key
        last_op, last_revision, last_digest = events[-1]
        assert public.get(key) == ((last_revision, last_digest) if last_op == "publish" else None), key
    assert public.keys() <= history.keys()


@pytest.fixture
def sample_codes(transactional_db, samples):
    """An empty database with four drafts with targets, and one unit that all of them name."""
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    shared = samples.unit(code="sample-shared")
    codes = []
    for number in range(4):
        plan = samples.plan(code=f"sample-plan-{number}")
        for _ in range(3):
            target = samples.target(plan=plan)
        samples.assignment(target=target, unit=shared)
        codes.append(plan.document.code)
    return codes


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one SQLite connection in a test")
@pytest.mark.django_db(transaction=True)
def test_threads_at_once_on_postgresql(sample_codes):
    start, stop = threading.Barrier(THREADS + 1), threading.Event()
    outcomes, refusals, failures, gaps = [], [], [], []

    def run(work):
        try:
            work()
        except BaseException as error:  # a thread's failure must fail the test
            failures.append(error)
            raise
        finally:
            connection.close()

    def attempt(act, document, **how):
        try:
            outcomes.append(act(document, **how))
        except CannotPublish as refused:
            refusals.append(str(refused))

    def publisher(number):
        start.wait(timeout=60)
        for turn in range(ROUNDS):
            document = Document.objects.get(code=sample_codes[(number + turn) % 4])
            attempt(publication.publish, document, origin="founding")
            attempt(publication.withdraw, document)
            attempt(publication.publish, document, origin="founding")

    def reader():
        """What is committed at any moment is a ledger without a gap, and the head says how long it is."""
        start.wait(timeout=60)
        while not stop.is_set():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*), coalesce(max(seq), 0),"
                    " (SELECT coalesce(max(seq), 0) FROM gazette_ledgerhead) FROM gazette_change"
                )
                counted, last, head = cursor.fetchone()
            if not counted == last == head:
                gaps.append((counted, last, head))

    watching = threading.Thread(target=run, args=(reader,))
    working = [threading.Thread(target=run, args=(lambda n=number: publisher(n),)) for number in range(THREADS)]
    for thread in (watching, *working):
        thread.start()
    for thread in working:
        thread.join(timeout=300)
    stop.set()
    watching.join(timeout=60)

    assert not failures
    assert not any(thread.is_alive() for thread in (watching, *working))
    assert gaps == []
    # Nobody is refused but for the state of the document, which another thread has withdrawn meanwhile.
    assert all(refusal.endswith("现为已撤回，只有已发布的文件才能撤回。") for refusal in refusals)
    assert len(outcomes) + len(refusals) == THREADS * ROUNDS * 3
    head = LedgerHead.objects.get().seq
    check_ledger(
        list(Change.objects.order_by("seq").values_list("seq", "op", "kind", "code", "revision", "hash")),
        list(PublicRecord.objects.values_list("kind", "code", "revision", "hash")),
        head,
    )
    # Each transaction's lines stand together, and its time is not before that of the one before it.
    written = sorted((outcome for outcome in outcomes if outcome.lines), key=lambda outcome: outcome.first)
    assert [outcome.first for outcome in written] == [1, *(outcome.last + 1 for outcome in written[:-1])]
    times = list(Change.objects.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)
    assert len({str(time) for time in times}) == len(written)


@pytest.mark.django_db(transaction=True)
def test_a_flushed_database_takes_its_first_publication(sample_codes):
    """The head row is made by the first publication of an empty ledger."""
    assert not LedgerHead.objects.exists()
    outcome = publication.publish(Document.objects.get(code=sample_codes[0]), origin="founding")
    assert (outcome.first, outcome.last) == (1, LedgerHead.objects.get().seq)


@pytest.mark.django_db(transaction=True)
def test_the_founding_documents_load_into_an_empty_database(founding):
    """What a test that runs after a flush gets by asking for `founding`."""
    assert Document.objects.public().count() == 3
    assert LedgerHead.objects.get().seq == Change.objects.count() == 690


WORKER = """
from gazette import publication
from gazette.models import Document
from gazette.publication import CannotPublish

refused = 0
for _ in range(6):
    document = Document.objects.get(code="wzrz-2023-1")
    for act in (publication.withdraw, publication.publish):
        try:
            act(document)
        except CannotPublish:
            refused += 1
print(refused)
"""


def test_two_processes_at_once_on_sqlite(tmp_path):
    """With a data directory of its own, whatever database the suite runs on."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WUHAI_") and name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    } | {"WUHAI_DATA_DIR": str(tmp_path)}

    def manage(*args):
        return subprocess.Popen(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    first = manage("bootstrap")
    assert first.communicate(timeout=300)[1] == ""
    running = [manage("shell", "--verbosity", "0", "--command", WORKER) for _ in range(2)]
    answers = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0, 0], answers
    refused = sum(int(output) for output, _errors in answers)

    file = sqlite3.connect(tmp_path / "portal.sqlite3")
    changes = file.execute("SELECT seq, op, kind, code, revision, hash FROM gazette_change ORDER BY seq").fetchall()
    records = file.execute("SELECT kind, code, revision, hash FROM gazette_publicrecord").fetchall()
    ((head,),) = file.execute("SELECT seq FROM gazette_ledgerhead").fetchall()
    ((status,),) = file.execute("SELECT status FROM gazette_document WHERE code = 'wzrz-2023-1'").fetchall()
    file.close()
    check_ledger(changes, records, head)
    events = [change for change in changes if change[2:4] == ("document", "wzrz-2023-1")]
    withdrawals = sum(change[1] == "withdraw" for change in events)
    # Each of the twelve withdrawals was done, or found the document withdrawn by the other process.
    assert withdrawals + refused == 12
    assert (status, events[-1][1]) == ("published", "publish")
