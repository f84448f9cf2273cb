-- page pages nocturne
create table tenants (id bigserial primary key, domain text not null unique);
create table pages (tenant_id bigint not null references tenants, id bigserial, slug text not null, parent_id bigint,
  primary key (tenant_id, id), unique (tenant_id, slug), foreign key (tenant_id, parent_id) references pages);
create table sections (tenant_id bigint not null references tenants, id bigserial, page_id bigint not null,
  position int not null, body text not null, primary key (tenant_id, id), unique (tenant_id, page_id, position),
  foreign key (tenant_id, page_id) references pages);
-- local
insert into tenants (domain) values ('olivia.example');
insert into pages (tenant_id, slug) values (1, 'nocturne'), (1, 'meadow');
insert into sections (tenant_id, page_id, position, body) values (1, 1, 0, 'By night.');
-- live
insert into tenants values (1, 'olivia.example');
select setval('pages_id_seq', 90);
