"""Rows that were released and are in no bundle now: whether the source still has them, and their deletion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from maulstick.errors import refused
from maulstick.plan.changes import Plan
from maulstick.plan.choices import RowName
from maulstick.postgres.connection import connect, one_snapshot
from maulstick.postgres.quoting import literals, name
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.project.inventory import LocalSource
from maulstick.text import amount


def with_source(planned: Plan, source: LocalSource, specs: TableSpecs) -> Plan:
    """Return the plan with `gone` only for rows that the source deleted; the others `left` the slice."""
    keys: dict[str, list[str]] = {}
    for change in planned.with_action("gone"):
        keys.setdefault(change.table, []).append(change.key)
    there = {(table, key) for table in keys for key in _still_there(keys[table], source, specs, table)}
    return replace(planned, changes=planned.changes.leaving(there)) if there else planned


def without_source(planned: Plan) -> Plan:
    """Return the plan with `left` for every `gone` row: without the source, nobody can tell which it is."""
    gone = {(change.table, change.key) for change in planned.with_action("gone")}
    return replace(planned, changes=planned.changes.leaving(gone)) if gone else planned


def to_prune(planned: Plan, limit: int) -> tuple[RowName, ...]:
    """List the rows that `--prune` deletes; raise a problem (exit 3) for more than `limit`."""
    gone = tuple(RowName(change.table, change.key) for change in planned.with_action("gone"))
    if len(gone) > limit:
        shown = "".join(f"\n    {row}" for row in gone)
        hint = f"look at the list; --prune-limit {len(gone)} allows as many"
        raise refused("--prune", f"would delete {amount(len(gone), 'row')}, more than {limit}{shown}", hint)
    return gone


def said(planned: Plan, doomed: Sequence[RowName]) -> Iterator[str]:
    """Yield what to say about gone rows: that they will be deleted, and what was edited in production."""
    is_pull = planned.changes.is_pull
    yield from deleted(planned, doomed)
    for change in planned.with_action("gone"):
        row, edits = RowName(change.table, change.key), ", ".join(change.columns)
        if row not in doomed and edits:
            gone, there = ("gone in production", "here") if is_pull else ("gone here", f"in {planned.target}")
            yield f"{row} is {gone} and was edited {there}: {edits}"


def deleted(planned: Plan, doomed: Sequence[RowName]) -> Iterator[str]:
    """Yield which rows will be deleted, and what was edited in them."""
    for change in planned.with_action("gone") if doomed else ():
        row, edits = RowName(change.table, change.key), ", ".join(change.columns)
        if row in doomed:
            with_edits = f", with what was edited there: {edits}" if edits else ""
            yield f"{row} will be deleted in {planned.target}{with_edits}"


def _still_there(keys: Sequence[str], source: LocalSource, specs: TableSpecs, table: str) -> set[str]:
    spec = specs[table]
    one = portable_key(spec, specs, "t")
    where = f"source {source.name}"
    with connect(source.database, where, read_only=True) as database, one_snapshot(database):
        found = database.query(
            f"select {one.key} from {name(spec.schema, spec.name)} as t{one.joins}"
            f" where {one.key} = any ({literals(keys)})"
        )
    return {str(row[0]) for row in found}
