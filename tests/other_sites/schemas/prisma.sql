-- recipe Recipe bread
create table "User" (id text primary key, email text not null unique);
create table "Recipe" (id text primary key, slug text not null unique, title text not null, "authorId" text not null
  references "User", "createdAt" timestamp(3) not null default now(), "updatedAt" timestamp(3) not null default now());
create table "Step" (id text primary key, "recipeId" text not null references "Recipe" on delete cascade,
  position int not null, text text not null, unique ("recipeId", position));
create table "_RecipeToTag" ("A" text not null references "Recipe" on delete cascade, "B" text not null);
create unique index "_RecipeToTag_AB" on "_RecipeToTag" ("A", "B");
-- local
insert into "User" values ('u1', 'ada@example.org'); insert into "Recipe" values ('r1', 'bread', 'Bread', 'u1');
insert into "Step" values ('s1', 'r1', 1, 'Mix.'), ('s2', 'r1', 2, 'Bake.');
-- live
insert into "User" values ('u9', 'ada@example.org');
