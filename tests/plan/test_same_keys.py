"""Rows of several tables that have the same keys, and the same places in their tables, are never mixed up."""

from __future__ import annotations

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import Table
from tests.databases.deciding import base, released, undone
from tests.databases.places import actions, both, export, plan, release

TABLES = """
create table shelf (id bigserial primary key, slug text not null unique, title text, home text default 'h',
  updated_at timestamp(0) not null default '2020-01-01');
create table author (id bigserial primary key, slug text not null unique, title text, home text default 'h');
create table book (id bigserial primary key, slug text not null unique, title text, home text default 'h',
  n int, shelf_id bigint references shelf, author_id bigint references author,
  best_id bigint references book);
create table note (shelf_slug text, slug text, title text, home text default 'h',
  primary key (shelf_slug, slug));
"""
DECLARED = (
    Table("shelf", key="slug", where="%(key)s <> ''", skip="home"),
    Table("author", key="slug", skip="home"),
    Table("book", key="slug", where="%(key)s <> ''", skip="home"),
    Table("note", key=("shelf_slug", "slug"), where="%(key)s <> ''", skip="home"),
)
FIRST = """
insert into shelf (slug, title) values ('a', 'A'), ('b', 'B'), ('c', null);
insert into author (slug, title) values ('a', 'A'), ('b', null), ('c', 'C');
insert into book (slug, title, n, shelf_id, author_id) values ('a', 'A', 1, 2, 3), ('b', 'B', 2, 3, 1),
  ('c', 'C', 3, 1, null), ('d', 'D', 4, null, 2);
update book set best_id = case slug when 'a' then 2 when 'd' then 1 end;
insert into note (shelf_slug, slug, title) values ('a', 'a', 'A'), ('a', 'b', 'B'), ('b', 'a', 'C');
"""
SECOND = """
update book set n = 10, shelf_id = 1 where slug = 'a'; update book set n = 20 where slug = 'b';
update shelf set title = 'new' where slug in ('b', 'c'); update author set title = null where slug = 'c';
update note set title = 'new' where slug = 'a'; delete from note where slug = 'b';
delete from book where slug in ('c'); insert into author (slug, title) values ('d', 'D');
insert into book (slug, title, n, shelf_id, author_id) values ('e', 'E', 5, 1, 4);
insert into note (shelf_slug, slug, title) values ('c', 'a', 'N')
"""
ROWS = """
select 'book', b.slug, concat_ws('/', b.title, b.n, b.home, 'on ' || s.slug, 'by ' || a.slug, x.slug)
  from book as b left join shelf as s on s.id = b.shelf_id left join author as a on a.id = b.author_id
  left join book as x on x.id = b.best_id
union all select 'shelf', slug, concat_ws('/', title, home) from shelf
union all select 'author', slug, concat_ws('/', title, home) from author
union all select 'note', shelf_slug || slug, concat_ws('/', title, home) from note order by 1, 2
"""


def state(place):
    """Return every row, the rows that it refers to by their keys."""
    return {f"{table} {key}": text for table, key, text in place.rows(ROWS)}


def changed(before, after):
    """Return what is otherwise: a row's new text, None for one that is gone."""
    return {key: after.get(key) for key in {*before, *after} if before.get(key) != after.get(key)}


@pytest.fixture
def everywhere(source, production):
    """All is in production, under other ids, beside rows of production's own."""
    both(source, production, TABLES)
    source.run(FIRST)
    production.run(
        "insert into shelf (slug, title) values ('z', 'Z'), ('y', 'Y');"
        "insert into author (slug) values ('z');"
        "insert into book (slug, title, shelf_id, author_id) values ('z', 'Z', 1, 1);"
        "insert into note values ('z', 'a', 'Z'); select setval('book_id_seq', 70)"
    )
    own = state(production)
    assert release(source, production, *DECLARED, key="a").says == "13 inserted"
    assert state(production) == {**state(source), **own}
    production.run(
        "update book set home = 'x' where slug in ('b', 'c'); update shelf set home = 'y' where slug = 'a'"
    )
    production.run("update note set home = slug; update author set home = slug")


def again(source, production, **typed):
    return released(export(source, *DECLARED, key="a"), source, production, **typed)


