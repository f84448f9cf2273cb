"""Picked rows that cannot be released: each reason as a query, with the problem of what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from maulstick.errors import Problem, refused
from maulstick.postgres.quoting import name, names
from maulstick.postgres.results import QueryRows
from maulstick.postgres.tables.hidden_ids import hidden_ids, holds, is_id, is_odd
from maulstick.postgres.tables.key_conditions import is_named
from maulstick.postgres.tables.picked_rows import picked
from maulstick.postgres.tables.portable_rows import DEEPEST, leads_to, portable_key
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

SAMPLE = 20
HINT_UNPOINTED = 'declare a Pointer for these rows too, leave them out by where, or let them be: plain="{}"'
HINT_OTHER = "it was deleted softly: let the reference lead to the row that lives, or to none"
LONGEST_KEY = 2500
"""Bytes; an index entry of the ledger holds 2,704, including the table's name and the release."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A query about picked rows `p`, and the problem of what it finds.

    `shown` is what the problem names; with `group`, those rows are meant that have all of it in common.
    """

    shown: str
    rows: str
    problem: Callable[[QueryRows], Problem]
    group: str = ""
    order: str = "order by 1"

    @property
    def details(self) -> str:
        """The query for what the problem names."""
        group = f"group by {self.group} having count(*) > 1 " if self.group else ""
        return f"select {self.shown} from {self.rows} {group}{self.order} limit {SAMPLE}"

    @property
    def whose(self) -> str:
        """The query for the numbers of the subjects that it stops."""
        group = f" group by p.s, {self.group} having count(*) > 1" if self.group else ""
        return f"select p.s from {self.rows}{group}"


def doubts(spec: TableSpec, specs: TableSpecs, schema: Schema) -> Iterator[Doubt]:
    """Yield the doubts about a table's picked rows, in the order in which they are reported."""
    if spec.up is not None:
        yield _circles(spec, specs, spec.up)
    yield _nameless(spec)
    yield _twice(spec, specs)
    yield _long_keys(spec, specs)
    yield from _unpointed(spec, specs)
    yield from _dangling(spec, specs, schema)
    yield from _unnamed(spec, specs, schema)


def _circles(spec: TableSpec, specs: TableSpecs, up: str) -> Doubt:
    """Ask for rows of a tree without a root above them."""
    one = portable_key(spec, specs, "t")

    def problem(found: QueryRows) -> Problem:
        says = f"its {up} leads in a circle, or more than {DEEPEST} levels up"
        hint = f"correct {up}: each way up ends at a root"
        return refused(spec.label, f"{says}: {_listed(found)}", hint)

    stem = f"concat_ws(', ', {names(spec.stem, 't')})"
    return Doubt(stem, f"{picked(spec)}{one.joins} where {one.key} is null", problem)


def _nameless(spec: TableSpec) -> Doubt:
    def problem(found: QueryRows) -> Problem:
        count, columns = found[0][0], ", ".join(spec.key)
        rows = "1 row" if count == 1 else f"{count} rows"
        return refused(spec.label, f"{rows} without their key", f"give each a value in {columns}")

    parts = " and ".join(f"t.{name(column)} is null" for column in spec.key)
    return Doubt("count(*)", f"{picked(spec)} where {parts}", problem, order="having count(*) > 0")


def _twice(spec: TableSpec, specs: TableSpecs) -> Doubt:
    """Ask for keys of several rows, by value: 1.0 and 1.00 would be one row in production."""
    one = portable_key(spec, specs, "t")

    def problem(found: QueryRows) -> Problem:
        which = ", ".join(f"{key} ({count} rows)" for key, count in found)
        return refused(spec.label, f"rows share a key: {which}", _hint_for_twice(spec))

    spelt = f"string_agg(distinct {one.key}, ', '), count(*)"
    return Doubt(spelt, f"{picked(spec)}{one.joins}", problem, group=names(spec.key, "t"))


def _hint_for_twice(spec: TableSpec) -> str:
    hint = f"its key is ({', '.join(spec.key)}): make it unique, or declare a key that is"
    if spec.key_condition is None:
        return hint
    columns = ", ".join(f'"{one}"' for one in spec.key_condition.columns if one not in spec.key)
    only = f"with skip={columns} only rows for which {spec.key_condition.sql} travel"
    return f"its key is unique only among some rows, and none of these is one of them: {only}"


def _long_keys(spec: TableSpec, specs: TableSpecs) -> Doubt:
    one = portable_key(spec, specs, "t")

    def problem(found: QueryRows) -> Problem:
        says = f"has keys of more than {LONGEST_KEY} bytes: {', '.join(f'{row[0]}…' for row in found)}"
        return refused(spec.label, says, f"its key is ({', '.join(spec.key)}): declare a shorter one")

    rows = f"{picked(spec)}{one.joins} where octet_length({one.key}) > {LONGEST_KEY}"
    return Doubt(f"left({one.key}, 40)", rows, problem)


