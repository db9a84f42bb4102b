from django.core.management import BaseCommand, CommandError

from gazette.models import User


class Command(BaseCommand):
    help = "取消一个账号的超级用户身份；它从此只有自己的角色所允许的权限。"

    def add_arguments(self, parser):
        parser.add_argument("name", metavar="用户名")

    def handle(self, *, name, **options):
        user = User.objects.filter(username=name, is_superuser=True).first()
        if user is None:
            raise CommandError(f"没有用户名为“{name}”的超级用户。")
        user.is_superuser = False
        user.save()
        held = "、".join(user.groups.values_list("name", flat=True)) or "无，请由安全管理员授予"
        self.stdout.write(f"“{name}”不再是超级用户。现有角色：{held}。")
