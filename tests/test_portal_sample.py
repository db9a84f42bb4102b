"""Sample data: the same from the same seed, marked everywhere, proven by the machine, kept out of real ledgers."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Q

from gazette import registry
from gazette.models import Change, Document, Origin, PublicRecord, Tie, Unit
from gazette.verification import verify
from measures.models import Benefit, BenefitKind, Measure, MeasurePackage, ValidityWindow, WindowBasis
from personnel.models import Appointment, Person, Post
from plans.models import KeyProject, Plan, ProjectKind, Qualifier, Target
from wuhai_portal.sample import MARK, City, documents, years


@pytest.fixture
def generate(db):
    """Run the command beside the founding documents, and give back what it says."""

    def run(**options):
        out = StringIO()
        call_command("generate_sample", beside_real=True, stdout=out, **options)
        return out.getvalue().strip()

    return run


def sample_rows():
    """Every sample record by kind, as the public gets it."""
    samples = PublicRecord.objects.filter(code__startswith="sample-")
    return list(samples.order_by("kind", "code").values_list("kind", "code", "hash", "body"))


def test_a_city_and_year_has_a_plan_a_package_and_a_notice():
    made = list(documents(City(1, 3), 2020))
    assert [document.name for document in made] == [
        "sample-3-2020-plan.json",
        "sample-3-2020-policy.json",
        "sample-3-2020-notice.json",
    ]


def test_the_same_seed_gives_the_same_content_and_another_seed_another():
    assert list(documents(City(1, 3), 2020)) == list(documents(City(1, 3), 2020))
    assert list(documents(City(1, 3), 2020)) != list(documents(City(2, 3), 2020))


def test_cities_have_names_of_their_own():
    assert len({City(1, number).name for number in range(1, 5001)}) == 5000


def test_the_years_end_with_2023():
    assert list(years(3)) == [2021, 2022, 2023]


def test_the_command_publishes_with_origin_sample(generate):
    before = Change.objects.count()
    said = generate(cities=1, years=1, seed=1)
    lines = Change.objects.filter(origin=Origin.SAMPLE)
    assert said == f"已生成并发布3份示例文件，更新记录{lines.count()}行。"
    assert Change.objects.count() == before + lines.count()
    assert Change.objects.latest("seq").seq == Change.objects.count()
    samples = Document.objects.filter(code__startswith="sample-")
    assert {document.status for document in samples} == {"published"}


def test_running_again_adds_nothing_and_another_year_only_that_year(generate):
    generate(cities=1, years=1, seed=1)
    first = sample_rows()
    assert generate(cities=1, years=1, seed=1) == "已生成并发布0份示例文件，更新记录0行。"
    assert sample_rows() == first
    assert generate(cities=1, years=2, seed=1).startswith("已生成并发布3份示例文件")
    # Persons of 2022 become public with their removal in 2023, and get no second line.
    assert set(first) <= set(sample_rows())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_machine_finds_nothing_off(generate, seed):
    generate(cities=1, years=2, seed=seed)
    reports = [verify(document) for document in Document.objects.filter(code__startswith="sample-")]
    assert [str(miss) for report in reports for miss in report.misses] == []
    assert min(report.records for report in reports) > 20


def test_every_title_and_name_says_sample(generate):
    generate(cities=2, years=2, seed=4)
    for model, name in (
        (Document, "title"),
        (Plan, "title"),
        (MeasurePackage, "title"),
        (Measure, "title"),
        (KeyProject, "name"),
        (Unit, "name"),
        (Post, "title"),
        (Person, "name"),
    ):
        samples = model.objects.filter(code__startswith="sample-")
        assert samples.exists()
        assert not samples.exclude(**{f"{name}__contains": MARK}).exists(), model


def test_the_sample_has_every_sort_of_record(generate):
    generate(cities=1, years=4, seed=5)
    samples = Q(code__startswith="sample-")
    assert set(Target.objects.filter(samples).values_list("qualifier", flat=True)) == set(Qualifier.values)
    assert set(KeyProject.objects.filter(samples).values_list("kind", flat=True)) == set(ProjectKind.values)
    assert set(Benefit.objects.filter(samples).values_list("kind", flat=True)) == set(BenefitKind.values)
    for edge in ("start", "end"):
        bases = ValidityWindow.objects.filter(samples).values_list(f"{edge}_basis", flat=True)
        assert set(bases) == set(WindowBasis.values)
    dated = Appointment.objects.filter(samples, effective_on__isnull=False)
    assert dated.exists()
    assert Appointment.objects.filter(samples, effective_on__isnull=True).exists()
    assert Document.objects.filter(samples, written_on__isnull=True).exists()
    assert Target.objects.filter(samples, same_as__isnull=True, part_of__isnull=False).exists()
    assert KeyProject.objects.filter(samples, same_as__isnull=False).exists()


def test_every_row_has_its_history(generate):
    generate(cities=1, years=1, seed=1)
    for kind in registry.kinds():
        if kind.name == "passage":
            rows = kind.model.objects.filter(document__code__startswith="sample-")
        else:
            rows = kind.model.objects.filter(code__startswith="sample-")
        expected = set(rows.values_list("pk", flat=True))
        history = kind.model.history.filter(history_type="+")
        assert expected <= set(history.values_list("id", flat=True)), kind.name
    ties = Tie.objects.filter(document__code__startswith="sample-")
    assert ties.count() == Tie.history.filter(document__code__startswith="sample-").count() > 500


def test_a_ledger_with_real_documents_refuses_samples(db):
    with pytest.raises(CommandError) as refused:
        call_command("generate_sample")
    assert str(refused.value) == "库中已有真实文件，不能与示例混在一起；请换一个空库，或加 --beside-real。"
    assert not Document.objects.filter(code__startswith="sample-").exists()


@pytest.mark.parametrize("numbers", [{"cities": 0}, {"years": 101}, {"cities": 100_001}])
def test_a_size_out_of_bounds_is_refused(db, numbers):
    with pytest.raises(CommandError, match="请写 1 到 100000 个城市、1 到 100 年。"):
        call_command("generate_sample", beside_real=True, **numbers)
