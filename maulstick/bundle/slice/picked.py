"""The subject's rows in the source: which rows travel, and how each is read in portable form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maulstick.bundle.slice.unfit_rows import Doubt, doubts
from maulstick.errors import DENIED, Exit, Problem, did_you_mean
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal, name
from maulstick.postgres.search_path import as_ourselves, as_site
from maulstick.postgres.sql.trust.site_path import learn_path
from maulstick.postgres.tables.hidden_ids import holds
from maulstick.postgres.tables.picked_rows import (
    Numbered,
    edges,
    match_edges,
    new_tables,
    pick_table,
    picked,
    roots,
    until_still,
    wheres,
)
from maulstick.postgres.tables.pointers import as_keys
from maulstick.postgres.tables.portable_rows import portable_row, row_hash
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.project.declarations import Kind, Subject, Table


@dataclass(frozen=True, slots=True)
class Slice:
    """The subject's picked rows in an open transaction of the source."""

    source: Database
    subject: Subject
    specs: TableSpecs

    def rows(self, spec: TableSpec, *, matched: bool) -> Iterator[bytes]:
        """List blocks of COPY text, by subject and key: whole rows, or the keys of rows only matched."""
        columns = spec.key if matched else spec.columns
        one = portable_row(spec, self.specs, "t")
        values = ", ".join(one.columns[column] for column in columns)
        order = f'({one.key}) collate "C"'
        flag = "p.matched" if matched else "not p.matched"
        select = f"select {values} from {picked(spec)}{one.joins} where {flag} order by p.s, {order}"
        return self.source.copy_out(f"copy ({select}) to stdout")

    def values(self, spec: TableSpec, column: str) -> list[str]:
        """Return one column of a table's travelling rows, as text."""
        rows = f"{picked(spec)} where not p.matched"
        return [str(row[0]) for row in self.source.query(f"select t.{name(column)}::text from {rows}")]

    def count(self, spec: TableSpec) -> int:
        """Count how many rows of a table travel."""
        counted = self.source.query(f"select count(*) from {picked(spec)} where not p.matched")
        return int(counted[0][0])

    def hash(self, spec: TableSpec) -> str:
        """Compute the sum of the hashes of a table's travelling rows (`row_hash`)."""
        one = portable_row(spec, self.specs, "t")
        hashed = f"coalesce(sum({row_hash(one, spec.compared)}), 0)"
        found = self.source.query(f"select {hashed} from {picked(spec)}{one.joins} where not p.matched")
        return str(found[0][0])

    def as_of(self) -> str:
        """Return the time of the newest change among the rows, "" if no table keeps one."""
        times = [
            str(row[0])
            for spec in self.specs.values()
            if "updated_at" in spec.times
            for row in self.source.query(
                f"select max(t.updated_at)::text from {picked(spec)} where not p.matched"
            )
            if row[0]
        ]
        return max(times, default="")


def pick(
    source: Database, subject: Subject, kind: Kind, tables: Sequence[Table], specs: TableSpecs, schema: Schema
) -> Slice:
    """Pick the subject's rows; from then on the transaction is read-only.

    Raises a problem (exit 3) for an unknown subject, a row without its key, keys that are not unique and
    references that lead nowhere.
    """
    if kind.table not in specs:
        says = f'no plugin declares its table "{kind.table}" for {subject}'
        raise Problem(f"kind {kind.name}", says, "yield it from maulstick_tables", code=Exit.PLUGIN)
    subjects = {0: subject}
    source.run(new_tables(specs.values()))
    if not pick_roots(source, subjects, kind, tables, specs):
        raise _unknown_subject(source, subject, kind, specs[kind.table])
    asked = pick_rest(source, subjects, kind, tables, specs, schema)
    if stopped(source, asked):
        found = ((one, source.query(one.details)) for one in asked)
        raise next(one.problem(rows) for one, rows in found if rows)
    return Slice(source, subject, specs)


def pick_roots(
    source: Database, subjects: Numbered, kind: Kind, tables: Sequence[Table], specs: TableSpecs
) -> int:
    """Pick the rows of the subjects themselves, which share their declarations; return how many there are."""
    source.run(learn_path(specs.values()))
    return _chosen(source, roots(subjects, kind, tables, specs), kind.table)


def pick_rest(
    source: Database,
    subjects: Numbered,
    kind: Kind,
    tables: Sequence[Table],
    specs: TableSpecs,
    schema: Schema,
) -> list[Doubt]:
    """Pick all rows that travel with the subjects, and return the doubts to check."""
    _require_conditions(source, specs)
    tables, schema = as_keys(tables, schema)
    for table in tables:
        if table.where and table.name != kind.table:
            _chosen(source, wheres(subjects, table, specs[table.name]), table.name)
    source.run(until_still([*edges(tables, specs, schema, kind)]))
    source.run(until_still([*match_edges(specs, schema)]))
    return [one for spec in with_rows(source, specs) for one in doubts(spec, specs, schema)]


def with_rows(source: Database, specs: TableSpecs) -> list[TableSpec]:
    """List the tables with picked rows, in order."""
    asked = [
        f"select {literal(label)} where exists (select from {pick_table(spec)})"
        for label, spec in specs.items()
    ]
    there = {str(row[0]) for row in source.query(" union all ".join(asked))}
    return [spec for label, spec in specs.items() if label in there]


def stopped(source: Database, asked: Sequence[Doubt]) -> set[int]:
    """List the numbers of the subjects that a doubt stops, with one query."""
    if not asked:
        return set()
    whole = " union all ".join(f"({one.whose})" for one in asked)
    return {int(row[0]) for row in source.query(f"select distinct s from ({whole}) as w(s)")}


class WhereProblem(Problem):
    """A `where` that the database refuses (exit 6); `table` is the one whose rows it picks."""

    def __init__(self, table: str, what: str, column: str = "") -> None:
        where = f"{table}.{column}: where of its pointer" if column else f"{table}: where"
        super().__init__(where, what, "try it in psql", code=Exit.PLUGIN)
        self.table = table


def _require_conditions(source: Database, specs: TableSpecs) -> None:
    """Refuse a pointer's condition that the database cannot read, before it stands within other SQL."""
    asked = ((label, spec, one) for label, spec in specs.items() for one in spec.pointers if one.where)
    for label, spec, one in asked:
        try:
            rows = f"{name(spec.schema, spec.name)} as t"
            source.query(f"select from {rows} where {holds(one, spec, 't')} limit 0")
        except Problem as problem:
            if getattr(problem, "state", "") == DENIED:
                raise
            raise WhereProblem(label, problem.what, one.column) from problem


def _chosen(source: Database, text: str, table: str) -> int:
    """Pick rows by a plugin's SQL, which may use names that only the site's own search path resolves."""
    source.run(as_site())
    try:
        picked = source.run(text)
    except Problem as problem:
        if getattr(problem, "state", "") == DENIED:  # whatever a plugin says of them, these rows are not ours
            raise
        raise WhereProblem(table, problem.what) from problem
    source.run(as_ourselves())
    return picked


class UnknownSubject(Problem):
    """A subject that the source does not have (exit 3), with the nearest one it has."""

    def __init__(self, subject: Subject, known: Sequence[str]) -> None:
        hint = did_you_mean(subject.key, known)
        super().__init__(str(subject), "is not in the source", hint, code=Exit.REFUSED)


def _unknown_subject(source: Database, subject: Subject, kind: Kind, spec: TableSpec) -> Problem:
    table = name(spec.schema, spec.name)
    known = [str(row[0]) for row in source.query(f"select {name(kind.key)}::text from {table} order by 1")]
    return UnknownSubject(subject, known)
