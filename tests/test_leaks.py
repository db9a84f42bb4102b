"""Nothing that is not public is found by anybody: each public address is asked before and after a crowd of drafts,
documents in review and withdrawn ones is there, and answers the same.

The crowd carries a marker in every text. The addresses are found in the code: every route, every filter with a value
taken from the crowd, every resource and parameter of the API.
"""

import io
import re
import zipfile
from datetime import date
from urllib.parse import quote

from conftest import Samples
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from page_classes import ERROR_CLASSES, PAGE_CLASSES

from gazette import publication, registry
from gazette.models import Correction, Document, Tie, Unit, User
from wuhai_portal.api_docs import reference

MARKER = "密件zqxj"  # in texts
CODE = "zqxj"  # in codes, which know no Chinese
DAYS = ("2023-03-15", "2031-05-15")
# Routes that are no pages of the public, or that answer nothing about records.
ELSEWHERE = ("admin/", "styleguide/", "display/", "healthz", "api/docs/try/", "static/")


def marked(value, number):
    """A text with the marker."""
    return f"{value}{MARKER}{number}"


class Crowd(Samples):
    """Samples of which every text and code carries the marker."""

    def __init__(self, name):
        super().__init__(publish=None)
        self.name = name

    def _save(self, model, values, published=False):
        number = self._number()
        values = dict(values)
        for field in model._meta.concrete_fields:
            if field.name == "code" and field.unique:
                values["code"] = f"{CODE}-{self.name}-{model._meta.model_name}-{number}"
            elif model is not Tie and isinstance(field, models.CharField) and not field.choices and field.editable:
                if field.name == "due" or not (field.name in values or field.blank):
                    continue
                words = marked(values.get(field.name, ""), f"{self.name}{number}")
                if not field.max_length or len(words) <= field.max_length:
                    values[field.name] = words
        if model is Unit:
            # The page of a public unit does not say whom else it succeeded.
            values |= {"succeeded_by": Unit.objects.get(code="finance-bureau"), "succession_note": MARKER}
        if "text" in values and model._meta.model_name == "passage":
            values["text"] = marked(values["text"], number)
        return super()._save(model, values)


def crowd_of(status, publish):
    """Documents of each kind with all their records, of one status, on days of their own."""
    name = status.replace("_", "-")
    crowd = Crowd(name)
    day = date(2031, 5, 15)
    for _ in range(2):
        package = crowd.package(valid_from=day, valid_until=day)
        measure = crowd.measure(package=package)
        for make in (crowd.responsibility, crowd.budget, crowd.audience, crowd.condition, crowd.benefit):
            make(measure=measure)
        crowd.general_rule(package=package)
        crowd.window(measure=measure, starts_on=day, ends_on=day)
        crowd.deadline(measure=measure, due=day)
    plan = crowd.plan(year=2031)
    finance = Unit.objects.get(code="finance-bureau")
    target = crowd.target(plan=plan, due="2031", due_precision="year", due_basis="stated")
    project = crowd.project(plan=plan, investment=10**9)
    crowd.assignment(target=target, unit=finance)
    crowd.assignment(project=project, unit=finance)
    crowd.appointment(effective_on=day)
    crowd.citation()
    crowd.relation(target=Document.objects.get(code="whzbf-2023-2"))
    crowd.relation()
    for number in range(2):
        crowd.attachment(
            content=marked("示例内容", f"{name}{number}").encode(), file_name=marked("示例", f"{number}.txt")
        )
    crowd.tie()
    crowd.alias()
    crowd.former_name()
    documents = Document.objects.filter(code__startswith=f"{CODE}-{name}-")
    documents.update(written_on=day, written_basis="head_date", issuer=finance)
    if status == "withdrawn":
        for document in documents:
            publish(document)
            publication.withdraw(document)
    elif status == "in_review":
        documents.update(status="in_review", review_step=1)
    return documents


def corrections_that_wait():
    """Corrections of public records whose new values carry the marker: proposed, returned and withdrawn."""
    author, reviewer = (
        User.objects.create(username=marked("示例", name), last_name=MARKER, is_staff=True) for name in "甲乙"
    )
    states = {"proposed": {}, "withdrawn": {}, "returned": {"reviewer": reviewer, "opinion": marked("退回", "")}}
    for state, decided in states.items():
        for kind in ("measure", "target", "document"):
            record = registry.get(kind).model.objects.public().order_by("code").first()
            document = record if kind == "document" else record.document
            change = {"field": "title", "label": "标题", "old": str(record), "new": marked("新值", "")}
            Correction.objects.create(
                kind=kind, code=record.code, name=str(record), document=document, path=record.get_absolute_url(),
                base_revision=1, base_seq=1, difference={"fields": {"title": ["", MARKER]}}, changes=[change],
                reason=marked("理由", ""), author=author, proposed_at=timezone.now(), state=state, **decided,
            )  # fmt: skip


# The addresses


