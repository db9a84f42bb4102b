"""The machine that proves the records: nothing is off in the founding documents, and whatever is altered is found."""

import json
import shutil
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from gazette import registry
from gazette.fixture_files import FIXTURES
from gazette.loading import load_directory
from gazette.models import Document, Passage, Reason, Rule, Tie, Unit
from gazette.numerals import find_numerals
from gazette.verification import Miss, proof_value, verify
from measures.models import Benefit, Budget, Condition, Measure, MeasurePackage, Responsibility, ValidityWindow
from personnel.models import Appointment, Person, Post
from plans.models import KeyProject, Plan, Target

pytestmark = pytest.mark.django_db

PLAN, MEASURES, APPOINTMENTS = "whzf-2023-2", "whzbf-2023-2", "wzrz-2023-1"
CODES = [MEASURES, PLAN, APPOINTMENTS]


def misses(code):
    """What is off in a document, as sentences."""
    return [str(miss) for miss in verify(Document.objects.get(code=code)).misses]


# The founding documents


@pytest.mark.parametrize(
    ("code", "counts"),
    [
        (PLAN, (63, 321, 320, 1145, 128, 159, 88, 71)),
        (MEASURES, (36, 329, 328, 629, 45, 97, 88, 9)),
        (APPOINTMENTS, (29, 26, 25, 109, 0, 9, 2, 7)),
    ],
)
def test_nothing_is_off_in_a_founding_document(code, counts):
    report = verify(Document.objects.get(code=code))
    assert report.misses == []
    assert counts == (
        report.passages,
        report.records,
        report.quotes,
        report.ties,
        report.derived,
        report.numerals,
        report.numerals_recorded,
        report.numerals_explained,
    )
    assert report.numerals == report.numerals_recorded + report.numerals_explained


@pytest.mark.parametrize("code", CODES)
def test_a_document_is_verified_in_a_fixed_number_of_queries(code, django_assert_max_num_queries):
    """The largest needs no more than the smallest: passages, ties, units, and each kind with its parts."""
    with django_assert_max_num_queries(45):
        verify(Document.objects.get(code=code))


# One thing altered, and how it is named


def alter(model, code, **values):
    """Change a stored record behind the back of every check but the database's."""
    return lambda: model.objects.filter(code=code).update(**values)


def retie(code, field, /, **values):
    """Change the tie of one field of a record."""
    return lambda: Tie.objects.filter(code=code, field=field).update(**values)


def retie_last(code, field, **values):
    """Change the last of several ties of one field."""

    def change():
        last = Tie.objects.filter(code=code, field=field).latest("start")
        Tie.objects.filter(pk=last.pk).update(**values)

    return change


def untie(code, field):
    return lambda: Tie.objects.filter(code=code, field=field).delete()


def rewrite(document, position, old, new):
    """Change the words of a passage."""

    def change():
        passage = Passage.objects.get(document__code=document, position=position)
        assert passage.text.count(old) == 1
        Passage.objects.filter(pk=passage.pk).update(text=passage.text.replace(old, new))

    return change


WAGES = "2023-wage-arrears-clues-settled"
OFFICE = "2023-consumption-5-r2"


