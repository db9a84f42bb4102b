"""Eight at once decide on reports while their document goes and comes: one decision holds, the ledger is whole."""

import threading
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from gazette import publication
from gazette.ledger_check import misses
from gazette.models import Change, Document, User
from gazette.publication import CannotPublish
from plans import progress
from plans.models import ProgressReport

pytestmark = pytest.mark.drill


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one SQLite connection in a test")
@pytest.mark.django_db(transaction=True)
def test_eight_decide_at_once(transactional_db, samples):
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    target = samples.target(published=True)
    reporter = User.objects.create(username="reporter")
    reports = [
        samples.report(target=target, as_of=date(2022, 6, n + 1), accepted_at=None, reporter=reporter, light="")
        for n in range(4)
    ]
    ProgressReport.objects.update(submitted_at=timezone.now())
    reviewers = [User.objects.create(username=f"reviewer-{n}") for n in range(8)]
    start, refused, failures = threading.Barrier(9), [], []

    def run(work):
        try:
            start.wait(timeout=60)
            work()
        except BaseException as error:  # a thread's failure must fail the test
            failures.append(error)
            raise
        finally:
            connection.close()

    def decide(reviewer, turn):
        for number in range(4):
            found = reports[(number + turn) % 4]
            for step, how in ((progress.accept, {}), (progress.withdraw, {"reason": "示例理由"})):
                try:
                    step(ProgressReport.objects.get(pk=found.pk), by=reviewer, **how)
                except progress.CannotReport as error:
                    refused.append(str(error))

    def withdraw_and_publish():
        for _ in range(4):
            for act in (publication.withdraw, publication.publish):
                try:
                    act(Document.objects.get(pk=target.document_id))
                except CannotPublish as error:
                    refused.append(str(error))

    works = [lambda who=who, turn=turn: decide(who, turn) for turn, who in enumerate(reviewers)]
    threads = [threading.Thread(target=run, args=(work,)) for work in [*works, withdraw_and_publish]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)
    assert refused
    assert list(misses("default")) == []
    for found in ProgressReport.objects.all():
        decided = ProgressReport.history.filter(id=found.pk, accepted_at__isnull=False, withdrawn_at=None)
        assert decided.values("reviewer", "accepted_at").distinct().count() == (1 if found.accepted_at else 0)
        ops = list(Change.objects.filter(code=found.code).order_by("seq").values_list("op", flat=True))
        assert all(one != other for one, other in zip(ops, ops[1:], strict=False)), ops