def routes(patterns=None, prefix=""):
    """Every route of the site, as one string."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if not route.startswith(("admin/", "api/v1/")):
                yield from routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and not route.startswith(ELSEWHERE):
            yield route


def fill(route, words):
    """A route with its words filled in, or None where a word is not given; each format of a file."""
    found = [re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(words.get(match[1], "\0")), route)]
    if "<format:format>" in route:
        found = [fill(route.replace("<format:format>", kind), words)[0] for kind in ("csv", "xlsx", "json")]
    return [f"/{path}" for path in found if path and "\0" not in path]


PUBLIC_WORDS = [
    {
        "plan": "2023",
        "code": code,
        "package": "2023-consumption",
        "number": 7,
        "section": "pages",
        "receipt": "none",
        "attachment": f"{code}-f1",
    }
    for code in (
        "2023",
        "whzf-2023-2",
        "whzbf-2023-2",
        "wzrz-2023-1",
        "2023-gdp-growth",
        "2023-key-projects-296",
        "2023-consumption",
        "zhang-liming",
        "earthquake-bureau-director",
        "finance-bureau",
    )
]


def public_addresses():
    """What the public may ask for that exists, and what does not; with the marker as a query, and days of the crowd."""
    found = {*PAGE_CLASSES.values(), *(path for path, _status in ERROR_CLASSES.values())}
    for route in routes():
        for words in PUBLIC_WORDS:
            found.update(fill(route, words))
    found |= {f"{path}?on={day}" for path in list(found) if "?" not in path and path.endswith("/") for day in DAYS[:1]}
    lists = ["documents", "measures", "measures/budgets", "personnel", "personnel/people", "personnel/posts", "units"]
    lists += ["plans/2023/targets", "plans/2023/projects", "search"]
    found |= {f"/{path}/?q={quote(MARKER)}" for path in lists}
    found |= {"/calendar/?month=2031-05", "/calendar/?year=2031", f"/leave/?to=https://example.org/{CODE}"}
    found |= {f"/measures/?in_force_on={DAYS[1]}", "/documents/?year=2031"}
    for number in (1, 2, 3):
        found |= {f"/sitemaps/{number}.xml", f"/sitemaps/records-{number}.xml"}
    for resource in reference():
        for operation in resource["operations"]:
            if "{code}" in operation["path"]:
                continue
            path = operation["path"]
            found |= {path, f"{path}?page_size=200", f"{path}?unknown=1"}
            for parameter in operation["parameters"]:
                for value in (MARKER, "2031-05-15", "finance-bureau", *parameter["values"][:1]):
                    asked = f"{path}?{parameter['name']}={quote(str(value))}"
                    found.add(asked + ("&q=2023" if resource["name"] == "search" and parameter["name"] != "q" else ""))
    return sorted(found)


def hidden_addresses(name):
    """Where the crowd would be, had it been public: its pages, files and API details."""
    found, start = set(), f"{CODE}-{name}-"
    for kind in registry.kinds():
        for record in kind.model.objects.filter(
            **{"document__code__startswith": start} if kind.name == "passage" else {"code__startswith": start}
        ):
            found.add(record.get_absolute_url().partition("#")[0])
            if kind.resource:
                found.add(f"/api/v1/{kind.resource}/{record.code}/")
    for document in Document.objects.filter(code__startswith=start):
        base = document.get_absolute_url()
        found |= {
            f"{base}text.txt",
            f"{base}records.csv",
            f"{base}records.json",
            f"/api/v1/documents/{document.code}/passages/",
        }
        found |= {f"/doubts/new/?kind=document&code={document.code}"}
    return sorted(found)


def text_of(response):
    """What an answer says, a workbook unpacked; without what is random in a form."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            # Its time of making is that of the last public change.
            body = b"".join(book.read(name) for name in sorted(book.namelist()))
    text = body.decode("utf-8", "replace")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


def ask(client, addresses):
    """Address → (status, text)."""
    return {path: ((answer := client.get(path)).status_code, text_of(answer)) for path in addresses}


def shown(text, address):
    """Where an answer says the marker, what was asked for taken out: a page repeats its own query."""
    for said in (MARKER, quote(MARKER), MARKER.encode("ascii", "backslashreplace").decode()):
        text = text.replace(f"{said}", "") if MARKER in address or quote(MARKER) in address else text
    text = text.replace(CODE, "") if CODE in address else text
    return [text[max(0, match.start() - 60) : match.end() + 60] for match in re.finditer("zqxj", text)]


# What the public may know of what was withdrawn: the lines of the ledger, by code and page.
LEDGER = re.compile(r"/api/v1/changes/|/feeds/changes\.atom")


def test_what_is_not_public_is_found_nowhere_and_moves_no_answer(client, publish):
    addresses = public_addresses()
    assert len(addresses) > 400
    before = ask(client, addresses)

    crowd_of("draft", publish)
    crowd_of("in_review", publish)
    corrections_that_wait()
    after = ask(client, addresses)
    assert [path for path in addresses if after[path] != before[path]] == []
    assert {path: found for path in addresses if (found := shown(after[path][1], path))} == {}
    for name in ("draft", "in-review"):
        hidden = ask(client, hidden_addresses(name))
        assert len(hidden) > 30
        assert {path: code for path, (code, _text) in hidden.items() if code not in (404, 400)} == {}
        assert {path: found for path, (_code, text) in hidden.items() if (found := shown(text, path))} == {}

    crowd_of("withdrawn", publish)
    after = ask(client, addresses)
    assert [path for path in addresses if after[path] != before[path] and not LEDGER.match(path)] == []
    gone = ask(client, hidden_addresses("withdrawn"))
    assert {code for code, _text in gone.values()} == {404, 410}
    for path, (_code, text) in (after | gone).items():
        assert quote(MARKER) in path or "密件" not in text, path
