"""Keys that are equal and only spelt otherwise, as citext and numeric have them: one row, not two."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Table
from tests.databases.deciding import base, contents, planned, released, undone
from tests.databases.places import SHELF, actions, apply, both, export, plan, release

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


LEAF = (SHELF, Table("leaf", key="n", via="shelf_id"))
LEAVES = """
create table leaf (id bigserial primary key, n {} not null {}, says text, shelf_id bigint references shelf)
"""


def leaves(place):
    return place.rows("select n::text, says from leaf order by 1")


@pytest.fixture
def leaf(library, source, production):
    """A leaf was released whose key's type has a name that looks plain."""
    both(source, production, f"create domain textual as numeric; {LEAVES.format('textual', 'unique')}")
    source.run("insert into leaf (n, says, shelf_id) values (1.0, 'x', 1)")
    release(source, production, *LEAF)


def test_a_key_of_a_type_that_looks_plain_may_be_spelt_otherwise(leaf, source, production):
    source.run("update leaf set n = 1.00")
    bundle = export(source, *LEAF)
    assert actions(planned(bundle, source, production)) == {("leaf", "1.00"): "update"}
    with pytest.raises(Problem, match="no row of shelf poetry is gone"):
        released(bundle, source, production, prune=True)
    assert released(bundle, source, production).says == "1 updated"
    assert leaves(production) == [("1.00", "x")]


def test_a_conflict_of_a_row_that_is_here_is_no_row_that_left(leaf, source, production):
    source.run("update leaf set n = 1.00, says = 'y'")
    production.run("update leaf set says = 'z'")
    with pytest.raises(Problem, match="says: "):
        planned(export(source, *LEAF), source, production)


def test_two_spellings_of_one_key_here_are_refused(library, source, production):
    both(source, production, LEAVES.format("numeric", ""))
    source.run("insert into leaf (n, shelf_id) values (1.0, 1), (1.00, 1), (2, 1)")
    with pytest.raises(Problem, match=r"leaf: rows share a key: 1.0, 1.00 \(2 rows\)") as caught:
        export(source, *LEAF)
    assert caught.value.code == Exit.REFUSED


def test_a_key_whose_type_has_another_equality_in_production_is_refused(library, source, production):
    source.run(LEAVES.format("text", ""))
    both(source, production, "create extension if not exists citext")
    production.run(LEAVES.format("citext", ""))
    source.run("insert into leaf (n, shelf_id) values ('A', 1), ('a', 1)")
    production.run("insert into leaf (n) values ('a')")
    [one] = plan(export(source, *LEAF), production).obstacles
    assert str(one) == "leaf n: is public.citext in production and text here"


def test_each_column_of_a_key_is_compared_by_its_own_type(source, production):
    leaf = "create table leaf (id bigserial primary key, n {}, m text, says {}, unique (n, m))"
    source.run(leaf.format("text", "text"))
    both(source, production, "create extension citext")
    production.run(leaf.format("citext", "citext"))
    source.run("insert into leaf (n, m) values ('A', 'b')")
    leaves = Table("leaf", key=("n", "m"), skip="says")
    [one] = plan(export(source, leaves, key="A"), production).obstacles
    assert str(one) == "leaf n: is public.citext in production and text here"


@pytest.mark.parametrize(("length", "fits"), [(2500, True), (2501, False)])
def test_a_key_that_no_index_takes_is_refused(library, source, production, length, fits):
    both(source, production, LEAVES.format("text", ""))
    source.run(
        "insert into leaf (n, shelf_id) select left(string_agg(md5(i::text), ''), %s), 1"
        " from generate_series(1, 99) as i",
        length,
    )
    if fits:
        assert release(source, production, *LEAF).says == "2 inserted"
    else:
        with pytest.raises(Problem, match="leaf: has keys of more than 2500 bytes") as caught:
            export(source, *LEAF)
        assert caught.value.code == Exit.REFUSED


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
    bundle = export(source, *TABLES)
    with pytest.raises(Problem, match="no row of shelf poetry is gone"):
        released(bundle, source, production, prune=True)
    assert released(bundle, source, production).says == "2 updated"
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


def test_a_reference_to_a_row_spelt_otherwise_there_is_no_conflict(spelt, source, production):
    """It leads to the same row, whoever made the rows: adopted, then equal."""
    both(source, production, "create table line (id serial primary key, n integer unique, note_id integer)")
    both(source, production, "alter table line add foreign key (note_id) references note")
    source.run("insert into line (n, note_id) values (1, 1)")
    production.run("insert into line (id, n, note_id) select 40, 1, id from note")
    production.run("update note set name = %s", spelt[1])
    tables = (*TABLES, Table("line", key="n", via="note_id"))
    bundle = export(source, *tables)
    assert actions(planned(bundle, source, production)) == {("note", spelt[0]): "kept"}
    release(source, production, *tables)
    again = planned(export(source, *tables), source, production)
    assert actions(again) == {("note", spelt[0]): "kept"}


def test_a_reference_to_another_row_is_still_a_conflict(spelt, source, production):
    both(source, production, "create table line (id serial primary key, n integer unique, note_id integer)")
    both(source, production, "alter table line add foreign key (note_id) references note")
    source.run("insert into line (n, note_id) values (1, 1)")
    production.run("insert into note (name) values ('7')")
    production.run("insert into line (n, note_id) select 1, max(id) from note")
    tables = (*TABLES, Table("line", key="n", via="note_id"))
    with pytest.raises(Problem, match=f'note_id: local "{spelt[0]}", production "7"'):
        planned(export(source, *tables), source, production)
