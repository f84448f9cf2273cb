"""The two places of a release, what is done to them, and a library to try it on."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg

from maulstick.bundle import folder as bundles
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.export import exported
from maulstick.console import Console
from maulstick.hosts import host as hosts
from maulstick.media.sources import Folder
from maulstick.plan.changes import Plan
from maulstick.plan.planner import make_plan
from maulstick.postgres.connection import connect
from maulstick.project.declarations import File, Kind, Outcome, Page, Query, Rows, Subject, Table
from maulstick.project.playbook import PlaybookStep
from maulstick.project.plugins.registry import load
from maulstick.project.targets import HostKind, LocalSource, Target
from maulstick.redact import Secret
from maulstick.release import core_steps
from maulstick.release.context import Opened, ReleaseContext
from maulstick.release.progress import Progress
from maulstick.release.runner import perform_step
from maulstick.release.settings import ReleaseSettings
from tests.checkout import ROOT

BOOKS = """
create table shelf (id bigserial primary key, slug text not null unique, title text not null unique,
  note text, position integer default 0,
  inserted_at timestamp(0) not null, updated_at timestamp(0) not null);
create table author (id bigserial primary key, name text not null unique, born integer);
create table book (id bigserial primary key, isbn text not null unique, title text not null,
  price integer, shelf_id bigint references shelf on delete set null, author_id bigint references author);
