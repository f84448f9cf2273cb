"""Which schemas of the site's search path can be trusted, and who is a stranger in one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.trust.site_path import learn_path, schemas
from tests.databases.places import SHELF, export
from tests.postgres.catalogue.asking import roles, told

NAMES = ("someone", "owner", "member", "guest")


@pytest.fixture
def site(library, source, production):
    """Production with a few roles and a schema beside `public`, and the table whose rows are written."""
    with roles(production, *NAMES):
        production.run("create schema extra; grant usage on schema extra to public")
        production.run(f"alter database {production.database} set search_path = extra, public")
        yield production
        production.run(f"alter database {production.database} reset search_path")


@pytest.fixture
def specs(site, source):
    return [*export(source, SHELF).manifest.specs.values()]


def path(place, specs, role="none"):
    """Return the schemas of the path as a new session has it: what stays, and who is a stranger there."""
    with place.other_connection() as session:
        session.execute(f"set search_path = pg_catalog, pg_temp; set role {role}".encode())
        asks = f"select j.name, j.stays, j.strangers, j.is_open from ({schemas(specs)}) as j order by j.place"
        found = session.execute(asks.encode()).fetchall()
    return {name: (stays, tuple(strangers or ()), is_open) for name, stays, strangers, is_open in found}


def strangers(place, specs, schema="extra"):
    return path(place, specs)[schema][1]


def test_a_schema_where_strangers_create_stays_only_for_a_table_in_it(site, specs):
    assert path(site, specs) == {"extra": (True, (), False), "public": (True, (), False)}
    site.run("create table extra.mine (a int); grant create on schema extra to someone, guest")
    assert path(site, specs) == {"extra": (False, ("guest", "someone"), False), "public": (True, (), False)}
    site.run("grant create on schema public to guest")
    assert path(site, specs)["public"] == (True, ("guest",), True)
    assert path(site, specs)["extra"] == (False, ("guest", "someone"), True)
    assert path(site, [])["public"] == (False, ("guest",), False)


def test_public_comes_last_where_the_path_does_not_name_it_and_must_be_safe(site, specs):
    site.run(f"alter database {site.database} set search_path = extra")
    assert [*path(site, specs)] == ["extra", "public"]
    site.run("grant create on schema public to guest")
    assert path(site, specs)["public"] == (False, ("guest",), False)


@pytest.mark.parametrize(
    ("is_written", "expected"),
    [
        ('"Odd ""one"", x", EXTRA, public', ['Odd "one", x', "extra", "public"]),
        ("extra, extra, nowhere, public", ["extra", "public"]),
        ('"$user", public', ["postgres", "public"]),
        ("maulstick, public, extra", ["public", "extra"]),
    ],
)
def test_a_path_is_read_as_postgresql_reads_it(site, specs, is_written, expected):
    site.run('create schema "Odd ""one"", x"; create schema postgres; create schema maulstick')
    site.run(f"alter database {site.database} set search_path = {is_written}")
    assert [*path(site, specs)] == expected


def test_a_schema_that_may_not_be_used_is_in_nobody_s_path(site, specs):
    site.run("revoke usage on schema extra from public; grant usage on schema public to guest")
    assert [*path(site, specs, role="guest")] == ["public"]


@pytest.mark.parametrize(
    "trust",
    [
        "alter schema extra owner to someone",
        "alter schema extra owner to owner; grant owner to someone",
        "alter database production owner to someone",
        "alter database production owner to owner; grant owner to someone",
        "alter table shelf owner to someone",
        "alter table shelf owner to owner; grant owner to someone",
        "alter role someone superuser",
    ],
)
def test_an_owner_is_no_stranger(site, specs, trust):
    site.run("grant create on schema extra to someone")
    assert strangers(site, specs) == ("someone",)
    site.run(trust)
    assert strangers(site, specs) == ()


def test_the_owner_of_a_table_that_is_not_written_is_a_stranger(site, specs):
    site.run("grant create on schema extra to someone; alter table book owner to someone")
    assert strangers(site, specs) == ("someone",)


def test_the_owner_of_a_table_that_is_only_matched_is_a_stranger(site, specs):
    site.run("grant create on schema extra to someone; alter table shelf owner to someone")
    matched = [replace(spec, travels=False) for spec in specs]
    assert (strangers(site, specs), strangers(site, matched)) == ((), ("someone",))


def test_who_may_only_look_is_no_stranger_and_postgresql_s_own_roles_are_none(site, specs):
    site.run("grant usage on schema extra to someone; grant create on schema extra to pg_monitor")
    assert strangers(site, specs) == ()


def test_who_asks_is_no_stranger(site, specs):
    site.run("grant create on schema extra to someone, guest; grant usage on schema public to someone")
    assert path(site, specs, role="someone")["extra"][1] == ("guest",)


def learned(place, specs):
    """Return the path that is remembered for the site's own code."""
    with place.other_connection() as session:
        session.execute("set search_path = pg_catalog, pg_temp")
        session.execute(learn_path(specs).encode())
        [path] = session.execute("select current_setting('maulstick.path')").fetchone() or ()
        session.commit()
        [after] = session.execute("select current_setting('maulstick.path')").fetchone() or ()
    assert after == ""
    return path


