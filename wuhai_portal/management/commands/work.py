from django.core.management import BaseCommand, call_command

from gazette.sheets import jobs
from wuhai_portal import worker

INTERVAL_SECONDS = 1


class Command(BaseCommand):
    help = "后台程序：逐一办理排队的工作（表格的预览与导入），按时发布定时发布的文件，直到被停止。serve 自带一个。"

    def add_arguments(self, parser):
        parser.add_argument("--batch", action="store_true", help="办完排队的就结束")
        parser.add_argument("--end-with-parent", action="store_true", help="随启动它的程序一起结束；由 serve 使用")

    def handle(self, *, batch, end_with_parent, **options):
        if end_with_parent:
            worker.end_with_parent()
        jobs.tidy()
        if batch:
            worker.publish_due(self.stdout.write)
        else:
            worker.keep_publishing(self.stderr.write)
        call_command(
            "db_worker", batch=batch, interval=INTERVAL_SECONDS, startup_delay=False, reload=False, verbosity=0
        )
