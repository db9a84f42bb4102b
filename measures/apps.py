from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = "政策措施"

    def ready(self):
        from . import kinds, sheets

        kinds.register()
        sheets.register_sheets()
