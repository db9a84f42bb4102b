"""How values stand on pages in words: money, qualifiers, dues, benefits."""

import pytest

from gazette.templatetags.portal import benefit_words, due_words, in_words, money, number
from measures.models import Benefit, Measure
from measures.words import sentences_about_applying
from plans.models import Target


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        (5000, "5000元"),
        (4_000_000, "400万元"),
        (570_000_000, "5.7亿元"),
        (240_000_000_000, "2400亿元"),
        (12345, "12345元"),
    ],
)
def test_money(yuan, words):
    assert money(yuan) == words


def test_number():
    assert [number(value) for value in ("82.8000", "4000.0000", "10000000")] == ["82.8", "4000", "1000万"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("2023-gdp-growth", "至少6%"),
        ("2023-industrial-value-added-growth", "8%左右"),
        ("2023-consumer-prices", "不超过3%"),
        ("2023-resident-income-growth", "与经济增长基本同步"),
        ("2023-energy-intensity", "按上级下达任务"),
        ("2023-ecological-governance", "定性目标"),
        ("2023-industrial-output-2025", "超过4000亿元"),
        ("2023-cluster-coal-chemical", "1000亿量级"),
        ("2023-park-investment", "达到115亿元"),
        ("2023-zero-employment-families", "保持"),
        ("2023-community-facilities-coverage", "保持100%"),
        ("2023-new-5g-stations", "600座"),
        ("2023-water-per-10000-yuan-gdp", "下降12%"),
    ],
)
def test_targets_in_words(code, words, founding):
    assert in_words(Target.objects.get(code=code)) == words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("2023-gdp-growth", "2023年（随计划年度）"),
        ("2023-industrial-output-2025", "2025年"),
        ("2023-haibowan-debt-red-line-exit", "2025年前"),
        ("2023-high-standard-farmland", "文中未载明"),
    ],
)
def test_due_in_words(code, words, founding):
    assert due_words(Target.objects.get(code=code)) == words


@pytest.mark.parametrize(
    ("number", "name", "words"),
    [
        (7, "单笔购车最高可享受补贴", "不超过5000元"),
        (13, "减免10%的热费", "减去10%"),
        (17, "商品房预售资金的拨付节点", "11个（原为8个）"),
        (20, "一次性创业补贴", "至少5000元"),
        (22, "个人最高可申请创业担保贷款额度", "不超过20万元（原为15万元）"),
    ],
)
def test_benefits_in_words(number, name, words, founding):
    assert benefit_words(Benefit.objects.get(measure__number=number, name=name)) == words


def test_sentences_about_applying_are_the_clause_s_own(founding):
    clause = Measure.objects.get(number=13).quote
    assert sentences_about_applying(clause) == ["已缴费用户到各营业网点申请办理政策减免费用转续手续。"]
    assert sentences_about_applying("安排资金400万元，发放加油消费券。") == []