@pytest.mark.parametrize(
    ("document", "change", "found"),
    [
        # A value, by one digit.
        (
            PLAN,
            alter(Target, "2023-gdp-growth", value=7),
            ["whzf-2023-2 第8段第41字“6”：2023-gdp-growth 的“目标值”不能证明值“7”"],
        ),
        (
            PLAN,
            alter(Target, "2023-good-air-days", value=Decimal("82.9")),
            ["whzf-2023-2 第31段第{82.8}字“82.8”：2023-good-air-days 的“目标值”不能证明值“82.9”"],
        ),
        (
            MEASURES,
            alter(Budget, "2023-consumption-7-b1", amount=4_000_001),
            ["whzbf-2023-2 第17段第{400万}字“400万”：2023-consumption-7-b1 的“金额（元）”不能证明值“4000001”"],
        ),
        (
            PLAN,
            alter(KeyProject, "2023-key-projects-296", investment=240_000_000_001),
            ["whzf-2023-2 第13段第{2400亿}字“2400亿”：2023-key-projects-296 的“总投资（元）”不能证明值“240000000001”"],
        ),
        (
            PLAN,
            alter(Target, "2023-cluster-silicon-materials", value=100),
            ["whzf-2023-2 第20段第{千亿}字“千亿”：2023-cluster-silicon-materials 的“目标值”不能证明值“100”"],
        ),
        (
            MEASURES,
            alter(Condition, "2023-consumption-5-c1", value=20),
            ["whzbf-2023-2 第14段第{20万}字“20万”：2023-consumption-5-c1 的“数值”不能证明值“20”"],
        ),
        # A word: qualifier, unit word, direction, commitment, due.
        (
            PLAN,
            alter(Target, "2023-gdp-growth", qualifier="at_most"),
            ["whzf-2023-2 第8段第43字“以上”：2023-gdp-growth 的“限定”不能证明值“at_most”"],
        ),
        (
            PLAN,
            alter(Target, "2023-gdp-growth", unit="亿元"),
            ["whzf-2023-2 第8段第42字“%”：2023-gdp-growth 的“计量单位”不能证明值“亿元”"],
        ),
        (
            PLAN,
            alter(Target, "2023-gdp-growth", direction="decrease"),
            ["whzf-2023-2 第8段第39字“增长”：2023-gdp-growth 的“方向”不能证明值“decrease”"],
        ),
        (
            PLAN,
            alter(Target, "2023-gdp-growth", commitment="ensure"),
            ["whzf-2023-2 第8段第33字“地区生产总值增长6%以上”：2023-gdp-growth 的“承诺用语”值“ensure”没有对应的原文"],
        ),
        (
            PLAN,
            alter(Target, "2023-industrial-output-2025", due="2026"),
            ["whzf-2023-2 第20段第{2025年}字“2025年”：2023-industrial-output-2025 的“完成时限”不能证明值“2026”"],
        ),
        # A quote, a name, a unit.
        (
            PLAN,
            alter(Target, "2023-gdp-growth", quote="地区生产总值增长7%以上"),
            [
                "whzf-2023-2 第8段第33字“地区生产总值增长6%以上”："
                "2023-gdp-growth 的摘录“地区生产总值增长7%以上”与原文不符"
            ],
        ),
        (
            PLAN,
            alter(Target, "2023-gdp-growth", start=34),
            [
                "whzf-2023-2 第8段第34字“区生产总值增长6%以上，”："
                "2023-gdp-growth 的摘录“地区生产总值增长6%以上”与原文不符"
            ],
        ),
        (
            MEASURES,
            alter(Responsibility, OFFICE, as_written="市政府金融工作办公室"),
            [
                "whzbf-2023-2 第14段第{政府金融工作办公室}字“政府金融工作办公室”："
                "2023-consumption-5-r2 的“原文写法”不能证明值“市政府金融工作办公室”"
            ],
        ),
        (
            MEASURES,
            alter(Responsibility, OFFICE, mode="sole"),
            [
                "whzbf-2023-2 第14段第{按职责分工负责}字“按职责分工负责”："
                "2023-consumption-5-r2 的“责任方式”不能证明值“sole”"
            ],
        ),
        (
            APPOINTMENTS,
            lambda: Person.objects.filter(code="li-kai").update(name="李楷"),
            ["wzrz-2023-1 第4段第0字“李  锴”：wzrz-2023-1-a02 的“人员”不能证明值“李楷”"],
        ),
        (
            APPOINTMENTS,
            lambda: Post.objects.filter(code="first-middle-school-principal").update(title="市第二中学校长"),
            ["wzrz-2023-1 第27段第6字“市第一中学校长”：wzrz-2023-1-r12 的“职务”不能证明值“市第二中学校长”"],
        ),
        (
            APPOINTMENTS,
            alter(Appointment, "wzrz-2023-1-a01", probation_months=6),
            ["wzrz-2023-1 第3段第16字“一年”：wzrz-2023-1-a01 的“试用期（月）”不能证明值“6”"],
        ),
        # A removal under 免去 does not become an appointment by pointing at 任命 elsewhere.
        (
            APPOINTMENTS,
            lambda: (
                Appointment.objects.filter(code="wzrz-2023-1-r01").update(kind="appoint"),
                Tie.objects.filter(code="wzrz-2023-1-r01", field="kind").update(
                    passage=Passage.objects.get(document__code=APPOINTMENTS, position=2)
                ),
            ),
            ["wzrz-2023-1 第2段第0字“任命”：wzrz-2023-1-r01 的“任免”对应的文字不在该记录所在段落或其上的小标题中"],
        ),
        # A tie.
        (
            PLAN,
            retie("2023-gdp-growth", "value", start=42, end=43),
            [
                "whzf-2023-2 第8段第41字“6”：数字没有对应的记录，也没有说明理由",
                "whzf-2023-2 第8段第42字“%”：2023-gdp-growth 的“目标值”无法解读（“%”中的数字不是恰好一个）",
            ],
        ),
        (
            PLAN,
            retie("2023-gdp-growth", "value", end=9000),
            [
                "whzf-2023-2 第8段第41字“{41:}”：2023-gdp-growth 的“目标值”无法解读（“{41:}”中的数字不是恰好一个）",
                "whzf-2023-2 第8段第41字“{41:}”：对应的位置不在本文件的段落之内",
            ],
        ),
        (
            PLAN,
            untie("2023-gdp-growth", "value"),
            [
                "whzf-2023-2 第8段第33字“地区生产总值增长6%以上”：2023-gdp-growth 的“目标值”值“6”没有对应的原文",
                "whzf-2023-2 第8段第41字“6”：数字没有对应的记录，也没有说明理由",
            ],
        ),
        (
            PLAN,
            retie("2023-gdp-growth", "value", code="2023-gdp-growth-x"),
            [
                "whzf-2023-2 第8段第33字“地区生产总值增长6%以上”：2023-gdp-growth 的“目标值”值“6”没有对应的原文",
                "whzf-2023-2 第8段第41字“6”：对应的记录不存在：target 2023-gdp-growth-x",
            ],
        ),
        (
            PLAN,
            retie("2023-gdp-growth", "value", field="valeu"),
            [
                "whzf-2023-2 第8段第33字“地区生产总值增长6%以上”：2023-gdp-growth 的“目标值”值“6”没有对应的原文",
                "whzf-2023-2 第8段第41字“6”：2023-gdp-growth 没有可对应的字段 valeu",
            ],
        ),
        (
            PLAN,
            retie("2023-gdp-growth", "value", rule="verbatim"),
            [
                "whzf-2023-2 第8段第41字“6”：2023-gdp-growth 的“目标值”不能证明值“6”",
                "whzf-2023-2 第8段第41字“6”：数字没有对应的记录，也没有说明理由",
            ],
        ),
        (
            MEASURES,
            lambda: Tie.objects.filter(code="2023-consumption-2-g1", field="name").first().delete(),
            [
                "whzbf-2023-2 第10段第{采取分期}字“采取分期或逐月等方式对缓缴的社会保险费予以补缴”："
                "2023-consumption-2-g1 的“支持内容”不能证明值“可申请采取分期或逐月等方式对缓缴的社会保险费予以补缴”"
            ],
        ),
        (
            MEASURES,
            retie_last("2023-consumption-2-g1", "name", rule="spaced"),
            [
                "whzbf-2023-2 第10段第{可申请}字“可申请”："
                "2023-consumption-2-g1 的“支持内容”同一字段用了不同的规则：spaced、verbatim"
            ],
        ),
        # A reason, and a tie of the parenthesis.
        (
            APPOINTMENTS,
            lambda: Tie.objects.filter(document__code=APPOINTMENTS, reason="indefinite").delete(),
            ["wzrz-2023-1 第1段第{一}字“一”：数字没有对应的记录，也没有说明理由"],
        ),
        (
            MEASURES,
            lambda: Tie.objects.filter(code="2023-consumption-7-r1", field="mode").delete(),
            [
                "whzbf-2023-2 第17段第{（市商务局}字“（市商务局负责）”："
                "2023-consumption-7-r1 的“责任方式”值“sole”没有对应的原文",
                "whzbf-2023-2 第17段第{负责）}字“负责”：2023-consumption-7 的责任单位括注没有对应",
            ],
        ),
        # The words themselves.
        (
            PLAN,
            rewrite(PLAN, 31, "82.8", "82.3"),
            [
                "whzf-2023-2 第31段第{确保全年}字“确保全年中心城区优良天率不低于82.3%”："
                "2023-good-air-days 的摘录“确保全年中心城区优良天率不低于82.8%”与原文不符",
                "whzf-2023-2 第31段第{不低于}字“不低于82.3%”：2023-good-air-days 的“原文表述”不能证明值“不低于82.8%”",
                "whzf-2023-2 第31段第{82.3}字“82.3”：2023-good-air-days 的“目标值”不能证明值“82.8”",
            ],
        ),
        (
            APPOINTMENTS,
            rewrite(APPOINTMENTS, 15, "免去：", "免去5人："),
            ["wzrz-2023-1 第15段第2字“5”：数字没有对应的记录，也没有说明理由"],
        ),
        (
            PLAN,
            lambda: Tie.objects.filter(document__code=PLAN, passage__position=11, reason="ordinal").update(
                document=Document.objects.get(code=MEASURES)
            ),
            ["whzf-2023-2 第11段第{第五}字“第五”：数字没有对应的记录，也没有说明理由"],
        ),
        (
            PLAN,
            rewrite(PLAN, 63, "团结奋进", "坚决做到全覆盖"),
            ["whzf-2023-2 第63段第{全覆盖}字“全覆盖”：目标用语（全覆盖）没有对应的记录，也没有说明理由"],
        ),
    ],
)
def test_what_is_altered_is_named_with_its_place(document, change, found):
    change()
    texts = dict(Passage.objects.filter(document__code=document).values_list("position", "text"))
    assert misses(document) == [place_words(line, texts) for line in found]


