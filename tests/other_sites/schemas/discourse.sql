-- category categories drawings
create table users (id serial primary key, username varchar(60) not null unique);
create table uploads (id serial primary key, url varchar not null unique, sha1 varchar(40) unique, user_id int not null);
create table categories (id serial primary key, name varchar(50) not null, slug varchar not null unique,
  user_id int not null, uploaded_logo_id int, topic_count int not null default 0, position int);
create table category_custom_fields (id serial primary key, category_id int not null, name varchar(256) not null,
  value text);
create table topics (id serial primary key, title varchar not null, category_id int, views int not null default 0);
-- local
insert into users (username) values ('ada'); insert into uploads (url, sha1, user_id) values ('/uploads/a.png', 'aa', 1);
insert into categories (name, slug, user_id, uploaded_logo_id, topic_count) values ('Drawings', 'drawings', 1, 1, 4);
insert into category_custom_fields (category_id, name, value) values (1, 'color', 'blue');
-- live
insert into users values (8, 'ada'); insert into uploads values (88, '/uploads/a.png', 'aa', 8);
