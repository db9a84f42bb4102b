"""The reader gives the gazette's wording back whole, with its breaks repaired and its places in the outline."""

import re
import shutil
from random import Random

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazette import fixture_files
from gazette.fixture_files import FIXTURES, CannotLoad, document_files, dump, read_json, read_passages
from gazette.reading import Kind, ReadPassage, display_width, join_lines, places, read_gazette

SOURCE = (FIXTURES / "source" / "wuhai-gazette-2023-01.txt").read_text(encoding="utf-8")
PLAN, MEASURES, APPOINTMENTS = range(3)
ADDRESSEES = "各区人民政府，市政府各部门，各企事业单位"

generated = settings(
    derandomize=True, database=None, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)


def bare(text):
    """The text without any white space."""
    return "".join(text.split())


@pytest.fixture(scope="module")
def gazette():
    return read_gazette(SOURCE)


# The real text


def test_the_gazette_holds_three_documents(gazette):
    heads = [(d.title, d.number, d.written_on, d.addressees, d.disclosure_note, len(d.passages)) for d in gazette]
    assert heads == [
        (
            "乌海市人民政府关于下达2023年乌海市国民经济和社会发展计划的通知",
            "乌海政发〔2023〕2号",
            "2023-01-18",
            ADDRESSEES,
            "（此件公开发布）",
            63,
        ),
        (
            "乌海市人民政府办公室关于印发乌海市进一步提信心扩消费稳增长二十三条措施的通知",
            "乌海政办发〔2023〕2号",
            "2023-01-20",
            ADDRESSEES,
            "（此件公开发布）",
            36,
        ),
        ("乌海市人民政府近期任免一批领导干部", "据乌政任字〔2023〕1号", "", "", "", 29),
    ]


def test_no_character_of_wording_is_lost(gazette):
    read = "".join(passage.text for document in gazette for passage in document.passages)
    assert bare(read) == bare(SOURCE)