def place_words(line, texts):
    """Replace `第N段第{words}字` by the place of the words in the passage, and `{41:}` by its text from there."""
    position = int(line.split("第")[1].split("段")[0])
    text = texts[position]
    while "{" in line:
        words = line[line.index("{") + 1 : line.index("}")]
        if words.endswith(":"):
            line = line.replace("{" + words + "}", text[int(words[:-1]) :])
            continue
        assert words in text
        line = line.replace("{" + words + "}", str(text.index(words)), 1)
    return line


def test_a_goal_without_a_record_is_named():
    """A record whose quote no longer holds a goal's word leaves the word unexplained."""
    target = Target.objects.get(code="2023-zero-employment-families")
    assert target.quote.endswith("动态清零")
    Target.objects.filter(pk=target.pk).update(quote=target.quote[:-4])
    text = target.passage.text
    assert (
        f"whzf-2023-2 第51段第{text.index('动态清零')}字“动态清零”：目标用语（动态清零）没有对应的记录，也没有说明理由"
        in misses(PLAN)
    )


def test_a_clause_without_its_parenthesis_is_named():
    passage = Passage.objects.get(document__code=MEASURES, position=21)
    Passage.objects.filter(pk=passage.pk).update(text=passage.text.replace("（市商务局负责）", ""))
    assert "whzbf-2023-2 第21段第0字“拓展平台消费”：2023-consumption-11 末尾没有责任单位括注" in misses(MEASURES)


