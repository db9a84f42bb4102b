"""A portal as people get it: the production server in processes of its own, on a database of its own."""

import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings


@pytest.fixture
def database(tmp_path):
    """The environment of a portal with a database of its own, of the kind that the suite runs on."""
    with database_of_its_own(tmp_path) as environment:
        yield environment


@contextmanager
def database_of_its_own(directory):
    """The environment of a portal in a directory; on a PostgreSQL suite its database is made and dropped."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WUHAI_", "PYTEST"))}
    environment |= {"WUHAI_DATA_DIR": str(directory), "DJANGO_SETTINGS_MODULE": "wuhai_portal.settings"}
    environment.pop("REDIS_URL", None)
    url = environment.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        environment.pop("DATABASE_URL", None)
        yield environment
        return
    name = f"served_{os.getpid()}_{directory.name.replace('-', '_')}"
    connection = psycopg2.connect(urlsplit(url)._replace(path="/postgres").geturl())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        yield environment | {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    connection.close()


@pytest.fixture
def free_port():
    """A port of loopback that nobody listens on."""
    return find_free_port()


def find_free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(address, headers=None):
    """The status and the text of an address, whatever the status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers or {}), timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def serve(database, free_port):
    """Start `manage.py serve` with two workers and wait for its first answer; yields (address, environment)."""
    with ExitStack() as running:
        yield lambda **environment: running.enter_context(serving(database | environment, free_port))


@contextmanager
def serving(environment, port):
    """A served portal: (address, environment)."""
    bind = f"127.0.0.1:{port}"
    environment = environment | {"WUHAI_SITE_ADDRESS": f"http://{bind}"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--bind", bind, "--workers", "2"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for_an_answer(process, f"http://{bind}")
        yield f"http://{bind}", environment
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a portal that a module's tests read together."""
    with (
        database_of_its_own(tmp_path_factory.mktemp("site")) as environment,
        serving(environment, find_free_port()) as (address, _environment),
    ):
        yield address


def _wait_for_an_answer(process, address):
    patience = threading.Event()
    for _ in range(900):
        assert process.poll() is None, process.stdout.read()
        try:
            if fetch(address + "/healthz")[0] == 200:
                return
        except OSError:
            pass
        patience.wait(0.1)
    raise AssertionError("the server did not start")
