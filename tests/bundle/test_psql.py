"""release.sql alone, through psql: the same rows, all or nothing, and no text is ever run."""

import pytest

from maulstick.project.declarations import Table
from tests.databases.places import apply, both, export

HOSTILE = [
    "'; drop table book; --",
    "\\.",
    "\\.\ndrop table book;\n",
    "\n\\.\n",
    "\\N",
    "\\",
    "\\\\.",
    "\\! touch broken",
    "\\i /etc/passwd",
    "tab\there\r\nand \x01\x08\x0b\x0c\x1b[31m\x7f",
    "$maulstick$; drop table book; $maulstick$",
    "$$ $1 $a$",
    ":name :'name' :\"name\"",
    "quote \" and ' and `ls`",
    "-- maulstick: end\ncommit;\ndrop table book;",
    "{\"a\": 'b'}",
    "%s %I %L %% é \u2028 \U0001f3a8 \u202e",
    "",
    " ",
    "NULL",
    "E'\\x41'",
    "/* \\gexec ; */",
    "x" * 1_000_000 + "'\\\n",
]
NOTE = Table("note", key=("shelf", "text"), where="shelf = 'all' and %(key)s <> ''")


@pytest.fixture
def notes(library, source, production):
    """A table whose key, text and JSON hold everything that could be taken for SQL."""
    both(
        source,
        production,
        "create table note (id serial primary key, shelf text not null, text text not null,"
        "  j jsonb, a text[], c text)",
    )
    for text in HOSTILE:
        source.run(
            "insert into note (shelf, text, j, a, c) values"
            " ('all', %s, jsonb_build_object('t', %s::text), array[%s, null], %s)",
            *(text[-200:], text, text, text),
        )


def texts(place):
    return place.rows('select text, j, a, c from note order by text collate "C"')


def test_psql_alone_gives_the_same_rows_as_apply(library, source, production, psql):
    done = psql(production, export(source))
    assert (done.returncode, done.stderr) == (0, "")
    joined = "book b join shelf s on s.id = shelf_id join author a on a.id = author_id"
    rows = f"select isbn, b.title, price, slug, name, born from {joined} order by 1"
    assert production.rows(rows) == source.rows(rows)
    assert apply(export(source), production).word == "unchanged"


def test_psql_run_twice_writes_nothing_the_second_time(released_once, source, production, psql):
    before = production.dump()
    assert psql(production, export(source)).returncode == 0
    assert production.dump() == before


def test_hostile_text_arrives_exactly_through_psql(notes, source, production, psql):
    done = psql(production, export(source, NOTE))
    assert (done.returncode, done.stderr) == (0, "")
    assert texts(production) == texts(source)
    assert production.value("select count(*) from book") == 0


def test_hostile_text_arrives_exactly_through_apply(notes, source, production):
    bundle = export(source, NOTE)
    assert apply(bundle, production).says == f"{len(HOSTILE)} inserted"
    assert texts(production) == texts(source)
    assert apply(bundle, production).word == "unchanged"


def test_hostile_text_is_read_back_exactly_from_the_bundle(notes, source):
    rows = export(source, NOTE).rows()["note"]
    assert sorted(row["c"] for row in rows) == sorted(HOSTILE)


def test_a_failing_guard_runs_nothing_of_hostile_text(notes, source, production, psql):
    production.run(
        "create unique index one on note (c); insert into note (shelf, text, c) values ('x', 'x', '')"
    )
    before = production.dump()
    done = psql(production, export(source, NOTE))
    assert done.returncode == 3
    assert "nothing was changed" in done.stderr
    assert production.dump() == before


@pytest.mark.parametrize(
    "broken",
    [
        "drop table note",
        "alter table note drop column a",
        "alter table note alter c type integer using null",
        "alter table note add check (c <> '\\.')",
        "create function no() returns trigger language plpgsql as 'begin raise exception ''no''; end';"
        "create trigger no before insert on note for each row execute function no()",
    ],
)
def test_a_failure_anywhere_runs_nothing_of_hostile_text(notes, source, production, psql, broken):
    production.run(broken)
    before = production.dump()
    done = psql(production, export(source, NOTE))
    assert done.returncode == 3
    assert production.dump() == before


def test_a_conflict_through_psql_names_the_rows(released_once, source, production, psql):
    source.run("update book set price = 1 where isbn = '1'")
    production.run("update book set price = 2 where isbn = '1'")
    before = production.dump()
    done = psql(production, export(source))
    assert done.returncode == 3
    assert "refused, nothing was changed: book 1: price changed here and there" in done.stderr
    assert production.dump() == before


def test_psql_says_the_number_and_the_counts(library, source, production, psql):
    assert '{"book": {"insert": 2}, "shelf": {"insert": 1}, "author": {"insert": 1}}' in (
        psql(production, export(source)).stdout
    )