def test_what_the_text_declares_must_equal_the_records(make_measure):
    """二十三条 and 6方面工作 are counts of what is recorded."""
    make_measure(package=MeasurePackage.objects.get(code="2023-consumption"), number=24)
    assert "whzbf-2023-2 第6段第15字“二十三”：2023-consumption 的“measures_count”不能证明值“24”" in misses(MEASURES)
    Passage.objects.filter(document__code=PLAN, position=57).update(level=1)
    place = Passage.objects.get(document__code=PLAN, position=8).text.index("6方面")
    assert f"whzf-2023-2 第8段第{place}字“6”：2023 的“parts_count”不能证明值“7”" in misses(PLAN)


def test_a_passage_of_another_document_proves_nothing():
    other = Passage.objects.get(document__code=MEASURES, position=8)
    Target.objects.filter(code="2023-gdp-growth").update(passage=other)
    Tie.objects.filter(code="2023-gdp-growth", field="unit").update(passage=other, start=0, end=1)
    found = misses(PLAN)
    assert "whzf-2023-2 全文“地区生产总值增长6%以上”：2023-gdp-growth 的摘录不在本文件的段落中" in found
    assert "whzf-2023-2 全文“”：对应的位置不在本文件的段落之内" in found


# Everything altered at once: nothing is overlooked


