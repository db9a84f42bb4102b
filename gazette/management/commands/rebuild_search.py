from django.core.management.base import BaseCommand, CommandError

from gazette.search.rebuild import differences, rebuild


class Command(BaseCommand):
    help = "按已公开的内容补齐检索索引；--check 只核对，有任何不符即以 1 退出。检索规则改变或升级之后运行一次。"

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="只核对，不写入")

    def handle(self, *, check: bool, **options):
        if not check:
            written, deleted = rebuild()
            self.stdout.write(f"检索索引：写入{written}条，删去{deleted}条。")
            return
        found = 0
        for difference in differences():
            self.stdout.write(f"  ✗ {difference}")
            found += 1
        if found:
            raise CommandError(f"检索索引有{found}处不符，请运行 rebuild_search。", returncode=1)
        self.stdout.write("检索索引与公开内容相符。")
