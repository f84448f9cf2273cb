-- post posts nocturne
create table media (id serial primary key, alt varchar not null, filename varchar unique,
  updated_at timestamptz not null default now(), created_at timestamptz not null default now());
create table categories (id serial primary key, slug varchar unique, title varchar not null);
create table posts (id serial primary key, title varchar, slug varchar unique, content jsonb,
  hero_image_id int references media on delete set null, _status varchar default 'draft');
create table posts_populated_authors (_order int not null, _parent_id int not null references posts on delete cascade,
  id varchar primary key, name varchar);
create table posts_rels (id serial primary key, "order" int, parent_id int not null references posts on delete cascade,
  path varchar not null, categories_id int references categories on delete cascade);
-- local
insert into media (alt, filename) values ('Lamp', 'lamp.png'); insert into categories (slug, title) values ('night', 'Night');
insert into posts (title, slug, content, hero_image_id) values ('Nocturne', 'nocturne', '{"root": {"children": []}}', 1);
insert into posts_populated_authors values (1, 1, 'a1', 'Ada');
insert into posts_rels ("order", parent_id, path, categories_id) values (1, 1, 'categories', 1);
-- live
insert into categories values (12, 'night', 'Night');
