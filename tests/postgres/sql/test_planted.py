"""What a stranger plants in front of PostgreSQL's own objects never runs with our rights."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Query, Table
from tests.databases.deciding import released, undone
from tests.databases.places import apply, both, export, plan, release
from tests.databases.planted import plant, sprung

EVERY_TYPE = """
create type mood as enum ('calm', 'wild'); create domain short as varchar(20) check (length(value) < 20);
create table room (id serial primary key, name varchar(30) not null unique, floor short,
  check (lower(name) <> 'x'));
create unique index on room (lower(name));
create sequence notes; create table note (id text primary key default concat('n', nextval('notes')),
  slug varchar(40) not null unique, room_id integer references room, by_room integer,
  updated_at timestamptz not null default now());
create table art (id bigserial primary key, slug varchar(40) not null unique, title text, code char(4),
  feel mood, size numeric, facts jsonb, tags varchar[], seen timestamptz, born date, mark uuid,
  room_id integer references room, up bigint references art, place smallint unique,
  counted serial unique, sum integer generated always as (place + 1) stored,
  inserted_at timestamp(0) not null default now(), updated_at timestamp(0) not null default now(),
  check (upper(title) <> 'NO'), check (abs(place) < 100));
"""
ROOM = Table("room", key="name")
ART = Table("art", key="slug", via="room_id")
NOTE = Table("note", key="slug", via="room_id", skip="by_room")
ROWS = """
insert into room (name, floor) values ('hall', '1');
insert into art (slug, title, code, feel, size, facts, tags, room_id, place)
  select 'a' || n, 'Title ' || n, 'ab', 'calm', n * 1.5, jsonb_build_object('n', n), array['x', n::text], 1, n
  from generate_series(1, 4) as n;
update art set up = 1 where id > 1;
insert into note (slug, room_id) values ('n1', 1), ('n2', 1);
"""

STOPS = """
create function stop() returns trigger language plpgsql as $$
  begin
    if new.slug::text operator(pg_catalog.=) 'n2' then
      raise check_violation using message = 'stopped';
    end if;
    return new;
  end $$;
create trigger stop before insert on note for each row execute function stop();
"""


@pytest.fixture
def stranger(production):
    production.run("create role stranger; grant create, usage on schema public to stranger")
    yield "stranger"
    production.run("drop owned by stranger cascade; drop role stranger")


def test_what_could_run_in_place_of_another_is_refused_by_name(library, source, production, stranger):
    bundle = export(
        source, asked=[Query("one", "select count(*) from shelf where lower(slug) = 'poetry'", "1")]
    )
    production.run(
        "set role stranger; create function public.mine(text) returns text language sql as 'select 1'"
    )
    assert plan(bundle, production).counts()["insert"] == 4
    production.run(
        "create function public.lower(varchar) returns text language sql as 'select 1'; reset role"
    )
    before = production.dump()
    says = r"function public\.lower\(character varying\) of stranger may run instead"
    for ask in (plan, apply):
        with pytest.raises(Problem, match=says) as caught:
            ask(bundle, production)
        assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)


@pytest.fixture
def cleared(production):
    """Leave nothing planted: the next test would step on it."""
    yield
    production.run("drop schema public cascade")


def test_nothing_in_the_site_s_path_runs_in_our_own_sql(source, production, cleared):
    both(source, production, EVERY_TYPE)
    source.run(ROWS)
    planted = plant(production, own=("mood", "short"))
    tables = (ROOM, ART, NOTE)
    assert release(source, production, *tables, key="hall").says == "7 inserted"
    assert sprung(production, planted) == ""
    production.run("insert into note (id, slug) values ('n3', 'other'), ('n4', 'else')")
    source.run("insert into note (slug, room_id) values ('n5', 1); delete from art where slug = 'a4'")
    source.run("update art set title = upper(title), feel = 'wild'; update art set place = place + 50")
    source.run("update art set place = case place when 51 then 2 when 52 then 1 else place - 50 end")
    assert sprung(production, planted) == ""
    plan(export(source, *tables, key="hall"), production)
    assert sprung(production, planted) == ""
    assert (
        released(export(source, *tables, key="hall"), source, production, prune=True).says
        == "1 inserted, 3 updated, 1 deleted"
    )
    assert sprung(production, planted) == ""
    undone(production, 2)
    undone(production, 1)
    production.run(STOPS)
    with pytest.raises(Problem, match=r"note n2: stopped .*stop\(\)"):
        release(source, production, *tables, key="hall")
    assert sprung(production, planted) == ""


def test_a_reference_by_a_type_of_a_stranger_is_refused_by_name(released_once, source, production, stranger):
    production.run(
        "grant references on shelf to stranger; create sequence public.trap;"
        "grant all on sequence trap to stranger; set role stranger;"
        "create type public.odd as enum ('poetry');"
        "create function public.plain(odd) returns bigint immutable language plpgsql as"
        " $$ begin perform nextval('public.trap'); return 101; end $$;"
        "create cast (odd as bigint) with function public.plain as implicit;"
        "create table public.theirs (shelf odd references shelf (id));"
        "insert into theirs values ('poetry');"
        "reset role; alter sequence public.trap restart"
    )
    with pytest.raises(Problem, match="theirs refers to .*shelf by a type of stranger"):
        undone(production, 1)
    assert production.rows("select is_called from public.trap") == [(False,)]
