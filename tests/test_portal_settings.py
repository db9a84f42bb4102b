"""The environment is read strictly: each wrong value has its sentence, and no sentence shows a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wuhai_portal import environment
from wuhai_portal.environment import BadEnvironment

ROOT = Path(__file__).resolve().parent.parent
DATABASE_REMEDY = "请写 sqlite:////绝对路径/文件名 或 postgres://用户:口令@主机:端口/库名。"
NOT_AN_ADDRESS = (
    "WUHAI_SITE_ADDRESS 不是站点地址；请写 协议://主机[:端口]，例如 https://data.example.gov.cn 或 "
    "http://127.0.0.1:8000，不带用户名、路径和参数，中文域名写成 xn-- 的形式。"
)
NOT_POSTGRES = f"DATABASE_URL 不是 PostgreSQL 地址；{DATABASE_REMEDY}口令里的特殊字符要写成 %xx。"
NOT_REDIS = "REDIS_URL 不是 Redis 地址；请写 redis://主机:端口/库号，或加密的 rediss://…。"
LONG_KEY = "0123456789abcdefghijklmnopqrstuvwxyz-0123456789-abcdefg"


def sentence(read, *args):
    """The sentence with which `read` refuses."""
    with pytest.raises(BadEnvironment) as refused:
        read(*args)
    return str(refused.value)


# Names and simple values


def test_a_misspelt_variable_is_refused_with_the_likely_name():
    said = sentence(environment.refuse_unknown, {"WUHAI_DEBGU": "True", "PATH": "/bin"})
    assert said == (
        f"不认识环境变量 WUHAI_DEBGU；是不是 WUHAI_DEBUG？可用的有：{'、'.join(sorted(environment.KNOWN))}。"
    )


def test_known_and_foreign_variables_pass():
    environment.refuse_unknown(dict.fromkeys(environment.KNOWN, "x") | {"HOME": "/", "DATABASE_URL": "x"})


@pytest.mark.parametrize("value", ["yes", "true", "1", "TRUE", " True"])
def test_a_flag_is_true_or_false_and_nothing_else(value):
    said = sentence(environment.flag, {"WUHAI_DEBUG": value}, "WUHAI_DEBUG")
    assert said == f"WUHAI_DEBUG 的值是 {value!r}；请写 True 或 False。"


def test_a_flag_has_a_default():
    assert environment.flag({}, "WUHAI_DEBUG") is False
    assert environment.flag({"WUHAI_DEBUG": "True"}, "WUHAI_DEBUG") is True
    assert environment.flag({"WUHAI_DEBUG": "False"}, "WUHAI_DEBUG", default=True) is False


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("WUHAI_DEBUG", lambda env: environment.flag(env, "WUHAI_DEBUG")),
        ("WUHAI_SITE_ADDRESS", environment.site_address),
        ("WUHAI_DATA_DIR", lambda env: environment.data_dir(env, ROOT)),
        ("WUHAI_SECRET_KEY", lambda env: environment.secret_key(env, ROOT / "nowhere")),
        ("DATABASE_URL", lambda env: environment.databases(env, ROOT / "nowhere")),
        ("REDIS_URL", environment.caches),
        ("WUHAI_REVIEW_STEPS", environment.review_steps),
    ],
)
def test_a_blank_value_is_refused(name, read):
    assert sentence(read, {name: " "}) == f"环境变量 {name} 是空的；请写上值，或删去这个变量。"


def test_a_site_code_has_ten_characters():
    args = ("WUHAI_SITE_CODE", r"[0-9a-z]{2}[0-9]{8}", "请写 10 位网站标识码。")
    assert environment.matching({}, *args) == ""
    assert environment.matching({"WUHAI_SITE_CODE": "1503000001"}, *args) == "1503000001"
    said = sentence(environment.matching, {"WUHAI_SITE_CODE": "15030"}, *args)
    assert said == "WUHAI_SITE_CODE 的值是 '15030'；请写 10 位网站标识码。"


def test_the_points_of_lights_are_whole_and_in_order():
    assert environment.lag({}) == (10, 30)
    assert environment.lag({"WUHAI_PROGRESS_YELLOW": "5", "WUHAI_PROGRESS_RED": "20"}) == (5, 20)
    said = sentence(environment.lag, {"WUHAI_PROGRESS_RED": "0"})
    assert said == "WUHAI_PROGRESS_RED 的值是 '0'；请写 1 到 99 的整数。"
    said = sentence(environment.lag, {"WUHAI_PROGRESS_YELLOW": "30"})
    assert said == "WUHAI_PROGRESS_YELLOW（30）应小于 WUHAI_PROGRESS_RED（30）：先进度偏慢，后进度滞后。"


@pytest.mark.parametrize("value", ["0", "4", "三", "３", "1.5", "11"])
def test_a_document_has_one_to_three_steps_of_review(value):
    assert [environment.review_steps({"WUHAI_REVIEW_STEPS": steps}) for steps in "123"] == [1, 2, 3]
    assert environment.review_steps({}) == 3
    said = sentence(environment.review_steps, {"WUHAI_REVIEW_STEPS": value})
    assert said == f"WUHAI_REVIEW_STEPS 的值是 {value!r}；请写 1、2 或 3。"


def test_the_data_directory_is_an_absolute_path():
    assert environment.data_dir({}, Path("/srv/var")) == Path("/srv/var")
    assert environment.data_dir({"WUHAI_DATA_DIR": "/srv/data"}, ROOT) == Path("/srv/data")
    assert sentence(environment.data_dir, {"WUHAI_DATA_DIR": "var"}, ROOT) == (
        "WUHAI_DATA_DIR 的值是 'var'；请写绝对路径。"
    )


# The site address


@pytest.mark.parametrize(
    ("value", "shown", "hosts"),
    [
        ("https://data.example.gov.cn", "https://data.example.gov.cn", ["data.example.gov.cn"]),
        ("https://Data.Example.gov.cn/", "https://data.example.gov.cn", ["data.example.gov.cn"]),
        ("https://data.example.gov.cn:443", "https://data.example.gov.cn", ["data.example.gov.cn"]),
        ("https://data.example.gov.cn:8443", "https://data.example.gov.cn:8443", ["data.example.gov.cn"]),
        ("https://[2001:db8::1]", "https://[2001:db8::1]", ["[2001:db8::1]"]),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", ["127.0.0.1", "[::1]", "localhost"]),
        ("http://localhost", "http://localhost", ["127.0.0.1", "[::1]", "localhost"]),
        ("http://[::1]:8000", "http://[::1]:8000", ["127.0.0.1", "[::1]", "localhost"]),
    ],
)
def test_site_address(value, shown, hosts):
    address = environment.site_address({"WUHAI_SITE_ADDRESS": value})
    assert str(address) == shown
    assert address.allowed_hosts == hosts
    assert address.https is value.startswith("https")


def test_the_default_site_address_is_loopback():
    assert str(environment.site_address({})) == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    "value",
    [
        "data.example.gov.cn",
        "ftp://data.example.gov.cn",
        "https://",
        "https://data.example.gov.cn/path",
        "https://data.example.gov.cn?a=1",
        "https://data.example.gov.cn/?",
        "https://data.example.gov.cn#top",
        "https://user:hush@data.example.gov.cn",
        "https://data.example.gov.cn:port",
        "https://data.example.gov.cn:99999",
        "https://数据.example.gov.cn",
        "https://data_.example.gov.cn",
        "https://[2001:db8::1",
    ],
)
def test_what_is_not_a_site_address(value):
    assert sentence(environment.site_address, {"WUHAI_SITE_ADDRESS": value}) == NOT_AN_ADDRESS


def test_plain_http_is_for_loopback_only():
    said = sentence(environment.site_address, {"WUHAI_SITE_ADDRESS": "http://data.example.gov.cn"})
    assert said == (
        "WUHAI_SITE_ADDRESS 的值是 'http://data.example.gov.cn'，http 只能用于本机；"
        "对外请写 https://data.example.gov.cn，本机试用请写 http://127.0.0.1:8000。"
    )


# The secret key


def test_a_given_key_is_used_and_nothing_is_written(tmp_path):
    assert environment.secret_key({"WUHAI_SECRET_KEY": LONG_KEY}, tmp_path / "key") == LONG_KEY
    assert list(tmp_path.iterdir()) == []


def test_a_weak_key_is_refused_and_not_shown(tmp_path):
    remedy = "请写至少 50 个随机字符，或删去这个变量，由程序生成。"
    assert sentence(environment.secret_key, {"WUHAI_SECRET_KEY": "hush"}, tmp_path / "key") == (
        f"WUHAI_SECRET_KEY 只有 4 个字符；{remedy}"
    )
    for weak in ("ab" * 40, "django-insecure-" + LONG_KEY):
        assert sentence(environment.secret_key, {"WUHAI_SECRET_KEY": weak}, tmp_path / "key") == (
            f"WUHAI_SECRET_KEY 容易被猜到；{remedy}"
        )


def test_a_key_is_made_once_and_is_private(tmp_path):
    path = tmp_path / "new" / "key"
    key = environment.secret_key({}, path)
    assert len(key) >= 50
    assert path.stat().st_mode & 0o777 == 0o600
    assert environment.secret_key({}, path) == key
    assert [file.name for file in path.parent.iterdir()] == ["key"]


def test_of_two_processes_that_make_a_key_the_first_wins(tmp_path):
    path = tmp_path / "key"
    key = environment.secret_key({}, path)
    # What the slower process does after it saw no key.
    environment._write_new_key(path)
    assert environment.secret_key({}, path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_many_processes_at_once_end_with_one_key(tmp_path):
    code = (
        "import sys, pathlib; from wuhai_portal.environment import secret_key;"
        " print(secret_key({}, pathlib.Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "key")]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    keys = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0] * 6
    assert len(keys) == 1


def test_a_key_file_that_cannot_be_used_is_refused(tmp_path):
    path = tmp_path / "key"
    path.write_text(LONG_KEY)
    path.chmod(0o644)
    assert sentence(environment.secret_key, {}, path) == f"密钥文件 {path} 别人也能读；请执行 chmod 600 {path}。"
    path.chmod(0o600)
    path.write_text("short")
    remedy = "请删去它，由程序重新生成（已登录的人要重新登录）。"
    assert sentence(environment.secret_key, {}, path) == f"密钥文件 {path} 只有 5 个字符；{remedy}"
    path.write_bytes(b"\xff" * 80)
    assert sentence(environment.secret_key, {}, path) == f"密钥文件 {path} 已损坏；{remedy}"
    below_a_file = path / "data" / "key"
    assert sentence(environment.secret_key, {}, below_a_file) == (
        f"读写不了密钥文件 {below_a_file}（Not a directory）；"
        "请让 WUHAI_DATA_DIR 指向可写的目录，或写明 WUHAI_SECRET_KEY。"
    )


# Databases and caches


def test_sqlite_is_the_default(tmp_path):
    databases = environment.databases({}, tmp_path / "portal.sqlite3")
    assert databases["default"]["NAME"] == databases["snapshot"]["NAME"] == tmp_path / "portal.sqlite3"
    assert databases["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert databases["snapshot"]["OPTIONS"]["transaction_mode"] == "DEFERRED"
    assert databases["snapshot"]["TEST"] == {"MIRROR": "default"}


def test_a_sqlite_file_can_be_named(tmp_path):
    databases = environment.databases({"DATABASE_URL": "sqlite:////srv/data/a%20b.sqlite3"}, tmp_path)
    assert databases["default"]["NAME"] == Path("/srv/data/a b.sqlite3")


@pytest.mark.parametrize("value", ["sqlite://:memory:", "sqlite:///rel.db", "sqlite://", "sqlite:////a?x=1"])
def test_a_sqlite_path_is_absolute(value, tmp_path):
    assert sentence(environment.databases, {"DATABASE_URL": value}, tmp_path) == (
        f"DATABASE_URL 里的 SQLite 路径不是绝对路径（要有四条斜杠）；{DATABASE_REMEDY}"
    )


def test_postgres(tmp_path):
    url = "postgres://portal:p%40ss@db.local:5433/wuhai?sslmode=require"
    databases = environment.databases({"DATABASE_URL": url}, tmp_path)
    default, snapshot = databases["default"], databases["snapshot"]
    assert default["ENGINE"] == "django.db.backends.postgresql"
    assert [default[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "portal",
        "p@ss",
        "db.local",
        5433,
        "wuhai",
    ]
    assert default["OPTIONS"] == {"sslmode": "require"}
    assert snapshot["OPTIONS"]["isolation_level"].name == "REPEATABLE_READ"
    assert (default["CONN_MAX_AGE"], default["CONN_HEALTH_CHECKS"]) == (60, True)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("hush", f"DATABASE_URL 不是数据库地址；{DATABASE_REMEDY}"),
        ("user:hush@host/db", f"DATABASE_URL 不是数据库地址；{DATABASE_REMEDY}"),
        ("mysql://u:hush@host/db", f"DATABASE_URL 的类型 mysql 不能用；{DATABASE_REMEDY}"),
        ("postgres://u:hush@host", NOT_POSTGRES),
        ("postgres://u:hush@/db", NOT_POSTGRES),
        ("postgres://u:hush/x@host/db", NOT_POSTGRES),
        ("postgres://u:hush@host:port/db", NOT_POSTGRES),
        ("postgres://u:hush@host/db?sslmode", NOT_POSTGRES),
        (
            "postgres://u:hush@host/db?ATOMIC_REQUESTS=True",
            "DATABASE_URL 的参数 ATOMIC_REQUESTS 不能用；可用的有："
            "application_name、connect_timeout、sslcert、sslkey、sslmode、sslrootcert。",
        ),
    ],
)
def test_a_database_address_that_cannot_be_used(value, said, tmp_path):
    assert sentence(environment.databases, {"DATABASE_URL": value}, tmp_path) == said
    assert "hush" not in said


def test_redis_is_the_cache_where_it_is_named():
    assert environment.caches({})["default"]["BACKEND"].endswith("LocMemCache")
    named = environment.caches({"REDIS_URL": "redis://:hush@127.0.0.1:6379/1"})["default"]
    assert named["BACKEND"].endswith("RedisCache")
    assert named["LOCATION"] == "redis://:hush@127.0.0.1:6379/1"


@pytest.mark.parametrize("value", ["hush", "http://:hush@host", "redis://", "redis://:hush@host:x", "redis://h/db"])
def test_a_redis_address_that_cannot_be_used(value):
    assert sentence(environment.caches, {"REDIS_URL": value}) == NOT_REDIS


# The settings as a whole, in a process of their own


def manage(*args, tmp_path, **variables):
    """Run manage.py with a clean environment and a data directory of its own."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WUHAI_") and name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    }
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=ROOT,
        env=clean | {"WUHAI_DATA_DIR": str(tmp_path / "data")} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_wrong_variable_is_one_line_and_no_traceback(tmp_path):
    ran = manage("check", tmp_path=tmp_path, WUHAI_DEBUG="yes")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "配置有误：WUHAI_DEBUG 的值是 'yes'；请写 True 或 False。\n"


