from django.core.management import BaseCommand

from wuhai_portal import startup


class Command(BaseCommand):
    help = "首次启动所需的一切，但不启动服务：建库或升级、首批文件、静态文件。可重复运行。"

    def handle(self, **options):
        startup.bootstrap(self.stdout.write)
