"""What the benchmark measures and how: one server process, one load generator, requests a second."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError

CONNECTIONS = 8
# Who names a key is never answered from the cache: the full stack answers.
UNCACHED = {"Authorization": "Bench none"}


@dataclass(frozen=True)
class Load:
    """One thing to measure."""

    name: str
    path: str
    cached: bool = True
    revalidate: bool = False


LOADS = [
    Load("constant view, behind the same middleware", "/bench/constant/", cached=False),
    Load("page, warm: /measures/", "/measures/"),
    Load("list, warm: /api/v1/measures/", "/api/v1/measures/"),
    Load("page, 304: /measures/", "/measures/", revalidate=True),
    Load("list, 304: /api/v1/measures/", "/api/v1/measures/", revalidate=True),
    Load("page, cold: /measures/", "/measures/", cached=False),
    Load("page, cold: /", "/", cached=False),
    Load("page, cold: /documents/whzf-2023-2/", "/documents/whzf-2023-2/", cached=False),
    Load("list, cold: /api/v1/measures/", "/api/v1/measures/", cached=False),
    Load("list, cold: /api/v1/targets/", "/api/v1/targets/", cached=False),
    Load("plain ListView of the measures", "/bench/listview/", cached=False),
    Load("plain ModelViewSet of the measures, same nested fields", "/bench/viewset/", cached=False),
]
DATASETTE = Load("Datasette, default JSON of the measures", "/portal/measures_measure.json")

# (what, numerator, denominator, the ratio wanted)
RATIOS = [
    ("warm page / constant view", 1, 0, 1.0),
    ("warm list / constant view", 2, 0, 1.0),
    ("304 page / constant view", 3, 0, 1.2),
    ("304 list / constant view", 4, 0, 1.2),
    ("cold page / plain ListView", 5, 10, 1.0),
    ("cold list / plain ModelViewSet", 8, 11, 2.0),
]
DATASETTE_RATIO = ("cold list / Datasette", 8, 4.0)


def need(program: str, remedy: str) -> str:
    """The path of a program beside Python or on the PATH; a sentence where there is none."""
    beside = Path(sys.executable).parent / program
    found = str(beside) if beside.exists() else shutil.which(program)
    if not found:
        raise CommandError(f"没有找到 {program}；{remedy}")
    return found


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(command: list[str], address: str, environment: dict):
    """A server process that answers at an address while the block runs."""
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        for _ in range(150):
            if process.poll() is not None:
                raise CommandError(f"{command[0]} 没有启动：{process.stderr.read().strip()[-400:]}")
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise CommandError(f"{address} 三十秒内没有应答。")
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def portal():
    """This portal in one process, with the baselines; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "wuhai_portal.bench.settings",
        "WUHAI_DATA_DIR": str(settings.DATA_DIR),
        "WUHAI_SITE_ADDRESS": address,
    }
    granian = need("granian", "请先安装依赖。")
    command = [granian, "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1", "--port", str(port)]
    with serving([*command, "wuhai_portal.wsgi:application"], address + "/healthz", environment):
        yield address


@contextmanager
def datasette(database: Path):
    """Datasette on the same SQLite file in one process; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    program = need("datasette", "请安装：pip install --require-hashes -r requirements-bench.txt")
    with serving(
        [program, "serve", str(database), "--port", str(port)], address + "/-/versions.json", dict(os.environ)
    ):
        yield address


def requests_a_second(address: str, load: Load, seconds: int) -> float:
    """What wrk reports; any answer that is not 2xx or 3xx is an error."""
    headers = {} if load.cached else dict(UNCACHED)
    if load.revalidate:
        with urllib.request.urlopen(address + load.path, timeout=20) as response:
            headers["If-None-Match"] = response.headers["ETag"]
    wrk = need("wrk", "请安装：apt-get install wrk")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", address + load.path]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if wrong := re.search(r"Non-2xx or 3xx responses: (\d+)", printed):
        raise CommandError(f"{load.path} 有{wrong[1]}个应答不是 2xx 或 3xx。")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])