def _unpointed(spec: TableSpec, specs: TableSpecs) -> Iterator[Doubt]:
    """Ask for rows that none of a column's pointers covers, and for arrays that are not plain lists."""
    one = portable_key(spec, specs, "t")
    for column in spec.pointing:
        ways, value = [way for way in spec.pointers if way.column == column], f"t.{name(column)}"
        held = " or ".join(holds(way, spec, "t") for way in ways)
        is_array = any(way.is_array for way in ways)
        reasons = [
            (f"not ({held})", "points by none of its pointers", HINT_UNPOINTED.format(column)),
            (is_odd(value), "is an array of several dimensions", "its ids cannot be followed: skip it"),
        ]
        for condition, says, hint in reasons if is_array else reasons[:1]:
            rows = f"{picked(spec)}{one.joins} where not p.matched and {value} is not null and {condition}"
            problem = _pairs(f"{spec.label}.{column}", says, hint)
            yield Doubt(f"{one.key}, {value}::text", rows, problem)


def _pairs(where: str, says: str, hint: str) -> Callable[[QueryRows], Problem]:
    return lambda found: refused(
        where, f"{says}: {', '.join(f'{key} ({there})' for key, there in found)}", hint
    )


def _dangling(spec: TableSpec, specs: TableSpecs, schema: Schema) -> Iterator[Doubt]:
    for column in sorted({one for link in spec.links for one in link.columns} & spec.references.keys()):
        yield _half_null(spec, specs, column)
    for hidden in hidden_ids(spec):
        pointed = specs[hidden.table]
        id_ = pointed.surrogate or ""
        same = is_id(f"o.{name(id_)}", "held.id", schema.tables[pointed.label].columns[id_].type)
        yield _lost(spec, pointed, (hidden.says, f"({hidden.ids('t')})", same))
    for key in schema.tables[spec.label].foreign_keys:
        if not key.name and key.columns[0] in spec.references:  # a pointer: no database held it to anything
            same = f"o.{name(key.target[0])} = held.id"
            ids = f"(select t.{name(key.columns[0])})"
            yield _lost(spec, specs[key.table], (key.columns[0], ids, same))


def _unnamed(spec: TableSpec, specs: TableSpecs, schema: Schema) -> Iterator[Doubt]:
    """Ask for references to rows that were deleted softly, and whose key names another row by now."""
    for column, to in spec.references.items():
        pointed = specs[to.table]
        if pointed.key_condition is not None:
            same = leads_to(to, pointed, ("t", column), "o")
            yield _other_row(spec, specs, pointed, (column, "", same))
    for hidden in hidden_ids(spec):
        pointed = specs[hidden.table]
        if pointed.key_condition is not None:
            id_ = pointed.surrogate or ""
            same = is_id(f"o.{name(id_)}", "held.id", schema.tables[pointed.label].columns[id_].type)
            ids = f" cross join lateral ({hidden.ids('t')}) as held(id)"
            yield _other_row(spec, specs, pointed, (hidden.says, ids, same))


def _other_row(spec: TableSpec, specs: TableSpecs, pointed: TableSpec, held: tuple[str, str, str]) -> Doubt:
    says, ids, same = held
    one = portable_key(spec, specs, "t")
    there = f"{name(pointed.schema, pointed.name)} as o on {same} and not {is_named(pointed, 'o')}"
    rows = f"{picked(spec)}{one.joins}{ids} join {there} where not p.matched"
    what = f"leads to a row of {pointed.label} whose key another row has"
    return Doubt(
        f"{one.key}, o.{name(pointed.key[0])}::text", rows, _pairs(f"{spec.label}.{says}", what, HINT_OTHER)
    )


def _half_null(spec: TableSpec, specs: TableSpecs, column: str) -> Doubt:
    """Ask for ids that lead nowhere: a foreign key of several columns is not held where one is null."""
    to, value = spec.references[column], name("t", column)
    pointed = specs[to.table]
    there = (
        f"from {name(pointed.schema, pointed.name)} as o where {leads_to(to, pointed, ('t', column), 'o')}"
    )
    rows = f"{picked(spec)} where {value} is not null and not exists (select {there})"
    problem = _nowhere(f"{spec.label}.{column}", to.table)
    return Doubt(f"{value}::text", rows, problem, order="")


def _lost(spec: TableSpec, pointed: TableSpec, held: tuple[str, str, str]) -> Doubt:
    says, ids, same = held
    there = f"exists (select from {name(pointed.schema, pointed.name)} as o where {same})"
    rows = (
        f"{picked(spec)}, lateral {ids} as held(id)"
        f" where not p.matched and held.id is not null and not {there}"
    )
    return Doubt("distinct held.id::text", rows, _nowhere(f"{spec.label}.{says}", pointed.label))


def _nowhere(where: str, table: str) -> Callable[[QueryRows], Problem]:
    hint = "correct it, or set it to null"
    return lambda found: refused(where, f"names no row of {table}: {_listed(found)}", hint)


def _listed(found: QueryRows) -> str:
    return ", ".join(str(row[0]) for row in found)
