from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "personnel"
    verbose_name = "人事任免"

    def ready(self):
        from . import kinds, sheets

        kinds.register()
        sheets.register_sheets()