@pytest.mark.parametrize(
    ("document", "position", "kind", "label", "level", "parent", "outline", "part", "text"),
    [
        # Titles on two and three lines, with a page start before the first.
        (PLAN, 1, "title", "", 0, None, "", 0, "乌海市人民政府关于下达2023年乌海市国民经济和社会发展计划的通知"),
        (
            MEASURES,
            1,
            "title",
            "",
            0,
            None,
            "",
            0,
            "乌海市人民政府办公室关于印发乌海市进一步提信心扩消费稳增长二十三条措施的通知",
        ),
        (MEASURES, 6, "title", "", 0, None, "", 0, "乌海市进一步提信心扩消费稳增长二十三条措施"),
        (PLAN, 6, "title", "", 0, None, "", 0, "2023年乌海市国民经济和社会发展计划"),
        # The ideographic space between number and date separates and stays.
        (PLAN, 2, "number_line", "", 0, None, "", 0, "乌海政发〔2023〕2号　2023年1月18日"),
        (MEASURES, 2, "number_line", "", 0, None, "", 0, "乌海政办发〔2023〕2号　2023年1月20日"),
        (APPOINTMENTS, 14, "number_line", "", 0, None, "", 0, "（据乌政任字〔2023〕1号）"),
        # The second stands far to the right behind spaces of both widths.
        (APPOINTMENTS, 29, "number_line", "", 0, None, "", 0, "（据乌政任字〔2023〕1号）"),
        (PLAN, 3, "addressee", "", 0, None, "", 0, ADDRESSEES + "："),
        (PLAN, 5, "closing", "", 0, None, "", 0, "（此件公开发布）"),
        # A heading that opens a page, one that ends it, and the subheading after it.
        (
            PLAN,
            18,
            "heading",
            "二",
            1,
            None,
            "二",
            2,
            "二、提升核心竞争优势，着力打造现代产业高地",
        ),
        (PLAN, 10, "heading", "（一）", 2, 9, "一（一）", 1, "（一）积极稳住经济基本盘"),
        (PLAN, 59, "heading", "（二）", 2, 56, "六（二）", 6, "（二）创新市域社会治理模式"),
        (MEASURES, 8, "heading", "一", 1, None, "一", 1, "一、财政税收政策"),
        (APPOINTMENTS, 2, "heading", "任命", 1, None, "任命", 1, "任命："),
        (APPOINTMENTS, 15, "heading", "免去", 1, None, "免去", 2, "免去："),
        # A clause is a labelled paragraph below its chapter.
        (
            MEASURES,
            21,
            "paragraph",
            "（十一）",
            2,
            16,
            "三（十一）",
            3,
            "（十一）拓展平台消费。安排100万元鼓励企业依托线上平台开展消费促进活动。（市商务局负责）",
        ),
        # The one real space stands across a page: 约惠乌 | 海 畅享生活.
        (
            MEASURES,
            19,
            "paragraph",
            "（九）",
            2,
            16,
            "三（九）",
            3,
            "（九）激活家居家电和通讯类消费。安排资金300万元，实施“约惠乌海 畅享生活”家居家电促销活动，"
            "单笔消费最高补贴1000元，加快家居装饰提质换新、智能家电升级迭代。（市商务局负责）",
        ),
        # Names are padded to three characters; a page begins before 何彦兵.
        (APPOINTMENTS, 4, "paragraph", "", 0, 2, "任命", 1, "李  锴  为市人力资源和社会保障局副局长；"),
        (APPOINTMENTS, 3, "paragraph", "", 0, 2, "任命", 1, "韩志林　为市财政局副局长（试用期一年）；"),
        (APPOINTMENTS, 19, "paragraph", "", 0, 15, "免去", 2, "杨雪峰  市林业和草原局局长职务；"),
        (APPOINTMENTS, 20, "paragraph", "", 0, 15, "免去", 2, "何彦兵  市退役军人事务局副局长职务；"),
        (APPOINTMENTS, 13, "paragraph", "", 0, 2, "任命", 1, "张  伟  兼任市退役军人事务局副局长。"),
        (
            PLAN,
            63,
            "closing",
            "",
            0,
            None,
            "",
            0,
            "2023年，我们将在市委的坚强领导下，在市人大及其常委会的监督指导下，立足新发展阶段，贯彻新发展理念，"
            "服务融入新发展格局，踔厉奋发、团结奋进，推动实现高质量发展、高品质生活、高效能治理，"
            "奋力谱写全面建设社会主义现代化国家乌海新篇章。",
        ),
    ],
)
def test_an_awkward_place(gazette, document, position, kind, label, level, parent, outline, part, text):
    passages = gazette[document].passages
    found = passages[position - 1]
    assert found == ReadPassage(kind, text, label, level, None if parent is None else parent - 1)
    assert places(passages)[position - 1] == (outline, part)


@pytest.mark.parametrize(
    ("document", "position", "words"),
    [
        # Spaces of the typesetting beside digits, letters and signs; a break or a page inside a number's words.
        (PLAN, 8, "地区生产总值增长6%以上，规上工业增加值增长8%左右"),
        (PLAN, 8, "城镇新增就业4000人以上；居民消费价格涨幅控制在3%以内"),
        (PLAN, 8, "围绕上述目标，重点落实好以下6方面工作。"),
        (PLAN, 13, "重点抓好2023年296个重点项目（总投资2400亿元），突出抓好13个50亿元以上产业转型支撑等项目"),
        (PLAN, 15, "坚持“龙头+配套”招商思路"),
        (PLAN, 20, "加快建设年产151万吨BDO、146万吨可降解材料等项目"),
        (PLAN, 20, "推动40万吨有机硅建成投产"),
        (PLAN, 22, "关停退出6个炭化室高度4.3米、产能100万吨以下的焦化项目、淘汰679万吨产能"),
        (PLAN, 22, "推进矿区园区5G网络全覆盖"),
        (PLAN, 26, "坚持“小而精、小而特”的发展思路"),
        (PLAN, 28, "鼓励“5G+工业互联网”应用场景示范"),
        (PLAN, 28, "启动“十五五”重大基础设施规划前期研究工作。"),
        (PLAN, 35, "完善碳达峰碳中和“1+N+X”政策体系"),
        (PLAN, 37, "分别达到75%、67%，万元地区生产总值用水量和万元工业增加值用水量均比2020年下降12%。"),
        (PLAN, 55, "坚持“全域+全季+全业态”文旅融合发展理念"),
        (MEASURES, 9, "继续落实小微企业“六税两费”减免政策至2024年12月31日"),
        (MEASURES, 24, "自2023年1月1日起至2023年3月31日，电网企业在计收电压等级不满1千伏"),
        (MEASURES, 24, "对2022—2023年供暖季全市供热范围内正常用热商业用户"),
        (MEASURES, 25, "至2025年12月31日，对实施两部制电价的污水处理企业"),
        (MEASURES, 29, "缓缴期限截至2023年6月30日，缓缴期间"),
        # The paper's own oddities stay as printed.
        (PLAN, 58, "市本级、海南区巩固退出债务风险红色等级成果，海勃湾区2025年前退出债务风险红线等级"),
    ],
)
def test_a_repaired_break(gazette, document, position, words):
    assert words in gazette[document].passages[position - 1].text


