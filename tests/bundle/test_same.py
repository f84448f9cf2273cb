"""One hash says `unchanged`, and never where comparing row by row would say anything else."""

from __future__ import annotations

from contextlib import suppress

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maulstick.errors import Problem
from maulstick.plan.planner import as_released, make_plan
from maulstick.postgres.connection import connect
from maulstick.project.declarations import JsonReference, Kind, Leave, Match, Query, Table
from maulstick.redact import Secret
from tests.databases.deciding import applied, undone
from tests.databases.places import (
    AUTHOR,
    BOOKS,
    NOW,
    SHELF,
    Declared,
    apply,
    both,
    export,
    fill_shelf,
    plan,
    release,
)

MORE = """
create table language (code text primary key);
insert into language values ('en'), ('fr');
create table keeper (id bigserial primary key, email text not null unique);
insert into keeper (email) values ('ann@example.com'), ('bob@example.com');
alter table book add language text references language, add keeper_id bigint references keeper,
  add owner_id bigint references keeper, add meta jsonb, add sold boolean not null default false;
create table label (id bigserial primary key, book_id bigint references book, text text, color text,
  place numeric not null default 1);
"""
FILL = """
update book set language = 'en', owner_id = 1, meta = jsonb_build_object('by', author_id, 'pages', 12);
insert into label (book_id, text, color) select id, t, 'red' from book, (values ('old'), (null)) as v(t)
"""
KEEPER = Match(key="email")
BOOK = Table(
    "book",
    key="isbn",
    via="shelf_id",
    references={"keeper_id": Leave(), "owner_id": KEEPER, "language": Match(key="code")},
    json_references=[JsonReference("meta", "$.by", "author")],
    theirs="sold",
)
LABEL = Table("label", key=("book_id", "text", "place"), via="book_id")
TABLES = (SHELF, BOOK, AUTHOR, LABEL)
STAGED = {"take": "[]"}

UNSEEN = {
    "a column of theirs": "update book set sold = true",
    "a reference that is left": "update book set keeper_id = 2",
    "the row's own times": "update shelf set updated_at = now()",
    "a row that no bundle has": "insert into author (name) values ('Somebody else')",
    "a row under the same parent": "insert into book (isbn, title, shelf_id)"
    " select '99', 'New', id from shelf",
    "other ids": "set session_replication_role = replica; update author set id = id + 70;"
    " update book set author_id = author_id + 70, meta = jsonb_set(meta, '{by}', to_jsonb(author_id + 70));"
    " reset session_replication_role",
    "a default": "alter table book alter price set default 7",
    "a column more": "alter table book add pages integer default 3",
    "a key of a row that nobody names": "update keeper set email = 'zoe@example.com' where id = 2",
    "the same values written again": "update book set title = title",
    "an index more": "create index on book (price)",
}
SEEN = {
    "a text": "update book set title = 'Prose' where isbn = '1'",
    "one blank more": "update book set title = title || ' ' where isbn = '1'",
    "a number": "update book set price = 901 where isbn = '1'",
    "a null": "update book set price = null where isbn = '1'",
    "an empty text": "update shelf set note = ''",
    "two values changed for each other": "update book set title ="
    " case isbn when '1' then 'Letters' else 'Poems' end",
    "a key": "update book set isbn = '3' where isbn = '1'",
    "a row deleted": "delete from label where text is null",
    "a row deleted and another inserted": "delete from label where text = 'old' and color = 'red';"
    " insert into label (book_id, text, color) select id, 'old', 'blue' from book",
    "a row under another parent": "insert into shelf (slug, title, inserted_at, updated_at)"
    f" values ('x', 'X', {NOW}, {NOW}); update book set shelf_id = (select id from shelf where slug = 'x')",
    "the key of a row that ours refer to": "update author set name = 'Emily D.'",
    "the key of a row that is matched": "update keeper set email = 'zoe@example.com' where id = 1",
    "another row is referred to": "update book set owner_id = 2",
    "another row named by its code": "update book set language = 'fr' where isbn = '1'",
    "a row that is named and lost": "alter table book drop constraint book_language_fkey;"
    " delete from language",
    "an id in JSON": "insert into author (name) values ('X'); update book set meta = jsonb_build_object('by',"
    " (select id from author where name = 'X'), 'pages', 12)",
    "a value in JSON": "update book set meta = jsonb_set(meta, '{pages}', '13')",
    "a second row with our key": "insert into label (book_id, text) select id, null from book",
    "a second row whose key is the same number": "insert into label (book_id, text, place)"
    " select id, 'old', 1.00 from book",
    "a second row with a matched key": "alter table keeper drop constraint keeper_email_key;"
    " insert into keeper (email) values ('ann@example.com')",
    "a column less": "alter table book drop meta",
    "a trigger's value": "create function louder() returns trigger language plpgsql as"
    " $$ begin update book set title = upper(title) where title <> upper(title); return null; end $$;"
    " create constraint trigger louder after insert or update on label deferrable initially deferred"
    " for each row execute function louder(); update label set color = color",
    "the ledger's target": "update maulstick.ledger set target = 'elsewhere'",
    "the ledger's version": "update maulstick.ledger set version = 2",
}


