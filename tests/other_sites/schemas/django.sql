-- flatpage django_flatpage /about/
create table django_site (id serial primary key, domain varchar(100) not null unique, name varchar(50) not null);
create table django_content_type (id serial primary key, app_label varchar(100) not null, model varchar(100) not null,
  unique (app_label, model));
create table auth_user (id serial primary key, username varchar(150) not null unique, password varchar(128) not null);
create table django_flatpage (id serial primary key, url varchar(100) not null, title varchar(200) not null,
  content text not null, registration_required boolean not null);
create table django_flatpage_sites (id serial primary key, flatpage_id int not null references django_flatpage,
  site_id int not null references django_site, unique (flatpage_id, site_id));
create table django_admin_log (id serial primary key, object_id text, content_type_id int references django_content_type,
  user_id int not null references auth_user);
-- local
insert into django_site (domain, name) values ('example.org', 'example');
insert into django_flatpage (url, title, content, registration_required) values ('/about/', 'About', 'Us.', false);
insert into django_flatpage_sites (flatpage_id, site_id) values (1, 1);
-- live
insert into django_site values (5, 'example.org', 'example');