def test_no_space_is_left_but_those_of_the_wording(gazette):
    spaced = [
        (number, position)
        for number, document in enumerate(gazette)
        for position, passage in enumerate(document.passages, 1)
        if " " in passage.text
    ]
    padded = [(APPOINTMENTS, position) for position in [*range(4, 14), *range(16, 29)]]
    assert spaced == [(MEASURES, 19), *padded]


def test_every_paragraph_ends_as_a_paragraph(gazette):
    """A break left unrepaired would leave a paragraph without its full stop, or a heading with half a sentence."""
    for document in gazette:
        for passage in document.passages:
            if passage.kind in (Kind.PARAGRAPH, Kind.CLOSING):
                assert passage.text[-1] in "。；）", passage.text
            if passage.kind == Kind.HEADING and passage.label not in ("任命", "免去"):
                assert "。" not in passage.text
                assert passage.text[-1] not in "，、；："


# The files of passages


def test_the_passages_files_are_what_the_reader_makes(capsys):
    call_command("read_gazette", "--check")
    assert capsys.readouterr().out == (
        "whzbf-2023-2.passages.json：与原文一致\n"
        "whzf-2023-2.passages.json：与原文一致\n"
        "wzrz-2023-1.passages.json：与原文一致\n"
    )


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the fixtures that commands without a directory read."""
    directory = tmp_path / "fixtures"
    shutil.copytree(FIXTURES, directory)
    monkeypatch.setattr(fixture_files, "FIXTURES", directory)
    monkeypatch.setattr(
        "gazette.management.commands.read_gazette.document_files", lambda: document_files(directory), raising=True
    )
    return directory


def test_a_stale_passages_file_is_named_and_made_anew(copied, capsys):
    stale = copied / "wzrz-2023-1.passages.json"
    before = stale.read_text(encoding="utf-8")
    stale.write_text(before.replace("李  锴", "李  楷"), encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("read_gazette", "--check")
    assert str(refused.value) == (
        "wzrz-2023-1.passages.json 与原文不一致，请运行 python manage.py read_gazette 重新生成。"
    )
    assert stale.read_text(encoding="utf-8") != before
    call_command("read_gazette")
    assert capsys.readouterr().out.endswith("wzrz-2023-1.passages.json：已写入\n")
    assert stale.read_text(encoding="utf-8") == before


def test_a_document_that_the_source_does_not_hold_is_named(copied):
    path = copied / "wzrz-2023-1.json"
    content = read_json(path)
    content["document"]["title"] = "示例标题"
    path.write_text(dump(content), encoding="utf-8")
    with pytest.raises(CannotLoad) as refused:
        read_passages(path)
    assert str(refused.value) == (
        "wuhai-gazette-2023-01.txt 中没有标题为“示例标题”的文件，请核对 wzrz-2023-1.json 的标题。"
    )


def test_dumped_json_reads_back_the_same():
    for path in FIXTURES.glob("*.json"):
        content = read_json(path)
        assert dump(content) == path.read_text(encoding="utf-8"), path.name


# Small parts


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["2023 年"], "2023年"),
        (["增长 6%", " 以上"], "增长6%以上"),
        (["“约惠乌", " 海 畅享生活”"], "“约惠乌海 畅享生活”"),
        (["李  锴"], "李  锴"),
        (["韩志林　为"], "韩志林　为"),
        (["“龙头 + 配套”"], "“龙头+配套”"),
        (["（试用期 ", "一年）"], "（试用期一年）"),
        (["甲 、乙"], "甲、乙"),
        (["A B"], "AB"),
    ],
)
def test_join_lines(lines, joined):
    assert join_lines(lines) == joined


@pytest.mark.parametrize(
    ("line", "width"), [("", 0), (" 乌海 ", 4), ("2023年", 6), ("“乌海”", 8), ("—…·", 6), ("6%，", 4)]
)
def test_display_width(line, width):
    assert display_width(line) == width


def test_an_empty_text_has_no_document():
    assert read_gazette("") == []
    assert read_gazette("\n \n　\n") == []


# Generated texts


@generated
@given(
    st.text(alphabet="一二三、（）任命免去：据乌〔〕2023号年月日。；， 　\n以上政策措施特此通知abc%“”", max_size=400)
)
def test_no_character_of_any_text_is_lost(source):
    documents = read_gazette(source)
    assert bare("".join(p.text for d in documents for p in d.passages)) == bare(source)


@generated
@given(st.text(max_size=200))
def test_no_character_of_any_unicode_text_is_lost(source):
    documents = read_gazette(source)
    assert bare("".join(p.text for d in documents for p in d.passages)) == bare(source)


LABELS = "一二三四五六七八九"
SYLLABLES = "乌海市政府扩大消费推动产业发展保障民生"
FIGURES = ["2023年", "6%", "5G", "4.3米", "1+N+X", "VOCs", "12345", "400万元"]
MARKS = ["，", "、", "；", "。", "“", "”", "（", "）", "：", " ", "", ""]


def is_han(char):
    return "\u4e00" <= char <= "\u9fff"


def width(text):
    """Printed columns, told by another rule than the reader's."""
    return sum(2 if is_han(char) or char in "，、；。：（）〔〕“”　" else 1 for char in text)


