-- article articles nocturne
create table directus_users (id uuid primary key, email varchar(128) unique);
create table directus_files (id uuid primary key, filename_disk varchar(255), title varchar(255),
  uploaded_by uuid references directus_users);
create table languages (code varchar(255) primary key, name varchar(255));
create table articles (id uuid primary key, status varchar(255) not null default 'draft', slug varchar(255) unique,
  image uuid references directus_files, user_created uuid references directus_users);
create table articles_translations (id serial primary key, articles_id uuid references articles on delete cascade,
  languages_code varchar(255) references languages, title varchar(255));
-- local
insert into languages values ('en-GB', 'English');
insert into articles values ('6f9619ff-8b86-d011-b42d-00c04fc964ff', 'published', 'nocturne', null, null);
insert into articles_translations (articles_id, languages_code, title)
  values ('6f9619ff-8b86-d011-b42d-00c04fc964ff', 'en-GB', 'Nocturne');
-- live
insert into languages values ('en-GB', 'English');
