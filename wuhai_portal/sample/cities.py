"""The cities of the sample: their names, their units, the posts in these, and who holds which post in a year."""

import random
from dataclasses import dataclass
from functools import cached_property

MARK = "示例"
# No numeral and no measure word: a name must not look like a figure.
SYLLABLES = "云山河川江海湖泉林松柏梅兰竹菊枫杨柳桐桂荷青白金银玉石沙原岭峰谷洲港湾桥城关宁安平康和德信仁"
DEPARTMENTS = (
    "财政局", "商务局", "民政局", "教育局", "水务局", "农牧局", "住房和城乡建设局", "人力资源和社会保障局",
    "市场监督管理局", "工业和信息化局", "文体旅游广电局", "城市管理综合执法局", "自然资源局", "生态环境局",
)  # fmt: skip
DISTRICTS = ("东河区", "西川区", "南岭区")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("伟", "芳", "敏", "静", "磊", "洋", "艳", "勇", "杰", "娟", "志强", "秀英", "建国", "晓红", "海燕", "文博")


@dataclass(frozen=True)
class Post:
    """A post of the sample; `unit` is None where the title names none."""

    code: str
    title: str
    unit: str | None
    unit_name: str
    seats: int | None

    @property
    def row(self) -> dict:
        """The post as a fixture's record."""
        return {"code": self.code, "title": self.title, "unit": self.unit, "seats": self.seats}


@dataclass(frozen=True)
class City:
    """One city of the sample; everything about it follows from the seed and its number."""

    seed: int
    number: int

    @property
    def code(self) -> str:
        """What the codes of its records begin with."""
        return f"sample-{self.number}"

    @cached_property
    def name(self) -> str:
        """示例 and two or more syllables, another for each number."""
        rest, syllables = self.number, []
        while rest or len(syllables) < 2:
            rest, syllable = divmod(rest, len(SYLLABLES))
            syllables.append(SYLLABLES[syllable])
        return MARK + "".join(syllables)

    @property
    def government(self) -> str:
        """The name of its government."""
        return f"{self.name}市人民政府"

    @property
    def office(self) -> str:
        """The name of its government's office."""
        return f"{self.government}办公室"

    @property
    def departments(self) -> list[tuple[str, str]]:
        """Code and name of each department."""
        return [(f"{self.code}-dept-{n}", f"{self.name}市{name}") for n, name in enumerate(DEPARTMENTS, 1)]

    @property
    def districts(self) -> list[tuple[str, str]]:
        """Code and name of each district's government."""
        return [(f"{self.code}-district-{n}", f"{self.name}{name}人民政府") for n, name in enumerate(DISTRICTS, 1)]

    @property
    def units(self) -> list[dict]:
        """The rows of units.json."""
        government = f"{self.code}-government"
        return [
            {"code": government, "name": self.government, "kind": "government", "aliases": [f"{self.name}市政府"]},
            {"code": f"{government}-office", "name": self.office, "kind": "office", "parent": government},
            *({"code": code, "name": name, "kind": "district_government"} for code, name in self.districts),
            *({"code": code, "name": name, "kind": "department"} for code, name in self.departments),
        ]

    @cached_property
    def posts(self) -> list[Post]:
        """A head and a deputy of each department, and one post that names no unit."""
        posts = []
        for code, name in self.departments:
            posts.append(Post(f"{code}-head", f"{name}局长", code, name, 1))
            posts.append(Post(f"{code}-deputy", f"{name}副局长", code, name, None))
        posts.append(Post(f"{self.code}-inspector", f"{self.name}市总督察", None, "", None))
        return posts

    def random(self, year: int, what: str) -> random.Random:
        """A source of chance of its own for each document, so that one can be made without the others."""
        return random.Random(f"{self.seed}/{self.number}/{year}/{what}")

    def appointed(self, year: int) -> list[tuple[Post, dict]]:
        """Who is appointed to what in a year: the post, and the person as a fixture's record."""
        chance = self.random(year, "appointed")
        posts = chance.sample(self.posts, 12)
        return [
            (post, {"code": f"{self.code}-{year}-person-{n}", "name": MARK + chance.choice(SURNAMES) + given})
            for n, (post, given) in enumerate(zip(posts, chance.choices(GIVEN, k=len(posts)), strict=True), 1)
        ]