"""
SHELF = Table("shelf", key="slug")
BOOK = Table("book", key="isbn", via="shelf_id")
AUTHOR = Table("author", key="name")
LIBRARY = (SHELF, BOOK, AUTHOR)
PLUGINS = ROOT / "plugins"
NOBODY: Any = None
NOW = "'2025-11-17 09:49:05'"


@dataclass(frozen=True, slots=True)
class Place:
    """A database: its address, a folder for the bundles made from it, and a connection that commits."""

    url: str
    folder: Path
    connection: psycopg.Connection = field(repr=False)

    @property
    def database(self) -> str:
        """Return the database's name."""
        return self.url.rpartition("/")[2]

    def empty(self) -> None:
        """Make the database as new, and forget the bundles made from it."""
        schemas = "select quote_ident(nspname) from pg_namespace where nspname !~ '^(pg_|information)'"
        for (schema,) in self.rows(schemas):
            self.run(f"drop schema {schema} cascade")
        self.run(f"create schema public; alter database {self.database} reset all; reset all")
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, text: str, *values: object) -> None:
        """Run SQL."""
        self.connection.execute(text.encode(), values or None)

    def rows(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        return self.connection.execute(text.encode(), values or None).fetchall()

    def value(self, text: str, *values: object) -> Any:
        """Return the one value of a question."""
        [(value,)] = self.rows(text, *values)
        return value

    def dump(self, *, but: Sequence[str] = ()) -> dict[str, list[str]]:
        """Return every row of every table, the ledger's too, with the transaction that wrote it."""
        names = self.rows(
            "select relname, oid::regclass::text from pg_class where relkind = 'r'"
            " and relnamespace::regnamespace::text !~ '^(pg_|information)' order by 2"
        )
        written = "select t.xmin::text || ' ' || t.ctid::text || ' ' || t::text from"
        return {
            table: [row for (row,) in self.rows(f"{written} {table} as t order by 1")]
            for name, table in names
            if name not in but
        }

    def wait_for_quiet(self) -> None:
        """Wait until every release has left: only then are its writes counted."""
        alive = "select count(*) from pg_stat_activity where datname = current_database()"
        while self.value(f"{alive} and application_name = 'maulstick'"):
            time.sleep(0.01)

    def other_connection(self) -> psycopg.Connection:
        """Return a connection of somebody else, whose statements wait for a commit."""
        return psycopg.connect(self.url)


@dataclass(frozen=True, slots=True)
class Declared:
    """What plugins would say, as a test says it."""

    one: Kind
    declared: tuple[Table, ...]
    asked: tuple[Query, ...] = ()

    def kind(self, name: str) -> Kind:
        return self.one

    def tables(self, subject: Subject) -> list[Table]:
        return list(self.declared)

    def files(self, subject: Subject, rows: Rows) -> list[File]:
        return []

    def made(self, subject: Subject, source: Any) -> list[File]:
        return []

    def pages(self, subject: Subject, rows: Rows) -> list[Page]:
        return []

    def queries(self, subject: Subject) -> list[Query]:
        return list(self.asked)


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did: its number, the word after `apply`, and what it says."""

    number: int | None
    word: str
    says: str


def export(
    source: Place,
    *tables: Table,
    key: str = "poetry",
    plugins: Any = None,
    kind: str = "",
    asked: Sequence[Query] = (),
) -> Bundle:
    """Export a subject and read its bundle back; the first table is the kind's own, its key its name."""
    tables = tables or LIBRARY
    own = Kind(kind or tables[0].name, tables[0].name, tables[0].key[0])
    subject = Subject(own.name, key)
    plugins = plugins or Declared(own, tables, tuple(asked))
    media = source.folder / "static"
    media.mkdir(parents=True, exist_ok=True)
    place = LocalSource("local", Secret(source.url), media, None, None, source.folder)
    with exported(subject, place, plugins, Folder(media)) as found:
        folder = bundles.folder_of(place.bundles, subject)
        found.write(folder)
    return bundles.load(folder, source="local")


CORE = {step.name: step for step in core_steps.maulstick_steps()}
A_TARGET = Target(
    name="production",
    kind=HostKind("direct", "an address", open=NOBODY),
    keys=None,
    source=None,
    site="",
    storage_quota=None,
    confirm=False,
    addressing="path",
    acl=None,
    database_user=None,
    plan_database=None,
)


def a_target(name: str, **more: Any) -> Target:
    """Return a target by its name, whose address is used as it stands."""
    return replace(A_TARGET, name=name, **more)


@dataclass(frozen=True, slots=True)
class Reached:
    """A host whose database is reached by its address, and which has nothing else."""

    database: Secret
    plan_database: Secret
    environment: Mapping[str, Secret] = field(default_factory=dict)
    machine: Any = None
    code: None = None

    def look(self) -> str:
        return ""


def local(source: Place) -> LocalSource:
    """Return a database as the source of releases."""
    return LocalSource("local", Secret(source.url), source.folder, None, None, source.folder)


def a_release(
    bundle: Bundle,
    production: Place,
    source: LocalSource,
    *,
    target: Target = A_TARGET,
    settings: ReleaseSettings | None = None,
    steps: Sequence[str] = (),
    plugins: Any = NOBODY,
) -> Progress:
    """Return a release of a bundle that has not begun."""
    url = Secret(production.url)
    context = ReleaseContext(
        bundle.manifest.subject,
        hosts.Place(target, source),
        Reached(url, target.plan_database or url),
        plugins,
        Console(quiet=True),
        settings or ReleaseSettings(without_media=True, operator="a test"),
        tuple(PlaybookStep(step, {}) for step in steps),
        opened=Opened(bundle),
    )
    return Progress(context, CORE)


def perform(progress: Progress, step: str, **options: int | str | bool) -> Outcome:
    """Perform one step of a release."""
    return perform_step(progress, PlaybookStep(step, options))


def plan(bundle: Bundle, production: Place, *, target: str = "production") -> Plan:
    """Return what a bundle would change in production."""
    with connect(Secret(production.url), "production") as database:
        return make_plan(bundle, database, target)


def apply(bundle: Bundle, production: Place, *, target: str = "production", lock_wait: int = 60) -> Released:
    """Write a bundle's rows into production, by the step that does it."""
    nowhere = LocalSource("local", Secret(""), bundle.folder, None, None, bundle.folder)
    progress = a_release(bundle, production, nowhere, target=a_target(target))
    outcome = perform(progress, "apply", lock_wait=lock_wait)
    return Released(progress.number, outcome.word, outcome.says)


def release(source: Place, production: Place, *tables: Table, key: str = "poetry") -> Released:
    """Export and apply."""
    return apply(export(source, *tables, key=key), production)


def actions(planned: Plan) -> dict[tuple[str, str], str]:
    """Return the action of each row that is not unchanged."""
    return {(change.table, change.key): change.action for change in planned.changes}


def fill_shelf(place: Place) -> None:
    """Put the shelf poetry with two books of one author there."""
    place.run(
        f"insert into shelf (slug, title, inserted_at, updated_at) values ('poetry', 'Poetry', {NOW}, {NOW})"
    )
    place.run("insert into author (name, born) values ('Emily', 1830)")
    place.run(
        "insert into book (isbn, title, price, shelf_id, author_id)"
        " select i, t, 900, (select max(id) from shelf), (select max(id) from author)"
        " from (values ('1', 'Poems'), ('2', 'Letters')) as v(i, t)"
    )


def both(source: Place, production: Place, text: str) -> None:
    """Run SQL on both sides."""
    for place in (source, production):
        place.run(text)


class WithoutMedia:
    """The site's own plugins, whose rows travel here without their files."""

    def __init__(self):
        self.plugins = load(PLUGINS)

    def __getattr__(self, name):
        return getattr(self.plugins, name)

    def tables(self, subject):
        return [replace(table, media=()) for table in self.plugins.tables(subject)]
