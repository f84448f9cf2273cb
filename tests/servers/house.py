"""A house of art: one of everything that a schema may have, to be released on every server."""

from __future__ import annotations

from typing import Any

from maulstick.project.declarations import JsonReference, Table
from tests.databases.places import Place

SCHEMA = """
create schema "House of Art";
create type "House of Art"."Mood" as enum ('calm', 'wild');
create domain percent as numeric(5,2) check (value between 0 and 100);
create table hall (id bigserial primary key, slug text not null unique, title text not null unique,
  note text, floor integer default 0, best_id integer not null, notes jsonb not null default '{}',
  inserted_at timestamp(0) not null, updated_at timestamp(0) not null);
create table "House of Art"."Order" (id integer generated always as identity primary key,
  "Group" text not null, "select" integer, price numeric(10,2),
  twice numeric generated always as (price * 2) stored, moods "House of Art"."Mood"[], share percent,
  hall_id bigint not null references hall, loud text, unique ("Group", "select"));
alter table hall add constraint best foreign key (best_id) references "House of Art"."Order"
  deferrable initially deferred;
create table branch (id uuid primary key default gen_random_uuid(), hall_id bigint not null references hall,
  name text not null, parent_id uuid references branch, unique (hall_id, name));
create table mark (hall_id bigint not null references hall, number integer not null, says text,
  primary key (hall_id, number));
create table told (at timestamptz default now(), says text);
create function look() returns trigger language plpgsql as
  'begin new.loud = upper(new."Group"); insert into told (says) values (new.loud); return new; end';
create trigger look before insert or update on "House of Art"."Order" for each row execute function look();
"""
EAST = """
begin;
insert into hall (slug, title, note, best_id, notes, inserted_at, updated_at)
  values ('east', 'East', 'it''s', 2, '{"order_id": 2, "list": [{"id": 1}, {"id": null}, {"id": 2}]}',
    '2025-01-01', '2025-01-02');
insert into "House of Art"."Order" ("Group", "select", price, moods, share, hall_id) values
  ('table', 1, 10.50, '{calm,wild}', 12.5, 1), ('table', null, null, '{}', null, 1);
insert into branch (hall_id, name) values (1, 'root');
insert into branch (hall_id, name, parent_id) select 1, 'limb', id from branch;
insert into branch (hall_id, name, parent_id) select 1, 'leaf', id from branch where name = 'limb';
insert into mark values (1, 1, 'one'), (1, 2, null);
commit;
"""
BEFORE = """
select setval('hall_id_seq', 100), setval('"House of Art"."Order_id_seq"', 200);
begin;
insert into hall (slug, title, best_id, inserted_at, updated_at) values
  ('west', 'West', 202, '2024-01-01', '2024-01-01'), ('east', 'East', 201, '2024-01-01', '2024-01-01');
insert into "House of Art"."Order" ("Group", "select", hall_id, moods) values
  ('table', null, 102, '{}'), ('chair', 1, 101, null);
insert into mark values (102, 1, 'one');
commit;
"""
"""Production has another hall, and a part of East that nobody released: it is adopted."""

ORDER = "House of Art.Order"
INSIDE = [JsonReference("notes", path, ORDER) for path in ("$.order_id", "$.list[*].id")]
TABLES = (
    Table("hall", key="slug", json_references=INSIDE),
    Table(ORDER, key=("Group", "select"), via="hall_id", skip="loud"),
    Table("branch", key=("hall_id", "name"), via="hall_id"),
    Table("mark", key=("hall_id", "number"), via="hall_id"),
)
EVERYTHING = """
select h.title, h.note, h.floor, (select array["Group", "select"::text] from "House of Art"."Order"
    where id = best_id),
  (select jsonb_agg(o."select" order by o."select") from "House of Art"."Order" o
    where to_jsonb(o.id) in (h.notes -> 'order_id', h.notes #> '{list,0,id}', h.notes #> '{list,2,id}')),
  jsonb_array_length(h.notes -> 'list'),
  (select jsonb_agg(to_jsonb(o) - '{id,hall_id}'::text[] order by o."select")
    from "House of Art"."Order" o where o.hall_id = h.id),
  (select jsonb_agg(jsonb_build_array(b.name, p.name) order by b.name)
    from branch b left join branch p on p.id = b.parent_id where b.hall_id = h.id),
  (select jsonb_agg(jsonb_build_array(m.number, m.says) order by m.number)
    from mark m where m.hall_id = h.id)
from hall h where slug = 'east'
"""


def build(source: Place, production: Place) -> None:
    """Make the house on both sides."""
    for place in (source, production):
        place.run(SCHEMA)
    source.run(EAST)
    production.run(BEFORE)


def contents(place: Place) -> list[Any]:
    """Return all of East by keys: ids differ between the two sides."""
    return place.rows(EVERYTHING)
