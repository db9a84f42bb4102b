"""A withdrawn document is gone from the public within a second: under load, on two processes, with or without Redis."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings

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


@pytest.fixture
def database(tmp_path):
    """The environment of a portal with a database of its own, of the kind that the suite runs on."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WUHAI_", "PYTEST"))}
    environment |= {"WUHAI_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "wuhai_portal.settings"}
    url = environment.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        environment.pop("DATABASE_URL", None)
        yield environment
        return
    name = f"withdrawal_drill_{os.getpid()}"
    connection = psycopg2.connect(urlsplit(url)._replace(path="/postgres").geturl())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield environment | {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@pytest.fixture
def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(params=["own memory", "Redis"])
def server(request, database, free_port):
    """A portal served by two processes; yields its address and environment."""
    environment = dict(database)
    environment.pop("REDIS_URL", None)
    if request.param == "Redis":
        environment["REDIS_URL"] = "redis://127.0.0.1:6379/15"
    bind = f"127.0.0.1:{free_port}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--bind", bind, "--workers", "2"],
        cwd=settings.BASE_DIR,
        env=environment | {"WUHAI_SITE_ADDRESS": f"http://{bind}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_until_it_answers(process, f"http://{bind}")
        yield f"http://{bind}", environment
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait_until_it_answers(process, address):
    patience = threading.Event()
    for _ in range(600):
        assert process.poll() is None, process.stdout.read()
        try:
            if fetch(address + "/healthz")[0] == 200:
                return
        except OSError:
            patience.wait(0.2)
    raise AssertionError("the server did not start")


def fetch(address):
    try:
        with urllib.request.urlopen(address, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def shows_it(text):
    """Whether an answer shows the withdrawn records: their code in the API, their page's address in a page."""
    return bool(re.search(rf"{MARK}\b|/measures/2023-consumption/7/|安排资金400万元", text))


def test_gone_within_a_second(server):
    address, environment = server
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            for path in ADDRESSES:
                sent = time.monotonic()
                status, text = fetch(address + path)
                seen.append((sent, path, status, shows_it(text)))

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
