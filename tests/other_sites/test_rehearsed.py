"""A release is rehearsed on a copy of the live database: its rules hold, and people's data stays away."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from maulstick.sandbox.postgres import Postgres
from tests.commands import INVOKE
from tests.other_sites.art_site import MakeSite
from tests.other_sites.other_site import OtherSite
from tests.other_sites.shop import BOTH, COPIES, LIVE, LOCAL, PLUGIN, copy_of

OLD = "alter table artworks add constraint modern check (year > 2000)"
GUARD = """
create function guarded() returns trigger language plpgsql as $$
begin
  if new.title like current_setting('shop.forbids', true) then
    raise exception 'no blue lamps in the shop';
  end if;
  return new;
end$$;
create trigger guard before insert or update on artworks for each row execute function guarded();
"""
PAGES = """@hookimpl
def maulstick_pages(subject, rows):
    from maulstick import Page

    yield from (Page(f"/{row['slug']}", texts=(row["title"],)) for row in rows["artworks"])
"""
SITE = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        with psycopg.connect(os.environ["DATABASE_URL"]) as database:
            found = database.execute("select title from artworks where slug = %s", [self.path[1:]]).fetchone()
        self.send_response(200 if found else 404)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(f"<h1>{found and found[0]}</h1>".encode())


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
"""


@pytest.fixture
def shop(other_site: MakeSite, storage: str) -> OtherSite:
    """A shop whose live database has rules of its own."""
    return other_site(BOTH, local=LOCAL, live=LIVE, plugin=PLUGIN, storage=storage)


@pytest.fixture
def watching(server: Postgres) -> Iterator[psycopg.Connection]:
    """A connection to the server that both databases are on."""
    with server.connect("postgres") as connection:
        yield connection


def test_what_only_the_live_database_refuses_is_found_on_a_copy(shop: OtherSite) -> None:
    shop.run_live(f"{GUARD}; alter database {shop.live.info.dbname} set shop.forbids = '%blue%'")
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    assert (ran.code, "no blue lamps in the shop" in ran.err) == (4, True), ran.err
    assert ran.err.splitlines()[-1] == "live: unchanged, this was a copy"
    shop.run_live(f"drop trigger guard on artworks; {OLD}")
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    assert ran.code != 0
    assert "modern" in ran.err
    shop.run_live("alter table artworks drop constraint modern")
    shop.run_live("create unique index titles on artworks (lower(title))")
    shop.run_live("update artworks set title = 'LAMP in blue' where slug = 'other'")
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    assert (ran.code, "lower(title) is taken in live by other" in ran.err) == (3, True), ran.err
    shop.run_live("drop index titles")
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    assert ran.last.startswith("rehearsed on a copy of live: it would be release 1 ("), ran.err
    assert shop.rows("select slug from artworks order by 1") == [("other",), ("vase",)]
    assert shop.rows("select to_regnamespace('maulstick')") == [(None,)]
    assert shop.rows(COPIES) == []


def test_no_person_comes_into_the_copy(shop: OtherSite, server: Postgres) -> None:
    ran = shop.invoke("rehearse", "--artwork", "vase", "--keep")
    assert "left out of the copy: check users_phone_check of users: its rows come by their keys" in ran.err
    assert "by their keys alone: 2 users" in ran.err, ran.err
    with copy_of(shop, server) as copy:
        users = copy.execute("select id, email, phone, boss_id from users order by id").fetchall()
        assert users == [(1, None, None, None), (2, None, None, None)]
        assert copy.execute("select count(*) from enquiries").fetchone() == (0,)
        assert copy.execute("select slug, year, user_id from artworks").fetchall() == [("vase", 2001, 2)]


def test_a_rehearsal_that_is_stopped_leaves_no_database(
    shop: OtherSite, watching: psycopg.Connection
) -> None:
    with shop.live.transaction():
        shop.live.execute("lock table artworks in access exclusive mode")
        running = subprocess.Popen(
            [*INVOKE, "rehearse", "--artwork", "lamp"], cwd=shop.folder, stderr=subprocess.PIPE, text=True
        )
        while not watching.execute(COPIES).fetchall():
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
        assert (running.returncode, said.splitlines()[-1]) == (130, "interrupted")
        assert watching.execute(COPIES).fetchall() == []


def test_the_copy_of_a_rehearsal_that_was_killed_is_dropped_by_the_next(
    shop: OtherSite, watching: psycopg.Connection
) -> None:
    shop.run_dev("create database maulstick_rehearsal_live_1")
    shop.run_dev("create database maulstick_rehearsal_live_2")
    mine = shop.dev.info.dbname
    shop.run_dev(f"comment on database maulstick_rehearsal_live_1 is 'maulstick: a rehearsal from {mine}'")
    assert shop.invoke("rehearse", "--artwork", "vase").code == 0
    try:
        assert watching.execute(COPIES).fetchall() == [("maulstick_rehearsal_live_2",)]
    finally:
        shop.run_dev("drop database maulstick_rehearsal_live_2")


