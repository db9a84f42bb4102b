"""Reads the environment strictly: a value that is unknown or malformed stops the start with one sentence.

The sentence names the variable and what to write. It never shows a secret, nor an address that may hold one.
Each function takes the environment as a mapping, so that it can be tested without settings.
"""

import difflib
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

Environment = Mapping[str, str]

KNOWN = {
    "WUHAI_BEHIND_PROXY",
    "WUHAI_DATA_DIR",
    "WUHAI_DATA_LICENCE",
    "WUHAI_DEBUG",
    "WUHAI_FAULT_REPORT_URL",
    "WUHAI_ICP_NUMBER",
    "WUHAI_IDLE_MINUTES",
    "WUHAI_PASSWORD_MAX_AGE_DAYS",
    "WUHAI_PASSWORD_MIN_LENGTH",
    "WUHAI_POLICE_NUMBER",
    "WUHAI_PROGRESS_RED",
    "WUHAI_PROGRESS_YELLOW",
    "WUHAI_REVIEW_STEPS",
    "WUHAI_SECOND_FACTOR",
    "WUHAI_SECRET_KEY",
    "WUHAI_SITE_ADDRESS",
    "WUHAI_SITE_CODE",
    "WUHAI_SITE_NAME",
    "WUHAI_SPONSOR",
}
SECRET_KEY_LENGTH = 50
POSTGRES_OPTIONS = {"application_name", "connect_timeout", "sslcert", "sslkey", "sslmode", "sslrootcert"}


class BadEnvironment(ImproperlyConfigured):
    """An environment variable is unknown or malformed; the message is for the operator."""


def refuse_unknown(environ: Environment) -> None:
    """Refuse a `WUHAI_*` variable that nothing reads: it is a typing error, and would be ignored silently."""
    for name in sorted(environ):
        if name.startswith("WUHAI_") and name not in KNOWN:
            close = difflib.get_close_matches(name, KNOWN, n=1)
            hint = f"是不是 {close[0]}？" if close else ""
            raise BadEnvironment(f"不认识环境变量 {name}；{hint}可用的有：{'、'.join(sorted(KNOWN))}。")


def text(environ: Environment, name: str) -> str | None:
    """The value of `name`, None where it is not set; set but blank is refused."""
    value = environ.get(name)
    if value is not None and not value.strip():
        raise BadEnvironment(f"环境变量 {name} 是空的；请写上值，或删去这个变量。")
    return value


def flag(environ: Environment, name: str, default: bool = False) -> bool:
    """True or False, written just so."""
    value = text(environ, name)
    if value is None:
        return default
    if value not in ("True", "False"):
        raise BadEnvironment(f"{name} 的值是 {value!r}；请写 True 或 False。")
    return value == "True"


def number(environ: Environment, name: str, default: int, lowest: int, highest: int) -> int:
    """A whole number between two bounds, both included."""
    value = text(environ, name)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", value) or not lowest <= int(value) <= highest:
        raise BadEnvironment(f"{name} 的值是 {value!r}；请写 {lowest} 到 {highest} 的整数。")
    return int(value)


def second_factor_required(environ: Environment, default: bool) -> bool:
    """Whether staff cannot work without a second factor."""
    name = "WUHAI_SECOND_FACTOR"
    value = text(environ, name)
    if value is None:
        return default
    if value not in ("required", "optional"):
        raise BadEnvironment(f"{name} 的值是 {value!r}；请写 required（必须启用）或 optional（自愿启用）。")
    return value == "required"


def matching(environ: Environment, name: str, pattern: str, remedy: str) -> str:
    """The value of `name`, which must match `pattern`; empty where it is not set."""
    value = text(environ, name)
    if value is None:
        return ""
    if not re.fullmatch(pattern, value):
        raise BadEnvironment(f"{name} 的值是 {value!r}；{remedy}")
    return value


def lag(environ: Environment, yellow: int = 10, red: int = 30) -> tuple[int, int]:
    """By how many points progress may lag before it is slow, and before it is far behind."""
    remedy = "请写 1 到 99 的整数。"
    yellow = int(matching(environ, "WUHAI_PROGRESS_YELLOW", r"[1-9][0-9]?", remedy) or yellow)
    red = int(matching(environ, "WUHAI_PROGRESS_RED", r"[1-9][0-9]?", remedy) or red)
    if yellow >= red:
        raise BadEnvironment(
            f"WUHAI_PROGRESS_YELLOW（{yellow}）应小于 WUHAI_PROGRESS_RED（{red}）：先进度偏慢，后进度滞后。"
        )
    return yellow, red


