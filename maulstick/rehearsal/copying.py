"""The copy as a whole: schema and rows of production, in a database that lives for one rehearsal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from maulstick.errors import Problem
from maulstick.files import temporary_folder
from maulstick.postgres.connection import Database
from maulstick.postgres.database_address import open_connection
from maulstick.postgres.sql_problem import one_line
from maulstick.redact import Secret
from maulstick.rehearsal import filling
from maulstick.rehearsal.met_rows import Travelling
from maulstick.rehearsal.neighbourhood import Neighbourhood, neighbourhood
from maulstick.rehearsal.programs import Programs, programs_for, server_version
from maulstick.rehearsal.schema import LeftOut, dump_schema
from maulstick.rehearsal.scratch import Locale, Scratch, scratch_database

LOCALE = """
select datcollate, datctype, d ->> 'datlocprovider', coalesce(d ->> 'datlocale', d ->> 'daticulocale')
from pg_database as b cross join to_jsonb(b) as d where datname = current_database()
"""
SETTINGS = """
select split_part(one, '=', 1), substr(one, strpos(one, '=') + 1)
from pg_db_role_setting as s left join pg_database as d on d.oid = s.setdatabase
  left join pg_roles as r on r.oid = s.setrole, unnest(s.setconfig) as one
where coalesce(d.datname = current_database(), true) and coalesce(r.rolname = current_user, true)
  and split_part(one, '=', 1) !~ 'preload|tablespace|read_only|^role$|^session_auth'
order by s.setrole, s.setdatabase
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a copy comes from and goes: a server at `local`, and the programs that fit both.

    `version` is production's, `here` the local server's.
    """

    production: Database
    url: Secret = field(repr=False)
    role: str | None
    local: Secret = field(repr=False)
    programs: Programs
    version: int
    here: int


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that is ready: its rows by table, of which `bare` tables have only keys, and what it lacks."""

    scratch: Scratch
    rows: Mapping[str, int]
    bare: Sequence[str]
    left_out: Sequence[LeftOut]
    notes: Sequence[str]


def places(production: Database, url: Secret, role: str | None, local: Secret, own: Path | None) -> Places:
    """Return the places of a copy; refuse what cannot be one (exit 2, 4) before anything is copied.

    `own` is a folder of programs that came with us.
    """
    version, here = server_version(production), _local_version(local)
    return Places(production, url, role, local, programs_for(max(version, here), own), version, here)


@contextmanager
def copied(places: Places, travelling: Sequence[Travelling], target: str, *, keep: bool) -> Iterator[Copied]:
    """Make the copy for the block."""
    production, version, here = places.production, places.version, places.here
    locale = _locale(production)
    with scratch_database(places.local, target, locale, keep=keep) as scratch:
        with temporary_folder() as folder, neighbourhood(production, travelling) as near:
            dump = dump_schema(
                places.programs,
                places.url,
                folder,
                snapshot=near.snapshot,
                where=production.where,
                role=places.role,
            )
            left_out = [*dump.left_out, *dump.restore(scratch.url, "pre-data")]
            with open_connection(scratch.url, "database of the copy") as connection:
                left_out += _filled(connection, near)
            left_out += dump.restore(scratch.url, "post-data")
            with open_connection(scratch.url, "database of the copy") as connection:
                left_out += filling.finish(connection, near)
            rows = {label: near.count(label) for label in near.tables}
            bare = [label for label, table in near.tables.items() if not table.is_whole]
        older = (f"the local server is PostgreSQL {here}, and production's is {version}",)
        notes = (*(older if here < version else ()), *scratch.notes)
        yield Copied(scratch, rows, bare, left_out, notes)


def _filled(connection: psycopg.Connection, near: Neighbourhood) -> list[LeftOut]:
    try:
        return [*filling.fill(connection, near)]
    except psycopg.Error as error:
        hint = "the copy's tables are production's: does an extension lack here?"
        raise Problem("database of the copy", one_line(str(error)), hint) from error


def _local_version(url: Secret) -> int:
    with open_connection(url, "local server") as connection:
        return int(connection.info.server_version // 10000)


def _locale(database: Database) -> Locale:
    ((collate, ctype, provider, named),) = database.query(LOCALE)
    settings = {str(row[0]): str(row[1]) for row in database.query(SETTINGS)}
    return Locale(str(collate), str(ctype), settings, provider or "", named or "")