def test_who_may_not_read_or_make_a_database_is_told_what_to_grant(shop: OtherSite, server: Postgres) -> None:
    shop.run_live("create role clerk login password 'clerk'; grant select on artworks to clerk")
    where = (shop.dev.info.dbname, shop.live.info.dbname)
    mine, theirs = (server.url(name, role="clerk", password="clerk") for name in where)
    try:
        shop.dotenv(DATABASE_URL=theirs)
        ran = shop.invoke("rehearse", "--artwork", "vase")
        assert (ran.code, "grant pg_read_all_data to the role that reads" in ran.err) == (4, True), ran.err
        shop.dotenv(DATABASE_URL=server.url(where[1]))
        shop.run_dev("grant select on artworks to clerk")
        inventory = shop.folder / "inventory.toml"
        inventory.write_text(inventory.read_text().replace(server.url(where[0]), mine))
        ran = shop.invoke("rehearse", "--artwork", "vase", "--keep")
        assert "clerk may not make a database on the local server\n  hint: alter role" in ran.err
        ran = shop.invoke("rehearse", "--artwork", "vase")
        assert (ran.code, "the copy is on a server of its own" in ran.err) == (0, True), ran.err
        assert not [*(shop.folder / ".maulstick" / "rehearsed" / "server").glob("postgres/*")]
        shop.run_dev("alter role clerk createdb")
        ran = shop.invoke("rehearse", "--artwork", "vase")
        assert ran.code == 0, ran.err
        assert "clerk" not in ran.err
    finally:
        shop.run_live("drop owned by clerk")
        shop.run_dev("drop owned by clerk; drop role clerk")


def test_pages_are_looked_at_where_the_site_runs_on_the_copy(shop: OtherSite) -> None:
    shop.plugin(f"{PLUGIN}\n\n{PAGES}")
    (shop.folder / "site.py").write_text(SITE)
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    assert "verify ........ done       no page (no site runs on the copy), " in ran.err, ran.err
    inventory = shop.folder / "inventory.toml"
    serve = f"exec {sys.executable} site.py"
    inventory.write_text(inventory.read_text().replace("[source]", f'[source]\nserve = "{serve}"'))
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    assert "verify ........ done       1 page, " in ran.err, ran.err
    (shop.folder / "site.py").write_text(SITE.replace("select title", "select slug"))
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    assert (ran.code, "text 'Lamp in blue' on /lamp" in ran.err) == (5, True), ran.err
    (shop.folder / "site.py").write_text("print('no such module')")
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    assert (ran.code, "its command has ended; it printed last: no such module" in ran.err) == (4, True)
    assert shop.rows(COPIES) == []


ODD = """
create extension if not exists citext;
create schema shop;
create type shop.mood as enum ('calm', 'wild');
create domain shop.price as integer check (value > 0);
create table shop.rooms (country text, number integer, door text not null default 'red',
  primary key (country, number));
create table shop.pictures (id bigint generated always as identity primary key, name citext not null,
  mood shop.mood, price shop.price, twice integer generated always as (price * 2) stored,
  country text, room integer, up bigint references shop.pictures,
  foreign key (country, room) references shop.rooms (country, number));
create unique index on shop.pictures (lower(name::text)) where price > 5;
create table shop.sales (picture bigint not null references shop.pictures, day date, unique (picture, day))
  partition by range (day);
create table shop.sales_old partition of shop.sales for values from ('2000-01-01') to ('2030-01-01');
create materialized view shop.moods as select mood, count(*) from shop.pictures group by 1;
create foreign data wrapper elsewhere;
create server far foreign data wrapper elsewhere;
create foreign table shop.far (id bigint) server far;
"""
ODD_PLUGIN = """from maulstick import Kind, Match, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("picture", table="shop.pictures", key="name")


@hookimpl
def maulstick_tables(subject):
    room = Match(key=("country", "number"))
    yield Table("shop.pictures", key="name", references={"room": room, "country": room})
    yield Table("shop.sales", key=("picture", "day"), via="picture")
"""


def test_all_of_a_schema_comes_but_what_reaches_other_servers(
    other_site: MakeSite, storage: str, server: Postgres
) -> None:
    rooms = "insert into shop.rooms values ('uk', 1), ('uk', 2), ('de', 1);"
    local = f"{rooms} insert into shop.pictures (name, price, country, room) values ('Lamp', 9, 'uk', 1)"
    live = f"""{rooms} insert into shop.pictures (name, mood, price, country, room)
      values ('Root', 'calm', 3, 'uk', 2), ('LAMP ', 'wild', 8, 'de', 1), ('other', 'wild', 4, 'de', 1);
      update shop.pictures set up = 1 where name = 'other';
      update shop.pictures set name = 'Lamp' where id = 2;
      insert into shop.sales values (2, '2020-01-01'), (3, '2021-01-01')"""
    site = other_site(ODD, local=local, live=live, plugin=ODD_PLUGIN, storage=storage)
    ran = site.invoke("rehearse", "--picture", "Lamp", "--take", "local", "--keep")
    assert ran.code == 0, ran.err
    assert "left out of the copy: server far: a copy reaches no other server" in ran.err
    with copy_of(site, server) as copy:
        assert copy.execute("select id, name, twice, country, room from shop.pictures").fetchall() == [
            (2, "Lamp", 18, "uk", 1)
        ]
        assert copy.execute("select * from shop.sales_old").fetchall() != []
        assert set(copy.execute("select * from shop.rooms").fetchall()) == {
            ("de", 1, "red"),
            ("uk", 1, "red"),
        }
        assert copy.execute("select last_value from shop.pictures_id_seq").fetchone() == (3,)
