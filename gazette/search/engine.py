"""The index of each database over the tokens of entries; all that differs between SQLite and PostgreSQL is here.

SQLite: an FTS5 table over the column of tokens (external content: a contentless table cannot delete on SQLite 3.40, so
it could not forget a withdrawal), written from here and not by triggers. PostgreSQL: GIN over an array, which the
database keeps itself.
"""

from django.db import connections, models

from .tokens import as_letters, from_letters

TABLE = "gazette_searchentry"
INDEX = "gazette_searchindex"
CREATE = {
    "sqlite": f"CREATE VIRTUAL TABLE {INDEX} USING fts5"
    f"(tokens, content='{TABLE}', content_rowid='id', detail='none', columnsize=0, tokenize='ascii')",
    # Publishing is rare and searching is not: no list of pending rows, which every search would have to read through.
    "postgresql": f"CREATE INDEX {INDEX} ON {TABLE} USING gin (tokens) WITH (fastupdate = off)",
}
DROP = {"sqlite": f"DROP TABLE {INDEX}", "postgresql": f"DROP INDEX {INDEX}"}
# From the newest entry backwards, and no further than the limit: a common word costs no more than that.
CANDIDATES = {
    "sqlite": f"SELECT {{columns}} FROM {INDEX} JOIN {TABLE} e ON e.id = {INDEX}.rowid"
    f" WHERE {INDEX} MATCH %s AND {{conditions}} ORDER BY {INDEX}.rowid DESC LIMIT %s",
    "postgresql": f"SELECT {{columns}} FROM {TABLE} e"
    " WHERE e.tokens @> %s::integer[] AND {conditions} ORDER BY e.id DESC LIMIT %s",
}
HOLDS = {
    "sqlite": "(instr(e.head, %s) > 0 OR instr(e.body, %s) > 0)",
    "postgresql": "(strpos(e.head, %s) > 0 OR strpos(e.body, %s) > 0)",
}


class TokensField(models.Field):
    """Tokens: an array of integers on PostgreSQL, words of letters elsewhere."""

    def db_type(self, connection):
        return "integer[]" if connection.vendor == "postgresql" else "text"

    def from_db_value(self, value, expression, connection):
        return from_letters(value) if isinstance(value, str) else value

    def get_db_prep_value(self, value, connection, prepared=False):
        if value is None:
            return None
        return list(value) if connection.vendor == "postgresql" else as_letters(value)


@TokensField.register_lookup
class HasTokens(models.Lookup):
    """Rows that have all of the given tokens, by the index."""

    lookup_name = "has"
    prepare_rhs = False

    def as_sqlite(self, compiler, connection):
        column, _ = self.process_lhs(compiler, connection)
        row = column.removesuffix('"tokens"') + '"id"'
        return f"{row} IN (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s)", [as_letters(self.rhs)]

    def as_postgresql(self, compiler, connection):
        column, _ = self.process_lhs(compiler, connection)
        return f"{column} @> %s::integer[]", [list(self.rhs)]


def candidates(alias: str, columns: tuple[str, ...], tokens: list[int], words: list[str], limit: int) -> list[tuple]:
    """The newest entries of the search page that have all tokens and hold every folded word."""
    connection = connections[alias]
    vendor = connection.vendor
    conditions = ["e.rank IS NOT NULL", *[HOLDS[vendor]] * len(words)]
    sql = CANDIDATES[vendor].format(
        columns=", ".join(f"e.{column}" for column in columns), conditions=" AND ".join(conditions)
    )
    asked = tokens if vendor == "postgresql" else as_letters(tokens)
    with connection.cursor() as cursor:
        cursor.execute(sql, [asked, *(word for word in words for _ in range(2)), limit])
        return cursor.fetchall()


# What SQLite's index must be told; PostgreSQL knows by itself.


def add(alias: str, entries) -> None:
    """Entries were written."""
    _tell(alias, f"INSERT INTO {INDEX} (rowid, tokens) VALUES (%s, %s)", entries)


def remove(alias: str, entries) -> None:
    """Entries are about to be changed or deleted; they must still hold the tokens that were written."""
    _tell(alias, f"INSERT INTO {INDEX} ({INDEX}, rowid, tokens) VALUES ('delete', %s, %s)", entries)


def _tell(alias: str, sql: str, entries) -> None:
    connection = connections[alias]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(sql, [(entry.pk, as_letters(entry.tokens)) for entry in entries])


def command(alias: str, name: str) -> None:
    """One of FTS5's own commands: delete-all, rebuild, integrity-check (against the entries)."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES (%s, 1)", [name])


def create_index(apps, schema_editor) -> None:
    """For the migration."""
    schema_editor.execute(CREATE[schema_editor.connection.vendor])


def drop_index(apps, schema_editor) -> None:
    """For the migration."""
    schema_editor.execute(DROP[schema_editor.connection.vendor])
