"""The subject's rows in the source: which rows travel, and how each is read in portable form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from maulstick.content import Kind, Subject, Table
from maulstick.equality import equal
from maulstick.errors import DENIED, Exit, Problem, did_you_mean, refused
from maulstick.hidden_ids import HiddenIds, hidden_ids, holds, is_id, is_odd
from maulstick.image import DEEPEST, image, key_image, led, row_hash
from maulstick.pointers import as_keys
from maulstick.quote import fitting, literal, name, names
from maulstick.schema import ForeignKey, Schema
from maulstick.search_path import as_ourselves, as_site, learn_path
from maulstick.shapes import Shape, Shapes

SAMPLE = 20
HINT_UNPOINTED = 'declare a Pointer for these rows too, leave them out by where, or let them be: plain="{}"'
LONGEST_KEY = 2500
"""Bytes; an index of the ledger takes entries of 2,704, the table's name and the release among them."""


class Reader(Protocol):
    """A database as the slice needs it; `postgres.Database` is one."""

    def query(self, text: str) -> Sequence[Sequence[Any]]:
        """Return the rows of a question."""

    def run(self, text: str) -> int:
        """Run a statement and return how many rows it touched."""

    def copy_out(self, text: str) -> Iterator[bytes]:
        """Return the blocks of a `COPY … TO STDOUT`."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The subject's picked rows in an open transaction of the source."""

    source: Reader
    subject: Subject
    shapes: Shapes

    def rows(self, shape: Shape, *, matched: bool) -> Iterator[bytes]:
        """Return blocks of COPY text, sorted by key: whole rows, or the keys of rows only matched."""
        columns = shape.key if matched else shape.columns
        one = image(shape, self.shapes, "t")
        values = ", ".join(one.columns[column] for column in columns)
        order = f'({one.key}) collate "C"'
        flag = "p.matched" if matched else "not p.matched"
        select = f"select {values} from {_picked(shape)}{one.joins} where {flag} order by {order}"
        return self.source.copy_out(f"copy ({select}) to stdout")

    def values(self, shape: Shape, column: str) -> list[str]:
        """Return one column of a table's travelling rows, as text."""
        rows = f"{_picked(shape)} where not p.matched"
        return [str(row[0]) for row in self.source.query(f"select t.{name(column)}::text from {rows}")]

    def count(self, shape: Shape) -> int:
        """Return how many rows of a table travel."""
        counted = self.source.query(f"select count(*) from {_picked(shape)} where not p.matched")
        return int(counted[0][0])

    def hash(self, shape: Shape) -> str:
        """Return the sum of the hashes of a table's travelling rows (`image.row_hash`)."""
        one = image(shape, self.shapes, "t")
        hashed = f"coalesce(sum({row_hash(one, shape.compared)}), 0)"
        found = self.source.query(f"select {hashed} from {_picked(shape)}{one.joins} where not p.matched")
        return str(found[0][0])

    def as_of(self) -> str:
        """Return the time of the newest change among the rows, empty where no table keeps one."""
        times = [
            str(row[0])
            for shape in self.shapes.values()
            if "updated_at" in shape.times
            for row in self.source.query(
                f"select max(t.updated_at)::text from {_picked(shape)} where not p.matched"
            )
            if row[0]
        ]
        return max(times, default="")


def pick(
    source: Reader, subject: Subject, kind: Kind, tables: Sequence[Table], shapes: Shapes, schema: Schema
) -> Slice:
    """Pick the subject's rows; the transaction can only read from then on.

    Raises a problem (exit 3) for an unknown subject, a row without its key, keys that are not unique and
    references that lead nowhere.
    """
    tables, schema = as_keys(tables, schema)
    if kind.table not in shapes:
        says = f'no plugin declares its table "{kind.table}" for {subject}'
        raise Problem(f"kind {kind.name}", says, "yield it from maulstick_tables", code=Exit.PLUGIN)
    for shape in shapes.values():
        source.run(f"create temp table {_pick(shape)} (o oid, c tid, matched boolean) on commit drop")
    source.run("set transaction read only")
    source.run(learn_path(shapes.values()))
    if not _where_chosen(source, _root(subject, kind, tables, shapes), kind.table):
        raise unknown_subject(source, subject, kind, shapes[kind.table])
    edges = [*_edges(tables, shapes, schema, kind)]
    for table in tables:
        if table.where and table.name != kind.table:
            _where_chosen(source, _where(table.where, shapes[table.name], subject), table.name)
    _until_still(source, edges)
    _until_still(source, [*_match_edges(shapes, schema)])
    picked = Slice(source, subject, shapes)
    for shape in shapes.values():
        _refuse_circles(picked, shape)
        _refuse_odd_keys(picked, shape)
        _refuse_long_keys(picked, shape)
        _refuse_unpointed(picked, shape)
        _refuse_dangling(picked, shape, schema)
    return picked


