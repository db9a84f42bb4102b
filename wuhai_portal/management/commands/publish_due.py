from django.core.management.base import BaseCommand, CommandError

from wuhai_portal import worker


class Command(BaseCommand):
    help = "发布已到定时发布时间的文件，有未能发布的即以 1 退出。后台程序（work）自会发布；不用它的由定时任务运行。"

    def handle(self, **options):
        if refused := worker.publish_due(self.stdout.write):
            raise CommandError(f"有{refused}份文件未能按时发布。", returncode=1)
