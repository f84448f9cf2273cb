-- product spree_products lamp
create table spree_tax_categories (id bigserial primary key, name varchar not null unique);
create table spree_products (id bigserial primary key, name varchar not null, slug varchar,
  tax_category_id bigint references spree_tax_categories, deleted_at timestamp, available_on timestamp);
create unique index index_spree_products_on_slug on spree_products (slug) where deleted_at is null;
create table spree_variants (id bigserial primary key, sku varchar not null, product_id bigint not null, position int,
  is_master boolean not null default false);
create unique index index_spree_variants_on_sku on spree_variants (sku);
create table spree_prices (id bigserial primary key, variant_id bigint not null references spree_variants,
  amount numeric(10,2), currency varchar not null, unique (variant_id, currency));
create table spree_assets (id bigserial primary key, viewable_type varchar, viewable_id bigint, position int, alt text);
create table spree_line_items (id bigserial primary key, variant_id bigint references spree_variants);
alter table spree_variants add foreign key (product_id) references spree_products;
-- local
insert into spree_tax_categories (name) values ('Default');
insert into spree_products (name, slug, tax_category_id) values ('Lamp', 'lamp', 1);
insert into spree_variants (sku, product_id, is_master) values ('LAMP-1', 1, true);
insert into spree_prices (variant_id, amount, currency) values (1, 12.50, 'GBP');
-- live
insert into spree_tax_categories values (4, 'Default');