def test_each_row_gets_its_own_values_and_keeps_what_production_has(everywhere, source, production):
    production.run(
        "update book set title = 'theirs' where slug = 'b'; update author set title = 'x' where slug = 'a'"
    )
    before = state(production)
    source.run(SECOND)
    assert actions(plan(export(source, *DECLARED, key="a"), production)) == {
        **{
            ("book", key): action
            for key, action in (("a", "update"), ("b", "update"), ("c", "gone"), ("e", "insert"))
        },
        **{("shelf", key): "update" for key in "bc"},
        **{("author", key): action for key, action in (("a", "kept"), ("c", "update"), ("d", "insert"))},
        **{("note", f'["{key[0]}","{key[1]}"]'): "update" for key in ("aa", "ba")},
        ("note", '["a","b"]'): "gone",
        ("note", '["c","a"]'): "insert",
    }
    again(source, production)
    assert changed(before, state(production)) == {
        "book a": "A/10/h/on a/by c/b",
        "book b": "theirs/20/x/on c/by a",
        "book e": "E/5/h/on a/by d",
        "shelf b": "new/h",
        "shelf c": "new/h",
        "author c": "c",
        "author d": "D/h",
        "note aa": "new/a",
        "note ba": "new/a",
        "note ca": "N/h",
    }
    before = state(production)
    assert again(source, production).word == "unchanged"
    again(source, production, prune=True)
    assert changed(before, state(production)) == {"book c": None, "note ab": None}


def test_what_was_done_is_undone_row_by_row(everywhere, source, production):
    states, bases = [state(production)], [base(production)]
    source.run(SECOND)
    for prune in (False, True):
        again(source, production, prune=prune)
        states.append(state(production))
        bases.append(base(production))
    times = production.rows("select slug, updated_at from shelf order by 1")
    for number, n in ((3, 1), (2, 0), (5, 1), (4, 2)):
        undone(production, number)
        assert changed(states[n], state(production)) == {}
        assert base(production) == bases[n]
    assert production.rows("select slug, updated_at from shelf order by 1") == times


def test_each_row_that_was_edited_since_is_named(everywhere, source, production):
    source.run(SECOND)
    again(source, production, prune=True)
    production.run(
        "update book set n = 9 where slug in ('a', 'e');"
        "update author set title = 'x' where slug in ('c', 'd');"
        "update note set title = 'y' where shelf_slug in ('a', 'c'); delete from shelf where slug = 'y';"
        "insert into book (slug) values ('c'); update shelf set home = 'z' where slug = 'b'"
    )
    with pytest.raises(Problem) as caught:
        undone(production, 2)
    assert caught.value.what.split("\n    ")[1:] == [
        "author:c: was changed since: title",
        "author:d: was changed since: title",
        "book:a: was changed since: n",
        "book:c: was created since",
        "book:e: was changed since: n",
        'note:["a","a"]: was changed since: title',
        'note:["c","a"]: was changed since: title',
    ]
    before = state(production)
    left_out = [line.split(": was")[0] for line in caught.value.what.split("\n    ")[1:]]
    undone(production, 2, *left_out)
    assert changed(before, state(production)) == {
        "book b": "B/2/x/on c/by a",
        "shelf b": "B/z",
        "shelf c": "h",
        "note ab": "B/b",
        "note ba": "C/a",
    }


def test_a_conflict_of_one_row_is_none_of_its_namesakes(everywhere, source, production):
    source.run(
        "update book set title = 'here'; update shelf set title = 'here'; update author set title = 'here'"
    )
    production.run(
        "update book set title = 'there' where slug = 'a'; update shelf set title = 'there' where slug = 'b'"
    )
    with pytest.raises(Problem) as caught:
        again(source, production)
    assert [line.strip() for line in caught.value.what.splitlines()[1:]] == [
        'book a: title: base "A", local "here", production "there"',
        'shelf b: title: base "B", local "here", production "there"',
    ]
    again(source, production, take=("production:book.a", "local:shelf.b"))
    found = production.rows(
        "select slug from book where title = 'there' union all select slug from shelf where title = 'there'"
    )
    assert found == [("a",)]
    assert production.value("select title from book where slug = 'a'") == "there"
