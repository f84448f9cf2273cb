"""What a role may do in a target's database, compared with what a plan or a release needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from maulstick.errors import Problem, refused
from maulstick.postgres.catalogue import MIGRATIONS
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal, name
from maulstick.postgres.sql_files import filled
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

LEAST = 'docs/safety.md, "Least rights", has the whole'
PLACES = ("ctid", "tableoid")
"""Where a row is stored: needed of every table, and granted with its columns or the whole table."""

Wanted = Mapping[str, Any]


def require(
    database: Database, specs: TableSpecs, *, role: str | None = None, writes: bool, deletes: bool = False
) -> None:
    """Refuse a role that may not do what is asked of it, with every GRANT that it lacks (exit 3).

    Without `role` it is the one that asks.
    """
    lacks = missing(database, specs, role=role, writes=writes, deletes=deletes)
    if lacks:
        raise refusal(role, lacks)


def missing(
    database: Database, specs: TableSpecs, *, role: str | None = None, writes: bool, deletes: bool = False
) -> list[str]:
    """Compose the statements that give a role what it lacks, ready to paste."""
    wanted = [*_wanted(specs, writes=writes, deletes=deletes)]
    if deletes:
        wanted += _inbound(database, specs)
    numbered = [{"n": n, **one} for n, one in enumerate(wanted)]
    if role is not None and not database.query(f"select from pg_roles where rolname = {literal(role)}"):
        return [f"create role {name(role)}"]
    ledger = "{select,insert,update,delete}" if writes else "{select}"
    asked = filled("privileges", role=role, wanted=json.dumps(numbered), ledger=ledger, writes=writes)
    return [str(row[0]) for row in database.query(asked)]


def refusal(role: str | None, lacks: Sequence[str]) -> Problem:
    """Describe the problem of a role that lacks rights, with what to paste; None is the current role."""
    who = "the database's role" if role is None else f'the role "{role}"'
    statements = "".join(f"\n    {statement};" for statement in lacks)
    return refused("rights", f"{who} may not do all of this; nothing was changed{statements}", LEAST)


def _wanted(specs: TableSpecs, *, writes: bool, deletes: bool) -> Iterator[Wanted]:
    for spec in specs.values():
        pointed = _pointed_at(spec, specs)
        yield _table(spec, pointed, writes=writes and spec.travels, deletes=deletes and spec.travels)
    yield {"schema": "public", "name": MIGRATIONS, "whole": True, "privileges": [], "columns": ["version"]}


def _pointed_at(spec: TableSpec, specs: TableSpecs) -> set[str]:
    """List the columns, besides ids, by which references lead to a table and from it."""
    links = {
        column for one in specs.values() for to in one.links if to.table == spec.label for column in to.target
    }
    references = [to for one in specs.values() for to in one.references.values() if to.table == spec.label]
    own = {here for to in spec.references.values() for here, _ in to.beside}
    return links | own | {there for to in references for _, there in to.beside}


def _table(spec: TableSpec, pointed: set[str], *, writes: bool, deletes: bool) -> Wanted:
    id_ = [spec.id] if spec.id else []
    return {
        "schema": spec.schema,
        "name": spec.name,
        "whole": spec.travels,
        "privileges": [*(["insert", "update"] if writes else []), *(["delete"] if deletes else [])],
        "columns": [*dict.fromkeys([*id_, *spec.columns, *spec.times, *sorted(pointed), *PLACES])],
    }


def _inbound(database: Database, specs: TableSpecs) -> Iterator[Wanted]:
    tables = [{"s": spec.schema, "t": spec.name} for spec in specs.values() if spec.travels]
    asked = filled("referencing_tables", tables=json.dumps(tables))
    for schema, table, columns in database.query(asked):
        if {"s": schema, "t": table} not in tables:
            wanted = {"whole": False, "privileges": [], "columns": [*columns, *PLACES]}
            yield {"schema": schema, "name": table, **wanted}
