"""A first start does everything, a second one nothing, and what stands in the way gets one clear line."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError

from wuhai_portal import startup

ROOT = Path(__file__).resolve().parent.parent
SECOND_RUN = "数据库结构：已是最新，未作改动。\n首批文件：已有公开记录，未作改动。\n静态文件：已是最新，未作改动。\n"


def portal_environment(data_dir, **variables):
    """The environment of a portal with a data directory of its own, on SQLite unless told otherwise."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WUHAI_") and name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    }
    return clean | {"WUHAI_DATA_DIR": str(data_dir)} | variables


def manage(*args, data_dir, **variables):
    """Run manage.py to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=ROOT,
        env=portal_environment(data_dir, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )


def said(ran):
    """The one line with which a command gave up."""
    assert ran.returncode == 1, ran.stderr
    lines = ran.stderr.splitlines()
    assert len(lines) == 1, ran.stderr
    return lines[0].removeprefix("CommandError: ").removeprefix("配置有误：")


def contents(directory):
    """Every file with its size and the time of its last change; SQLite's own log files come and go."""
    return {
        str(path.relative_to(directory)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def free_port():
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def bootstrapped(tmp_path_factory):
    """A data directory after its first bootstrap, and what that said."""
    data_dir = tmp_path_factory.mktemp("portal") / "data"
    ran = manage("bootstrap", data_dir=data_dir)
    assert ran.returncode == 0, ran.stderr
    return data_dir, ran.stdout


def test_the_first_bootstrap_does_every_step(bootstrapped):
    data_dir, output = bootstrapped
    schema, documents, static = output.splitlines()
    assert re.fullmatch(r"数据库结构：执行了 \d+ 个迁移。", schema)
    assert documents.startswith("首批文件：")
    assert "未作改动" not in documents
    assert static == "静态文件：已收集。"
    assert (data_dir / "static" / "staticfiles.json").is_file()


def test_the_second_bootstrap_changes_nothing(bootstrapped):
    data_dir, _ = bootstrapped
    before = contents(data_dir)
    ran = manage("bootstrap", data_dir=data_dir)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, SECOND_RUN, "")
    assert contents(data_dir) == before


def test_bootstraps_at_once_do_the_work_once(tmp_path):
    command = [sys.executable, "manage.py", "bootstrap"]
    environment = portal_environment(tmp_path / "data")
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outcomes = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], outcomes
    assert sum(output == SECOND_RUN for output, _ in outcomes) == 2


def test_a_newer_schema_is_refused_and_left_alone(tmp_path):
    # Even an otherwise empty database counts: nothing may be written beside what newer code made.
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    file = sqlite3.connect(data_dir / "portal.sqlite3")
    file.execute("PRAGMA journal_mode=WAL")
    file.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied DATETIME)")
    file.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('gazette', '0999_later', '2030-01-01')")
    file.commit()
    line = said(manage("bootstrap", data_dir=data_dir))
    assert line == (
        "数据库比程序新：其中有程序不认识的 1 个迁移（gazette.0999_later）。"
        "请换用写入它的那个版本或更新版本的程序，或恢复升级前的备份；数据库未作改动。"
    )
    tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    file.close()
    assert tables == ["django_migrations"]
    assert not (data_dir / "static").exists()


def test_nothing_to_verify_is_no_proof(tmp_path):
    assert manage("migrate", data_dir=tmp_path).returncode == 0
    assert said(manage("verify_sources", data_dir=tmp_path)) == (
        "没有可核对的文件；请先运行 manage.py load_documents 或 manage.py bootstrap。"
    )


def test_an_unwritable_database_is_refused(tmp_path):
    missing = tmp_path / "missing" / "portal.sqlite3"
    for command in (["bootstrap"], ["serve", "--bind", f"127.0.0.1:{free_port()}"]):
        line = said(manage(*command, data_dir=tmp_path / "data", DATABASE_URL=f"sqlite:///{missing}"))
        assert line == (
            f"数据库 {missing} 不可写（unable to open database file）；请检查 DATABASE_URL、文件权限和数据库服务。"
        )


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "portal.sqlite3").write_text("这不是数据库" * 100)
    line = said(manage("bootstrap", data_dir=tmp_path))
    assert line == (
        f"数据库 {tmp_path / 'portal.sqlite3'} 不可写（file is not a database）；"
        "请检查 DATABASE_URL、文件权限和数据库服务。"
    )


