create schema maulstick;
create table maulstick.ledger (version integer not null, target text);
create table maulstick.release (
  number bigint primary key,
  subject text not null, digest text not null, kind text not null, of bigint references maulstick.release,
  operator text not null, commit text, target text not null, as_of text not null,
  started timestamptz not null, finished timestamptz not null, plan text unique, verified boolean,
  shapes jsonb not null);
create index on maulstick.release (subject, number);
create table maulstick.change (
  release bigint not null references maulstick.release, table_name text not null, key text not null,
  action text not null, before jsonb, after jsonb, base jsonb, subjects text[] not null, was text,
  times jsonb,
  primary key (table_name, key, release));
create table maulstick.base (
  table_name text not null, key text not null, values jsonb not null, subjects text[] not null,
  release bigint not null references maulstick.release, primary key (table_name, key));
create index on maulstick.base using gin (subjects);

insert into maulstick.ledger values (1, 'production');
