"""The column that makes a row public: what may be declared of it, and which of its values hide a row."""

from __future__ import annotations

from collections.abc import Collection

from maulstick.errors import Exit, Problem
from maulstick.postgres.tables.schema import Column, TableSchema
from maulstick.postgres.tables.specs import TableSpec
from maulstick.project.declarations import Table

TIMES = ("timestamp", "date")
ODD = ("json", "xml", "bytea")
"""Types whose values nobody types."""


def is_boolean(spec: TableSpec) -> bool:
    """Return whether true alone makes a row of the table public."""
    return not spec.hidden and spec.types[spec.publish or ""] == "boolean"


def ignores_case(spec: TableSpec) -> bool:
    """Return whether two spellings of a value are the same."""
    return bool(spec.hidden) and spec.types[spec.publish or ""].rpartition(".")[2] == "citext"


def hides_by(spec: TableSpec) -> str | None:
    """Return the value with which new rows go in hidden, as text, None for null."""
    return spec.hidden[0] if spec.hidden else "false" if is_boolean(spec) else None


def is_public(spec: TableSpec, value: str | None, *, null: bool) -> bool:
    """Return whether a value makes a row public; `null` says what null counts as where values are named.

    What a site makes of null then nobody knows: a change to it counts as one that makes a row public, and so
    does one from it.
    """
    if not spec.hidden:
        return value == "true" if is_boolean(spec) else value is not None
    if value is None:
        return null
    if ignores_case(spec):
        return value.lower() not in [one.lower() for one in spec.hidden]
    return value not in spec.hidden


def known_publish(
    table: Table, found: TableSchema, columns: Collection[str], leading: Collection[str]
) -> None:
    """Raise a problem for a column of `publish` that cannot hide a row, or is not ours to write.

    `leading` are the columns that lead to other rows.
    """
    if table.publish is None:
        if table.hidden:
            says = f"hidden={table.hidden[0]!r} is a value of no column"
            raise Problem(table.name, says, 'name its column: publish="…"', code=Exit.PLUGIN)
        return
    column = found.columns[table.publish]
    says, hint = _unfit(column, table.hidden)
    if not says and (column.name in (*table.key, *table.theirs) or column.name not in columns):
        says, hint = "is in the key, production's own, or does not travel", "leave one of the two out"
    elif not says and column.name in leading:
        says, hint = "leads to another row: publish takes a value", "leave publish out"
    if says:
        raise Problem(f"{table.name}.{column.name}", says, hint, code=Exit.PLUGIN)


def _unfit(column: Column, hidden: Collection[str]) -> tuple[str, str]:
    """Return why a column can hide no row, and what to do; both are empty where it can."""
    kind, hint = column.plain_type, "name a boolean column, or a time that may be null"
    if kind.startswith(ODD) or kind.endswith("[]"):
        return f"is {column.type}: publish takes a plain value, or a time", hint
    if hidden or column.type == "boolean":
        return "", ""
    if not kind.startswith(TIMES):
        value = "false" if kind == "boolean" else "0" if column.is_integer else "draft"
        says = f"is {column.type}: which of its values hide a row?"
        return says, f'hidden="{value}", say; with several, new rows go in with the first'
    return ("is never null: no row could be hidden", hint) if column.not_null else ("", "")