def proven_records():
    """Every record with proofs, with its kind, in all documents."""
    for code in CODES:
        document = Document.objects.get(code=code)
        for kind in registry.kinds():
            if kind.proofs:
                for record in kind.model.objects.of_document(document).for_list():
                    yield code, kind, record


def named(found, record, field):
    label = record._meta.get_field(field).verbose_name
    return any(f"{record.code} 的“{label}”" in line for line in found)


def other_value(record, field):
    """Another value that the field allows."""
    value = getattr(record, field.name)
    if field.related_model is Unit:
        return Unit.objects.get(code="hainan-government" if value.code != "hainan-government" else "wuda-government")
    if field.related_model is not None:
        return (
            field.related_model.objects.exclude(pk=value.pk).exclude(name=value.name).first()
            if hasattr(value, "name")
            else field.related_model.objects.exclude(pk=value.pk).first()
        )
    if field.choices:
        silent = {value, "", "exact", "narrative", "none"}
        choices = [choice for choice, _label in field.choices if choice not in silent] or [""]
        # The last qualifier, 按上级下达任务, is one that a target without a value may have, too.
        return choices[-1 if field.name == "qualifier" else 0]
    if isinstance(value, bool):
        return not value
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, int | Decimal):
        return value + 100
    if field.name == "due":
        return str(int(value) + 1)
    return value + "误"


@pytest.mark.parametrize(("package", "altered_values", "computed"), [(False, 1300, 1), (True, 3, 1)])
def test_each_altered_value_is_named(package, altered_values, computed):
    """Every field of every record that rests on words; the responsible units have a test of their own.

    The package goes by itself: altered together, its days would still prove those that windows inherit.
    """
    altered, unchecked = [], 0
    for code, kind, record in list(proven_records()):
        for name, proof in kind.proofs.items():
            if package != (kind.name == "package"):
                continue
            field = next((f for f in record._meta.concrete_fields if f.name == name), None)
            if field is None or not proof.needed_for(proof_value(record, name)):
                unchecked += field is None
                continue
            if kind.name == "responsibility" and name == "unit":
                continue
            kind.model.objects.filter(pk=record.pk).update(**{name: other_value(record, field)})
            altered.append((code, record, name))
    found = {code: misses(code) for code in CODES}
    overlooked = [(record.code, name) for code, record, name in altered if not named(found[code], record, name)]
    assert overlooked == []
    assert len(altered) >= altered_values
    # parts_count and measures_count are computed; another test alters them.
    assert unchecked == computed


