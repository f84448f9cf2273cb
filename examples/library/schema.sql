-- A lending library. No table has an id: rows are called by what they are. Triggers keep what can be counted.

create type medium as enum ('paper', 'large print', 'audio');

create table topics (
  code text primary key,
  name text not null unique,
  within text references topics
);

create table works (
  author text,
  title text,
  topic text not null references topics,
  keywords text[] not null default '{}',
  written int4range,
  words tsvector not null default '',
  copies integer not null default 0,
  primary key (author, title)
);

create table sequels (
  author text,
  title text,
  next_title text,
  primary key (author, title, next_title),
  foreign key (author, title) references works,
  foreign key (author, next_title) references works
);

create table editions (
  author text,
  title text,
  year integer,
  medium medium,
  languages char(2)[] not null,
  price numeric,
  primary key (author, title, year, medium),
  foreign key (author, title) references works
);

create table copies (
  shelfmark text,
  number smallint,
  author text not null,
  title text not null,
  year integer not null,
  medium medium not null,
  note text,
  lent boolean not null default false,
  loans integer not null default 0,
  primary key (shelfmark, number),
  foreign key (author, title, year, medium) references editions
);

create table members (
  card text primary key,
  name text not null
);

create table loans (
  shelfmark text,
  number smallint,
  lent_at timestamptz,
  member text not null references members,
  back_at timestamptz,
  primary key (shelfmark, number, lent_at),
  foreign key (shelfmark, number) references copies
);

create table reading_lists (
  slug text primary key,
  title text not null,
  keeper text references members
);

create table entries (
  list text not null references reading_lists,
  place integer not null,
  author text not null,
  title text not null,
  why text,
  primary key (list, author, title),
  unique (list, place) deferrable initially deferred,
  foreign key (author, title) references works
);

create function keep_words() returns trigger language plpgsql as $$
begin
  new.words := to_tsvector('simple', concat_ws(' ', new.author, new.title, array_to_string(new.keywords, ' ')));
  return new;
end
$$;

create function count_copies() returns trigger language plpgsql as $$
begin
  update works set copies = (
      select count(*) from copies as c where (c.author, c.title) = (works.author, works.title))
    where (author, title) in ((new.author, new.title), (old.author, old.title));
  return null;
end
$$;

create function count_loans() returns trigger language plpgsql as $$
begin
  update copies set loans = loans + (tg_op = 'INSERT')::integer, lent = new.back_at is null
    where (shelfmark, number) = (new.shelfmark, new.number);
  return null;
end
$$;

create trigger keep_words before insert or update on works for each row execute function keep_words();
create trigger count_copies after insert or delete or update of author, title on copies
  for each row execute function count_copies();
create trigger count_loans after insert or update of back_at on loans
  for each row execute function count_loans();
