import getpass
import secrets
import sys

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.db import transaction

from gazette.models import Unit, User
from wuhai_portal import roles


class Command(BaseCommand):
    help = "建立工作台账号并授予一种角色。在终端上询问初始密码，否则生成一个、只显示一次；首次登录须修改。"

    def add_arguments(self, parser):
        keys = "、".join(f"{role.key}（{role.name}）" for role in roles.ROLES)
        parser.add_argument("name", metavar="用户名")
        parser.add_argument("--role", required=True, metavar="角色", help=keys)
        parser.add_argument("--unit", metavar="代码", help="所属单位的代码；单位填报必须写明")

    def handle(self, *, name, role, unit, **options):
        found = roles.BY_KEY.get(role) or roles.BY_NAME.get(role)
        if found is None:
            known = "、".join(f"{each.key}（{each.name}）" for each in roles.ROLES)
            raise CommandError(f"没有角色“{role}”；可用的有：{known}。")
        user = User(username=name, is_staff=True)
        if User.objects.filter(username__iexact=name).exists():
            raise CommandError(f"用户名“{name}”已有人使用，请另取一个；给已有的人授予角色，请在工作台上办理。")
        if unit is not None:
            user.unit = Unit.objects.filter(code=unit).first()
            if user.unit is None:
                raise CommandError(f"没有代码为“{unit}”的单位；代码见单位页面的地址，例如 /units/finance-bureau/。")
        elif found.key == "unit_reporter":
            raise CommandError("单位填报须写明所属单位：--unit 单位代码。")
        password, made = self.password(user)
        user.set_password(password)
        user.must_change_password = True
        try:
            user.full_clean()
        except ValidationError as error:
            raise CommandError(f"账号没有建立：{'；'.join(error.messages)}") from None
        with transaction.atomic():
            user.save()
            roles.sync()
            user.groups.add(Group.objects.get(name=found.name))
        self.stdout.write(f"已建立账号“{name}”，角色：{found.name}。首次登录须修改密码。")
        if made:
            self.stdout.write(f"一次性密码（只显示这一次）：{password}")

    def password(self, user):
        """A first password and whether it was made here: asked for where somebody sits at a terminal."""
        if not sys.stdin.isatty():
            return secrets.token_urlsafe(15), True
        typed = getpass.getpass("初始密码：")
        if typed != getpass.getpass("再输一遍："):
            raise CommandError("两次输入的密码不同，账号没有建立。")
        try:
            validate_password(typed, user)
        except ValidationError as error:
            raise CommandError(f"密码不合要求，账号没有建立：{'；'.join(error.messages)}") from None
        return typed, False
