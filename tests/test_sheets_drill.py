"""Five thousand rows through the worker, and a worker that is killed in the middle of them."""

import json
import resource
import subprocess
import sys
import threading

import pytest
import xlsxwriter
from django.conf import settings

from gazette.sheets import sheets
from gazette.sheets.registry import CODE

pytestmark = pytest.mark.drill

MEASURES, ROWS_EACH = 250, 19
TOTAL = MEASURES * (1 + ROWS_EACH)
SETUP = """
from django.core.files import File
from gazette.models import Document, Passage, SheetImport, Unit, User
from gazette.sheets import jobs
from measures.models import MeasurePackage
unit = Unit.objects.create(code="sample-office", name="示例单位", kind="department")
document = Document.objects.create(code="sample-doc", title="示例文件", kind="policy", issuer=unit)
for number in range(1, {measures} + 1):
    passage = Passage.objects.create(
        document=document, position=number, order=number, kind="paragraph",
        text=f"示例第{{number}}条，安排资金{{number}}万元，由示例单位负责。",
    )
MeasurePackage.objects.create(
    code="sample-pkg", title="示例政策", document=document, passage=passage, start=0, quote=passage.text
)
job = SheetImport(name="示例.xlsx", document=document, author=User.objects.create(username="clerk"))
with open({path!r}, "rb") as file:
    job.file.save("upload.xlsx", File(file), save=False)
job.save()
jobs.enqueue(job)
"""
CONFIRM = """
from gazette.models import SheetImport
from gazette.sheets import jobs
job = SheetImport.objects.get()
job.state = "confirmed"
job.save()
jobs.enqueue(job)
"""
AGAIN = """
from gazette.models import SheetImport
from gazette.sheets import jobs
jobs.run_again(SheetImport.objects.get())
"""
REPORT = """
import json
from gazette.models import SheetImport
from measures.models import Budget, Measure
job = SheetImport.objects.get()
print(json.dumps([job.state, job.counts, job.errors, Measure.objects.count(), Budget.history.count()]))
"""
FOUNDING_MEASURES, FOUNDING_BUDGETS = 23, 6


def manage(environment, *arguments):
    """Run a command of the portal to its end."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def report(environment):
    """State, counts, errors, measures, and versions of budgets."""
    return json.loads(manage(environment, "shell", "--verbosity", "0", "-c", REPORT))


def write_workbook(path):
    """New measures of the sample package, each with rows of three kinds."""
    kinds = {sheet.kind: sheet for sheet in sheets()}
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        pages = {}
        for kind in ("measure", "condition", "budget", "audience"):
            pages[kind] = [book.add_worksheet(kinds[kind].title), 0]
            pages[kind][0].write_row(0, 0, kinds[kind].headings)

        def line(kind, **cells):
            page = pages[kind]
            page[1] += 1
            for heading, value in cells.items():
                page[0].write(page[1], kinds[kind].headings.index(heading), value)

        for number in range(1, MEASURES + 1):
            code, place = f"sample-m{number}", {"段号": number, "原文摘录": "*"}
            clause = {"所属政策措施代码": "sample-pkg", "序号": number, "标题": f"示例{number}", "类别": "金融支持政策"}
            line("measure", **{CODE: code}, **clause, **place)
            owner = {"所属措施代码": code} | place
            for row in range(1, ROWS_EACH + 1):
                kind = ("condition", "budget", "audience")[row % 3]
                own = {
                    "condition": {"适用条件": "示例条件", "限定": "至少", "数值": row, "计量单位": "年"},
                    "budget": {"金额（元）": f"{row}万元", "用途": "示例用途"},
                    "audience": {"适用对象": "示例对象"},
                }[kind]
                line(kind, **{CODE: f"{code}-{kind[0]}{row}"}, **owner, **own, 顺序=row)


ALIASES = """
from django.core.files import File
from gazette.models import SheetImport, User
from gazette.sheets import jobs
job = SheetImport(name="示例.xlsx", author=User.objects.create(username="clerk"))
with open({path!r}, "rb") as file:
    job.file.save("upload.xlsx", File(file), save=False)
