"""Keys that are equal and only spelt otherwise, as citext and numeric have them: one row, not two."""

import pytest
from deciding import base, contents, planned, released, undone
from places import SHELF, actions, apply, both, export, release

from maulstick.content import Table

SPELLINGS = [("citext", "Anna", "ANNA"), ("numeric", "1.0", "1.00")]
TABLES = (
    SHELF,
    Table("note", key="name", via="shelf_id"),
    Table("leaf", key=("note_id", "n"), via="note_id"),
)


@pytest.fixture(params=SPELLINGS, ids=lambda found: found[0])
def spelt(request, library, source, production):
    """A note with a leaf was released; the fixture is its key, and the same key in other letters."""
    kind, one, other = request.param
    both(
        source,
        production,
        "create extension if not exists citext;"
        f"create table note (id serial primary key, name {kind} unique not null, says text default 'x',"
        "  shelf_id bigint references shelf);"
        "create table leaf (note_id integer not null references note, n integer not null, says text)",
    )
    source.run("insert into note (name, shelf_id) values (%s, 1)", one)
    source.run("insert into leaf values (1, 1, 'x')")
    release(source, production, *TABLES)
    return one, other


def notes(place):
    return place.rows("select name::text, note.says, n, leaf.says from note join leaf on note_id = note.id")


def test_a_key_spelt_otherwise_here_is_an_update(spelt, source, production):
    source.run("update note set name = %s, says = 'y'", spelt[1])
    bundle = export(source, *TABLES)
    assert actions(planned(bundle, source, production))["note", spelt[1]] == "update"
    assert apply(bundle, production).says == "2 updated"
    assert notes(production) == [(spelt[1], "y", 1, "x")]
    assert [key for table, key, *_ in base(production) if table == "note"] == [spelt[1]]


def test_a_key_spelt_otherwise_here_is_not_gone(spelt, source, production):
    source.run("update note set name = %s", spelt[1])
    assert released(export(source, *TABLES), source, production, prune=True).says == "2 updated"
    assert len(notes(production)) == 1


def test_a_key_spelt_otherwise_here_is_undone(spelt, source, production):
    before = contents(production), base(production)
    source.run("update note set name = %s", spelt[1])
    source.run("update leaf set says = 'y'")
    release(source, production, *TABLES)
    undone(production)
    assert (contents(production), base(production)) == before


def test_a_key_spelt_otherwise_there_is_kept(spelt, source, production):
    production.run("update note set name = %s", spelt[1])
    source.run("update note set says = 'y'; insert into leaf values (1, 2, 'new')")
    release(source, production, *TABLES)
    assert sorted(notes(production)) == [(spelt[1], "y", 1, "x"), (spelt[1], "y", 2, "new")]
    before = production.dump()
    assert release(source, production, *TABLES).number is None
    assert production.dump() == before
