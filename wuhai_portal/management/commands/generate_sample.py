import gc
from contextlib import contextmanager
from itertools import product

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from gazette import bulk, publication
from gazette.fixture_files import CannotLoad
from gazette.models import Change, Document, Origin
from wuhai_portal.sample import City, documents, years

SIZES = {"S": (1, 1), "M": (17, 20)}
# City-years in one transaction: some 5,000 records and their ties in memory.
CHUNK = 8


class Command(BaseCommand):
    help = "生成并发布示例数据：每个城市每年一份年度计划、一份政策措施、一份任免通报；标题与名称均注明“示例”。"

    def add_arguments(self, parser):
        parser.add_argument("--cities", type=int, help="城市数")
        parser.add_argument("--years", type=int, help="年数，到2023年为止")
        parser.add_argument("--seed", type=int, default=1, help="种子；同一种子得到同样的记录")
        parser.add_argument("--size", choices=sorted(SIZES), help="S：1个城市1年；M：17个城市20年，共1020份文件")
        parser.add_argument("--beside-real", action="store_true", help="库中已有真实文件时，仍把示例放在一旁")

    def handle(self, *, cities, years: int, seed, size, beside_real, **options):
        default = SIZES[size or "S"]
        cities, years = default[0] if cities is None else cities, default[1] if years is None else years
        if not (1 <= cities <= 100_000 and 1 <= years <= 100):
            raise CommandError(f"--cities 是 {cities}、--years 是 {years}；请写 1 到 100000 个城市、1 到 100 年。")
        real = Change.objects.filter(origin__in=[Origin.FOUNDING, Origin.REVIEW, Origin.EMERGENCY])
        if not beside_real and real.exists():
            raise CommandError("库中已有真实文件，不能与示例混在一起；请换一个空库，或加 --beside-real。")
        self.stdout.write(generate(cities, years, seed, self.stdout.write if options["verbosity"] > 1 else None))


def generate(cities: int, count: int, seed: int, tell=None) -> str:
    """Load and publish what is not there yet, chunk by chunk; an interrupted run is taken up where it stopped."""
    written = lines = 0
    waiting = list(product(range(1, cities + 1), years(count)))
    for start in range(0, len(waiting), CHUNK):
        with _without_collector():
            done, ledger = _chunk(waiting[start : start + CHUNK], seed)
        written, lines = written + done, lines + ledger
        if tell:
            tell(f"{start + CHUNK}/{len(waiting)}")
    return f"已生成并发布{written}份示例文件，更新记录{lines}行。"


@contextmanager
def _without_collector():
    """Collect garbage once, at the end: looking for it among a chunk's many living rows takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
        gc.collect()


def _chunk(city_years: list[tuple[int, int]], seed: int) -> tuple[int, int]:
    """One transaction: the units of new cities, then the documents that are new; how many, and lines of the ledger."""
    cities = {number: City(seed, number) for number, _ in city_years}
    found = [document for number, year in city_years for document in documents(cities[number], year)]
    codes = {document.content["document"]["code"]: document for document in found}
    there = set(Document.objects.filter(code__in=codes).values_list("code", flat=True))
    new = [document for code, document in codes.items() if code not in there]
    if not new:
        return 0, 0
    units = {row["code"]: row for city in cities.values() for row in city.units}
    with transaction.atomic():
        known = bulk.known_units(units)
        bulk.load_units(row for code, row in units.items() if code not in known)
        try:
            loaded = bulk.load_documents(((each.name, each.content, each.passages) for each in new), units)
        except CannotLoad as error:
            raise CommandError(str(error)) from None
        outcomes = [publication.publish(document, origin=Origin.SAMPLE) for document in loaded.documents]
    return len(new), sum(outcome.lines for outcome in outcomes)