@pytest.fixture
def shelves(library, source, production):
    """The shelf poetry, whose books have labels, an owner, a language and JSON, is in production."""
    both(source, production, MORE)
    source.run(FILL)
    production.run("alter sequence keeper_id_seq restart 50")
    release(source, production, *TABLES)


def told(bundle, production):
    """Return what the hash says, which may be yes only where staging says that nothing differs."""
    with connect(Secret(production.url), "production") as database:
        yes = as_released(bundle, database, "production")
        if yes:
            staged = make_plan(bundle, database, "production", STAGED)
            assert make_plan(bundle, database, "production") == staged
            assert (list(staged.changes), staged.obstacles) == ([], ())
    if yes:  # a take that takes nothing makes it stage the rows
        done = applied(bundle, production, production, take=("production",))
        assert (done.number, done.word) == (None, "unchanged")
    return yes


def test_what_a_release_does_not_compare_leaves_it_unchanged(shelves, source, production):
    for edit, text in UNSEEN.items():
        production.run(text)
        assert told(export(source, *TABLES), production), edit


@pytest.mark.parametrize("edit", SEEN.values(), ids=SEEN)
def test_production_that_moved_is_compared_row_by_row(shelves, source, production, edit):
    production.run(edit)
    assert not told(export(source, *TABLES), production)


@pytest.mark.parametrize(
    "edit", ["update book set price = 1", "delete from label", "update author set born = 1"]
)
def test_a_local_edit_is_compared_row_by_row(shelves, source, production, edit):
    source.run(edit)
    assert not told(export(source, *TABLES), production)


def test_an_unchanged_release_writes_nothing_and_takes_no_lock(shelves, source, production):
    before = production.dump()
    with production.other_connection() as admin:
        admin.execute("lock table book, shelf in exclusive mode")
        assert apply(export(source, *TABLES), production).says == "8 rows equal"
    assert production.dump() == before


def test_rows_alone_decide_whatever_else_the_bundle_says(shelves, source, production):
    source.run("update shelf set updated_at = now(); create table schema_migrations (version bigint)")
    source.run("insert into schema_migrations values (7)")
    assert told(export(source, *TABLES), production)


def test_a_kept_value_is_said_every_time(shelves, source, production):
    production.run("update book set price = 1 where isbn = '1'")
    for _ in range(2):
        bundle = export(source, *TABLES)
        assert [change.action for change in plan(bundle, production).changes] == ["kept"]
        assert apply(bundle, production).says == "7 rows equal, 1 kept"


def test_a_release_that_was_undone_is_offered_again(shelves, source, production):
    source.run("update book set price = 1")
    release(source, production, *TABLES)
    assert told(export(source, *TABLES), production)
    undone(production, 2)
    assert not told(export(source, *TABLES), production)
    assert plan(export(source, *TABLES), production).counts()["update"] == 2
    source.run("update book set price = 900")
    assert apply(export(source, *TABLES), production).word == "unchanged"
    assert told(export(source, *TABLES), production)


def test_what_is_kept_is_not_said_to_agree(shelves, source, production):
    both(source, production, "update book set price = 1 where isbn = '1'")
    production.run("update book set title = 'theirs' where isbn = '2'")
    says = apply(export(source, *TABLES), production).says
    assert says.endswith("1 kept; release 2 wrote down how both sides stand")


