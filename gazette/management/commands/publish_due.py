from django.core.management.base import BaseCommand, CommandError

from gazette import review


class Command(BaseCommand):
    help = "发布已到定时发布时间的文件；由定时任务每分钟运行。有文件未能发布即以 1 退出。"

    def handle(self, **options):
        refused = 0
        for document, refusal in review.publish_due():
            if refusal is None:
                self.stdout.write(f"已发布：{document.title}（{document.code}）")
            else:
                refused += 1
                self.stdout.write(f"✗ {document.title}（{document.code}）：{refusal}")
        if refused:
            raise CommandError(f"有{refused}份文件未能按时发布。", returncode=1)
