-- film film "Salt Water"
create table language (language_id serial primary key, name char(20) not null unique);
create table film (film_id serial primary key, title text not null unique, language_id int not null references language,
  original_language_id int references language, length smallint, special_features text[],
  last_update timestamptz not null default now(), fulltext tsvector);
create table actor (actor_id serial primary key, first_name text not null, last_name text not null,
  unique (first_name, last_name));
create table film_actor (actor_id int not null references actor, film_id int not null references film on delete cascade,
  primary key (actor_id, film_id));
create table inventory (inventory_id serial primary key, film_id int not null references film, store_id int not null);
create table rental (rental_id serial primary key, inventory_id int not null references inventory);
-- local
insert into language (name) values ('English'); insert into actor (first_name, last_name) values ('Ada', 'Reed');
insert into film (title, language_id, length, special_features) values ('Salt Water', 1, 90, '{Trailers}');
insert into film_actor values (1, 1);
-- live
insert into language values (7, 'English'); insert into actor values (70, 'Ada', 'Reed');