job.save()
jobs.enqueue(job)
"""
UNITS, ALIASES_EACH = 600, 9
COUNT_ALIASES = """
import json
from gazette.models import Unit, UnitAlias
held = UnitAlias.history.filter(name__startswith="示例").count()
print(json.dumps([Unit.objects.filter(code__startswith="sample-").count(), held]))
"""


def write_registers(path):
    """New units, each with aliases."""
    with xlsxwriter.Workbook(str(path)) as book:
        units, aliases = book.add_worksheet("单位"), book.add_worksheet("单位别名")
        units.write_row(0, 0, ["代码", "名称", "类别", "上级单位代码", "说明"])
        aliases.write_row(0, 0, ["所属单位代码", "别名"])
        for number in range(1, UNITS + 1):
            units.write_row(number, 0, [f"sample-{number}", f"示例单位{number}", "政府部门"])
            for alias in range(1, ALIASES_EACH + 1):
                line = (number - 1) * ALIASES_EACH + alias
                aliases.write_row(line, 0, [f"sample-{number}", f"示例单位{number}别名{alias}"])


def test_six_thousand_rows_of_the_registers_are_previewed_and_imported(database, tmp_path):
    path = tmp_path / "upload.xlsx"
    write_registers(path)
    manage(database, "bootstrap")
    manage(database, "shell", "-c", ALIASES.format(path=str(path)))
    manage(database, "work", "--batch")
    state, counts, errors, _measures, _versions = report(database)
    assert (state, errors, counts["new"], counts["refused"]) == ("ready", [], UNITS * (1 + ALIASES_EACH), 0)
    manage(database, "shell", "-c", CONFIRM)
    manage(database, "work", "--batch")
    assert report(database)[0] == "done"
    assert json.loads(manage(database, "shell", "--verbosity", "0", "-c", COUNT_ALIASES)) == [
        UNITS,
        UNITS * ALIASES_EACH,
    ]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 500 * 1024


@pytest.fixture
def uploaded(database, tmp_path):
    """A portal with the upload of five thousand new rows waiting."""
    path = tmp_path / "upload.xlsx"
    write_workbook(path)
    manage(database, "bootstrap")
    manage(database, "shell", "-c", SETUP.format(measures=MEASURES, path=str(path)))
    return database


def test_five_thousand_rows_are_previewed_and_imported(uploaded):
    manage(uploaded, "work", "--batch")
    state, counts, errors, measures, _versions = report(uploaded)
    assert (state, errors, counts["new"], counts["refused"]) == ("ready", [], TOTAL, 0)
    assert measures == FOUNDING_MEASURES
    manage(uploaded, "shell", "-c", CONFIRM)
    manage(uploaded, "work", "--batch")
    budgets = MEASURES * len([row for row in range(1, ROWS_EACH + 1) if row % 3 == 1])
    assert report(uploaded)[0] == "done"
    assert report(uploaded)[3:] == [FOUNDING_MEASURES + MEASURES, FOUNDING_BUDGETS + budgets]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 500 * 1024


def test_a_killed_worker_leaves_nothing_and_the_import_is_run_again(uploaded):
    manage(uploaded, "work", "--batch")
    manage(uploaded, "shell", "-c", CONFIRM)
    worker = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=settings.BASE_DIR, env=uploaded)
    patience = threading.Event()
    try:
        for _ in range(300):
            assert worker.poll() is None
            if report(uploaded)[0] == "writing":
                break
            patience.wait(0.1)
    finally:
        worker.kill()
        worker.wait()
    assert report(uploaded)[0] == "writing"
    # The next worker says what became of the last one's work, and leaves the decision to a person.
    manage(uploaded, "work", "--batch")
    state, _counts, _errors, measures, versions = report(uploaded)
    assert (state, measures, versions) == ("interrupted", FOUNDING_MEASURES, FOUNDING_BUDGETS)
    manage(uploaded, "shell", "-c", AGAIN)
    manage(uploaded, "work", "--batch")
    assert (report(uploaded)[0], report(uploaded)[3]) == ("done", FOUNDING_MEASURES + MEASURES)
