"""Roles that may release or plan and nothing else: the docs' own SQL, on the site's own schema."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from maulstick.bundle.bundle import Bundle
from maulstick.errors import Exit, Problem
from maulstick.plan import history
from maulstick.plan.rollback import rollback
from maulstick.plan.undone import Undone
from maulstick.postgres import privileges as rights
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import connect
from maulstick.postgres.tables.declared import specs_of
from maulstick.project.declarations import Subject
from maulstick.redact import Secret
from maulstick.release.progress import Progress
from maulstick.sandbox import content
from maulstick.sandbox.postgres import Postgres
from tests.checkout import ROOT
from tests.databases.deciding import release_of
from tests.databases.places import Place, WithoutMedia, a_target, export, perform
from tests.databases.servers import a_place
from tests.servers.clusters import NEWEST

SAFETY = ROOT / "docs" / "safety.md"
SITE = "olivia_art_portfolio"
FirstDay = Callable[[int], str]
NOTHING: Mapping[str, Any] = {}
ROLES = ("maulstick", "maulstick_plan")
EDGES = pytest.mark.parametrize("pair", [(NEWEST, NEWEST), (NEWEST, 14)], indirect=True)
FORBIDDEN = [
    "select * from users",
    "select message from enquiries",
    "update subscribers set source = ''",
    "delete from exhibitions",
    "truncate artworks",
    "drop table artworks",
    "create table public.mine (n integer)",
    "alter table series add column mine text",
    "copy (select 1) to program 'true'",
]


@dataclass(frozen=True, slots=True)
class OnlyPlans:
    """A host of which nobody here knows more than the address to plan by."""

    plan_database: Secret
    environment: Mapping[str, Secret] = field(default_factory=dict)
    machine: None = None
    code: None = None

    def look(self) -> str:
        return ""

    @property
    def database(self) -> Secret:
        raise Problem("DATABASE_URL", "is not set")


def blocks() -> list[str]:
    """Return the SQL of the docs' section: of the role that releases, and of the one that plans."""
    section = SAFETY.read_text().split("\n## Least rights\n")[1].split("\n## ")[0]
    return re.findall(r"```sql\n(.*?)```", section, flags=re.DOTALL)


@pytest.fixture(scope="session")
def first_day(server: Callable[[int], Postgres], tmp_path_factory: pytest.TempPathFactory) -> FirstDay:
    """The live site's database as a template, by version."""

    @cache
    def made(major: int) -> str:
        place = a_place(server(major), tmp_path_factory.mktemp("first_day"), "first_day")
        with place.connection as connection, connection.transaction():
            connection.execute(content.schema_sql().encode())
            content.fill_production(connection)
        return "first_day"

    return made


@pytest.fixture
def site(
    server: Callable[[int], Postgres], pair: tuple[int, int], tmp_path: Path, first_day: FirstDay
) -> Iterator[Place]:
    """The live site's database under its own name, with no role yet."""
    there = server(pair[1])
    place = a_place(there, tmp_path / "site", SITE, first_day(pair[1]))
    yield place
    for role in ROLES:
        if place.value("select count(*) from pg_roles where rolname = %s", role):
            place.run(f"drop owned by {role} cascade; drop role {role}")
    place.connection.close()
    with there.connect() as connection:
        connection.execute(f"drop database {SITE} with (force)".encode())


@pytest.fixture
def roles(site: Place) -> None:
    """Both roles as the docs make them."""
    for block in blocks():
        site.run(block)


@pytest.fixture
def bundle(source: Place) -> Bundle:
    """The series Embodiment, without its files."""
    source.run(content.schema_sql())
    content.fill_source(source.connection)
    tables = WithoutMedia().tables(Subject("series", "embodiment"))
    return export(source, *tables, key="embodiment", kind="series", plugins=WithoutMedia())


