"""A shop for films, made after the shapes that a well-known sample schema has; its rows are our own."""

TABLES = """
create type mpaa_rating as enum ('G', 'PG', 'PG-13', 'R', 'NC-17');
create domain year as integer check (value >= 1901 and value <= 2155);
create table language (language_id serial primary key, name character(20) not null,
  last_update timestamptz not null default now());
create table actor (actor_id serial primary key, first_name text not null, last_name text not null,
  last_update timestamptz not null default now());
create table category (category_id serial primary key, name text not null,
  last_update timestamptz not null default now());
create table film (film_id serial primary key, title text not null, description text, release_year year,
  language_id integer not null references language on update cascade on delete restrict,
  original_language_id integer references language on update cascade on delete restrict,
  rental_duration smallint not null default 3, rental_rate numeric(4,2) not null default 4.99,
  length smallint, replacement_cost numeric(5,2) not null default 19.99, rating mpaa_rating default 'G',
  last_update timestamptz not null default now(), special_features text[], fulltext tsvector not null);
create table film_actor (actor_id integer not null references actor on update cascade on delete restrict,
  film_id integer not null references film on update cascade on delete restrict,
  last_update timestamptz not null default now(), primary key (actor_id, film_id));
create table film_category (film_id integer not null references film on update cascade on delete restrict,
  category_id integer not null references category on update cascade on delete restrict,
  last_update timestamptz not null default now(), primary key (film_id, category_id));
create index film_fulltext on film using gist (fulltext);
create index on film_actor (film_id);

create function touched() returns trigger language plpgsql as $$
begin
  new.last_update = current_timestamp;
  return new;
end $$;
create trigger touched before update on language for each row execute function touched();
create trigger touched before update on actor for each row execute function touched();
create trigger touched before update on category for each row execute function touched();
create trigger touched before update on film for each row execute function touched();
create trigger touched before update on film_actor for each row execute function touched();
create trigger touched before update on film_category for each row execute function touched();
create trigger film_fulltext before insert or update on film for each row
  execute function tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title', 'description');
"""

HERE = """
insert into language (language_id, name) values (1, 'English'), (2, 'Cornish');
insert into category (category_id, name) values (1, 'Documentary'), (2, 'Short');
insert into actor (actor_id, first_name, last_name) values (1, 'Ada', 'Reed'), (2, 'Tom', 'O''Hara'),
  (3, 'Bea', 'Sand');
insert into film (film_id, title, description, release_year, language_id, original_language_id, rental_rate,
    length, rating, special_features) values
  (1, 'The Salt Marsh', 'A painter walks out at low tide', 2019, 1, 2, 2.99, 64, 'PG-13',
    array['Trailers', 'Behind the Scenes, "in full"', null]),
  (2, 'Low Water', null, null, 2, null, 4.99, null, null, '{}');
insert into film_actor (actor_id, film_id) values (1, 1), (2, 1), (3, 2);
insert into film_category (film_id, category_id) values (1, 1), (1, 2), (2, 2);
select setval('language_language_id_seq', 2), setval('category_category_id_seq', 2),
  setval('actor_actor_id_seq', 3), setval('film_film_id_seq', 2);
"""
"""Two films with their actors and categories."""

THERE = """
insert into language (language_id, name) values (1, 'Breton'), (2, 'English'), (3, 'Cornish');
insert into category (category_id, name) values (1, 'Short'), (2, 'Comedy'), (3, 'Documentary');
insert into actor (actor_id, first_name, last_name) values (1, 'Cat', 'Moor'), (2, 'Ada', 'Reed');
insert into film (film_id, title, language_id) values (1, 'Somebody Else''s Film', 1);
insert into film_actor (actor_id, film_id) values (1, 1);
insert into film_category (film_id, category_id) values (1, 2);
"""
"""Production has other films, and the same languages under other ids; its sequences still stand at 1."""

PLUGIN = """
from maulstick import Kind, Match, Query, Table, hookimpl

CAST = "select count(*) > 0 from film_actor join film using (film_id) where title = %(key)s"


@hookimpl
def maulstick_kinds():
    yield Kind("film", table="film", key="title")


@hookimpl
def maulstick_tables(subject):
    language = Match(key="name")
    yield Table(
        "film",
        key=("title", "release_year"),
        references={"language_id": language, "original_language_id": language},
        theirs="fulltext",
        skip="last_update",
    )
    yield Table("actor", key=("first_name", "last_name"), skip="last_update")
    yield Table("film_actor", key=("film_id", "actor_id"), via="film_id", skip="last_update")
    yield Table(
        "film_category",
        key=("film_id", "category_id"),
        via="film_id",
        references={"category_id": Match(key="name")},
        skip="last_update",
    )


@hookimpl
def maulstick_queries(subject):
    yield Query("somebody plays in it", CAST, "true")
"""
