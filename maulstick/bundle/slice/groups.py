"""Subjects with the same declarations: their rows are picked together, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from maulstick.bundle.slice.picked import WhereProblem, pick_rest, pick_roots, stopped
from maulstick.errors import Problem
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.quoting import literals, name
from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.hidden_values import unfit
from maulstick.postgres.tables.picked_rows import Numbered, new_tables, pick_table, picked
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.project.declarations import Kind, Subject, Table
from maulstick.project.plugins.registry import Plugins

AT_ONCE = 100
"""Subjects in a batch: if one of them fails in the database, all of its batch are read alone."""


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects for which the plugins declare the same tables."""

    kind: Kind
    tables: Sequence[Table]
    specs: TableSpecs
    schema: Schema
    subjects: list[Subject]


Act = Callable[[Group, Numbered], None]


def groups_of(subjects: Iterable[Subject], plugins: Plugins, schema: Schema) -> list[Group]:
    """List the subjects by their declarations, without those whose declarations are wrong."""
    found: list[Group] = []
    for subject in subjects:
        try:
            kind, tables = plugins.kind(subject.kind), plugins.tables(subject)
            group = next((one for one in found if (one.kind, one.tables) == (kind, tables)), None)
            if group is None:
                group = Group(kind, tables, specs_of(tables, schema), schema, [])
                found.append(group)
            group.subjects.append(subject)
        except Problem:
            continue
    return [group for group in found if group.kind.table in group.specs]


def each_chunk(database: Database, groups: Sequence[Group], act: Act) -> None:
    """Pick the rows of the subjects batch by batch, and act on the subjects that nothing stops.

    It takes a transaction of its own, which can only read from then on.
    """
    whole = {label: spec for group in groups for label, spec in group.specs.items()}
    if whole:
        database.run(new_tables(whole.values()))
    for group in groups:
        if unfit(database, group.specs.values()):  # whoever reads one alone hears why
            continue
        for start in range(0, len(group.subjects), AT_ONCE):
            some = dict(enumerate(group.subjects[start : start + AT_ONCE]))
            database.run("savepoint chunk")
            try:
                database.run(_without(whole.values()))
                if found := _picked(database, group, some):
                    act(group, found)
            except (SqlProblem, WhereProblem):
                if database.broken:
                    raise
                database.send("rollback to savepoint chunk")


def values(database: Database, spec: TableSpec, column: str) -> Iterator[tuple[int, str]]:
    """Yield a column of a table's picked, travelling rows as text, each with its subject's number."""
    rows = f"{picked(spec)} where not p.matched"
    for number, value in database.query(f"select p.s, t.{name(column)}::text from {rows}"):
        yield int(number), str(value)


def _without(specs: Iterable[TableSpec], condition: str = "true") -> str:
    return ";\n".join(f"delete from {pick_table(spec)} where {condition}" for spec in specs)


def _picked(database: Database, group: Group, numbered: Numbered) -> Numbered:
    """Pick the rows of subjects, and return those that the source has and nothing stops."""
    kind, tables, specs = group.kind, group.tables, group.specs
    pick_roots(database, numbered, kind, tables, specs)
    asked = pick_rest(database, numbered, kind, tables, specs, group.schema)
    if out := stopped(database, asked):
        database.run(_without(specs.values(), f"s = any ({literals(map(str, out))}::integer[])"))
    own = f"select distinct s from {pick_table(specs[kind.table])} where not matched"
    there = {int(row[0]) for row in database.query(own)}
    return {number: subject for number, subject in numbered.items() if number in there}
