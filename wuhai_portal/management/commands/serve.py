import os

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from wuhai_portal import startup
from wuhai_portal.checks import no_superuser_in_production
from wuhai_portal.worker import KeptWorker


class Command(BaseCommand):
    help = "准备好一切（同 bootstrap），然后用正式服务器提供服务。"

    def add_arguments(self, parser):
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="地址:端口", help="默认 127.0.0.1:8000")
        # With one process a slow request would make every other reader wait.
        default = str(max(2, min(4, os.cpu_count() or 1)))
        parser.add_argument("--workers", default=default, metavar="N", help=f"进程数，默认 {default}")
        parser.add_argument("--no-worker", action="store_true", help="不带后台程序；另用 work 命令运行")

    def handle(self, *, bind, workers, no_worker, **options):
        host, port = startup.parse_bind(bind)
        workers = startup.parse_workers(workers)
        if settings.SITE_ADDRESS.https and not settings.BEHIND_PROXY:
            # Every request would look like plain http and be sent to https again, for ever.
            raise CommandError(
                f"站点地址是 {settings.SITE_ADDRESS}，而 serve 只提供 http；"
                "请放在 nginx 等代理之后（由它提供 https 并设置 X-Forwarded-Proto），并写 WUHAI_BEHIND_PROXY=True。"
            )
        startup.check_port(host, port)
        startup.bootstrap(self.stdout.write)
        for fault in no_superuser_in_production(None, databases=["default"]):
            # Said, and gone on: the public's pages do not go down for a fault of the desk.
            self.stderr.write(f"警告（{fault.id}）：{fault.msg}{fault.hint}")
        startup.check_port(host, port)
        # Each worker opens its own connections.
        connections.close_all()
        server = Granian(
            "wuhai_portal.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            # More threads only queue inside the process, and made the slowest answers three times slower.
            blocking_threads=1,
            websockets=False,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            workers_kill_timeout=30,
        )
        server.on_startup(lambda: self.announce(startup.http_address(host, port)))
        worker = None if no_worker else KeptWorker(self.stderr.write)
        if worker:
            worker.start()
        try:
            server.serve()
        finally:
            if worker:
                worker.stop()
        self.stdout.write("服务已停止。")

    def announce(self, listening):
        """Say where the site is to be found."""
        self.stdout.write(f"正在 {listening} 提供服务，按 Ctrl+C 停止。")
        if str(settings.SITE_ADDRESS) != listening:
            self.stdout.write(f"对外的站点地址是 {settings.SITE_ADDRESS}（WUHAI_SITE_ADDRESS）。")
        self.stdout.flush()
