from django.apps import AppConfig
from django.db.models.signals import post_migrate


def fill_places(sender, using, **kwargs):
    """After an upgrade, give the documents that were public before it their places in the lists and in search."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from . import places
    from .search.rebuild import fill_index

    executor = MigrationExecutor(connections[using])
    # Where only some apps were migrated, the rest of the tables is not what the models say yet.
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        places.fill()
        fill_index()


class GazetteConfig(AppConfig):
    name = "gazette"
    verbose_name = "文件与单位"

    def ready(self):
        from . import kinds
        from .sheets import own

        kinds.register()
        own.register_sheets()
        post_migrate.connect(fill_places, sender=self, dispatch_uid="gazette.fill_places")