class WhereProblem(Problem):
    """A `where` that the database refuses (exit 6); `table` is the one whose rows it picks."""

    def __init__(self, table: str, what: str) -> None:
        super().__init__(f"{table}: where", what, "try it in psql", code=Exit.PLUGIN)
        self.table = table


def _where_chosen(source: Reader, text: str, table: str) -> int:
    """Pick rows by what a plugin says, which may name what only the site's own path leads to."""
    source.run(as_site())
    try:
        picked = source.run(text)
    except Problem as problem:
        if getattr(problem, "state", "") == DENIED:  # whatever a plugin says of them, these rows are not ours
            raise
        raise WhereProblem(table, problem.what) from problem
    source.run(as_ourselves())
    return picked


def unknown_subject(source: Reader, subject: Subject, kind: Kind, shape: Shape) -> Exception:
    """Return the problem of a subject that the source does not have, with the nearest one it has."""
    table = name(shape.schema, shape.name)
    known = [str(row[0]) for row in source.query(f"select {name(kind.key)}::text from {table} order by 1")]
    return refused(f"{kind.name} {subject.key}", "is not in the source", did_you_mean(subject.key, known))


def _until_still(source: Reader, statements: Iterable[str]) -> None:
    statements = list(statements)
    while sum(source.run(statement) for statement in statements):
        pass


def _pick(shape: Shape) -> str:
    return name("pg_temp", fitting(f"maulstick_pick_{shape.label}"))


def _picked(shape: Shape) -> str:
    rows = f"{_pick(shape)} as p join {name(shape.schema, shape.name)} as t"
    return f"{rows} on t.ctid = p.c and t.tableoid = p.o"


def _insert(shape: Shape, rows: str, *, matched: bool) -> str:
    fresh = f"not exists (select from {_pick(shape)} as p where p.c = t.ctid and p.o = t.tableoid)"
    flag = "true" if matched else "false"
    return f"insert into {_pick(shape)} select distinct t.tableoid, t.ctid, {flag} from {rows} and {fresh}"


def _root(subject: Subject, kind: Kind, tables: Sequence[Table], shapes: Shapes) -> str:
    shape = shapes[kind.table]
    declared = next(table for table in tables if table.name == kind.table)
    if declared.where:
        return _where(declared.where, shape, subject)
    same = f"t.{name(kind.key)}::text = {literal(subject.key)}"
    return _insert(shape, f"{name(shape.schema, shape.name)} as t where {same}", matched=False)


def _where(where: str, shape: Shape, subject: Subject) -> str:
    alias, condition = name(shape.name), with_key(where, subject)
    rows = f"(select {alias}.tableoid, {alias}.ctid from {name(shape.schema, shape.name)} as {alias}"
    return _insert(shape, f"{rows} where ({condition})) as t where true", matched=False)


def with_key(text: str, subject: Subject) -> str:
    """Return a plugin's SQL with the subject's key, quoted, for each `%(key)s`."""
    return text.replace("%(key)s", literal(subject.key))


def _edges(tables: Sequence[Table], shapes: Shapes, schema: Schema, kind: Kind) -> Iterator[str]:
    declared = {table.name: table for table in tables}
    for child in tables:
        shape = shapes[child.name]
        for key in schema.tables[child.name].foreign_keys:
            parent = declared.get(key.table)
            if parent is None or not _travels(key, shape, shapes):
                continue
            if set(key.columns) & set(child.via):
                yield _insert(shape, _joined(shape, shapes[key.table], key, near="child"), matched=False)
            if _is_pointed_at(parent, kind):
                pointed = shapes[key.table]
                yield _insert(pointed, _joined(pointed, shape, key, near="parent"), matched=False)
        for hidden in hidden_ids(shape):
            parent = declared.get(hidden.table)
            if parent is not None and hidden.column in child.via:
                yield _insert(
                    shape, _held(shape, shapes[hidden.table], hidden, schema, near="child"), matched=False
                )
            if parent is not None and _is_pointed_at(parent, kind):
                rows = _held(shapes[hidden.table], shape, hidden, schema, near="parent")
                yield _insert(shapes[hidden.table], rows + " and not other.matched", matched=False)


def _is_pointed_at(table: Table, kind: Kind) -> bool:
    return not table.where and not table.via and table.name != kind.table


