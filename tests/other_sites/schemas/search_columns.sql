-- post posts Nocturne
create table people (id bigserial primary key, handle text not null unique);
create table languages (code text primary key, name text not null);
create table posts (id bigserial primary key, title text not null, language_code text not null references languages,
  primary_language text not null, share_token text not null unique, body text not null, words tsvector not null);
create table post_faves (post_id bigint not null references posts, person_id bigint not null references people,
  primary key (post_id, person_id));
create table comments (id bigserial primary key, post_id bigint not null references posts, body text not null);
create table post_highlights (post_id bigint not null references posts, comment_id bigint not null references comments,
  primary key (post_id, comment_id));
create function words() returns trigger language plpgsql as
  'begin new.words := to_tsvector(''simple'', new.title || '' '' || new.body); return new; end';
create trigger words before insert or update on posts for each row execute function words();
-- local
insert into people (handle) values ('anna');
insert into languages values ('en', 'English'), ('de', 'German');
insert into posts (title, language_code, primary_language, share_token, body) values
  ('Nocturne', 'en', 'en', 'a8f3', 'By night.'), ('Meadow', 'de', 'de', '77c1', 'By day.');
insert into post_faves values (1, 1);
insert into comments (post_id, body) values (1, 'Good.');
insert into post_highlights values (1, 1);
-- live
insert into languages values ('en', 'English'), ('de', 'German');
select setval('posts_id_seq', 90);
