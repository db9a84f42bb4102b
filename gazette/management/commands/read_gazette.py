from django.core.management.base import BaseCommand, CommandError

from gazette.fixture_files import CannotLoad, document_files, dump, read_passages


class Command(BaseCommand):
    help = "由公报原文生成各文件的段落（fixtures/*.passages.json）；--check 只核对，不写入。"

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="只核对现有段落与原文是否一致，不一致则以 1 退出")

    def handle(self, *, check, **options):
        stale = []
        for path in document_files():
            try:
                text = dump(read_passages(path))
            except CannotLoad as error:
                raise CommandError(str(error)) from None
            target = path.with_suffix(".passages.json")
            if target.exists() and target.read_text(encoding="utf-8") == text:
                self.stdout.write(f"{target.name}：与原文一致")
            elif check:
                stale.append(target.name)
            else:
                target.write_text(text, encoding="utf-8")
                self.stdout.write(f"{target.name}：已写入")
        if stale:
            raise CommandError(f"{'、'.join(stale)} 与原文不一致，请运行 python manage.py read_gazette 重新生成。")