def test_a_read_only_file_is_refused(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("permissions do not bind root")
    file = tmp_path / "portal.sqlite3"
    file.touch(mode=0o400)
    assert "不可写" in said(manage("bootstrap", data_dir=tmp_path))


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    url = f"postgres://portal:hush@127.0.0.1:{free_port()}/wuhai"
    line = said(manage("bootstrap", data_dir=tmp_path, DATABASE_URL=url))
    assert line.startswith("数据库 127.0.0.1/wuhai 不可写（")
    assert "hush" not in line


def test_an_unwritable_data_directory_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError) as refused:
        startup.check_data_dir(tmp_path / "file" / "data")
    assert str(refused.value) == (
        f"数据目录 {tmp_path / 'file' / 'data'} 不可写（Not a directory）；"
        "请改正权限，或让 WUHAI_DATA_DIR 指向可写的目录。"
    )


def test_a_busy_port_is_refused_before_anything_is_done(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        line = said(manage("serve", "--bind", f"127.0.0.1:{port}", data_dir=tmp_path / "data"))
    assert line == f"端口 {port} 已被占用（127.0.0.1）；请停掉占用它的程序，或用 --bind 换一个端口。"
    # The settings make the secret key; the command itself has made nothing.
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_https_without_a_proxy_is_refused(tmp_path):
    line = said(manage("serve", data_dir=tmp_path, WUHAI_SITE_ADDRESS="https://data.example.gov.cn"))
    assert line == (
        "站点地址是 https://data.example.gov.cn，而 serve 只提供 http；"
        "请放在 nginx 等代理之后（由它提供 https 并设置 X-Forwarded-Proto），并写 WUHAI_BEHIND_PROXY=True。"
    )


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("localhost:80", ("127.0.0.1", 80)),
        ("0.0.0.0:65535", ("0.0.0.0", 65535)),
        ("[::1]:8000", ("::1", 8000)),
    ],
)
def test_bind(value, parsed):
    assert startup.parse_bind(value) == parsed


@pytest.mark.parametrize(
    "value",
    ["", "8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "::1:8000", "[127.0.0.1]:1", "host:1"],
)
def test_a_wrong_bind_has_its_sentence(value):
    with pytest.raises(CommandError) as refused:
        startup.parse_bind(value)
    assert str(refused.value) == (f"--bind 的值是 {value!r}；请写 地址:端口，例如 127.0.0.1:8000 或 [::1]:8000。")


def test_workers():
    assert startup.parse_workers("4") == 4
    for value in ("0", "65", "-1", "two", "", "1.5"):
        with pytest.raises(CommandError) as refused:
            startup.parse_workers(value)
        assert str(refused.value) == f"--workers 的值是 {value!r}；请写 1 到 64 的整数。"


def test_serve_answers_and_stops_when_told(bootstrapped):
    data_dir, _ = bootstrapped
    address = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--bind", address, "--workers", "1"],
        cwd=ROOT,
        env=portal_environment(data_dir),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert status_when_up(f"http://{address}/admin/login/", server) == 200
        finally:
            server.send_signal(signal.SIGTERM)
            output, errors = server.communicate(timeout=60)
    assert server.returncode == 0, errors
    assert output == (
        f"{SECOND_RUN}正在 http://{address} 提供服务，按 Ctrl+C 停止。\n"
        "对外的站点地址是 http://127.0.0.1:8000（WUHAI_SITE_ADDRESS）。\n"
        "服务已停止。\n"
    )


def status_when_up(url, server):
    """The status of `url` as soon as the server answers at all."""
    for _ in range(300):
        assert server.poll() is None, "the server stopped by itself"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer within 30 seconds")
