-- post posts nocturne
create table users (id bigserial primary key, email citext not null unique, hashed_password varchar(255) not null);
create table posts (id bigserial primary key, title varchar(255) not null, slug varchar(255) not null, body text,
  published boolean not null default false, user_id bigint references users on delete set null,
  inserted_at timestamp(0) not null default now(), updated_at timestamp(0) not null default now());
create unique index posts_slug_index on posts (slug);
create table tags (id bigserial primary key, name varchar(255) not null unique);
create table posts_tags (post_id bigint references posts on delete cascade, tag_id bigint references tags);
create unique index posts_tags_index on posts_tags (post_id, tag_id);
create table comments (id bigserial primary key, post_id bigint not null references posts, body text);
-- local
insert into users (email, hashed_password) values ('ada@example.org', 'x'); insert into tags (name) values ('night');
insert into posts (title, slug, body, user_id) values ('Nocturne', 'nocturne', 'By night.', 1);
insert into posts_tags values (1, 1);
-- live
insert into tags values (6, 'night');