def a_run(
    bundle: Bundle,
    source: Place,
    site: Place,
    *steps: str,
    typed: Mapping[str, Any] = NOTHING,
    **target: Any,
) -> Progress:
    """Return a release to a target with these keys of the inventory."""
    to = a_target("production", **target)
    return release_of(bundle, source, site, *steps, target=to, plugins=WithoutMedia(), **typed)


def as_role(site: Place, role: str) -> Secret:
    """Return the site's address for a role that logs in."""
    site.run(f"alter role {role} login password 'its-own'")
    return Secret(site.url.replace("postgres:its-password", f"{role}:its-own"))


def who_am_i(run: Progress) -> list[tuple[str, str]]:
    """Return who reads, as whom it logged in."""
    with run.context.reading(read_only=True) as database:
        return [tuple(row) for row in database.query("select current_user::text, session_user::text")]


def released(bundle: Bundle, source: Place, site: Place, **target: Any) -> str:
    run = a_run(bundle, source, site, "plan", "apply", **target)
    perform(run, "plan")
    return perform(run, "apply").says


def undone(site: Place, **target: Any) -> Undone:
    with connect(Secret(site.url), "production", role=target["database_user"]) as database:
        return rollback(database, None, target="production", left_out=(), rehearse=False)


@EDGES
def test_the_role_of_the_docs_releases_and_undoes(roles, bundle, source, site):
    assert "inserted" in released(bundle, source, site, database_user="maulstick")
    owners = (
        "select distinct pg_get_userbyid(relowner)::text from pg_class where relname in ('ledger', 'base')"
    )
    assert site.rows(owners) == [("maulstick",)]
    assert undone(site, database_user="maulstick").count("delete") > 10
    options = {**os.environ, "PGOPTIONS": "-c role=maulstick -c maulstick.target=production"}
    command = ["psql", "-X", "-q", "-f", str(bundle.folder / "release.sql"), site.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=options)
    assert (done.returncode, done.stderr) == (0, "")
    assert site.value("select max(number) from maulstick.release") == 3


def test_the_roles_of_the_docs_know_every_shipped_plugin_s_tables(roles, source, site):
    source.run(content.schema_sql())
    with connect(Secret(source.url), "source") as database:
        schema = read_schema(database)
    plugins, url = WithoutMedia(), as_role(site, "maulstick_plan")
    every = [specs_of(plugins.tables(Subject(kind, "")), schema) for kind in plugins.kinds()]
    with connect(Secret(site.url), "production", role="maulstick") as database:
        assert [rights.missing(database, specs, writes=True, deletes=True) for specs in every] == [[]] * len(
            every
        )
    with connect(url, "production", read_only=True) as database:
        assert [rights.missing(database, specs, writes=False) for specs in every] == [[]] * len(every)


@pytest.mark.parametrize("role", ROLES)
def test_the_roles_of_the_docs_may_do_nothing_else(roles, site, role):
    url = as_role(site, role).reveal()
    more = ["update artworks set title = ''", "create table maulstick.mine (n integer)"]
    for statement in FORBIDDEN + (more if role == "maulstick_plan" else []):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_the_role_that_plans_only_reads(roles, bundle, source, site):
    url = as_role(site, "maulstick_plan")
    first = a_run(bundle, source, site, "plan", database_user="maulstick", plan_database=url)
    assert perform(first, "plan").warnings == ()
    assert "inserted" in released(bundle, source, site, database_user="maulstick", plan_database=url)
    assert first.plan.counts()["insert"] > 10
    assert who_am_i(first) == [("maulstick_plan", "maulstick_plan")]
    alone = a_run(bundle, source, site, "plan", plan_database=url)
    alone = Progress(replace(alone.context, host=OnlyPlans(url)), alone.known_steps)
    assert perform(alone, "plan").warnings == ()
    with alone.context.reading(read_only=True) as database:
        assert [one["number"] for one in history.releases(database)] == [1]