def test_each_altered_responsible_unit_is_named():
    stranger = Unit.objects.get(code="earthquake-bureau")
    rows = list(Responsibility.objects.all())
    for position in {row.position for row in rows}:
        changed = [row for row in rows if row.position == position]
        Responsibility.objects.filter(pk__in=[row.pk for row in changed]).update(unit=stranger)
        found = misses(MEASURES)
        assert [row.code for row in changed if not named(found, row, "unit")] == []
        for row in changed:
            Responsibility.objects.filter(pk=row.pk).update(unit=row.unit_id)
    assert misses(MEASURES) == []


def test_each_altered_quote_is_named():
    records = [(code, record) for code, _kind, record in proven_records() if hasattr(record, "quote")]
    for _code, record in records:
        type(record).objects.filter(pk=record.pk).update(quote=record.quote[:-1] + "误")
    found = {code: misses(code) for code in CODES}
    overlooked = [
        record.code
        for code, record in records
        if not any(f"{record.code} 的摘录“{record.quote[:-1]}误”与原文不符" in line for line in found[code])
    ]
    assert overlooked == []
    assert len(records) == 320 + 328 + 25


def test_each_moved_tie_is_named():
    """A tie one character to the right proves nothing any more."""
    ties = list(Tie.objects.select_related("document").exclude(code=""))
    records = {(kind.name, record.code): record for _code, kind, record in proven_records()}
    Tie.objects.exclude(code="").update(start=F("start") + 1, end=F("end") + 1)
    found = {code: misses(code) for code in CODES}
    overlooked = []
    for tie in ties:
        record = records[tie.kind, tie.code]
        names = {field.name for field in record._meta.get_fields()}
        label = record._meta.get_field(tie.field).verbose_name if tie.field in names else tie.field
        if not any(f"{tie.code} 的“{label}”" in line for line in found[tie.document.code]):
            overlooked.append((tie.code, tie.field))
    assert overlooked == []


def test_each_untied_numeral_is_named():
    numerals = {
        (passage.document.code, passage.position, numeral.start, numeral.text)
        for passage in Passage.objects.select_related("document")
        for numeral in find_numerals(passage.text)
    }
    Tie.objects.all().delete()
    found = {
        (miss.document, miss.passage, miss.start, miss.text)
        for code in CODES
        for miss in verify(Document.objects.get(code=code)).misses
        if miss.what == "数字没有对应的记录，也没有说明理由"
    }
    assert found == numerals
    assert len(numerals) == 159 + 97 + 9


def test_each_digit_of_the_text_is_held_by_a_record_or_a_reason():
    """With every digit of the text altered, each value that rests on digits is named."""
    turned = str.maketrans("0123456789", "1234567890")
    number_rules = {Rule.NUMBER, Rule.QUANTITY, Rule.MONEY, Rule.YEAR, Rule.DATE, Rule.COUNT}
    ties = [
        tie
        for tie in Tie.objects.filter(rule__in=number_rules).select_related("passage", "document")
        if any(char.isdigit() for char in tie.passage.text[tie.start : tie.end])
    ]
    for passage in Passage.objects.all():
        Passage.objects.filter(pk=passage.pk).update(text=passage.text.translate(turned))
    found = {code: "\n".join(misses(code)) for code in CODES}
    assert [tie.code for tie in ties if f"：{tie.code} 的“" not in found[tie.document.code]] == []
    assert len(ties) > 120


# Each derivation is computed again


