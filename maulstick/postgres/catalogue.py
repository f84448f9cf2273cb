"""The question for a database's tables, as its catalogue describes them."""

from __future__ import annotations

from maulstick.postgres.connection import Database
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.tables.schema import Column, ForeignKey, Schema, TableSchema, UniqueIndex, table_name

MIGRATIONS = "schema_migrations"
PARENT = "a table that others inherit from"


def questions() -> tuple[str, str]:
    """Return what `read_schema` asks: for the catalogue, and for the migrations that Ecto says have run."""
    return sql_file("catalogue"), sql_file("migrations")


def read_schema(database: Database) -> Schema:
    """Read what the catalogue says of the tables, and which migrations have run."""
    catalogue, migrations = questions()
    tables, parents = dict[str, TableSchema](), dict[str, TableSchema]()
    others = dict[str, str]()
    for schema, plain, other, columns, primary, foreign, triggers, unique in database.query(catalogue):
        name = table_name(schema, plain)
        if other is not None:
            others[name] = str(other)
        if other not in (None, PARENT):
            continue
        (tables if other is None else parents)[name] = TableSchema(
            schema,
            plain,
            {row[0]: Column(*row) for row in columns or ()},
            tuple(primary or ()),
            tuple(
                ForeignKey(row[0], tuple(row[1]), table_name(row[2], row[3]), tuple(row[4]), row[5])
                for row in foreign or ()
            ),
            tuple(triggers or ()),
            tuple(UniqueIndex(tuple(row[0] or ()), row[1], tuple(row[2] or ())) for row in unique or ()),
        )
    return Schema(tables, frozenset(row[0] for row in database.query(migrations)), others, parents)
