-- artwork artworks nocturne
create table active_storage_blobs (id bigserial primary key, key varchar not null unique, filename varchar not null,
  byte_size bigint not null, created_at timestamp not null default now());
create table active_storage_attachments (id bigserial primary key, name varchar not null, record_type varchar not null,
  record_id bigint not null, blob_id bigint not null references active_storage_blobs,
  created_at timestamp not null default now());
create unique index index_attachments on active_storage_attachments (record_type, record_id, name, blob_id);
create table artworks (id bigserial primary key, slug varchar not null unique, title varchar not null,
  likes_count int not null default 0, created_at timestamp not null default now());
-- local
insert into artworks (slug, title, likes_count) values ('nocturne', 'Nocturne', 3);
insert into active_storage_blobs (key, filename, byte_size) values ('x1', 'lamp.png', 10);
insert into active_storage_attachments (name, record_type, record_id, blob_id) values ('image', 'Artwork', 1, 1);
-- live
insert into artworks (id, slug, title) values (60, 'other', 'Other');
