from django.apps import AppConfig


class WuhaiPortalConfig(AppConfig):
    """Makes the management commands of the roof known to Django, and lets the security log listen."""

    name = "wuhai_portal"
    verbose_name = "门户"

    def ready(self):
        from . import checks  # noqa: F401 - registers them
        from .signing import listening

        listening.connect()
