from django.core.management import BaseCommand

from wuhai_portal import roles, roles_table


class Command(BaseCommand):
    help = "使八种角色的组恰好持有规定的权限（迁移之后也会自动进行）；可重复运行。"

    def add_arguments(self, parser):
        parser.add_argument("--table", action="store_true", help="只输出 docs/permissions.md 中的表，不改任何东西")

    def handle(self, *, table, **options):
        if table:
            self.stdout.write(roles_table.tables(), ending="")
            return
        for sentence in roles.sync() or ["角色：与规定一致，未作改动。"]:
            self.stdout.write(sentence)
