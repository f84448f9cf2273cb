-- page wagtailcore_page about
create table wagtailcore_locale (id serial primary key, language_code varchar(100) not null unique);
create table wagtailimages_image (id serial primary key, title varchar(255) not null, file varchar(100) not null unique,
  width int not null, height int not null, uploaded_by_user_id int);
create table wagtailcore_page (id serial primary key, path varchar(255) not null unique, depth int not null,
  numchild int not null, title varchar(255) not null, slug varchar(255) not null,
  locale_id int not null references wagtailcore_locale, live boolean not null default true);
create table home_homepage (page_ptr_id int primary key references wagtailcore_page, body text not null,
  image_id int references wagtailimages_image);
create table home_galleryimage (id serial primary key, page_id int not null references home_homepage, sort_order int,
  image_id int not null references wagtailimages_image, caption varchar(250) not null);
-- local
insert into wagtailcore_locale values (1, 'en');
insert into wagtailimages_image (title, file, width, height) values ('Lamp', 'original_images/lamp.png', 1, 1);
insert into wagtailcore_page (path, depth, numchild, title, slug, locale_id) values ('00010002', 2, 0, 'About', 'about', 1);
insert into home_homepage values (1, 'Who we are.', 1);
insert into home_galleryimage (page_id, sort_order, image_id, caption) values (1, 1, 1, 'Lamp');
-- live
insert into wagtailcore_locale values (3, 'en');