@pytest.mark.parametrize(
    ("document", "change", "line"),
    [
        (
            MEASURES,
            alter(ValidityWindow, "2023-consumption-4-w1", ends_on=date(2023, 7, 1)),
            "2023-consumption-4-w1 的“截止日”值“2023-07-01”按规则“随总有效期”应为“2023-06-30”",
        ),
        (
            MEASURES,
            alter(ValidityWindow, "2023-consumption-2-w1", starts_on=date(2023, 1, 19)),
            "2023-consumption-2-w1 的“起始日”值“2023-01-19”按规则“随总有效期”应为“2023-01-20”",
        ),
        (
            MEASURES,
            alter(ValidityWindow, "2023-consumption-4-w1", end_basis="own"),
            "2023-consumption-4-w1 的“截止日”值“2023-06-30”没有对应的原文",
        ),
        (
            MEASURES,
            alter(MeasurePackage, "2023-consumption", valid_until=date(2023, 7, 1)),
            "2023-consumption-4-w1 的“截止日”值“2023-06-30”按规则“随总有效期”应为“2023-07-01”",
        ),
        (
            PLAN,
            alter(Target, "2023-gdp-growth", due="2024"),
            "2023-gdp-growth 的“完成时限”值“2024”按规则“随计划年度”应为“2023”",
        ),
        (
            PLAN,
            alter(KeyProject, "2023-air-projects", due="2022"),
            "2023-air-projects 的“完成时限”值“2022”按规则“随计划年度”应为“2023”",
        ),
        (
            PLAN,
            alter(Plan, "2023", year=2024),
            "2023-gdp-growth 的“完成时限”值“2023”按规则“随计划年度”应为“2024”",
        ),
        (
            PLAN,
            alter(Target, "2023-gdp-growth", due_basis="stated"),
            "2023-gdp-growth 的“完成时限”值“2023”没有对应的原文",
        ),
        (
            MEASURES,
            alter(Benefit, "2023-consumption-19-g3", value=49),
            "2023-consumption-19-g3 的“标准”不能证明值“49”",
        ),
    ],
)
def test_a_derivation_that_no_longer_follows_is_named(document, change, line):
    change()
    assert any(found.endswith(line) for found in misses(document))


def test_an_elided_city_must_give_a_name_of_the_unit():
    """财政局 is 市财政局 by 承前省略“市”; with another unit, or with the full words, the rule does not hold."""
    row = Responsibility.objects.get(code=OFFICE)
    assert Tie.objects.get(code=OFFICE, field="unit").rule == Rule.ELIDED_CITY
    Responsibility.objects.filter(pk=row.pk).update(unit=Unit.objects.get(code="commerce-bureau"))
    place = row.passage.text.index("政府金融工作办公室")
    assert misses(MEASURES) == [
        f"whzbf-2023-2 第14段第{place}字“政府金融工作办公室”：2023-consumption-5-r2 的“单位”不能证明值“市商务局”"
    ]


def test_all_districts_must_be_a_districts_government():
    row = Responsibility.objects.filter(as_written="各区人民政府").first()
    Responsibility.objects.filter(pk=row.pk).update(unit=Unit.objects.get(code="wuhai-government"))
    place = row.passage.text.index("各区人民政府")
    assert misses(MEASURES) == [
        f"whzbf-2023-2 第{row.passage.position}段第{place}字“各区人民政府”："
        f"{row.code} 的“单位”不能证明值“乌海市人民政府”"
    ]


def test_a_category_must_be_that_of_the_heading_above():
    """A tie to another chapter's heading proves nothing, even where its words would."""
    tie = Tie.objects.get(code="2023-consumption-7", field="category")
    heading = Passage.objects.get(document__code=MEASURES, position=8)
    assert tie.rule == Rule.HEADING
    Tie.objects.filter(pk=tie.pk).update(passage=heading, start=2, end=8)
    Measure.objects.filter(code="2023-consumption-7").update(category="fiscal")
    assert misses(MEASURES) == [
        "whzbf-2023-2 第8段第2字“财政税收政策”：2023-consumption-7 的“类别”对应的文字不在该记录所在段落或其上的小标题中"
    ]


# The command


def test_the_command_prints_a_table(capsys):
    call_command("verify_sources", APPOINTMENTS)
    assert capsys.readouterr().out == (
        "wzrz-2023-1《乌海市人民政府近期任免一批领导干部》\n"
        "  段落29，记录26，摘录25，对应109，推算0，数字9，已登记2，已说明7，不符0\n"
    )


