from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from gazette.fixture_files import FIXTURES, CannotLoad
from gazette.loading import load_directory


class Command(BaseCommand):
    help = "装载单位与文件（草稿），可重复运行；已公开的记录与文件中不同时拒绝。"

    def add_arguments(self, parser):
        parser.add_argument("directory", nargs="?", type=Path, default=FIXTURES, help="存放 JSON 文件的目录")

    def handle(self, *, directory, **options):
        try:
            loaded = load_directory(directory)
        except CannotLoad as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{len(loaded.documents)}份文件：{loaded}")
