"""What a first start needs, step by step; every step can be run again and then changes nothing."""

import errno
import fcntl
import hashlib
import ipaddress
import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

Report = Callable[[str], None]

# Any number will do, as long as every bootstrap uses the same one.
ADVISORY_LOCK = 4719_2023


def bootstrap(report: Report) -> None:
    """Bring data directory, database and static files to what this code expects; tell `report` each step."""
    check_data_dir(settings.DATA_DIR)
    with one_at_a_time(settings.DATA_DIR / "bootstrap.lock"):
        check_database()
        with one_at_a_time_on_the_server():
            check_schema_is_known()
            report(migrate())
            report(load_founding_documents())
        report(collect_static_files())


# The data directory and the database


def check_data_dir(path: Path) -> None:
    """Make the data directory where it is missing, and refuse one in which no file can be made."""
    try:
        path.mkdir(mode=0o750, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise CommandError(
            f"数据目录 {path} 不可写（{error.strerror}）；请改正权限，或让 WUHAI_DATA_DIR 指向可写的目录。"
        ) from error


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until no other process on this machine holds `path`, and hold it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed, also by a crash
        yield


@contextmanager
def one_at_a_time_on_the_server() -> Iterator[None]:
    """The same for several machines that share one PostgreSQL database."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        # The lock belongs to the connection and goes with it, whatever state a failure left it in.
        connection.close()


def check_database() -> None:
    """Refuse a database that cannot be reached, written, or trusted with Chinese."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                problem = _postgres_problem(cursor)
            else:
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("ROLLBACK")
                problem = ""
    except DatabaseError as error:
        problem = str(error).strip().splitlines()[0]
    if problem:
        raise CommandError(
            f"数据库 {_database_name()} 不可写（{problem}）；请检查 DATABASE_URL、文件权限和数据库服务。"
        )


def _postgres_problem(cursor) -> str:
    """Why this PostgreSQL database cannot be used; empty where it can."""
    cursor.execute(
        "SELECT current_setting('transaction_read_only') = 'on',"
        " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),"
        " current_setting('server_encoding')"
    )
    read_only, may_create, encoding = cursor.fetchone()
    if read_only:
        return "它是只读的"
    if not may_create:
        return "这个用户无权在其中建表"
    if encoding != "UTF8":
        return f"它的编码是 {encoding}，须为 UTF8"
    return ""


def _database_name() -> str:
    """The database in words, without user or password."""
    name, host = connection.settings_dict["NAME"], connection.settings_dict["HOST"]
    return f"{host}/{name}" if host else str(name)


def check_schema_is_known() -> None:
    """Refuse a database that newer code has migrated: this code would misread it."""
    loader = MigrationLoader(connection)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations) - replaced)
    if unknown:
        names = "、".join(f"{app}.{name}" for app, name in unknown[:3]) + ("等" if len(unknown) > 3 else "")
        raise CommandError(
            f"数据库比程序新：其中有程序不认识的 {len(unknown)} 个迁移（{names}）。"
            "请换用写入它的那个版本或更新版本的程序，或恢复升级前的备份；数据库未作改动。"
        )


# The steps


def migrate() -> str:
    """Apply the migrations that are missing."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    # Also run when none is missing: it finishes what an interrupted run left, such as permissions.
    call_command("migrate", interactive=False, verbosity=0)
    return f"数据库结构：执行了 {missing} 个迁移。" if missing else "数据库结构：已是最新，未作改动。"


def load_founding_documents() -> str:
    """Load and publish the documents that the project brings, where nothing was ever published."""
    from gazette.fixture_files import CannotLoad
    from gazette.loading import load_founding_documents as load

    try:
        summary = load()
    except CannotLoad as error:
        raise CommandError(f"首批文件没有装载，库中未作改动：{error}") from None
    return f"首批文件：{summary}" if summary else "首批文件：已有公开记录，未作改动。"


def collect_static_files() -> str:
    """Collect the static files where their sources changed since the last time."""
    stamp = settings.DATA_DIR / "static.sha256"
    sources = static_sources_digest()
    if settings.STATIC_ROOT.is_dir() and stamp.is_file() and stamp.read_text() == sources:
        return "静态文件：已是最新，未作改动。"
    call_command("collectstatic", interactive=False, verbosity=0)
    # Written last: an interrupted collection is done again.
    stamp.write_text(sources)
    return "静态文件：已收集。"


def static_sources_digest() -> str:
    """A hash of every static source file and of what turns it into a collected one."""
    digest = hashlib.sha256()
    digest.update(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for package in ("django", "whitenoise"):
        digest.update(f"\0{package} {version(package)}".encode())
    found = {}
    for finder in get_finders():
        for path, storage in finder.list([]):
            # Of two files with one name the first is collected, as Django does it.
            found.setdefault(os.path.join(getattr(storage, "prefix", None) or "", path), (storage, path))
    for name, (storage, path) in sorted(found.items()):
        with storage.open(path) as file:
            digest.update(f"\0{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}".encode())
    return digest.hexdigest()


# Serving


def parse_bind(value: str) -> tuple[str, int]:
    """`--bind` as an address and a port."""
    match = re.fullmatch(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<four>[^:\[\]]+)):(?P<port>[0-9]{1,5})", value)
    malformed = CommandError(f"--bind 的值是 {value!r}；请写 地址:端口，例如 127.0.0.1:8000 或 [::1]:8000。")
    if not match or not 1 <= int(match["port"]) <= 65535:
        raise malformed
    host = match["six"] or match["four"]
    if host == "localhost":
        host = "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise malformed from None
    if (address.version == 6) != bool(match["six"]):
        raise malformed
    return str(address), int(match["port"])


def parse_workers(value: str) -> int:
    """`--workers` as a number of processes."""
    if not re.fullmatch(r"[0-9]{1,3}", value) or not 1 <= int(value) <= 64:
        raise CommandError(f"--workers 的值是 {value!r}；请写 1 到 64 的整数。")
    return int(value)


def http_address(host: str, port: int) -> str:
    """The http address of a socket."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_port(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on. The server would share a busy port instead of saying so."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            # A port that a stopped server used a moment ago is free; one that somebody listens on is not.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"端口 {port} 已被占用（{host}）；请停掉占用它的程序，或用 --bind 换一个端口。"
            ) from error
        raise CommandError(
            f"无法在 {host}:{port} 上监听（{error.strerror}）；请用 --bind 换一个地址或端口。"
        ) from error
