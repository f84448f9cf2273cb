-- article articles nocturne
create table articles (id serial primary key, document_id varchar(255), title varchar(255), slug varchar(255) unique,
  published_at timestamp(6), locale varchar(255));
create table components_shared_seos (id serial primary key, meta_title varchar(255));
create table articles_cmps (id serial primary key, entity_id int references articles on delete cascade, cmp_id int,
  component_type varchar(255), field varchar(255), "order" double precision);
create unique index articles_uq on articles_cmps (entity_id, cmp_id, field, component_type);
create table files (id serial primary key, name varchar(255), url varchar(255) unique);
create table files_related_mph (id serial primary key, file_id int references files on delete cascade, related_id int,
  related_type varchar(255), field varchar(255), "order" double precision);
-- local
insert into articles (document_id, title, slug) values ('d1', 'Nocturne', 'nocturne');
-- live
insert into articles (id, document_id, title, slug) values (30, 'd9', 'Other', 'other');
