-- post wp_posts Nocturne
create table wp_posts ("ID" bigserial primary key, post_author bigint not null default 0, post_title text not null,
  post_name varchar(200) not null, post_type varchar(20) not null default 'post', post_content text not null,
  comment_count bigint not null default 0);
create table wp_terms (term_id bigserial primary key, name varchar(200) not null, slug varchar(200) not null unique);
create table wp_postmeta (meta_id bigserial primary key, post_id bigint not null default 0, meta_key varchar(255),
  meta_value text);
create table wp_term_relationships (object_id bigint not null, term_taxonomy_id bigint not null,
  primary key (object_id, term_taxonomy_id));
-- local
insert into wp_posts (post_title, post_name, post_content) values ('Nocturne', 'nocturne', 'By night.');
-- live
insert into wp_posts ("ID", post_title, post_name, post_content) values (9, 'Other', 'other', 'Theirs.');