def test_the_command_covers_every_document(capsys):
    call_command("verify_sources", "--json")
    reports = json.loads(capsys.readouterr().out)
    assert [(report["document"], report["misses"]) for report in reports] == [(code, []) for code in CODES]


def test_the_command_exits_1_and_lists_each_miss(capsys):
    Target.objects.filter(code="2023-gdp-growth").update(value=7)
    with pytest.raises(CommandError) as refused:
        call_command("verify_sources")
    assert (str(refused.value), refused.value.returncode) == ("共有1处不符。", 1)
    assert "\n  ✗ whzf-2023-2 第8段第41字“6”：2023-gdp-growth 的“目标值”不能证明值“7”\n" in capsys.readouterr().out


def test_the_command_gives_each_miss_as_json(capsys):
    Appointment.objects.filter(code="wzrz-2023-1-a01").update(probation_months=6)
    with pytest.raises(CommandError) as refused:
        call_command("verify_sources", APPOINTMENTS, "--json")
    assert str(refused.value) == "共有1处不符。"
    assert json.loads(capsys.readouterr().out) == [
        {
            "document": "wzrz-2023-1",
            "title": "乌海市人民政府近期任免一批领导干部",
            "passages": 29,
            "records": 26,
            "quotes": 25,
            "ties": 109,
            "derived": 0,
            "numerals": 9,
            "numerals_recorded": 2,
            "numerals_explained": 7,
            "misses": [
                {
                    "document": "wzrz-2023-1",
                    "passage": 3,
                    "start": 16,
                    "text": "一年",
                    "what": "wzrz-2023-1-a01 的“试用期（月）”不能证明值“6”",
                }
            ],
        }
    ]


def test_the_command_refuses_an_unknown_document():
    with pytest.raises(CommandError) as refused:
        call_command("verify_sources", "whzf-2023-2", "whzf-2099-1", "a")
    assert str(refused.value) == "没有代码为 a、whzf-2099-1 的文件。"


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        (
            "wzrz-2023-1.json",
            '"probation_months": 12',
            '"probation_months": 13',
            "wzrz-2023-1 第3段第16字“一年”：wzrz-2023-1-a01 的“试用期（月）”不能证明值“13”",
        ),
        (
            "whzbf-2023-2.json",
            '"value": 200000,',
            '"value": 300000,',
            "2023-consumption-5-c1 的“数值”不能证明值“300000”",
        ),
        (
            "whzbf-2023-2.json",
            '"ends_on": "2023-06-30"',
            '"ends_on": "2023-06-29"',
            "的“截止日”值“2023-06-29”按规则“随总有效期”应为“2023-06-30”",
        ),
    ],
)
def test_a_digit_changed_in_a_fixture_is_named(tmp_path, capsys, file, old, new, line):
    """From the file to the finding: the documents are drafts again, the changed file is loaded and verified."""
    for name in ("units.json", file, file.replace(".json", ".passages.json")):
        shutil.copy(FIXTURES / name, tmp_path)
    path = tmp_path / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    Document.objects.update(status="draft")
    assert load_directory(tmp_path).changed == 1
    with pytest.raises(CommandError) as refused:
        call_command("verify_sources")
    assert str(refused.value) == "共有1处不符。"
    assert line in capsys.readouterr().out


def test_a_miss_says_where_and_what():
    miss = Miss("sample", 3, 16, "一年", "示例")
    assert str(miss) == "sample 第3段第16字“一年”：示例"
    assert str(Miss("sample", None, None, "一年", "示例")) == "sample 全文“一年”：示例"


def test_every_reason_and_rule_of_a_tie_is_in_use():
    """What no tie uses would be a rule without a case; 非目标表述 waits for a goal's word that states no goal."""
    used = set(Tie.objects.exclude(rule="").values_list("rule", flat=True).distinct())
    assert used == set(Rule.values)
    reasons = set(Tie.objects.exclude(reason="").values_list("reason", flat=True).distinct())
    assert reasons == set(Reason.values) - {"narrative"}