def _travels(key: ForeignKey, shape: Shape, shapes: Shapes) -> bool:
    """Return whether a foreign key travels: whole, or the id in it."""
    by_id = {one for one, two in zip(key.columns, key.target, strict=True) if two == shapes[key.table].id}
    return set(key.columns) <= set(shape.columns) or bool(by_id & set(shape.references))


def _match_edges(shapes: Shapes, schema: Schema) -> Iterator[str]:
    for shape in shapes.values():
        for column, to in shape.references.items():
            pointed = shapes[to.table]
            rows = _beside(pointed, shape, led(to, pointed, ("o", column), "t"))
            travelling = "" if column in shape.key else " and not other.matched"
            yield _insert(pointed, rows + travelling, matched=True)
        for hidden in hidden_ids(shape):
            rows = _held(shapes[hidden.table], shape, hidden, schema, near="parent")
            travelling = "" if hidden.column in shape.key else " and not other.matched"
            yield _insert(shapes[hidden.table], rows + travelling, matched=True)


def _joined(wanted: Shape, other: Shape, key: ForeignKey, *, near: str) -> str:
    child, parent = ("t", "o") if near == "child" else ("o", "t")
    types = (other.types, wanted.types) if near == "parent" else (wanted.types, other.types)
    same = [
        f"{child}.{name(one)} operator(pg_catalog.&&) {parent}.{name(two)}"
        if key.period and one == key.columns[-1]
        else equal(f"{child}.{name(one)}", f"{parent}.{name(two)}", *_types(types, one, two))
        for one, two in zip(key.columns, key.target, strict=True)
    ]
    return _beside(wanted, other, " and ".join(same))


def _types(types: tuple[Mapping[str, str], Mapping[str, str]], child: str, parent: str) -> tuple[str, str]:
    """Return the types of a foreign key's columns; one that does not travel is as the other."""
    one, two = types[0].get(child), types[1].get(parent)
    return one or two or "bigint", two or one or "bigint"


def _held(wanted: Shape, other: Shape, hidden: HiddenIds, schema: Schema, *, near: str) -> str:
    """Join the rows `t` that picked rows of another table name by hidden ids, or that name these."""
    child, parent = ("t", "o") if near == "child" else ("o", "t")
    pointed = wanted if near == "parent" else other
    id_ = pointed.surrogate or ""
    same = is_id(f"{parent}.{name(id_)}", "held.id", schema.tables[pointed.label].columns[id_].type)
    wanted_rows, other_rows = (name(one.schema, one.name) for one in (wanted, other))
    ids = f"lateral ({hidden.ids(child)}) as held(id)"
    picked = f"{_pick(other)} as other join {other_rows} as o on o.ctid = other.c and o.tableoid = other.o"
    if near == "parent":
        return f"{picked} cross join {ids} join {wanted_rows} as t on {same} where true"
    return f"{wanted_rows} as t cross join {ids}, {picked} where {same}"


def _beside(wanted: Shape, other: Shape, same: str) -> str:
    rows = f"{name(wanted.schema, wanted.name)} as t, {name(other.schema, other.name)} as o"
    picked = f"{_pick(other)} as other"
    return f"{rows}, {picked} where o.ctid = other.c and o.tableoid = other.o and {same}"


def _refuse_circles(picked: Slice, shape: Shape) -> None:
    """Refuse rows of a tree that no root is above."""
    if shape.up is None:
        return
    one = key_image(shape, picked.shapes, "t")
    stem = f"concat_ws(', ', {names(shape.stem, 't')})"
    rootless = f"{_picked(shape)}{one.joins} where {one.key} is null order by 1 limit {SAMPLE}"
    if found := picked.source.query(f"select {stem} from {rootless}"):
        says = f"its {shape.up} leads in a circle, or more than {DEEPEST} levels up"
        which = ", ".join(str(row[0]) for row in found)
        raise refused(shape.label, f"{says}: {which}", f"correct {shape.up}: each way up ends at a root")


def _refuse_odd_keys(picked: Slice, shape: Shape) -> None:
    one = key_image(shape, picked.shapes, "t")
    parts = " and ".join(f"t.{name(column)} is null" for column in shape.key)
    rows = f"{_picked(shape)}{one.joins}"
    nameless = picked.source.query(f"select count(*) from {rows} where {parts}")[0][0]
    if nameless:
        columns, rows = ", ".join(shape.key), "1 row" if nameless == 1 else f"{nameless} rows"
        raise refused(shape.label, f"{rows} without their key", f"give each a value in {columns}")
    # By value: 1.0 and 1.00 would be one row in production.
    by_value = f"group by {names(shape.key, 't')} having count(*) > 1 order by 1 limit {SAMPLE}"
    spelt = f"string_agg(distinct {one.key}, ', ')"
    twice = picked.source.query(f"select {spelt}, count(*) from {rows} {by_value}")
    if twice:
        which = ", ".join(f"{key} ({count} rows)" for key, count in twice)
        hint = f"its key is ({', '.join(shape.key)}): make it unique, or declare a key that is"
        raise refused(shape.label, f"rows share a key: {which}", hint)


