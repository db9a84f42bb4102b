from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_migrate


class WuhaiPortalConfig(AppConfig):
    """Makes the commands of the roof known to Django, lets the security log listen, and keeps the roles in step."""

    name = "wuhai_portal"
    verbose_name = "门户"

    def ready(self):
        from gazette.models import User

        from . import checks, roles  # noqa: F401 - registers the checks
        from .signing import listening

        listening.connect()
        m2m_changed.connect(roles.guard_groups, sender=User.groups.through)
        post_migrate.connect(roles.sync_after_migration)
