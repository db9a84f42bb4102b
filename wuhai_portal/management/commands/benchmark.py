import platform
from pathlib import Path

import django
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection

from wuhai_portal.bench import measuring

HEAD = """# Performance

Made by `manage.py benchmark`: requests a second of one server process (granian, one thread) under
`wrk -t1 -c{connections}` for {seconds} s each, on the three founding documents. Absolute numbers are one machine's; the
ratios are what counts. "Cold" is answered by the full stack (a request that names a key is never answered from the
cache), "warm" from the public cache, "304" by the ETag alone.

Python {python}, Django {django}, {database}, {cores} cores.

| what | requests/s |
|---|---|
"""


class Command(BaseCommand):
    help = "测量主要页面与接口的速度，与朴素的 Django、DRF 和 Datasette 相比，写入 docs/performance.md。"

    def add_arguments(self, parser):
        parser.add_argument("--seconds", type=int, default=5, help="每项测量的秒数，默认 5")
        parser.add_argument("--output", type=Path, default=settings.BASE_DIR / "docs" / "performance.md")

    def handle(self, *, seconds, output, **options):
        if not 1 <= seconds <= 60:
            raise CommandError(f"--seconds 是 {seconds}，请写 1 到 60。")
        # On a fresh machine there is nothing to measure yet.
        call_command("bootstrap", stdout=self.stdout)
        rates = []
        with measuring.portal() as address:
            for load in measuring.LOADS:
                # The first requests of a process import and compile what the later ones find ready.
                measuring.requests_a_second(address, load, 1)
                rates.append((load.name, measuring.requests_a_second(address, load, seconds)))
                self.stdout.write(f"{rates[-1][1]:10.0f}  {load.name}")
        ratios = [(name, rates[over][1] / rates[under][1], wanted) for name, over, under, wanted in measuring.RATIOS]
        if connection.vendor == "sqlite":
            with measuring.datasette(Path(connection.settings_dict["NAME"])) as address:
                rate = measuring.requests_a_second(address, measuring.DATASETTE, seconds)
            rates.append((measuring.DATASETTE.name, rate))
            self.stdout.write(f"{rate:10.0f}  {measuring.DATASETTE.name}")
            name, over, wanted = measuring.DATASETTE_RATIO
            ratios.append((name, rates[over][1] / rate, wanted))
        output.write_text(self.report(rates, ratios, seconds), encoding="utf-8")
        for name, ratio, wanted in ratios:
            self.stdout.write(f"{ratio:10.2f}  {name}（期望不低于 {wanted}）")

    def report(self, rates, ratios, seconds) -> str:
        """The page that is written."""
        text = HEAD.format(
            connections=measuring.CONNECTIONS,
            seconds=seconds,
            python=platform.python_version(),
            django=django.get_version(),
            database=connection.vendor,
            cores=measuring.os.cpu_count(),
        )
        text += "".join(f"| {name} | {rate:.0f} |\n" for name, rate in rates)
        text += "\n| ratio | measured | wanted |\n|---|---|---|\n"
        return text + "".join(f"| {name} | {ratio:.2f} | ≥ {wanted} |\n" for name, ratio, wanted in ratios)