def test_the_deployment_check_is_clean_under_https(tmp_path):
    ran = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        tmp_path=tmp_path,
        WUHAI_SITE_ADDRESS="https://data.example.gov.cn",
        WUHAI_SECRET_KEY=LONG_KEY,
    )
    assert ran.returncode == 0, ran.stderr
    assert not (tmp_path / "data").exists()


SHOW = (
    "from django.conf import settings as s;"
    " print(s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS,"
    " s.SECURE_PROXY_SSL_HEADER, s.CSRF_TRUSTED_ORIGINS, s.DEBUG)"
)


def test_security_follows_the_site_address(tmp_path):
    plain = manage("shell", "--no-imports", "-c", SHOW, tmp_path=tmp_path)
    assert plain.stdout == "False False False 0 None ['http://127.0.0.1:8000'] False\n", plain.stderr
    secure = manage(
        "shell",
        "--no-imports",
        "-c",
        SHOW,
        tmp_path=tmp_path,
        WUHAI_SITE_ADDRESS="https://data.example.gov.cn",
        WUHAI_BEHIND_PROXY="True",
    )
    assert secure.stdout == (
        "True True True 31536000 ('HTTP_X_FORWARDED_PROTO', 'https') ['https://data.example.gov.cn'] False\n"
    ), secure.stderr


PRAGMAS = (
    "from django.db import connection\n"
    "with connection.cursor() as c:\n"
    "    print([c.execute(f'PRAGMA {p}').fetchone()[0]"
    " for p in ('journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout')])"
)


def test_sqlite_is_opened_for_readers_beside_a_writer(tmp_path):
    ran = manage("shell", "--no-imports", "-c", PRAGMAS, tmp_path=tmp_path)
    assert ran.stdout == "['wal', 1, 1, 20000]\n", ran.stderr


def test_the_readme_names_every_variable():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [
        name for name in sorted(environment.KNOWN | {"DATABASE_URL", "REDIS_URL"}) if f"| `{name}` |" not in readme
    ] == []
