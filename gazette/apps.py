from django.apps import AppConfig


class GazetteConfig(AppConfig):
    name = "gazette"
    verbose_name = "文件与单位"

    def ready(self):
        from . import kinds

        kinds.register()
