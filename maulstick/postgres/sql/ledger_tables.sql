-- The tables of the ledger.
--
-- A base row leaves out values that its change row holds already: most of what a first release writes.
-- Neither has a foreign key to its release: to check one for each row takes longer than to write the row.
--
-- `sums`: of each table's change rows, to notice what was edited in them since.
-- `agreed`: after that release, base was what these rows of the subject's bundle say.
-- `object` and `upload`: what the bucket's objects proved to be, and who put them there.
create table maulstick.ledger (version integer not null, target text);
create table maulstick.release (
  number bigint primary key,
  subject text not null, digest text not null, kind text not null, of bigint references maulstick.release,
  operator text not null, commit text, target text not null, as_of text not null,
  started timestamptz not null, finished timestamptz not null, plan text unique, verified boolean,
  shapes jsonb not null, sums jsonb);
create index on maulstick.release (subject, number);
create table maulstick.change (
  release bigint not null, table_name text not null, key text not null,
  action text not null, before jsonb, after jsonb, base jsonb, subjects text[] not null, was text,
  times jsonb,
  primary key (table_name, key, release));
create index change_release on maulstick.change (release);
create table maulstick.base_row (
  table_name text not null, key text not null, values jsonb, subjects text[] not null,
  release bigint not null, primary key (table_name, key));
create index on maulstick.base_row using gin (subjects);
create table maulstick.agreed (
  subject text primary key, rows text not null, release bigint not null references maulstick.release);
create table maulstick.object (
  key text primary key, sha256 text not null, size bigint not null, etag text not null,
  modified timestamptz not null, headers jsonb not null);
create table maulstick.upload (
  subject text not null, key text not null, sha256 text not null, before text,
  release bigint references maulstick.release, undone bigint references maulstick.release);
create unique index on maulstick.upload (subject, key) where release is null;
create index on maulstick.upload (key);
create view maulstick.base as
  select b.table_name, b.key, coalesce(b.values, c.after) as values, b.subjects, b.release
  from maulstick.base_row as b left join maulstick.change as c using (table_name, key, release);
