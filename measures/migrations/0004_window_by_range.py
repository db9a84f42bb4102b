from django.db import migrations

# What `measures.models.validity.Around` asks on PostgreSQL, word for word; SQLite has no ranges.
CREATE = """
CREATE INDEX window_by_range ON measures_validitywindow USING gist (daterange(starts_on, ends_on, '[]'))
WHERE starts_on IS NOT NULL AND ends_on IS NOT NULL
"""


def on_postgresql(statement):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("measures", "0003_audience_groups")]

    operations = [migrations.RunPython(on_postgresql(CREATE), on_postgresql("DROP INDEX window_by_range"))]
