"""What production holds and what is left behind, as the invariants look at it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from maulstick.sandbox import process
from tests.faults.site import SUBJECT
from tests.faults.ways import processes_in
from tests.faults.world import World

OURS = {
    "series": f"t.slug = '{SUBJECT}'",
    "artworks": f"t.series_id in (select id from series where slug = '{SUBJECT}')",
    "notes": f"t.artwork_id in (select a.id from artworks a join series s on s.id = series_id"
    f" where s.slug = '{SUBJECT}')",
}
"""The rows of the subject, by their table."""
OWN = "inserted_at,updated_at,added"
NAMED = {
    "series": f"select slug, to_jsonb(t) - '{{id,{OWN}}}'::text[] from series t",
    "artworks": f"select slug, to_jsonb(t) - '{{id,series_id,{OWN}}}'::text[] from artworks t",
    "notes": "select (select slug from artworks where id = artwork_id) || ' ' || place,"
    " to_jsonb(t) - '{id,artwork_id}'::text[] from notes t",
}
"""Rows by their keys, without what differs from database to database."""
OUTSIDE = ("users", "enquiries", *OURS)
BEHIND = """
select format('%s.%s', c.table_name, c.column_name), pg_get_serial_sequence(c.table_name, c.column_name)
from information_schema.columns c where c.table_schema = 'public' and c.column_name = 'id' order by 1
"""
RELEASES = "select number, subject, digest, kind, of from maulstick.release order by 1"
CHANGES = """
select release, table_name, key, action, before::text, after::text from maulstick.change order by 1, 2, 3
"""
BASE = "select table_name, key, values, subjects from maulstick.base order by 1, 2"
RUNS = """
select count(*) from pg_stat_activity where application_name = 'maulstick' and datname in ('live', 'source')
"""
LOCKS = "select count(*) from pg_locks where locktype = 'advisory' and granted"
SETTLED = 60.0
"""Seconds after which a server process without its client is called left behind."""

Slice = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Production at one moment: its rows, the ledger, the bucket."""

    slice: Slice
    outside: tuple[str, ...]
    releases: tuple[Any, ...]
    changes: tuple[Any, ...]
    base: Mapping[tuple[str, str], Mapping[str, str | None]]
    behind: tuple[str, ...]
    objects: Mapping[str, str]

    @property
    def newest(self) -> int:
        """Return the number of the newest release, 0 where there is none."""
        return self.releases[-1][0] if self.releases else 0


@dataclass(frozen=True, slots=True)
class Traces:
    """What a command has left behind: by what it is called."""

    temporary: tuple[str, ...] = ()
    halves: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    sessions: int = 0
    locks: int = 0
    prepared: int = 0
    parts: int = 0
    more: tuple[str, ...] = field(default=())


def snapshot(world: World) -> Snapshot:
    """Return what production holds now."""
    with world.connect() as live:
        has_ledger = _value(live, "select to_regclass('maulstick.release') is not null")
        return Snapshot(
            slice=_slice(live),
            outside=tuple(_outside(live)),
            releases=tuple(_rows(live, RELEASES)) if has_ledger else (),
            changes=tuple(_rows(live, CHANGES)) if has_ledger else (),
            base={(t, k): v for t, k, v, _ in _rows(live, BASE)} if has_ledger else {},
            behind=tuple(_behind(live)),
            objects=world.bucket.listed(),
        )


def traces(world: World) -> Traces:
    """Return what is left behind, once what only needs a moment has gone."""
    with world.connect("postgres") as admin:
        process.wait_until(lambda: _value(admin, RUNS) == 0, seconds=SETTLED)
        names = [path.name for path in world.temporary.iterdir()]
        return Traces(
            temporary=tuple(names),
            halves=tuple(str(path.relative_to(world.folder)) for path in _halves(world.folder)),
            processes=tuple(_processes(world)),
            sessions=_value(admin, RUNS),
            locks=_value(admin, LOCKS),
            prepared=_value(admin, "select count(*) from pg_prepared_xacts"),
            parts=len(world.bucket.unfinished()),
        )


def cell(world: World, question: str) -> str | None:
    """Return one value of production, None where there is none."""
    with world.connect() as live:
        found = live.execute(question.encode()).fetchone()
        return found[0] if found else None


def _slice(live: psycopg.Connection) -> Slice:
    return {
        (table, key): row
        for table, where in OURS.items()
        for key, row in _rows(live, f"{NAMED[table]} where {where}")
    }


def _outside(live: psycopg.Connection) -> list[str]:
    """Return the rows that are not the subject's, as text with the transaction that wrote each."""
    found = []
    for table in OUTSIDE:
        others = f"not coalesce({OURS.get(table, 'false')}, false)"
        text = f"select (to_jsonb(t) - 'added')::text, xmin::text from {table} t where {others} order by 1"
        found += [f"{table} {row} by {writer}" for row, writer in _rows(live, text)]
    return found


def _behind(live: psycopg.Connection) -> list[str]:
    found = []
    for column, sequence in _rows(live, BEHIND):
        if sequence:
            table = column.partition(".")[0]
            text = f"select (select coalesce(max(id), 0) from {table}), last_value, is_called from {sequence}"
            highest, last, called = _rows(live, text)[0]
            found += [column] if highest >= last + called else []
    return found


def _halves(folder: Path) -> list[Path]:
    """Return files that were to become others: their names begin with a dot and end with a number."""
    return [path for path in folder.rglob(".*.*") if path.suffix[1:].isdecimal()]


def _processes(world: World) -> list[str]:
    found = []
    for pid in processes_in(world.folder):
        with suppress(psutil.Error):
            one = psutil.Process(pid)
            if one.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(one.cmdline())[:200])
    return found


def _rows(database: psycopg.Connection, text: str) -> list[Any]:
    return database.execute(text.encode()).fetchall()


def _value(database: psycopg.Connection, text: str) -> Any:
    return _rows(database, text)[0][0]
