"""The sample's packages of measures."""

from datetime import date

from .cities import MARK, City
from .clauses import Clause, Validity, clauses, days
from .draft import Draft, SampleDocument, nth_of, spoken_day
from .plans import head

CATEGORIES = (
    ("财政税收政策", "fiscal"), ("金融支持政策", "finance"), ("促进消费政策", "consumption"),
    ("稳定市场主体政策", "enterprise"), ("保基本民生政策", "livelihood"),
)  # fmt: skip
TITLES = (
    "减轻税费负担",
    "加大补贴力度",
    "优化办理流程",
    "强化融资支持",
    "激发消费活力",
    "稳定就业岗位",
    "降低用能成本",
)
RULES = (
    ("具体政策已明确执行期限的，从其规定。", "从其规定"),
    ("各责任单位制定详细操作细则，提前做好政策解读宣传。", "制定详细操作细则"),
    ("所需财政补贴资金按照市、区两级事权分级承担。", "分级承担"),
    ("政策措施同时符合国家或自治区政策的，按照“就高不就低”的原则，不重复享受。", "“就高不就低”的原则，不重复享受"),
)
# The letter in the codes of a measure's rows.
LETTERS = {"audiences": "a", "conditions": "c", "budgets": "b", "benefits": "g", "windows": "w", "deadlines": "d"}
HAN = "零一二三四五六七八九"


def han(number: int) -> str:
    """A number up to 99 as documents print it: 十五, 二十三."""
    tens, ones = divmod(number, 10)
    return (HAN[tens] if tens > 1 else "") + ("十" if tens else "") + (HAN[ones] if ones else "")


def package(city: City, year: int) -> SampleDocument:
    """The package of one city and year; one in ten has no date, and one in ten no end."""
    chance = city.random(year, "policy")
    written = date(year, chance.randint(1, 3), chance.randint(1, 28)) if chance.random() < 0.9 else None
    until = date(year, chance.randint(5, 12), chance.randint(1, 28)) if chance.random() < 0.9 else None
    count = chance.randint(15, 25)
    name = f"{city.name}市进一步稳增长惠民生{han(count)}条措施"
    draft = Draft(
        f"{city.code}-{year}-policy",
        title=f"{city.office}关于印发{name}的通知",
        number=f"{city.name}政办发〔{year}〕2号",
        kind="policy",
        issuer=f"{city.code}-government-office",
        approved_by=f"{city.code}-government",
        addressees="各区人民政府，市政府各部门，各企事业单位",
        disclosure_note="（此件公开发布）",
        note=f"{MARK}数据，不是任何城市的政策。",
    )
    order = f"《{name}》已经{city.government}同意，现印发给你们，请结合实际，认真贯彻落实。"
    head(draft, city.office, order, written)
    draft.tie("approved_by", 4, city.government)
    if written:
        draft.document |= {"effective_on": written.isoformat(), "effective_basis": "on_issue"}
        draft.tie("effective_on", 2, spoken_day(written))
    for position, reason in ((1, "heading"), (4, "name")):
        draft.reason(position, f"{han(count)}条", reason)
    title = draft.passage("title", name)
    draft.passage("paragraph", "为提振市场信心，结合我市实际，提出如下措施。")
    writer = _Measures(draft, city, chance, f"{city.code}-{year}", Validity(year, written, until))
    writer.write(count)
    _closing(draft, writer, title, name, han(count))
    return draft.done()


def _closing(draft: Draft, writer: "_Measures", title: int, name: str, count: str) -> None:
    """The closing paragraph: how long the package holds, and its general rules."""
    start, end = writer.validity.start, writer.validity.end
    holds = f"以上政策措施自印发之日起执行{'，有效期至' + spoken_day(end) if end else ''}。"
    position = draft.passage("closing", holds + "".join(rule for rule, _ in RULES))
    draft.reason(position, "两级", "name")
    for window in writer.inherited:
        window |= {"passage": position, "quote": holds}
    ties = {"title": {"text": name, "in": title}, "measures_count": {"text": count, "in": title}}
    if start:
        ties["valid_from"] = {"text": spoken_day(start), "in": 2}
    rules = [
        {"code": f"{writer.code}-rule{n}", "quote": rule, "name": words} for n, (rule, words) in enumerate(RULES, 1)
    ]
    row = {
        "code": writer.code,
        "passage": position,
        "quote": holds,
        "title": name,
        "general_rules": rules,
        "ties": ties,
    }
    row["valid_until"] = end.isoformat() if end else None
    if start:
        row |= {"valid_from": start.isoformat(), "valid_from_basis": "on_issue"}
    draft.records["package"] = [row]


