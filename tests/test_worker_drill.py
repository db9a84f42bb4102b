"""A served portal publishes at the stated time what was scheduled, and nobody has to do anything for it."""

import json
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from served import fetch

pytestmark = pytest.mark.drill
PAGE = "/documents/wzrz-2023-1/"
LEDGER = "/api/v1/changes/?kind=document&document=wzrz-2023-1"
SCHEDULE = """
import django; django.setup()
from datetime import timedelta
from django.contrib.auth.models import Permission
from django.utils import timezone
from gazette import publication, review
from gazette.models import Document, User
editor, final = (User.objects.create(username=name, is_staff=True) for name in ("editor", "final"))
editor.user_permissions.set(Permission.objects.filter(codename__in=["submit_document", "change_document"]))
final.user_permissions.set(Permission.objects.filter(codename="review_final_document"))
document = Document.objects.get(code="wzrz-2023-1")
publication.withdraw(document)
document.refresh_from_db()
document.status = "draft"
document.save()
review.submit(document, User.objects.get(pk=editor.pk))
review.approve(
    document, User.objects.get(pk=final.pk), proofread=True, publish_at=timezone.now() + timedelta(seconds=3)
)
print(review.stage(Document.objects.get(pk=document.pk)))
"""


def test_what_is_scheduled_is_published_by_the_worker_of_serve(serve):
    address, environment = serve(WUHAI_REVIEW_STEPS="1")
    assert fetch(address + PAGE)[0] == 200
    said = subprocess.run(
        [sys.executable, "-c", SCHEDULE],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (said.stdout, said.returncode) == ("待定时发布\n", 0), said.stderr
    patience = threading.Event()
    for _ in range(600):
        _status, text = fetch(address + LEDGER)
        lines = [(line["op"], line["origin"]) for line in json.loads(text)["results"]]
        if len(lines) == 3:
            break
        patience.wait(0.1)
    assert lines == [("publish", "founding"), ("withdraw", "review"), ("publish", "review")]
    # Within a second of the line the page is there again.
    patience.wait(1)
    assert fetch(address + PAGE)[0] == 200
