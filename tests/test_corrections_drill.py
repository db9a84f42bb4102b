"""Eight at once publish, correct and withdraw: the ledger has no gap, and a reader sees each change once."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection

from gazette import corrections, publication
from gazette.correcting import CannotCorrect
from gazette.ledger_check import misses
from gazette.models import Change, Correction, Document, LedgerHead, User
from gazette.publication import CannotPublish
from personnel.models import Appointment

from .conftest import load_founding_documents

pytestmark = pytest.mark.drill

ROUNDS = 4
LINE = ("seq", "op", "origin", "kind", "code", "revision", "hash")


@pytest.fixture
def documents(transactional_db, samples):
    """The founding documents and a sample in an empty database, each thread's two members of staff, and a draft."""
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    load_founding_documents()
    sample = samples.target(published=True).document
    for number in range(8):
        User.objects.create(username=f"author-{number}")
        User.objects.create(username=f"reviewer-{number}")
    return {"notice": "wzrz-2023-1", "measures": "whzbf-2023-2", "sample": sample.code}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one SQLite connection in a test")
@pytest.mark.django_db(transaction=True)
def test_eight_publish_correct_and_withdraw_at_once(documents):
    start, stop = threading.Barrier(9), threading.Event()
    accepted, refused, failures, seen = [], [], [], []

    def run(work):
        try:
            start.wait(timeout=60)
            work()
        except BaseException as error:  # a thread's failure must fail the test
            failures.append(error)
            raise
        finally:
            connection.close()

    def withdraw_and_publish(code):
        for _ in range(ROUNDS):
            for act in (publication.withdraw, publication.publish):
                try:
                    act(Document.objects.get(code=code))
                except CannotPublish as error:
                    refused.append(str(error))

    def correct(number, find, field, values):
        author, reviewer = (User.objects.get(username=f"{role}-{number}") for role in ("author", "reviewer"))
        for turn in range(ROUNDS):
            record, kind = find()
            document = record if kind == "document" else record.document
            setattr(record, field, values[turn % 2])
            try:
                how = {"reason": f"示例{number}-{turn}", "by": author, "save": record.save}
                correction = corrections.propose(document, kind, record.code, **how)
            except CannotCorrect as error:
                refused.append(str(error))
                continue
            try:
                accepted.append(corrections.accept(correction, by=reviewer))
            except CannotCorrect as error:
                refused.append(str(error))
                correction.refresh_from_db()
                if correction.is_open:
                    corrections.withdraw(correction, by=author)

    def poll():
        """As a mirror does: whatever comes after the last line that is known."""
        seen.extend(Change.objects.filter(seq__gt=seen[-1][0] if seen else 0).order_by("seq").values_list(*LINE))

    def mirror():
        while not stop.is_set():
            poll()

    def event(number):
        return lambda: (
            Appointment.objects.filter(document__code=documents["notice"]).order_by("code")[number],
            "appointment",
        )

    def library():
        return Document.objects.get(code=documents["measures"]), "document"

    bases = ("unknown", "number_year")
    work = [
        lambda: withdraw_and_publish(documents["notice"]),
        lambda: withdraw_and_publish(documents["notice"]),
        lambda: withdraw_and_publish(documents["sample"]),
        lambda: withdraw_and_publish(documents["sample"]),
        lambda: correct(4, event(0), "date_basis", bases),
        lambda: correct(5, event(1), "date_basis", bases),
        lambda: correct(6, library, "subject", ("示例主题甲", "示例主题乙")),
        lambda: correct(7, library, "index_number", ("示例索引甲", "示例索引乙")),
    ]
    watching = threading.Thread(target=run, args=(mirror,))
    working = [threading.Thread(target=run, args=(act,)) for act in work]
    for thread in (watching, *working):
        thread.start()
    for thread in working:
        thread.join(timeout=300)
    stop.set()
    watching.join(timeout=60)
    assert not failures
    assert not any(thread.is_alive() for thread in (watching, *working))

    poll()
    head = LedgerHead.objects.get().seq
    assert [line[0] for line in seen] == list(range(1, head + 1))
    assert seen == list(Change.objects.order_by("seq").values_list(*LINE))
    assert list(misses("default")) == []
    # Each accepted correction has its lines, and no other has any.
    firsts = sorted(correction.seq for correction in accepted)
    assert firsts == sorted(Correction.objects.filter(state="accepted").values_list("seq", flat=True))
    assert {line[2] for line in seen if line[0] in firsts} == {"correction"}
    assert sum(line[2] == "correction" for line in seen) == len(firsts)
    assert {"publish", "update", "withdraw"} == {line[1] for line in seen}
    assert not Correction.objects.filter(state="proposed").exists()
    # Nobody is refused but for what another did meanwhile.
    known = ("只有已发布的文件才能", "本条自提出更正时起已有变化", "待审核，办结后才能再提", "没有改动任何内容")
    assert [refusal for refusal in refused if not any(words in refusal for words in known)] == []