def test_where_no_schema_can_be_trusted_only_temporary_objects_are_found(site):
    site.run("grant create on schema extra, public to guest")
    assert learned(site, []) == "pg_temp"


def test_the_site_s_code_runs_under_its_path_without_the_schemas_of_strangers(site, specs):
    assert learned(site, specs) == "extra, public, pg_temp"
    site.run("grant create on schema extra to guest")
    assert learned(site, specs) == "public, pg_temp"
    site.run(f"alter database {site.database} set search_path = extra")
    assert learned(site, specs) == "public, pg_temp"


def test_postgresql_s_own_names_come_first_where_a_stranger_may_create(site, specs):
    site.run(f"alter database {site.database} set search_path = public, pg_catalog")
    assert learned(site, specs) == "public, pg_catalog, pg_temp"
    site.run("grant create on schema public to guest")
    assert learned(site, specs) == "public, pg_temp"


OWN = "create function public.lower(text) returns text language sql as 'select 1::text';"
GIVEN = "grant create, usage on schema public, extra to guest;"


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (GIVEN + f"set role guest; {OWN} reset role", "function public.lower(text) of guest may run"),
        (
            GIVEN + "set role guest; create operator public.+ (function = pg_catalog.int4pl, leftarg = int,"
            " rightarg = int); reset role",
            "operator public.+(integer,integer) of guest may run",
        ),
        (
            GIVEN
            + "set role guest; create function public.mine() returns int language sql as 'select 1'; reset"
            " role",
            "",
        ),
        (GIVEN + OWN, ""),
        (
            GIVEN + "set role guest; create operator extra.+ (function = pg_catalog.int4pl, leftarg = int,"
            " rightarg = int); reset role",
            "",
        ),
        (
            GIVEN + f"set role guest; {OWN.replace('lower', 'upper')} {OWN} reset role",
            "function public.lower(text) of guest may run",
        ),
        (GIVEN + f"set role guest; {OWN} reset role; alter schema public owner to guest", ""),
        (GIVEN + f"set role guest; {OWN.replace('public', 'extra')} reset role", ""),
        (
            GIVEN + "create function extra.mine() returns int language sql as 'select 1'; set role guest;"
            " create function public.mine(text) returns int language sql as 'select 1'; reset role",
            "",
        ),
        (
            GIVEN
            + "set role guest; create function public.int4pl() returns int language sql as 'select 1'; reset"
            " role",
            "function public.int4pl() of guest may run",
        ),
    ],
)
def test_what_a_stranger_made_under_a_name_that_is_taken_is_refused(site, specs, made, says):
    assert says in told(site, made, learn_path(specs))
    assert bool(told(site, made, learn_path(specs))) == bool(says)


def test_what_two_schemas_of_the_path_have_is_refused_where_one_is_a_stranger_s(site, specs):
    """An owner's function is taken for the stranger's, or the other way round."""
    made = (
        "create function extra.mine() returns int language sql as 'select 1';"
        "grant create, usage on schema public to guest; set role guest;"
        "create function public.mine(text) returns int language sql as 'select 1'; reset role"
    )
    assert "function public.mine(text) of guest" in told(site, made, learn_path(specs))


ODD = (
    "grant create, usage on schema public to guest; grant references on {0} to guest; set role guest;"
    "create type public.odd as enum ('a'); create function public.plain(odd) returns {2} immutable"
    " language sql as 'select null::{2}'; create cast (odd as {2}) with function public.plain as implicit;"
    "create table public.theirs (own odd references {0} ({1})); reset role;"
)


def test_a_reference_by_a_type_of_a_stranger_is_refused_only_to_a_table_that_is_written(site, specs):
    shelf, author = ODD.format("shelf", "id", "bigint"), ODD.format("author", "id", "bigint")
    assert told(site, shelf, learn_path(specs)) == (
        "public.theirs refers to public.shelf by a type of guest, whose casts would run; nothing was changed"
    )
    assert told(site, author, learn_path(specs)) == ""
    beside = shelf.replace("(own odd references shelf (id))", "(own bigint references shelf (id), other odd)")
    assert told(site, beside, learn_path(specs)) == ""
    apart = shelf.replace("(own odd references shelf (id))", "(own bigint references shelf (id))")
    assert told(site, apart + "create table public.odd_one (own public.odd)", learn_path(specs)) == ""
    second = shelf + "create table public.last (own public.odd references shelf (id));"
    assert told(site, second, learn_path(specs)).startswith("public.last refers to public.shelf by a type")
    planted = shelf + "set role guest;" + OWN + "reset role"
    assert told(site, planted, learn_path(specs)).startswith("function public.lower(text) of guest")
    assert told(site, shelf + "alter schema public owner to guest", learn_path(specs)) == ""
    assert told(site, shelf + "alter type public.odd owner to current_user", learn_path(specs)) == ""
