from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "plans"
    verbose_name = "年度计划"

    def ready(self):
        from . import kinds, sheets

        kinds.register()
        sheets.register_sheets()