class _Measures:
    """Writes the measures of a package, one paragraph each, under the headings of their categories."""

    def __init__(self, draft: Draft, city: City, chance, code: str, validity: Validity):
        self.draft, self.city, self.chance, self.code, self.validity = draft, city, chance, code, validity
        self.inherited: list[dict] = []

    def write(self, count: int) -> None:
        """Write so many measures over all categories."""
        number = 0
        for n, (words, category) in enumerate(CATEGORIES):
            label = HAN[n + 1]
            heading = self.draft.passage("heading", f"{label}、{words}", label=label, level=1)
            until = count * (n + 1) // len(CATEGORIES)
            while number < until:
                number += 1
                self._measure(number, heading, words, category)

    def _measure(self, number: int, heading: int, words: str, category: str) -> None:
        title = f"{MARK}{self.chance.choice(TITLES)}"
        label = f"（{han(number)}）"
        found = clauses(self.chance, self.validity, self.chance.randint(2, 5))
        parenthesis, units = self._responsible()
        before = f"{label}{title}。"
        text = before + "".join(f"{clause.text}。" for clause in found) + parenthesis
        position = self.draft.passage("paragraph", text, label=label, level=2, parent=heading)
        code = f"{self.code}-{number}"
        row = {"code": code, "package": self.code, "passage": position, "quote": "*", "number": number, "title": title}
        row |= {"category": category, "responsibilities": []}
        row["ties"] = {"number": {"text": han(number), "nth": 1}, "category": {"text": words, "in": heading}}
        for n, unit in enumerate(units, 1):
            row["responsibilities"].append({"code": f"{code}-u{n}", "quote": parenthesis} | unit)
        if "牵头" in parenthesis:
            self.draft.reason(position, "负责", "heading", text.rindex("负责"))
        if "责任单位" in parenthesis:
            self.draft.reason(position, "责任单位：", "heading")
        row |= {name: [] for name in LETTERS}
        at = len(before)
        for clause in found:
            self._rows(row, clause, position, at)
            at += len(clause.text) + 1
        if len(row["windows"]) < len(found):
            window = {"code": f"{code}-w0"} | self.validity.start_row | days("end", self.validity.end, "inherited")
            self.inherited.append(window)
            row["windows"].append(window)
        self.draft.records.setdefault("measure", []).append(row)

    def _rows(self, measure: dict, clause: Clause, position: int, at: int) -> None:
        """The rows of one sentence; each quotes the sentence unless it has a quote of its own."""
        audience = None
        if clause.audience:
            audience = f"{measure['code']}-a{len(measure['audiences']) + 1}"
            # The first of its places: benefits of the same audience stand in sentences of their own.
            name = {"text": clause.audience} | nth_of(clause.text, clause.audience, clause.text.index(clause.audience))
            row = {"code": audience, "name": clause.audience, "ties": {"name": name}}
            measure["audiences"].append(self.draft.quoted(position, at, clause.text, row))
        for name, rows in clause.rows.items():
            for row in rows:
                row = {"code": f"{measure['code']}-{LETTERS[name]}{len(measure[name]) + 1}"} | row
                if "audience" in row:
                    row["audience"] = audience if row["audience"] else None
                measure[name].append(self.draft.quoted(position, at, clause.text, row))

    def _responsible(self) -> tuple[str, list[dict]]:
        """The closing parenthesis and the units that it names."""
        departments = self.chance.sample(self.city.departments, self.chance.randint(1, 4))
        codes, names = [code for code, _ in departments], [name for _, name in departments]
        shape = self.chance.choice(["plain", "plain", "lead", "districts"])
        if shape == "lead" and len(names) > 1:
            words = f"（{names[0]}牵头，{'、'.join(names[1:])}配合负责）"
            modes = ["lead", *["cooperating"] * (len(names) - 1)]
        elif shape == "districts":
            words = f"（责任单位：{'、'.join(names)}，各区人民政府按职责分工负责）"
            modes = ["shared"] * len(names)
        else:
            words = f"（{'、'.join(names)}{'按职责分工负责' if len(names) > 1 else '负责'}）"
            modes = ["shared" if len(names) > 1 else "sole"] * len(names)
        units = [
            {"unit": code, "as_written": name, "mode": mode}
            for code, name, mode in zip(codes, names, modes, strict=True)
        ]
        if shape == "districts":
            tie = {"unit": {"text": "各区人民政府", "rule": "all_districts"}}
            for code, _ in self.city.districts:
                units.append({"unit": code, "as_written": "各区人民政府", "mode": "shared", "ties": tie})
        return words, units
