-- folder_entry FolderEntries nocturne
create schema docs;
create table "User" (id serial primary key, email text not null unique);
create type docs."Status" as enum ('Draft', 'Shown');
create domain docs.short as text check (length(value) < 80);
create table "FolderEntries" (id text primary key, "userId" int references "User" (id), slug docs.short not null unique,
  "parentId" text references "FolderEntries" (id), status docs."Status" not null default 'Draft', labels text[],
  size int generated always as (length(slug)) stored);
create table docs."EntryItem" (id text primary key, "entryId" text not null references "FolderEntries" (id) on delete cascade,
  "order" int not null, body jsonb not null, unique ("entryId", "order"));
create table "EntryReport" (id serial primary key, "entryId" text not null references "FolderEntries" (id), says text);
-- local
insert into "User" (email) values ('anna@example.org');
insert into "FolderEntries" (id, "userId", slug, labels) values ('c1', 1, 'nocturne', '{night,"a, b"}');
insert into docs."EntryItem" values ('i1', 'c1', 0, '[{"imageId": "x y"}, [null, {"text": "By night."}]]');
-- live
select 1;
