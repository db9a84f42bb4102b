"""Words that staff watch for are found in what they typed and in what the paper printed, and told apart."""

import pytest
from django.db import IntegrityError, transaction

from gazette.models import Document, WatchedWord
from gazette.wording import findings

pytestmark = pytest.mark.django_db


def said(document):
    return [(str(finding), finding.stops) for finding in findings(document)]


def test_nothing_is_found_without_a_list(make_measure, django_assert_num_queries):
    document = make_measure().document
    with django_assert_num_queries(1):
        assert findings(document) == []


def test_a_forbidden_word_that_staff_typed_stops_and_one_that_the_paper_printed_does_not(
    make_measure, make_budget, make_watched_word
):
    measure = make_measure(title="示例措施最佳方案")
    make_budget(measure=measure, purpose="发放示例最佳补贴")
    measure.document.note = "示例说明：最 佳"
    measure.document.save()
    passage = measure.passage
    passage.text += "本段印有最佳字样。"
    passage.save()
    make_watched_word(word="最佳", kind="forbidden", instead="较好")
    budget, number = measure.budgets.get().code, passage.position
    assert said(measure.document) == [
        (f"文件“{measure.document.code}”的说明：“示例说明：最 佳”含禁用词“最佳”，建议写作“较好”。", True),
        (f"措施“{measure.code}”的标题：“示例措施最佳方案”含禁用词“最佳”，建议写作“较好”。", True),
        (f"安排资金“{budget}”的用途：“发放示例最佳补贴”含禁用词“最佳”，建议写作“较好”。", True),
        (
            f"第{number}段：“{passage.text[-13:]}”含禁用词“最佳”，建议写作“较好”；原文如此的，照录即可。",
            False,
        ),
    ]


def test_what_is_proven_by_the_text_is_printed(make_measure, make_tie, make_watched_word):
    measure = make_measure(title="示例瀚字")
    make_tie(passage=measure.passage, kind="measure", code=measure.code, field="title", rule="verbatim", reason="")
    make_watched_word(word="瀚", kind="forbidden")
    assert said(measure.document) == [
        (f"措施“{measure.code}”的标题：“示例瀚字”含禁用词“瀚”；原文如此的，照录即可。", False)
    ]


def test_a_suspected_slip_is_a_hint(make_document, make_watched_word):
    document = make_document(note="其它示例")
    make_watched_word(word="其它", instead="其他")
    assert said(document) == [(f"文件“{document.code}”的说明：“其它示例”含疑似错误“其它”，建议写作“其他”。", False)]


@pytest.mark.parametrize("typed", ["示例ＡＢ（一）", "示例ab(一)", "示 例AB〔一〕"])
def test_other_writing_is_found(typed, make_document, make_watched_word):
    document = make_document(note=typed)
    make_watched_word(word="AB（一）")
    assert len(findings(document)) == 1


def test_the_queries_do_not_grow_with_the_records(
    make_measure, make_package, make_watched_word, django_assert_max_num_queries
):
    package = make_package()
    make_measure(package=package, number=1)
    for n in range(3):
        make_watched_word(word=f"无{n}")
    with django_assert_max_num_queries(30) as few:
        findings(package.document)
    for number in range(2, 22):
        make_measure(package=package, number=number)
    with django_assert_max_num_queries(len(few)):
        findings(package.document)


def test_the_real_documents_can_be_looked_through(founding, make_watched_word):
    make_watched_word(word="红色等级")
    typed, *printed = findings(Document.objects.get(code="whzf-2023-2"))
    # A note of ours on the paper's oddity, and the paper's own words.
    assert str(typed) == (
        "目标“2023-haibowan-debt-red-line-exit”的说明：“等级”，前文作“红色等级”，原文如此。”含疑似错误“红色等级”。"
    )
    assert printed
    assert all(finding.printed for finding in printed)
    assert {"红色等级" in finding.words for finding in printed} == {True}


def test_the_database_knows_the_kinds(make_watched_word):
    with pytest.raises(IntegrityError, match="watched_word_kind_known"), transaction.atomic():
        WatchedWord.objects.create(word="示例", kind="other")
