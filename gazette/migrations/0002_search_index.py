from django.db import migrations

import gazette.search.engine


class Migration(migrations.Migration):
    dependencies = [("gazette", "0001_initial")]

    operations = [migrations.RunPython(gazette.search.engine.create_index, gazette.search.engine.drop_index)]