def _refuse_long_keys(picked: Slice, shape: Shape) -> None:
    one = key_image(shape, picked.shapes, "t")
    which = f"octet_length({one.key}) > {LONGEST_KEY} order by 1 limit {SAMPLE}"
    found = picked.source.query(f"select left({one.key}, 40) from {_picked(shape)}{one.joins} where {which}")
    if found:
        says = f"has keys of more than {LONGEST_KEY} bytes: {', '.join(f'{row[0]}…' for row in found)}"
        raise refused(shape.label, says, f"its key is ({', '.join(shape.key)}): declare a shorter one")


def _refuse_dangling(picked: Slice, shape: Shape, schema: Schema) -> None:
    for column in sorted({one for link in shape.links for one in link.columns} & shape.references.keys()):
        _refuse_half_null(picked, shape, column)
    for hidden in hidden_ids(shape):
        pointed = picked.shapes[hidden.table]
        id_ = pointed.surrogate or ""
        same = is_id(f"o.{name(id_)}", "held.id", schema.tables[pointed.label].columns[id_].type)
        _refuse_lost(picked, shape, pointed, (hidden.says, f"({hidden.ids('t')})", same))
    for key in schema.tables[shape.label].foreign_keys:
        if not key.name and key.columns[0] in shape.references:  # a pointer: no database held it to anything
            same = f"o.{name(key.target[0])} = held.id"
            ids = f"(select t.{name(key.columns[0])})"
            _refuse_lost(picked, shape, picked.shapes[key.table], (key.columns[0], ids, same))


def _refuse_half_null(picked: Slice, shape: Shape, column: str) -> None:
    """Refuse an id that leads nowhere: a foreign key of several columns is not held where one is null."""
    to = shape.references[column]
    pointed = picked.shapes[to.table]
    there = f"from {name(pointed.schema, pointed.name)} as o where {led(to, pointed, ('t', column), 'o')}"
    value = name("t", column)
    lost = f"{value} is not null and not exists (select {there})"
    found = picked.source.query(f"select {value}::text from {_picked(shape)} where {lost} limit {SAMPLE}")
    if found:
        says = f"names no row of {to.table}: {', '.join(str(row[0]) for row in found)}"
        raise refused(f"{shape.label}.{column}", says, "correct it, or set it to null")


def _refuse_lost(picked: Slice, shape: Shape, pointed: Shape, held: tuple[str, str, str]) -> None:
    says, ids, same = held
    there = f"exists (select from {name(pointed.schema, pointed.name)} as o where {same})"
    lost = picked.source.query(
        f"select distinct held.id::text from {_picked(shape)}, lateral {ids} as held(id)"
        f" where not p.matched and held.id is not null and not {there} order by 1 limit {SAMPLE}"
    )
    if lost:
        which, where = ", ".join(str(row[0]) for row in lost), f"{shape.label}.{says}"
        raise refused(where, f"names no row of {pointed.label}: {which}", "correct it, or set it to null")


def _refuse_unpointed(picked: Slice, shape: Shape) -> None:
    """Refuse rows whose column points by none of its pointers, and arrays that are no plain lists."""
    one = key_image(shape, picked.shapes, "t")
    for column in shape.pointing:
        ways, value = [way for way in shape.pointers if way.column == column], f"t.{name(column)}"
        held = " or ".join(holds(way, shape, "t") for way in ways)
        is_array = any(way.is_array for way in ways)
        doubts = [
            (f"not ({held})", "points by none of its pointers", HINT_UNPOINTED.format(column)),
            (is_odd(value), "is an array of several dimensions", "its ids cannot be followed: skip it"),
        ]
        for condition, says, hint in doubts if is_array else doubts[:1]:
            rows = f"{_picked(shape)}{one.joins} where not p.matched and {value} is not null and {condition}"
            found = picked.source.query(
                f"select {one.key}, {value}::text from {rows} order by 1 limit {SAMPLE}"
            )
            if found:
                which = ", ".join(f"{key} ({there})" for key, there in found)
                raise refused(f"{shape.label}.{column}", f"{says}: {which}", hint)