class Printer:
    """Makes up documents from a seed, and prints them as a PDF's text would have them."""

    def __init__(self, seed):
        self.random = Random(seed)

    def words(self, most=9):
        return "".join(self.random.choices(SYLLABLES, k=self.random.randint(2, most)))

    def sentence(self):
        """The wording of one paragraph; a space in it stands between Chinese characters only."""
        text = ""
        for _ in range(self.random.randint(1, 40)):
            piece = self.words() if self.random.random() < 0.8 else self.random.choice(FIGURES)
            if text.endswith(" ") and not is_han(piece[0]):
                text = text[:-1]
            mark = self.random.choice(MARKS)
            text += piece + ("" if mark == " " and not is_han(piece[-1]) else mark)
        return text.rstrip(" ：；。") + "。"

    def document(self):
        """Passages as the reader should give them back."""
        passages, random = [], self.random

        def add(kind, text, label="", level=0, parent=None):
            passages.append(ReadPassage(kind, text, label, level, parent))
            return len(passages) - 1

        title = "".join(self.words() for _ in range(random.randint(1, 8)))
        add(Kind.TITLE, f"{title}的通知")
        add(Kind.NUMBER_LINE, f"乌海政发〔2023〕{random.randint(1, 99)}号　2023年{random.randint(1, 12)}月9日")
        if random.random() < 0.5:
            add(Kind.ADDRESSEE, f"{self.words()}，{self.words()}：")
        for _ in range(random.randint(1, 3)):
            add(Kind.PARAGRAPH, self.sentence())
        if random.random() < 0.5:
            add(Kind.CLOSING, "（此件公开发布）")
            add(Kind.TITLE, title)
        shape = random.choice(["headings", "clauses", "actions"])
        for label in ("任命", "免去") if shape == "actions" else LABELS[: random.randint(1, 3)]:
            if shape == "actions":
                section = add(Kind.HEADING, f"{label}：", label, 1)
                for _ in range(random.randint(1, 3)):
                    add(Kind.PARAGRAPH, f"{self.words()[:2]}  {self.words()}局长；", parent=section)
                continue
            section = add(Kind.HEADING, f"{label}、{self.words()}，{self.words()}", label, 1)
            for below in LABELS[: random.randint(1, 3)]:
                if shape == "clauses":
                    add(Kind.PARAGRAPH, f"（{below}）{self.sentence()}", f"（{below}）", 2, section)
                    continue
                heading = add(Kind.HEADING, f"（{below}）{self.words()}", f"（{below}）", 2, section)
                for _ in range(random.randint(1, 2)):
                    add(Kind.PARAGRAPH, self.sentence(), parent=heading)
        if random.random() < 0.5:
            add(Kind.CLOSING, f"以上政策措施{self.sentence()}")
        return passages

    def typeset(self, text):
        """Stray spaces: anywhere but between two Chinese characters and beside a space of the wording."""
        spaced = ""
        for place, char in enumerate(text):
            spaced += char
            pair = text[place : place + 2]
            if len(pair) == 2 and not set(pair) & {" ", "　"} and not (is_han(pair[0]) and is_han(pair[1])):
                spaced += " " * self.random.choice([0, 0, 1, 2])
        return spaced

    def lines(self, text, may_end_full=False):
        """Full lines of 60 columns or more, of any width, and a shorter last one; None where no breaks give that.

        Where a label follows, the last line may be full as well.
        """
        text = text.strip(" ")
        if width(text) < 60 or may_end_full and width(text) <= 76:
            return [text]
        cuts = [
            cut
            for cut in range(30, min(len(text), 90))
            if 60 <= width(text[:cut].strip(" ")) <= 76 and not swallows_a_space(text, cut)
        ]
        self.random.shuffle(cuts)
        for cut in cuts:
            rest = self.lines(text[cut:], may_end_full)
            if rest is not None:
                return [text[:cut], *rest]
        return None

    def print(self, documents):
        """The text of a gazette: blank lines between lines or none, pages that begin with a space."""
        printed = []
        for passages in documents:
            for number, passage in enumerate(passages):
                if passage.kind == Kind.TITLE:
                    size, text = self.random.randint(8, 25), self.typeset(passage.text)
                    rows = [text[start : start + size] for start in range(0, len(text), size)]
                else:
                    label_follows = number + 1 < len(passages) and passages[number + 1].label != ""
                    # Not every placing of stray spaces lets the lines come out full.
                    tries = (self.lines(self.typeset(passage.text), label_follows) for _ in range(50))
                    rows = next(filter(None, tries))
                for row_number, row in enumerate(rows):
                    begins = number == row_number == 0
                    may_open_a_page = passage.kind in (Kind.PARAGRAPH, Kind.HEADING, Kind.CLOSING)
                    if begins or may_open_a_page and self.random.random() < 0.15:
                        printed.append(f" {row}")
                    else:
                        printed.extend(["", row] if self.random.random() < 0.9 else [row])
        return "\n".join(printed)


