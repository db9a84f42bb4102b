"""A withdrawn document is gone from the public within a second: under load, on two processes, with or without Redis."""

import re
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from served import fetch

pytestmark = pytest.mark.drill
MARK = "2023-consumption-7"
ADDRESSES = [
    "/",
    "/measures/",
    "/measures/2023-consumption/7/",
    "/documents/whzbf-2023-2/",
    "/api/v1/measures/",
    "/api/v1/measures/2023-consumption-7/",
    "/api/v1/budgets/?category=consumption",
]
WITHDRAW = """
import django; django.setup()
from gazette import publication
from gazette.models import Document
publication.withdraw(Document.objects.get(code="whzbf-2023-2"))
"""


def shows_it(text):
    """Whether an answer shows the withdrawn records: their code in the API, their page's address in a page."""
    return bool(re.search(rf"{MARK}\b|/measures/2023-consumption/7/|安排资金400万元", text))


@pytest.mark.parametrize("cache", [{}, {"REDIS_URL": "redis://127.0.0.1:6379/15"}], ids=["own memory", "Redis"])
def test_gone_within_a_second(serve, cache):
    address, environment = serve(**cache)
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            for path in ADDRESSES:
                sent = time.monotonic()
                status, text = fetch(address + path)
                seen.append((sent, path, status, status == 200 and shows_it(text)))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        stop.wait(2)
        subprocess.run([sys.executable, "-c", WITHDRAW], cwd=settings.BASE_DIR, env=environment, check=True, timeout=60)
        withdrawn = time.monotonic()
        stop.wait(3)
    finally:
        stop.set()
        for reader in readers:
            reader.join(timeout=60)
    before = {path for sent, path, status, shown in seen if sent < withdrawn - 1 and shown}
    after = [answer for answer in seen if answer[0] > withdrawn + 1]
    late = [(round(sent - withdrawn, 2), path, status) for sent, path, status, shown in after if shown]
    answers = {(path, status) for _sent, path, status, _shown in after}
    assert before >= set(ADDRESSES) - {"/"}
    assert late == []
    assert ("/measures/2023-consumption/7/", 410) in answers
    assert ("/documents/whzbf-2023-2/", 410) in answers
    assert ("/api/v1/measures/2023-consumption-7/", 410) in answers
    assert ("/api/v1/measures/", 200) in answers
