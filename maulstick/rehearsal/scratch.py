"""A database that lives for one rehearsal."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import psycopg
from psycopg import sql

from maulstick.errors import DENIED, Problem
from maulstick.postgres import quoting
from maulstick.postgres.database_address import open_connection
from maulstick.postgres.sql_problem import one_line
from maulstick.project.dsn import parse
from maulstick.redact import Secret

PREFIX = "maulstick_rehearsal_"
KEPT = "maulstick: kept after its rehearsal"
WHERE = "database of the copy"
MAY = "select current_user, rolsuper or rolcreatedb from pg_roles where rolname = current_user"
LOCK = "select pg_try_advisory_lock(hashtext(%s))"
RUNS = "maulstick: a rehearsal from {}"
"""What a copy says of itself while it is used: locks are known only within one database."""
PROVIDERS = {"c": ("libc", ""), "i": ("icu", "icu_locale"), "b": ("builtin", "builtin_locale")}
ABANDONED = """
select datname from pg_database where starts_with(datname, %s)
  and shobj_description(oid, 'pg_database') = %s and pg_has_role(datdba, 'usage')
"""


@dataclass(frozen=True, slots=True)
class Locale:
    """How a database sorts, and which of its settings are its own.

    `provider` is the letter of who sorts, "" where the server knows but one, and `named` what that one calls
    it, where it has a name of its own.
    """

    collate: str
    ctype: str
    settings: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    named: str = ""

    def clauses(self) -> Iterator[sql.Composed]:
        """Yield how a database is made that sorts alike, the likest first."""
        plain = sql.SQL(" lc_collate {} lc_ctype {}").format(self.collate, self.ctype)
        if self.provider in PROVIDERS:
            provider, option = PROVIDERS[self.provider]
            named = sql.SQL(f" {option} {{}}").format(self.named) if option else sql.SQL("")
            yield sql.SQL(f" locale_provider {provider}") + named + plain
        yield plain


@dataclass(frozen=True, slots=True)
class Scratch:
    """A database that was made for a rehearsal; `notes` say in what it differs from production's."""

    name: str
    url: Secret
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Its address without a password."""
        address = parse(self.url.reveal())
        return replace(address, password=None).text() if address else self.name


@contextmanager
def scratch_database(server: Secret, target: str, locale: Locale, *, keep: bool) -> Iterator[Scratch]:
    """Make a database beside that of an address for the block; it is dropped afterwards unless it is kept.

    Those of rehearsals that were killed are dropped first: a lock tells which of them still run.
    """
    plain = re.sub(r"\W", "_", target.lower(), flags=re.ASCII)
    name = quoting.fitting(f"{PREFIX}{plain[:30]}_{secrets.token_hex(4)}")
    with open_connection(server, WHERE) as connection:
        _drop_abandoned(connection)
        connection.execute(LOCK, [name])
        try:
            notes = _create(connection, name, locale)
            _comment(connection, name, RUNS.format(connection.info.dbname))
            yield Scratch(name, database_at(server, name), notes)
        finally:
            _ended(server, connection, name, keep=keep)


def require_maker(server: Secret) -> None:
    """Refuse a role that may not make databases, before anything is made or copied."""
    with open_connection(server, WHERE) as connection:
        ((role, may),) = connection.execute(MAY).fetchall()
    if not may:
        raise NotAllowed(str(role))


class NotAllowed(Problem):
    """The local role may not make databases."""

    def __init__(self, role: str) -> None:
        self.role = role
        hint = f"alter role {quoting.name(role)} createdb lets it; the copy is dropped at the end"
        super().__init__(WHERE, f"{role} may not make a database on the local server", hint, harmless=True)


def database_at(server: Secret, name: str) -> Secret:
    """Return the address of another database of the same server."""
    address = parse(server.reveal())
    if address is None:
        raise Problem(WHERE, "its server has no address that can be read")
    return Secret(replace(address, path=f"/{name}").text())


def _create(connection: psycopg.Connection, name: str, locale: Locale) -> tuple[str, ...]:
    """Create the database as production's sorts, or plainly where this server does not know that."""
    plain = sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(name))
    notes: tuple[str, ...] = ()
    if not any(_created(connection, plain + clause) for clause in locale.clauses()):
        known = locale.named or locale.collate
        notes = (f'texts sort as "C", not as "{known}": the local server does not know that',)
        try:
            connection.execute(plain + sql.SQL(" lc_collate 'C' lc_ctype 'C'"))
        except psycopg.Error as error:
            raise Problem(WHERE, one_line(str(error))) from error
    for setting, value in locale.settings.items():
        with suppress(psycopg.Error):
            _set(connection, name, setting, value)
    return notes


def _created(connection: psycopg.Connection, text: sql.Composed) -> bool:
    try:
        connection.execute(text)
    except psycopg.Error as error:
        if error.sqlstate == DENIED:
            raise NotAllowed(connection.info.user) from error
        return False
    return True


def _set(connection: psycopg.Connection, name: str, setting: str, value: str) -> None:
    """Give the database a setting; its value is not SQL of ours, and is never read as such."""
    connection.execute("select set_config(%s, %s, false)", [setting, value])
    parts = sql.Identifier(name), sql.Identifier(*setting.split("."))
    connection.execute(sql.SQL("alter database {} set {} from current").format(*parts))
    connection.execute(sql.SQL("reset {}").format(parts[1]))


def _ended(server: Secret, connection: psycopg.Connection, name: str, *, keep: bool) -> None:
    """Drop the database, or mark it as kept; over a new connection where ours is gone."""
    if connection.broken or connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        with open_connection(server, WHERE) as other:
            _dropped(other, name, keep=keep)
    else:
        _dropped(connection, name, keep=keep)


def _dropped(connection: psycopg.Connection, name: str, *, keep: bool) -> None:
    if keep:
        _comment(connection, name, KEPT)
    else:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _comment(connection: psycopg.Connection, name: str, text: str) -> None:
    connection.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(name), text))


def _drop_abandoned(connection: psycopg.Connection) -> None:
    for (name,) in connection.execute(ABANDONED, [PREFIX, RUNS.format(connection.info.dbname)]).fetchall():
        if connection.execute(LOCK, [name]).fetchone() == (True,):
            with suppress(psycopg.Error):
                _dropped(connection, name, keep=False)
            connection.execute("select pg_advisory_unlock(hashtext(%s))", [name])
