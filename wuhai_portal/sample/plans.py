"""The sample's yearly plans."""

from datetime import date

from .cities import MARK, City
from .draft import Draft, SampleDocument, Sentence, spoken_day
from .promises import ASIDES, NO_DUE, headlines, projects, targets

PARTS = (
    ("落实扩大内需战略，增强发展动力", ("稳住经济基本盘", "推进项目建设", "释放消费潜力")),
    ("推动产业转型，建设现代产业体系", ("做强优势产业", "壮大新兴产业", "提升创新能力")),
    ("推进绿色发展，改善生态环境", ("打好污染防治攻坚战", "推进节能降碳", "节约集约用水")),
    ("深化改革开放，优化营商环境", ("深化重点领域改革", "提高政务服务水平", "扩大对外开放")),
    ("统筹城乡建设，提升城市品质", ("完善城市功能", "推进乡村振兴", "加强城市治理")),
    ("增进民生福祉，促进社会和谐", ("稳定扩大就业", "办好社会事业", "守住安全底线")),
)
NUMBERS = "一二三四五六"
STAGES = ("前期准备", "正在施工", "主体完工", "已投入使用")


def plan(city: City, year: int) -> SampleDocument:
    """The plan of one city and year; one in six has no date."""
    chance = city.random(year, "plan")
    written = date(year, chance.randint(1, 3), chance.randint(1, 28)) if chance.random() < 0.84 else None
    name = f"{year}年{city.name}市国民经济和社会发展计划"
    draft = Draft(
        f"{city.code}-{year}-plan",
        title=f"{city.government}关于下达{name}的通知",
        number=f"{city.name}政发〔{year}〕2号",
        kind="plan",
        issuer=f"{city.code}-government",
        addressees="各区人民政府，市政府各部门，各企事业单位",
        disclosure_note="（此件公开发布）",
        note=f"{MARK}数据，不是任何城市的计划。",
    )
    code = f"{city.code}-{year}"
    head(draft, city.government, f"现将《{name}》下达给你们，请结合实际，认真贯彻实施。", written)
    for position in (1, 4):
        draft.reason(position, f"{year}年", "date")
    title = draft.passage("title", name)
    opening = _opening(draft, code, chance, year)
    ties = {"parts_count": {"text": "6方面", "in": opening}}
    row = {"code": code, "passage": title, "quote": name, "title": name, "year": year, "ties": ties}
    draft.records["plan"] = [row]
    _body(draft, code, chance, year)
    draft.reason(draft.passage("closing", f"{year}年，我们将埋头苦干、勇毅前行。"), f"{year}年", "date")
    _report(draft, city, chance, year)
    return draft.done()


def head(draft: Draft, issuer: str, order: str, written: date | None) -> None:
    """The first five passages of a notice, and what the document says of itself in them."""
    document = draft.document
    draft.passage("title", document["title"])
    draft.passage("number_line", document["number"] + (f"　{spoken_day(written)}" if written else ""))
    draft.passage("addressee", f"{document['addressees']}：")
    draft.passage("paragraph", order)
    draft.passage("closing", document["disclosure_note"])
    for field, position in (("title", 1), ("number", 2), ("addressees", 3), ("disclosure_note", 5)):
        draft.tie(field, position)
    draft.tie("issuer", 1, issuer)
    draft.reason(2, document["number"][document["number"].index("〔") :], "number")
    if written:
        document |= {"written_on": written.isoformat(), "written_basis": "head_date"}
        draft.tie("written_on", 2, spoken_day(written))


def _opening(draft: Draft, code: str, chance, year: int) -> int:
    """The paragraph of the expected targets."""
    rows = list(headlines(chance, year))
    before = "按照总体要求，我市经济社会发展主要预期目标是："
    text = before + "，".join(words for words, _ in rows) + "。围绕上述目标，重点落实好以下6方面工作。"
    position = draft.passage("paragraph", text)
    for n, (words, row) in enumerate(rows, 1):
        given = {"code": f"{code}-h{n}", "plan": code, "headline": True, "nature": "expected", "due": str(year)}
        given |= {"due_precision": "year", "due_basis": "plan_year"} | row
        given["ties"] = row["ties"] | {"headline": "主要预期目标", "nature": "主要预期目标"}
        draft.record("target", position, text.index(words), words, given)
    return position


def _body(draft: Draft, code: str, chance, year: int) -> None:
    """Six parts of three paragraphs, over which targets and projects are spread."""
    found = targets(chance, year), projects(chance, year, 150)
    for n, sentence in enumerate(found[0], 1):
        sentence.rows[0][1].update(code=f"{code}-t{n}", plan=code)
    for n, sentence in enumerate(found[1], 1):
        sentence.rows[0][1].update(code=f"{code}-p{n}", plan=code)
    _belong(found, chance)
    paragraphs = len(PARTS) * 3
    n = 0
    for number, (heading, subheadings) in zip(NUMBERS, PARTS, strict=True):
        part = draft.passage("heading", f"{number}、{heading}", label=number, level=1)
        for label, subheading in zip(NUMBERS, subheadings, strict=False):
            label = f"（{label}）"
            section = draft.passage("heading", label + subheading, label=label, level=2, parent=part)
            sentences = [sentence for kind in found for sentence in kind[n::paragraphs]]
            text, words, reason = chance.choice(ASIDES)
            sentences.insert(0, Sentence(text, reasons=[(words, reason)] if words else []))
            if n == paragraphs - 1:
                sentences += [_again(found[1][0], code), _citation(draft.document["code"])]
            draft.paragraph(sentences, parent=section)
            n += 1


def _belong(found, chance) -> None:
    """A few targets and projects belong to a project, the first of all."""
    owner = found[1][0].rows[0][1]["code"]
    for sentence in [*chance.sample(found[0], 3), *chance.sample(found[1][1:], 5)]:
        sentence.rows[0][1]["part_of"] = owner


def _again(first: Sentence, code: str) -> Sentence:
    """The first project, promised once more."""
    row = first.rows[0][1]
    text = f"切实抓好{row['name']}有关工作"
    again = NO_DUE | {"code": f"{code}-p0", "plan": code, "name": row["name"], "kind": row["kind"]}
    return Sentence(text, [("project", again | {"action": "切实抓好", "same_as": row["code"]})])


def _citation(code: str) -> Sentence:
    title = f"《{MARK}市节约用水条例》"
    return Sentence(f"严格执行{title}", [("citation", {"code": f"{code}-cite1", "quote": title, "title": title})])


def _report(draft: Draft, city: City, chance, year: int) -> None:
    """What departments reported by the middle of the year, of a tenth of the targets and projects."""
    departments = [code for code, _ in city.departments]
    for kind in ("target", "project"):
        rows = draft.records[kind]
        for row in chance.sample(rows, len(rows) // 10):
            report = {"code": f"{row['code']}-r1", kind: row["code"], "unit": chance.choice(departments)}
            report |= {"as_of": f"{year}-06-30", "stage": chance.choice(STAGES), "source": f"{MARK}报送"}
            report |= {"light": chance.choice(["green", "yellow", "red", "done", ""])}
            report["accepted_at"] = f"{year}-07-10T09:00:00+08:00"
            draft.records.setdefault("progress-report", []).append(report)
