"""The site's own code runs under the site's own path; nothing of a stranger's runs with our rights."""

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import Table
from tests.databases.deciding import release_of, undone
from tests.databases.places import apply, both, export, perform, release

ART = Table("art", key="slug")
FOLDED = """
create schema extensions; create schema app;
create function extensions.folded(text) returns text language sql immutable as 'select lower($1)';
create table art (id bigserial primary key, slug text not null unique, title text, search text);
create table app.seen (slug text);
create function note() returns trigger language plpgsql as $$
  begin new.search := folded(new.title); insert into seen values (new.slug); return new; end $$;
"""
TRIGGER = "create trigger note before insert or update on art for each row execute function note();"
KEPT = Table("art", key="slug", skip="search")


@pytest.fixture
def triggered(source, production):
    """A trigger needs a function of `extensions` and a table of `app`, as the database's path has them."""
    both(source, production, FOLDED)
    for place in (source, production):
        place.run(f"alter database {place.database} set search_path = app, public, extensions")
    production.run(TRIGGER)
    source.run("insert into art (slug, title) values ('lamp', 'Lamp')")


def test_a_trigger_finds_what_it_finds_for_the_site(triggered, source, production):
    release(source, production, KEPT, key="lamp")
    source.run("update art set title = 'The Lamp'")
    release(source, production, KEPT, key="lamp")
    assert production.value("select search from art") == "the lamp"
    undone(production, 2)
    assert production.value("select search from art") == "lamp"
    undone(production, 1)
    assert production.value("select count(*) from app.seen") == 3


def test_a_trigger_at_the_end_and_a_deleting_one_find_it_too(source, production):
    both(source, production, FOLDED)
    production.run(
        f"alter database {production.database} set search_path = app, public, extensions;"
        "create function ends() returns trigger language plpgsql as $$"
        "  begin insert into seen values (folded(old.slug)); return old; end $$;"
        "create trigger gone before delete on art for each row execute function ends();"
        "create function later() returns trigger language plpgsql as $$"
        "  begin insert into seen values (folded(new.slug)); return null; end $$;"
        "create constraint trigger later after insert on art deferrable initially deferred"
        "  for each row execute function later()"
    )
    source.run("insert into art (slug, title) values ('lamp', 'Lamp')")
    release(source, production, KEPT, key="lamp")
    undone(production, 1)
    assert production.rows("select slug from app.seen") == [("lamp",), ("lamp",)]


def test_a_domain_s_check_finds_what_it_finds_for_the_site(source, production):
    both(
        source,
        production,
        "create schema extensions;"
        "create function extensions.is_short(text) returns boolean language sql as 'select length($1) < 9';"
        "create function fits(text) returns boolean language plpgsql as $$ begin return is_short($1); end $$;"
        "create domain short as text check (fits(value));"
        "create table art (id bigserial primary key, slug short not null unique)",
    )
    for place in (source, production):
        place.run(f"alter database {place.database} set search_path = public, extensions")
    source.run("set search_path = public, extensions; insert into art (slug) values ('lamp')")
    assert release(source, production, ART, key="lamp").says == "1 inserted"


@pytest.fixture
def stranger(production):
    """A role that may create objects in a schema of the site's path, and has made a function there."""
    production.run("create role stranger")
    yield "stranger"
    production.run("drop owned by stranger; drop role stranger")


def warnings(source, production, table):
    run = release_of(export(source, table, key="lamp"), source, production)
    return [*perform(run, "plan").warnings]


def test_what_a_stranger_made_does_not_run_with_our_rights(triggered, stranger, source, production):
    production.run(
        "create schema scratch; grant usage, create on schema scratch to stranger; set role stranger;"
        "create function scratch.folded(text) returns text language plpgsql"
        "  as $$ begin raise 'ran'; end $$; reset role;"
        f"alter database {production.database} set search_path = scratch, app, public, extensions"
    )
    assert warnings(source, production, KEPT) == [
        'search_path: the role "stranger" may create objects in the schema scratch, which is left out for'
        " triggers: revoke create on schema scratch from stranger;"
    ]
    release(source, production, KEPT, key="lamp")
    assert production.value("select search from art") == "lamp"


def test_the_schema_of_the_tables_stays_and_is_named(triggered, stranger, source, production):
    production.run("grant create on schema public to public")
    assert warnings(source, production, KEPT) == [
        'search_path: the role "stranger" may create objects in the schema public, and triggers run what is'
        " there: revoke create on schema public from public;"
    ]
    assert release(source, production, KEPT, key="lamp").says == "1 inserted"


def test_a_path_of_owners_is_no_warning(triggered, source, production):
    assert warnings(source, production, KEPT) == []


def test_a_path_names_its_schemas_in_any_spelling(source, production):
    both(source, production, FOLDED)
    production.run(
        'create schema "A ""b, c"; create table "A ""b, c".seen (slug text); drop table app.seen;'
        f'alter database {production.database} set search_path = "$user", "A ""b, c", PUBLIC, Extensions;'
        + TRIGGER
    )
    source.run("insert into art (slug, title) values ('lamp', 'Lamp')")
    release(source, production, KEPT, key="lamp")
    assert production.value('select slug from "A ""b, c".seen') == "lamp"


def test_what_a_pool_left_in_a_session_is_not_the_sites_path(triggered, source, production):
    bundle = export(source, KEPT, key="lamp")
    production.run(f"alter role {production.value('select current_user')} reset search_path")
    assert apply(bundle, production).says == "1 inserted"


def test_an_event_triggers_function_that_fails_is_named(source, production):
    both(source, production, "create table art (id serial primary key, slug text unique not null)")
    source.run("insert into art (slug) values ('a')")
    bundle = export(source, Table("art", key="slug"), key="a")
    production.run(
        "create table log (what text); create function note() returns event_trigger language plpgsql as"
        " $$ begin insert into log values (tg_tag); end $$;"
        "create event trigger noted on ddl_command_end execute function note()"
    )
    try:
        with pytest.raises(Problem) as refused:
            apply(bundle, production)
        assert 'relation "log" does not exist, in public.note() line 1' in refused.value.what
        production.run("alter function note() set search_path = public")
        assert apply(bundle, production).says == "1 inserted"
    finally:
        production.run("drop event trigger noted")
