"""The API's documentation is true: the committed schema, docs/api.md with its examples, and the reference page."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from wuhai_portal.api_docs import reference, schema

ROOT = Path(settings.BASE_DIR)
API_MD = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```http\nGET (\S+)\n```\n```json\n(.*?)```", API_MD, re.DOTALL)


def test_the_committed_schema_is_the_schema():
    """Removing or retyping a field or parameter fails here; adding one asks for the file to be made anew."""
    committed = yaml.safe_load((ROOT / "docs" / "openapi.yml").read_text(encoding="utf-8"))
    generated = json.loads(json.dumps(schema()))
    assert committed["openapi"] == "3.1.1"
    assert committed["paths"].keys() == generated["paths"].keys()
    for path, operations in committed["paths"].items():
        assert operations == generated["paths"][path], f"{path}: run manage.py spectacular --file docs/openapi.yml"
    for name, component in committed["components"]["schemas"].items():
        assert component == generated["components"]["schemas"].get(name), name
    assert committed == generated


@pytest.mark.parametrize("resource", reference(), ids=lambda resource: resource["name"])
def test_docs_name_every_route_parameter_and_field(resource):
    section = re.search(rf"^### {resource['name']}\n(.*?)(?=^### |\Z)", API_MD, re.DOTALL | re.MULTILINE)
    assert section, f"docs/api.md has no section {resource['name']}"
    named = set(re.findall(r"`([^`]+)`", section[1]))
    for operation in resource["operations"]:
        assert f"GET {operation['path']}" in named
    wanted = {
        p["name"] for operation in resource["operations"] for p in operation["parameters"] if p["where"] == "query"
    }
    wanted |= {field["name"] for field in resource["fields"]}
    assert wanted <= named


def contains(whole, part) -> bool:
    """Whether every key and item of an example stands in the answer, lists from their beginning."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(name in whole and contains(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return len(whole) >= len(part) and all(map(contains, whole, part))
    return whole == part


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "expected"), EXAMPLES, ids=[address for address, _ in EXAMPLES])
def test_examples_are_true(client, address, expected):
    answer = client.get(address).json()
    assert contains(answer, json.loads(expected)), answer


def test_there_are_examples():
    assert len(EXAMPLES) >= 6


@pytest.mark.django_db
def test_reference_page_shows_every_resource(client):
    page = client.get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    for resource in reference():
        assert f'id="{resource["name"]}"' in text
        for field in resource["fields"]:
            assert f"<code>{field['name']}</code>" in text
    assert len(page.content) < 400_000


@pytest.mark.django_db
def test_try_out_loads_nothing_from_elsewhere(client):
    page = client.get("/api/docs/try/")
    text = page.content.decode()
    assert page.status_code == 200
    assert not re.findall(r"""(?:src|href)=["']https?://""", text)
    assert "'unsafe-inline'" in page["Content-Security-Policy"]
    assert "'unsafe-inline'" not in client.get("/api/docs/")["Content-Security-Policy"]
    assert client.get("/api/docs/try/?script=").status_code == 200


@pytest.mark.django_db
def test_schema_is_served(client):
    answer = client.get("/api/schema/", headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json") or "openapi" in answer["Content-Type"]
