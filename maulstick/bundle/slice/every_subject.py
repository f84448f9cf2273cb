"""Every subject of a source, as `--all` and `status` need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from maulstick.bundle.slice.groups import Group, each_chunk, groups_of, values
from maulstick.bundle.slice.picked import pick
from maulstick.errors import Exit, Problem, refused
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, connect, one_snapshot
from maulstick.postgres.quoting import name
from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.picked_rows import Numbered
from maulstick.postgres.tables.schema import Schema
from maulstick.project.declarations import Kind, Subject, Table
from maulstick.project.inventory import LocalSource
from maulstick.project.plugins.registry import Plugins


def every_subject(source: LocalSource, plugins: Plugins) -> list[Subject]:
    """Return every subject of every kind, except those that travel with another one.

    An artwork of a series is released with its series; one without a series is a subject of its own.
    """
    with connect(source.database, f"source {source.name}") as database:
        schema = read_schema(database)
        kinds = list(plugins.kinds().values())
        with one_snapshot(database):
            found = [subject for kind in kinds for subject in _subjects(database, kind)]
            inside = _inside_of_all(database, found, kinds, groups_of(found, plugins, schema))
        for subject in found:
            if subject not in inside:
                inside[subject] = _others_inside(database, subject, kinds, plugins, schema)
        inside = {subject: inside[subject] - {subject} for subject in found}
    if not found:
        raise refused(f"source {source.name}", "holds no subject of any kind")
    kept = _covering(inside)
    return [subject for subject in found if subject in kept]


def _covering(inside: Mapping[Subject, set[Subject]]) -> set[Subject]:
    """Find the fewest subjects with which all others travel; of two that include each other, one."""
    kept: set[Subject] = set()
    covered: set[Subject] = set()
    for subject in sorted(inside, key=lambda one: len(inside[one]), reverse=True):
        if subject not in covered:
            kept.add(subject)
            covered |= inside[subject]
    return kept


def _subjects(database: Database, kind: Kind) -> Iterator[Subject]:
    key = name(kind.key)
    keys = f"select distinct {key}::text from {_table(kind)} where {key} is not null order by 1"
    for row in database.query(keys):
        yield Subject(kind.name, str(row[0]))


def _inside_of_all(
    database: Database, found: Sequence[Subject], kinds: Sequence[Kind], groups: Sequence[Group]
) -> dict[Subject, set[Subject]]:
    """Return what travels with each subject, without the subjects that must be read alone."""
    inside: dict[Subject, set[Subject]] = {}

    def act(group: Group, numbered: Numbered) -> None:
        seen: dict[Subject, set[Subject]] = {subject: set() for subject in numbered.values()}
        for kind in _others(kinds, group.kind, group.tables):
            for number, key in values(database, group.specs[kind.table], kind.key):
                seen[numbered[number]].add(Subject(kind.name, key))
        inside.update(seen)

    alone = [group for group in groups if not _others(kinds, group.kind, group.tables)]
    inside.update({subject: set() for group in alone for subject in group.subjects})
    each_chunk(database, [group for group in groups if group not in alone], act)
    return inside


def _others(kinds: Sequence[Kind], own: Kind, tables: Sequence[Table]) -> list[Kind]:
    """List the kinds of the other tables that travel with a subject."""
    travelling = {table.name for table in tables} - {own.table}
    return [kind for kind in kinds if kind.table in travelling]


def _others_inside(
    database: Database, subject: Subject, kinds: list[Kind], plugins: Plugins, schema: Schema
) -> set[Subject]:
    try:
        return {*_inside(database, subject, kinds, plugins, schema)}
    except Problem as problem:
        if problem.code == Exit.PLUGIN:
            raise
        return set()  # one that cannot be read stops none of the others, and says so when it is released


def _inside(
    database: Database, subject: Subject, kinds: list[Kind], plugins: Plugins, schema: Schema
) -> Iterator[Subject]:
    tables = plugins.tables(subject)
    own = plugins.kind(subject.kind)
    others = _others(kinds, own, tables)
    if not others:
        return
    specs = specs_of(tables, schema)
    with one_snapshot(database):
        picked = pick(database, subject, own, tables, specs, schema)
        for kind in others:
            for key in picked.values(specs[kind.table], kind.key):
                yield Subject(kind.name, key)


def _table(kind: Kind) -> str:
    schema, _, plain = kind.table.rpartition(".")
    return name(schema or "public", plain)
