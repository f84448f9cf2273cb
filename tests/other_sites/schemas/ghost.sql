-- post posts nocturne
create table users (id varchar(24) primary key, slug varchar(191) not null unique, email varchar(191) not null unique);
create table posts (id varchar(24) primary key, uuid varchar(36) not null, slug varchar(191) not null, title varchar(2000)
  not null, html text, feature_image varchar(2000), type varchar(50) not null default 'post',
  status varchar(50) not null default 'draft', created_by varchar(24) not null, unique (slug, type));
create table tags (id varchar(24) primary key, name varchar(191) not null, slug varchar(191) not null unique);
create table posts_tags (id varchar(24) primary key, post_id varchar(24) not null references posts on delete cascade,
  tag_id varchar(24) not null references tags, sort_order int not null default 0);
create table posts_meta (id varchar(24) primary key, post_id varchar(24) not null unique references posts,
  meta_title varchar(2000));
-- local
insert into users values ('u1', 'ada', 'ada@example.org'); insert into tags values ('t1', 'Night', 'night');
insert into posts values ('p1', 'b5a0', 'nocturne', 'Nocturne', '<p>By night.</p>', null, 'post', 'published', 'u1');
insert into posts_tags values ('pt1', 'p1', 't1', 0); insert into posts_meta values ('m1', 'p1', 'By night');
-- live
insert into users values ('u9', 'ada', 'ada@example.org'); insert into tags values ('t9', 'Night', 'night');
