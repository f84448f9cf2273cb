-- account accounts ada
create table accounts (id bigserial primary key, username varchar not null, domain varchar, note text not null default '',
  created_at timestamp not null default now(), updated_at timestamp not null default now());
create unique index index_accounts on accounts (lower(username), coalesce(lower(domain), ''));
create table account_fields (id bigserial primary key, account_id bigint not null references accounts on delete cascade,
  position int not null, name varchar not null, value varchar not null);
create table statuses (id bigserial primary key, account_id bigint not null references accounts on delete cascade,
  uri varchar, text text not null);
create unique index index_statuses_on_uri on statuses (uri) where uri is not null;
create table follows (id bigserial primary key, account_id bigint not null references accounts,
  target_account_id bigint not null references accounts);
-- local
insert into accounts (username, note) values ('ada', 'Draws.');
insert into account_fields (account_id, position, name, value) values (1, 1, 'Site', 'example.org');
insert into statuses (account_id, uri, text) values (1, 'tag:1', 'Hello'), (1, 'tag:2', 'Again');
-- live
insert into accounts (id, username) values (50, 'bert');
