import json as json_format

from django.core.management.base import BaseCommand, CommandError

from gazette.models import Document
from gazette.reads import consistent_read
from gazette.verification import Report, verify

COLUMNS = (
    ("passages", "段落"),
    ("records", "记录"),
    ("quotes", "摘录"),
    ("ties", "对应"),
    ("derived", "推算"),
    ("numerals", "数字"),
    ("numerals_recorded", "已登记"),
    ("numerals_explained", "已说明"),
)


class Command(BaseCommand):
    help = "核对每条记录的原文摘录、数值与依据，以及每个数字的去向；有任何不符即以 1 退出。"

    def add_arguments(self, parser):
        parser.add_argument("documents", nargs="*", metavar="文件代码", help="只核对这些文件；不写则核对全部")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *, documents, json: bool, **options):
        with consistent_read() as alias:
            found = list(Document.objects.using(alias).order_by("code"))
            if unknown := sorted(set(documents) - {document.code for document in found}):
                raise CommandError(f"没有代码为 {'、'.join(unknown)} 的文件。")
            if not found:
                raise CommandError("没有可核对的文件；请先运行 manage.py load_documents 或 manage.py bootstrap。")
            reports = [verify(document) for document in found if not documents or document.code in documents]
        (self._write_json if json else self._write_table)(reports)
        misses = sum(len(report.misses) for report in reports)
        if misses:
            raise CommandError(f"共有{misses}处不符。", returncode=1)

    def _write_json(self, reports: list[Report]) -> None:
        self.stdout.write(json_format.dumps([report.as_json() for report in reports], ensure_ascii=False, indent=2))

    def _write_table(self, reports: list[Report]) -> None:
        for report in reports:
            counts = "，".join(f"{label}{getattr(report, name)}" for name, label in COLUMNS)
            self.stdout.write(f"{report.document}《{report.title}》\n  {counts}，不符{len(report.misses)}")
            for miss in report.misses:
                self.stdout.write(f"  ✗ {miss}")
