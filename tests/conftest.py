"""What every test may use: the three founding documents, published once, and plain makers of sample rows.

The founding documents are loaded and published into the test database before the first test; each ordinary test sees
them inside a transaction of its own. A test with `transaction=True` leaves the tables empty behind it, so it asks for
`founding` where it needs them, and runs under the `drill` mark.

Sample rows are called 示例 so that nobody takes them for the gazette's. A maker writes a draft; `published=True` also
publishes the row's document. To publish many rows at once, make them all and call `publish(document)`.
"""

import io
from datetime import date, datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from browsing import chromium, open_browser  # noqa: F401 - fixtures
from django.utils import timezone
from served import database, free_port, serve, site  # noqa: F401 - fixtures


def pytest_addoption(parser):
    parser.addoption("--screens", metavar="DIR", type=Path, help="write pictures of every class of page into DIR")


PUBLISHED_AT = datetime(2023, 2, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PUBLISHED_AT_ISO = "2023-02-01T09:00:00+08:00"


def load_founding_documents():
    """Load and publish the project's documents at a fixed time, where the ledger is empty."""
    from gazette import publication
    from gazette.loading import load_directory
    from gazette.models import Change, Origin

    if not Change.objects.exists():
        for document in load_directory().documents:
            publication.publish(document, origin=Origin.FOUNDING, at=PUBLISHED_AT)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database with the founding documents in it."""
    with django_db_blocker.unblock():
        load_founding_documents()


@pytest.fixture
def founding(db):
    """The three founding documents: there already, but for a test that runs after a flush."""
    load_founding_documents()


@pytest.fixture(autouse=True, scope="session")
def _data_directory(tmp_path_factory):
    """Files that tests keep lie in a directory of their own."""
    from django.conf import settings

    settings.DATA_DIR = tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def _snapshot_alias(request, settings):
    """Consistent reads by the default alias: another connection sees nothing of a test's open transaction."""
    if request.node.get_closest_marker("drill") is None:
        settings.SNAPSHOT_ALIAS = "default"


@pytest.fixture
def publish(db):
    """Publish a document, draft or not, as the first load does; what it wrote is returned."""
    from gazette import publication
    from gazette.models import Origin

    return lambda document, **how: publication.publish(
        document, **{"origin": Origin.FOUNDING, "at": PUBLISHED_AT} | how
    )


class Samples:
    """Makes sample rows; each maker fills in what the caller leaves out, the rows above included."""

    def __init__(self, publish):
        self._publish = publish
        self._numbers = count(1)
        self._kept = {}

    def _number(self):
        return next(self._numbers)

    def _keep(self, name, make):
        """The row that samples share where none is named: one document of each kind, one plan, one package."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def _save(self, model, values, published=False):
        row = model.objects.create(**values)
        if published:
            self._publish(getattr(row, "document", row))
        return row

    def unit(self, **overrides):
        from gazette.models import Unit

        n = self._number()
        return self._save(Unit, {"code": f"sample-unit-{n}", "name": f"示例单位{n}", "kind": "department"} | overrides)

    def alias(self, **overrides):
        from gazette.models import UnitAlias

        unit = overrides.get("unit") or self._keep("unit", self.unit)
        return self._save(UnitAlias, {"unit": unit, "name": f"示例别名{self._number()}"} | overrides)

    def former_name(self, **overrides):
        from gazette.models import UnitName

        unit = overrides.get("unit") or self._keep("unit", self.unit)
        values = {"unit": unit, "name": f"示例曾用名{self._number()}", "note": "示例依据"}
        return self._save(UnitName, values | overrides)

    def document(self, published=False, **overrides):
        from gazette.models import Document

        n = self._number()
        values = {
            "code": f"sample-document-{n}",
            "title": f"示例文件{n}",
            "number": f"示例〔2022〕{n}号",
            "kind": "plan",
            "written_on": date(2022, 3, 1),
            "written_basis": "head_date",
        } | overrides
        values.setdefault("issuer", None)
        values["issuer"] = values["issuer"] or self._keep("issuer", self.unit)
        return self._save(Document, values, published)

    def passage(self, published=False, **overrides):
        from gazette.models import Passage

        document = overrides.get("document") or self._keep("document plan", self.document)
        position = document.passages.count() + 1
        values = {
            "document": document,
            "position": position,
            "order": position,
            "kind": "paragraph",
            "text": f"示例段落{self._number()}。",
        } | overrides
        return self._save(Passage, values, published)

    def tie(self, **overrides):
        from gazette.models import Tie

        passage = overrides.get("passage") or self.passage()
        values = {"document": passage.document, "passage": passage, "start": 0, "end": 2, "reason": "name"}
        return self._save(Tie, values | overrides)

    def citation(self, **overrides):
        from gazette.models import Citation

        return self._sourced(Citation, "citation", "plan", {"title": "示例引用文件"}, overrides)

    def relation(self, **overrides):
        from gazette.models import Relation

        target = overrides.get("target") or self.document()
        return self._sourced(Relation, "relation", "plan", {"kind": "amends", "target": target}, overrides)

    def attachment(self, published=False, content=None, **overrides):
        """A text file, kept like an uploaded one; its content names it unless it is given."""
        from gazette import filestore
        from gazette.models import Attachment

        n = self._number()
        document = overrides.get("document") or self._keep("document plan", self.document)
        content = f"示例附件{n}的内容\n".encode() if content is None else content
        values = {
            "code": f"{document.code}-f{document.attachments.count() + 1}",
            "document": document,
            "position": document.attachments.count() + 1,
            "title": f"示例附件{n}",
            "file_name": f"示例附件{n}.txt",
            "media_type": "text/plain",
            "size": len(content),
            "sha256": filestore.keep(io.BytesIO(content)),
        }
        return self._save(Attachment, values | overrides, published)

    def _sourced(self, model, name, document_kind, values, overrides, published=False):
        """A record with a passage of its own unless one is given; its quote is the whole passage."""
        n = self._number()
        passage = overrides.get("passage")
        if passage is None:
            document = overrides.get("document") or self._keep(
                f"document {document_kind}", lambda: self.document(kind=document_kind)
            )
            passage = self.passage(document=document, text=f"示例{model._meta.verbose_name}{n}，示例数量10个。")
        values = {
            "code": f"sample-{name}-{n}",
            "document": passage.document,
            "passage": passage,
            "start": 0,
            "quote": passage.text,
        } | values
        return self._save(model, values | overrides, published)

    # The plan

    def plan(self, published=False, **overrides):
        from plans.models import Plan

        given = overrides if overrides.keys() & {"document", "passage"} else overrides | {"document": self.document()}
        values = {"title": "示例年度计划", "year": 2022}
        return self._sourced(Plan, "plan", "plan", values, given, published)

    def _promise(self, model, name, values, overrides, published):
        plan = overrides.get("plan") or self._keep("plan", self.plan)
        values = {
            "plan": plan,
            "document": plan.document,
            "name": f"示例{model._meta.verbose_name}",
            "due_precision": "none",
            "due_basis": "none",
        } | values
        given = {"document": plan.document} | overrides
        return self._sourced(model, name, "plan", values, given, published)

    def target(self, published=False, **overrides):
        from plans.models import Target

        values = {"value": 10, "unit": "个", "qualifier": "exact", "as_written": "10个"}
        return self._promise(Target, "target", values, overrides, published)

    def project(self, published=False, **overrides):
        from plans.models import KeyProject

        return self._promise(KeyProject, "project", {"kind": "work"}, overrides, published)

    def assignment(self, **overrides):
        from plans.models import Assignment

        values = {"unit": overrides.get("unit") or self.unit()}
        if not overrides.keys() & {"target", "project"}:
            values["target"] = self.target()
        return self._save(Assignment, values | overrides)

    def report(self, published=False, **overrides):
        from plans.models import ProgressReport

        n = self._number()
        values = {
            "code": f"sample-report-{n}",
            "unit": overrides.get("unit") or self._keep("reporting unit", self.unit),
            "as_of": date(2022, 6, 30),
            "value": 5,
            "light": "green",
            "source": "示例来源",
            "accepted_at": timezone.make_aware(datetime(2022, 7, 1, 9, 0)),
        }
        if not overrides.keys() & {"target", "project"}:
            values["target"] = self.target()
        report = self._save(ProgressReport, values | overrides)
        if published:
            self._publish((report.target or report.project).document)
        return report

    # The measures

    def package(self, published=False, **overrides):
        from measures.models import MeasurePackage

        values = {
            "title": "示例政策措施",
            "valid_from": date(2022, 3, 1),
            "valid_from_basis": "on_issue",
            "valid_until": date(2022, 12, 31),
        }
        return self._sourced(MeasurePackage, "package", "policy", values, overrides, published)

    def general_rule(self, **overrides):
        from measures.models import GeneralRule

        package = overrides.get("package") or self._keep("package", self.package)
        values = {"package": package, "position": package.general_rules.count() + 1, "name": "示例总则"}
        return self._sourced(GeneralRule, "rule", "policy", values, {"document": package.document} | overrides)

    def measure(self, published=False, **overrides):
        from measures.models import Measure

        package = overrides.get("package") or self._keep("package", self.package)
        values = {
            "package": package,
            "number": package.measures.count() + 1,
            "title": "示例措施",
            "category": "fiscal",
        }
        given = {"document": package.document} | overrides
        return self._sourced(Measure, "measure", "policy", values, given, published)

    def _child(self, model, name, values, overrides, published):
        measure = overrides.get("measure") or self._keep("measure", self.measure)
        position = model.objects.filter(measure=measure).count() + 1
        values = {"measure": measure, "position": position} | values
        given = {"document": measure.document} | overrides
        return self._sourced(model, name, "policy", values, given, published)

    def responsibility(self, published=False, **overrides):
        from measures.models import Responsibility

        unit = overrides.get("unit") or self.unit()
        values = {"unit": unit, "as_written": unit.name, "mode": "sole"}
        return self._child(Responsibility, "responsibility", values, overrides, published)

    def budget(self, published=False, **overrides):
        from measures.models import Budget

        return self._child(Budget, "budget", {"amount": 1000000, "purpose": "示例用途"}, overrides, published)

    def audience(self, published=False, **overrides):
        from measures.models import Audience

        return self._child(Audience, "audience", {"name": "示例对象"}, overrides, published)

    def condition(self, published=False, **overrides):
        from measures.models import Condition

        return self._child(Condition, "condition", {"text": "示例条件"}, overrides, published)

    def benefit(self, published=False, **overrides):
        from measures.models import Benefit

        return self._child(Benefit, "benefit", {"kind": "subsidy", "name": "示例补贴"}, overrides, published)

    def window(self, published=False, **overrides):
        from measures.models import ValidityWindow

        values = {
            "starts_on": date(2022, 3, 1),
            "start_basis": "inherited",
            "ends_on": date(2022, 12, 31),
            "end_basis": "inherited",
        }
        return self._child(ValidityWindow, "window", values, overrides, published)

    def deadline(self, published=False, **overrides):
        from measures.models import Deadline

        values = {"due": date(2022, 6, 30), "action": "示例事项"}
        return self._child(Deadline, "deadline", values, overrides, published)

    def watched_word(self, **overrides):
        from gazette.models import WatchedWord

        return self._save(WatchedWord, {"word": f"示例禁词{self._number()}"} | overrides)

    # The appointments

    def person(self, **overrides):
        from personnel.models import Person

        n = self._number()
        return self._save(Person, {"code": f"sample-person-{n}", "name": f"示例人员{n}"} | overrides)

    def post(self, **overrides):
        from personnel.models import Post

        n = self._number()
        return self._save(Post, {"code": f"sample-post-{n}", "title": f"示例职务{n}", "seats": 1} | overrides)

    def appointment(self, published=False, **overrides):
        from personnel.models import Appointment

        values = {
            "person": overrides.get("person") or self.person(),
            "post": overrides.get("post") or self.post(),
            "kind": "appoint",
            "effective_on": date(2022, 3, 1),
            "date_basis": "head_date",
        }
        return self._sourced(Appointment, "appointment", "personnel", values, overrides, published)


@pytest.fixture
def samples(publish):
    """The makers of one test; the fixtures `make_…` below are its methods."""
    return Samples(publish)


def _maker(name):
    @pytest.fixture(name=f"make_{name}")
    def make(samples):
        return getattr(samples, name)

    return make


make_unit = _maker("unit")
make_watched_word = _maker("watched_word")
make_alias = _maker("alias")
make_former_name = _maker("former_name")
make_document = _maker("document")
make_passage = _maker("passage")
make_tie = _maker("tie")
make_citation = _maker("citation")
make_relation = _maker("relation")
make_attachment = _maker("attachment")
make_plan = _maker("plan")
make_target = _maker("target")
make_project = _maker("project")
make_assignment = _maker("assignment")
make_report = _maker("report")
make_package = _maker("package")
make_general_rule = _maker("general_rule")
make_measure = _maker("measure")
make_responsibility = _maker("responsibility")
make_budget = _maker("budget")
make_audience = _maker("audience")
make_condition = _maker("condition")
make_benefit = _maker("benefit")
make_window = _maker("window")
make_deadline = _maker("deadline")
make_person = _maker("person")
make_post = _maker("post")
make_appointment = _maker("appointment")
