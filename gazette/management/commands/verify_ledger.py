from django.core.management.base import BaseCommand, CommandError

from gazette import ledger_check
from gazette.reads import consistent_read


class Command(BaseCommand):
    help = "核对公开的内容与更新记录、与库中的记录是否一致；有任何不符即以 1 退出。"

    def handle(self, **options):
        with consistent_read() as alias:
            lines, records = ledger_check.count(alias)
            if not lines and not records:
                raise CommandError("还没有发布过任何文件，没有可核对的更新记录。")
            found = 0
            for miss in ledger_check.misses(alias):
                found += 1
                self.stdout.write(f"✗ {miss}")
        self.stdout.write(f"更新记录{lines}条，公开记录{records}条，不符{found}处。")
        if found:
            raise CommandError(f"共有{found}处不符。", returncode=1)
