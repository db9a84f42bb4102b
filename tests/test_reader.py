"""The document reader: its legend, its count of numbers, and how a passage is cited."""

import html
import re

import pytest

from gazette import registry
from gazette.models import Document, Reason
from gazette.reader import REASON_SIGNS, read
from gazette.verification import verify

pytestmark = pytest.mark.django_db
PLAN = "/documents/whzf-2023-2/"
ADDRESS = "http://127.0.0.1:8000/documents/whzf-2023-2/"


@pytest.fixture
def read_page(client):
    """The reader's page for given parameters, as text."""

    def read_it(status=200, path=PLAN, **parameters):
        response = client.get(path, parameters)
        assert response.status_code == status
        return html.unescape(response.content.decode())

    return read_it


def cited(text):
    """The citation that a page gives."""
    return re.search(r'<p class="citation">(.*?)</p>', text)[1]


def test_numbers_are_counted_as_the_verification_counts_them():
    for document in Document.objects.public():
        coverage, report = read(document).coverage, verify(document)
        assert (coverage.numerals, coverage.recorded, coverage.explained) == (
            report.numerals,
            report.numerals_recorded,
            report.numerals_explained,
        )
        assert coverage.open == 0


def test_every_sign_is_one_character_and_means_one_thing():
    signs = [kind.sign for kind in registry.kinds() if kind.sign] + list(REASON_SIGNS.values())
    assert all(len(sign) == 1 for sign in signs)
    assert len(signs) == len(set(signs))
    assert set(REASON_SIGNS) == set(Reason)


def test_every_sign_of_a_text_is_in_its_legend():
    for document in Document.objects.public():
        reading = read(document)
        known = {key.sign for key in (*reading.legend, *reading.reasons)}
        marks = [mark for passage in reading.passages for mark in passage.marks]
        assert {sign for mark in marks for sign in mark.sign} == known
        assert all(mark.sign for mark in marks if mark.links or mark.reason)


def test_the_legend_names_the_kinds_of_the_text(read_page):
    text = read_page(path="/documents/whzbf-2023-2/")
    legend = re.search(r'<details class="legend".*?</details>', text, re.S)[0]
    for kind, sign, label in [
        ("budget", "资", "安排资金"),
        ("benefit", "惠", "支持内容与标准"),
        ("validity-window", "期", "执行期限"),
        ("deadline", "限", "截止日期"),
        ("responsibility", "责", "责任单位"),
    ]:
        assert f'<span class="fig {kind}" data-sign="{sign}">{label}</span>' in legend
    assert "目标" not in legend
    assert 'class="fig budget" data-sign="资" href="/measures/2023-consumption/7/#2023-consumption-7-b1"' in text
    assert ">400万元</a>，发放加油消费券" in text


def test_a_document_and_a_passage_can_be_cited(read_page):
    text = read_page()
    assert cited(text).endswith(f"（乌海政发〔2023〕2号，2023年1月18日成文），载乌海市政务公开记录，{ADDRESS}")
    assert cited(text).startswith("乌海市人民政府：《")
    assert 'href="?cite=8#cite" aria-label="引用第8段"' in text
    text = read_page(cite="8")
    assert "（乌海政发〔2023〕2号，2023年1月18日成文）第8段：“按照上述总体要求" in cited(text)
    assert cited(text).endswith(f"{ADDRESS}#p8")
    assert "<summary>引用第8段</summary>" in text
    assert '<a href="#p8">回到第8段</a>' in text


def test_what_the_text_does_not_state_is_not_invented_in_a_citation(read_page):
    assert "成文日期文中未载明" in cited(read_page(path="/documents/wzrz-2023-1/"))


@pytest.mark.parametrize("given", ["0", "999", "x", "08", "8 "])
def test_a_passage_that_is_not_there_is_said_and_answered_400(read_page, given):
    text = read_page(status=400, cite=given)
    assert f"本文没有第“{given}”段，下面是全文的引用格式。" in text
    assert cited(text).endswith(ADDRESS)