def review_steps(environ: Environment) -> int:
    """How many people review a document, one after the other: 1 to 3."""
    return int(matching(environ, "WUHAI_REVIEW_STEPS", "[123]", "请写 1、2 或 3。") or 3)


@dataclass(frozen=True)
class SiteAddress:
    """The address under which readers reach the site; security follows from its scheme."""

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port else "")

    @property
    def https(self) -> bool:
        return self.scheme == "https"

    @property
    def domain(self) -> str:
        """The name under which the site is registered; empty for this machine and for a bare address."""
        host = self.host.strip("[]")
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return "" if host == "localhost" else host
        return ""

    @property
    def allowed_hosts(self) -> list[str]:
        """The host of the address; plain http is loopback only, and loopback has several names."""
        if self.https:
            return [self.host]
        return sorted({self.host, "localhost", "127.0.0.1", "[::1]"})


def site_address(environ: Environment, default: str = "http://127.0.0.1:8000") -> SiteAddress:
    """The site's address: https anywhere, http on loopback only."""
    name = "WUHAI_SITE_ADDRESS"
    value = text(environ, name) or default
    malformed = BadEnvironment(
        f"{name} 不是站点地址；请写 协议://主机[:端口]，例如 https://data.example.gov.cn 或 {default}，"
        "不带用户名、路径和参数，中文域名写成 xn-- 的形式。"
    )
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise malformed from None
    host = (parts.hostname or "").lower()
    if (
        parts.scheme not in ("http", "https")
        or parts.path not in ("", "/")
        or "@" in parts.netloc
        or "?" in value
        or "#" in value
        or not _is_host(host)
    ):
        raise malformed
    if ":" in host:
        host = f"[{host}]"
    if parts.scheme == "http" and not is_loopback(host):
        raise BadEnvironment(
            f"{name} 的值是 {value!r}，http 只能用于本机；对外请写 https://{host}，本机试用请写 {default}。"
        )
    if port == {"http": 80, "https": 443}[parts.scheme]:
        port = None
    return SiteAddress(parts.scheme, host, port)


