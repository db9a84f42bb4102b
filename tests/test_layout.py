"""The architecture, held by the code itself: imports go down only, and every app has the same rooms."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "gazette": set(),
    "plans": {"gazette"},
    "measures": {"gazette"},
    "personnel": {"gazette"},
    "wuhai_portal": {"gazette", "plans", "measures", "personnel"},
}
APPS = ["gazette", "plans", "measures", "personnel"]
ROOMS = {"models", "admin", "filters", "views", "urls", "api", "reading", "kinds", "apps", "migrations"}
# What a checkout holds, and what work in it leaves behind.
TOP_LEVEL = {
    "manage.py", "wuhai_portal", "plans", "measures", "personnel", "gazette", "fixtures", "templates", "tests",
    "pyproject.toml", "README.md", "LICENSE", "docs",
    ".ci", ".github", ".editorconfig", ".gitattributes", ".gitignore", ".pre-commit-config.yaml",
}  # fmt: skip
LEFT_BEHIND = {".git", ".venv", "var", ".pytest_cache", ".ruff_cache", ".hypothesis", "__pycache__", "build"}
LONGEST_MODULE = 400


def modules(*packages):
    """Every module of these packages but migrations, which are made by a program."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def imported(path):
    """The project's own packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            if name.split(".")[0] in MAY_IMPORT:
                yield name.split(".")[0], node.lineno


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_go_down_only(package):
    allowed = MAY_IMPORT[package] | {package}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(package)
        for name, line in imported(path)
        if name not in allowed
    ]
    assert wrong == []


def test_the_imports_that_are_allowed_are_used():
    """A rule about imports that nobody makes would hold for the wrong reason, such as a folder that is not read."""
    used = {package: {name for path in modules(package) for name, _line in imported(path)} for package in MAY_IMPORT}
    assert {package: names - {package} for package, names in used.items()} == MAY_IMPORT


@pytest.mark.parametrize("package", APPS)
def test_the_reading_room_is_pure(package):
    """No ORM, no file, no clock: text in, dataclasses out."""
    forbidden = {"django", "os", "pathlib", "time", "datetime", "io", "random", "subprocess"}
    tree = ast.parse((ROOT / package / "reading.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            assert (name or "").split(".")[0] not in forbidden, f"{package}/reading.py imports {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "open"


@pytest.mark.parametrize("package", APPS)
def test_every_app_has_the_same_rooms(package):
    found = {
        path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert ROOMS - found == set()


def test_nothing_else_lies_at_the_top():
    found = {path.name for path in ROOT.iterdir() if path.suffix != ".egg-info"}
    locks = {name for name in found if re.fullmatch(r"requirements(-[a-z]+)?\.txt", name)}
    assert found - LEFT_BEHIND - locks == TOP_LEVEL
    assert {"requirements.txt", "requirements-dev.txt"} <= locks


def test_no_module_is_longer_than_a_person_reads_at_once():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*MAY_IMPORT)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}
    assert len(lengths) > 50


def root_of(node):
    """The name that a chain of attributes, calls and subscripts begins with: Change in Change.objects.all().delete."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        else:
            return None
    return node.id


def test_what_becomes_public_is_written_in_one_place():
    """Only `gazette/publication.py` writes the ledger, the projection and the mentions."""
    writers = {"create", "bulk_create", "update", "bulk_update", "save", "delete", "get_or_create", "update_or_create"}
    public = {"Change", "PublicRecord", "Mention"}
    found = set()
    for path in modules(*MAY_IMPORT):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in writers and root_of(called) in public:
                found.add(str(path.relative_to(ROOT)))
    assert found == {"gazette/publication.py"}