def swallows_a_space(text, cut):
    """Whether a break here would lose a space of the wording: one between two Chinese characters."""
    before, after = text[:cut].rstrip(" "), text[cut:].lstrip(" ")
    return text[cut - 1 : cut + 1].count(" ") > 0 and is_han(before[-1]) and is_han(after[0])


@settings(generated, max_examples=60)
@given(st.integers(0, 2**32))
def test_a_printed_gazette_reads_back_the_same(seed):
    printer = Printer(seed)
    wanted = [printer.document() for _ in range(printer.random.randint(1, 3))]
    assert [list(document.passages) for document in read_gazette(printer.print(wanted))] == wanted


def test_the_printer_prints_what_pdfs_do():
    """The generated texts have what makes the real one awkward; a printer of plain lines would prove nothing."""
    printer = Printer(2023)
    wanted = [printer.document() for _ in range(20)]
    source = printer.print(wanted)
    assert re.search(r"\d 年", source)
    assert re.search(r"[\u4e00-\u9fff] [\u4e00-\u9fff]", "".join(p.text for p in wanted[0] + wanted[1] + wanted[2]))
    assert re.search(r"\S\n [\u4e00-\u9fff]", source)
    assert max(width(line.strip()) for line in source.split("\n")) > 66
    assert {passage.kind for document in wanted for passage in document} == {
        "title",
        "number_line",
        "addressee",
        "heading",
        "paragraph",
        "closing",
    }