def _is_host(host: str) -> bool:
    """Whether `host` is a name or an IP address."""
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return True
    return bool(re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", host))


def is_loopback(host: str) -> bool:
    """Whether `host` (a name, or an address with or without brackets) is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def data_dir(environ: Environment, default: Path) -> Path:
    """The directory that holds the database file, the secret key and the collected static files."""
    value = text(environ, "WUHAI_DATA_DIR")
    if value is None:
        return default
    if not Path(value).is_absolute():
        raise BadEnvironment(f"WUHAI_DATA_DIR 的值是 {value!r}；请写绝对路径。")
    return Path(value)


def secret_key(environ: Environment, path: Path) -> str:
    """The key that is given, or else the one in the private file `path`, made on first start."""
    given = text(environ, "WUHAI_SECRET_KEY")
    if given is not None:
        return _long_enough("WUHAI_SECRET_KEY", given, "请写至少 50 个随机字符，或删去这个变量，由程序生成。")
    try:
        if not path.exists():
            _write_new_key(path)
        if path.stat().st_mode & 0o077:
            raise BadEnvironment(f"密钥文件 {path} 别人也能读；请执行 chmod 600 {path}。")
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadEnvironment(
            f"读写不了密钥文件 {path}（{error.strerror}）；"
            "请让 WUHAI_DATA_DIR 指向可写的目录，或写明 WUHAI_SECRET_KEY。"
        ) from error
    except UnicodeDecodeError as error:
        raise BadEnvironment(f"密钥文件 {path} 已损坏；请删去它，由程序重新生成（已登录的人要重新登录）。") from error
    return _long_enough(f"密钥文件 {path}", key, "请删去它，由程序重新生成（已登录的人要重新登录）。")


def _long_enough(name: str, key: str, remedy: str) -> str:
    """Hold `key` to what Django's deployment check asks of a secret key."""
    if len(key) < SECRET_KEY_LENGTH:
        raise BadEnvironment(f"{name} 只有 {len(key)} 个字符；{remedy}")
    if len(set(key)) < 5 or key.startswith("django-insecure-"):
        raise BadEnvironment(f"{name} 容易被猜到；{remedy}")
    return key


def _write_new_key(path: Path) -> None:
    """Write a new key whole and private; of two processes that do so at once, the first wins and both use its key."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
        # A link appears under its final name complete or not at all, and never replaces a key that is there.
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key is read
    finally:
        draft.unlink()


def databases(environ: Environment, default_file: Path) -> dict[str, dict]:
    """Django's DATABASES: `default`, and `snapshot`, the same database for reads that must agree with each other."""
    value = text(environ, "DATABASE_URL")
    if value is None:
        return _sqlite(default_file)
    remedy = "请写 sqlite:////绝对路径/文件名 或 postgres://用户:口令@主机:端口/库名。"
    scheme = value.partition("://")[0] if "://" in value else ""
    if scheme == "sqlite":
        path = Env.db_url_config(value)["NAME"] if re.fullmatch(r"sqlite:////[^?#]+", value) else ""
        if not path:
            raise BadEnvironment(f"DATABASE_URL 里的 SQLite 路径不是绝对路径（要有四条斜杠）；{remedy}")
        return _sqlite(Path(path))
    if scheme in ("postgres", "postgresql"):
        return _postgres(value, remedy)
    if not re.fullmatch(r"[a-z][a-z0-9+]*", scheme):
        raise BadEnvironment(f"DATABASE_URL 不是数据库地址；{remedy}")
    raise BadEnvironment(f"DATABASE_URL 的类型 {scheme} 不能用；{remedy}")


def _sqlite(path: Path) -> dict[str, dict]:
    """One file, readable while it is written; foreign keys are switched on by Django itself."""
    shared = {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "CONN_MAX_AGE": 60}
    options = {"timeout": 20, "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}
    return {
        # A transaction that will write takes the lock at its start: it waits there, and cannot fail half way.
        "default": {**shared, "OPTIONS": {**options, "transaction_mode": "IMMEDIATE"}},
        "snapshot": {
            **shared,
            "OPTIONS": {**options, "transaction_mode": "DEFERRED"},
            "TEST": {"MIRROR": "default"},
        },
    }


def _postgres(value: str, remedy: str) -> dict[str, dict]:
    """A PostgreSQL server; `snapshot` sees one state of it for a whole transaction."""
    # Imported here so that SQLite needs no PostgreSQL driver.
    from django.db.backends.postgresql.psycopg_any import IsolationLevel

    malformed = BadEnvironment(f"DATABASE_URL 不是 PostgreSQL 地址；{remedy}口令里的特殊字符要写成 %xx。")
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it is what checks it
        query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise malformed from None  # the cause may quote a piece of the password
    if not parts.hostname or not re.fullmatch(r"/[^/]+", parts.path) or parts.fragment:
        raise malformed
    unknown = sorted(set(query) - POSTGRES_OPTIONS)
    if unknown:
        raise BadEnvironment(
            f"DATABASE_URL 的参数 {unknown[0]} 不能用；可用的有：{'、'.join(sorted(POSTGRES_OPTIONS))}。"
        )
    parsed = Env.db_url_config(value)
    options = parsed.pop("OPTIONS", {})
    shared = {
        **parsed,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
    return {
        # template0 is what lets a test database be UTF-8 whatever the server's own templates are.
        "default": {**shared, "OPTIONS": options, "TEST": {"CHARSET": "UTF8", "TEMPLATE": "template0"}},
        "snapshot": {
            **shared,
            "OPTIONS": {**options, "isolation_level": IsolationLevel.REPEATABLE_READ},
            "TEST": {"MIRROR": "default"},
        },
    }


def caches(environ: Environment) -> dict[str, dict]:
    """Django's CACHES: Redis where one is named, else each process's own memory."""
    value = text(environ, "REDIS_URL")
    if value is None:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    malformed = BadEnvironment("REDIS_URL 不是 Redis 地址；请写 redis://主机:端口/库号，或加密的 rediss://…。")
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise malformed from None  # the cause may quote a piece of the password
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or not re.fullmatch(r"(/\d*)?", parts.path):
        raise malformed
    return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value}}
