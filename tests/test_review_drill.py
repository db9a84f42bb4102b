"""Two people approve the same step at the same time: one is refused, and each step is one person's."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from gazette import review
from gazette.ledger_check import misses
from gazette.models import Change, Document, PublicRecord, User
from gazette.review_people import CannotReview

from .conftest import load_founding_documents
from .test_review import draft_of

pytestmark = pytest.mark.drill

THREADS, NOTICE = 6, "wzrz-2023-1"


@pytest.fixture
def draft(transactional_db):
    """The founding documents in an empty database, one of them a draft, and people who may take any step."""
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    load_founding_documents()
    for number in range(THREADS):
        User.objects.create(username=f"boss-{number}", is_superuser=True)
    User.objects.create(username="editor", is_superuser=True)
    return draft_of(NOTICE)


def at_once(work):
    """Run work(number) in each of the threads; what they answered and with what they were refused."""
    start, done, refused, failures = threading.Barrier(THREADS), [], [], []

    def run(number):
        try:
            user = User.objects.get(username=f"boss-{number}")
            document = Document.objects.get(code=NOTICE)
            start.wait(timeout=60)
            done.append(work(document, user))
        except CannotReview as refusal:
            refused.append(str(refusal))
        except BaseException as error:  # a thread's failure must fail the test
            failures.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert not failures
    assert not any(thread.is_alive() for thread in threads)
    return done, refused


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one SQLite connection in a test")
@pytest.mark.django_db(transaction=True)
def test_of_those_who_take_a_step_at_once_one_does(draft):
    review.submit(draft, User.objects.get(username="editor"))
    people = set()
    for step, stage in enumerate(("待复审", "待终审", "已发布"), 1):
        done, refused = at_once(lambda document, user: review.approve(document, user, proofread=True))
        # Who took an earlier step is refused for that, unless another was quicker.
        assert [entry.step for entry in done] == [step]
        assert len(refused) == THREADS - 1
        assert any(f"刚由别人办理过，现为{stage}；请看过现在的情况再办。" in said for said in refused)
        people.add(done[0].by_id)
    assert len(people) == 3
    draft.refresh_from_db()
    assert draft.status == "published"
    assert list(misses("default")) == []
    done, refused = at_once(lambda document, user: review.withdraw(document, user, "mistake", "示例说明"))
    assert (len(done), len(refused)) == (1, THREADS - 1)
    assert Change.objects.filter(kind="document", code=NOTICE, reason="mistake").count() == 1
    assert not PublicRecord.objects.filter(document=draft).exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share one SQLite connection in a test")
@pytest.mark.django_db(transaction=True)
def test_what_is_due_is_published_once(draft, settings):
    editor = User.objects.get(username="editor")
    settings.REVIEW_STEPS = 1
    review.submit(draft, editor)
    due = timezone.now() + timedelta(hours=1)
    entry = review.approve(draft, User.objects.get(username="boss-0"), proofread=True, publish_at=due)
    assert entry.publish_at == due
    done, refused = at_once(lambda _document, _user: list(review.publish_due(due)))
    assert refused == []
    assert sorted(map(len, done)) == [0] * (THREADS - 1) + [1]
    assert draft.review_entries.filter(act="publish").count() == 1
    assert list(misses("default")) == []
