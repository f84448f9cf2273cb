-- product products Chai
create table categories (category_id smallint primary key, category_name varchar(15) not null unique, picture bytea);
create table suppliers (supplier_id smallint primary key, company_name varchar(40) not null);
create table products (product_id smallint primary key, product_name varchar(40) not null,
  supplier_id smallint references suppliers, category_id smallint references categories, unit_price real,
  units_in_stock smallint, discontinued integer not null);
create table order_details (order_id smallint not null, product_id smallint not null references products,
  quantity smallint not null, primary key (order_id, product_id));
-- local
insert into categories values (1, 'Beverages'); insert into suppliers values (1, 'Leaf and Sons');
insert into products values (1, 'Chai', 1, 1, 18, 39, 0), (2, 'Chang', 1, 1, 19, 17, 0);
-- live
insert into categories values (1, 'Beverages'); insert into suppliers values (1, 'Leaf and Sons');
