from django.core.management import BaseCommand, CommandError

from gazette.models import User
from wuhai_portal.signing import lockout, second_factor


class Command(BaseCommand):
    help = "重置一个用户的动态口令并解除登录锁定；工作台里没有别人能办理时，由管理服务器的人执行。"

    def add_arguments(self, parser):
        parser.add_argument("user", metavar="USER", help="用户名")

    def handle(self, *, user, **options):
        found = User.objects.filter(username=user).first()
        if found is None:
            raise CommandError(f"没有用户“{user}”；请核对用户名，大小写有别。")
        second_factor.reset(found)
        lockout.release(found)
        self.stdout.write(f"已重置“{user}”的动态口令并解除登录锁定；请登录后重新启用。")