@pytest.mark.parametrize("pair", [(NEWEST, 14)], indirect=True)
def test_every_missing_right_is_named_at_once_and_what_is_said_is_enough(bundle, source, site):
    site.run(f"create role maulstick; revoke all on database {SITE} from public")
    site.run("revoke all on schema public from public")
    lacks = lacking(bundle, source, site, prune=True)
    assert {lack.split()[0] for lack in lacks} == {"grant", "create"}
    for statement in lacks:
        site.run(statement)
    assert "inserted" in released(bundle, source, site, database_user="maulstick")
    for statement in [one for one in lacks if one.startswith("grant")]:
        site.run(statement.replace("grant ", "revoke ", 1).replace(" to maulstick", " from maulstick"))
        assert lacking(bundle, source, site, prune=True) == [statement]
        site.run(statement)
    assert undone(site, database_user="maulstick").count("delete") > 10


def lacking(bundle: Bundle, source: Place, site: Place, **typed: Any) -> list[str]:
    """Return what a refused plan of a release says to paste."""
    run = a_run(bundle, source, site, "plan", "apply", typed=typed, database_user="maulstick")
    before = site.dump()
    with pytest.raises(Problem) as caught:
        perform(run, "plan")
    assert (caught.value.where, caught.value.code, site.dump()) == ("rights", Exit.REFUSED, before)
    return [line.strip(" ;") for line in caught.value.what.splitlines()[1:]]


def test_apply_and_rollback_alone_name_every_missing_right_too(roles, bundle, source, site):
    run = a_run(bundle, source, site, "apply", database_user="maulstick")
    site.run(
        "revoke update on artworks from maulstick; revoke usage on sequence series_id_seq from maulstick"
    )
    with pytest.raises(Problem, match=r"(?s)grant update on public.artworks .*series_id_seq to maulstick;"):
        perform(run, "apply")
    assert site.value("select count(*) from series where slug = 'embodiment'") == 0
    site.run("grant update on artworks to maulstick; grant usage on sequence series_id_seq to maulstick")
    perform(run, "apply")
    site.run("revoke delete on media from maulstick; revoke select (ctid) on enquiries from maulstick")
    with pytest.raises(Problem, match=r"(?s)delete on public.media to .*select \(.*\) on public.enquiries"):
        undone(site, database_user="maulstick")


def test_a_plan_alone_only_warns_of_what_a_release_lacks(roles, bundle, source, site):
    site.run("revoke insert on artworks from maulstick")
    url = as_role(site, "maulstick_plan")
    for target in ({"database_user": "maulstick", "plan_database": url}, {"database_user": "maulstick"}):
        warned = perform(a_run(bundle, source, site, "plan", **target), "plan").warnings
        assert warned == ("to release, this is missing: grant insert on public.artworks to maulstick;",)
        with pytest.raises(Problem, match=r"grant insert on public\.artworks to maulstick;"):
            perform(a_run(bundle, source, site, "plan", "apply", **target), "plan")


def test_a_role_that_cannot_be_taken_is_said_with_the_grant(roles, bundle, source, site):
    site.run("alter role maulstick_plan login password 'its-own'")
    stranger = replace(site, url=as_role(site, "maulstick_plan").reveal())
    with pytest.raises(Problem, match="permission denied to set role") as caught:
        perform(a_run(bundle, source, stranger, "plan", database_user="maulstick"), "plan")
    assert caught.value.hint == 'grant "maulstick" to "maulstick_plan";'
    with pytest.raises(Problem, match='role "nobody" does not exist') as caught:
        perform(a_run(bundle, source, site, "plan", database_user="nobody"), "plan")
    assert "Least rights" in caught.value.hint


def test_an_audit_of_the_site_s_own_needs_its_own_right(roles, bundle, source, site):
    site.run(
        "create table audit (n integer); create function note() returns trigger language plpgsql as"
        " 'begin insert into audit values (1); return new; end';"
        "create trigger note before insert on artworks for each row execute function note()"
    )
    before = site.dump()
    with pytest.raises(Problem, match="permission denied for table audit.*; nothing was changed") as caught:
        released(bundle, source, site, database_user="maulstick")
    assert ("Least rights" in caught.value.hint, site.dump()) == (True, before)