def test_base_that_a_rollback_moved_is_written_down_again(shelves, source, production):
    both(source, production, "update book set price = 1")
    assert apply(export(source, *TABLES), production).says.endswith(
        "release 2 wrote down that both sides agree"
    )
    undone(production, 2)
    assert not plan(export(source, *TABLES), production).changes
    assert not told(export(source, *TABLES), production)
    assert apply(export(source, *TABLES), production).number == 4


def test_a_row_that_another_subject_released_too_is_compared_once_more(shelves, source, production):
    source.run(
        f"insert into shelf (slug, title, inserted_at, updated_at) values ('prose', 'Prose', {NOW}, {NOW})"
    )
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1)")
    release(source, production, *TABLES, key="prose")
    assert not told(export(source, *TABLES), production)
    assert apply(export(source, *TABLES), production).word == "unchanged"
    assert told(export(source, *TABLES), production)
    undone(production, 2)
    assert not told(export(source, *TABLES), production)


def test_a_query_that_fails_now_stops_an_unchanged_release_too(shelves, source, production):
    query = Query("nobody else", "select count(*) from author", expect="1")
    plugins = Declared(Kind("shelf", "shelf", "slug"), TABLES, (query,))
    assert apply(export(source, plugins=plugins), production).word == "unchanged"
    production.run("insert into author (name) values ('Somebody')")
    with pytest.raises(Problem, match="nobody else: expected 1, the answer is 2"):
        apply(export(source, plugins=plugins), production)


@pytest.mark.parametrize(
    "book",
    [
        Table("book", key="isbn", via="shelf_id", references={"author_id": Match("name", missing="null")}),
        Table(
            "book", key="isbn", via="shelf_id", references={"author_id": Match("name")}, theirs="author_id"
        ),
    ],
    ids=["may be absent", "is theirs"],
)
def test_a_reference_that_depends_on_other_rows_is_always_looked_up(library, source, production, book):
    production.run("insert into author (name) values ('Emily')")
    release(source, production, SHELF, book)
    assert not told(export(source, SHELF, book), production)
    assert release(source, production, SHELF, book).word == "unchanged"


NUMBERS = st.sampled_from((1, 2))
EDITS = st.one_of(
    NUMBERS.map(lambda n: f"update book set price = {n} where isbn = '{n}'"),
    NUMBERS.map(lambda n: f"update author set born = {n}"),
    NUMBERS.map(lambda n: f"update book set owner_id = {n}, sold = not sold where isbn = '1'"),
    NUMBERS.map(lambda n: f"update book set shelf_id = {n} where isbn = '2'"),
    st.sampled_from(("red", "blue")).map(
        lambda color: f"update label set color = '{color}' where text is null"
    ),
    st.sampled_from(("poetry", "prose")).map(
        lambda slug: f"update shelf set note = slug where slug = '{slug}'"
    ),
    st.sampled_from(("delete from label", FILL)),
)
MOVES = st.one_of(
    st.tuples(st.sampled_from(("here", "there")), EDITS),
    st.tuples(st.just("release"), st.sampled_from(("poetry", "prose"))),
    st.tuples(st.just("undo"), st.just("")),
)


def begin(source, production):
    for place in (source, production):
        place.empty()
        place.run(BOOKS + MORE)
    fill_shelf(source)
    source.run(
        f"insert into shelf (slug, title, inserted_at, updated_at) values ('prose', 'Prose', {NOW}, {NOW})"
    )
    source.run("insert into book (isbn, title, shelf_id, author_id) values ('9', 'Essays', 2, 1);" + FILL)


def move(source, production, what, how):
    """Edit, release or undo, if it can be done."""
    with suppress(Problem, psycopg.Error):
        if what == "release":
            release(source, production, *TABLES, key=how)
        elif what == "undo":
            undone(production)
        else:
            (source if what == "here" else production).run(how)


@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(moves=st.lists(MOVES, min_size=4, max_size=8))
def test_whatever_was_edited_released_or_undone_the_hash_says_what_a_comparison_says(
    source, production, moves
):
    begin(source, production)
    for subject in ("poetry", "prose"):
        release(source, production, *TABLES, key=subject)
    for what, how in moves:
        move(source, production, what, how)
        for subject in ("poetry", "prose"):
            told(export(source, *TABLES, key=subject), production)
