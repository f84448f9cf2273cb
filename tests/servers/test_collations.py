"""Keys that a collation of production calls equal: one row, whatever the letters are."""

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import Table
from tests.databases.deciding import released, undone
from tests.databases.places import actions, apply, both, export, plan

pytestmark = pytest.mark.parametrize("pair", [(15, 15)], indirect=True)
ODD = "create collation odd (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
TABLES = """
create table shelf (id bigserial primary key, slug text not null unique);
create table leaf (id bigserial primary key, n {} collate odd not null unique, says text,
  shelf_id bigint references shelf)
"""
BOTH = (Table("shelf", key="slug"), Table("leaf", key="n", via="shelf_id"))


@pytest.fixture(params=["text", "character varying(9)"])
def leaf(request, source, production):
    """A leaf was released and has other letters here since."""
    both(source, production, f"{ODD};{TABLES.format(request.param)}")
    source.run("insert into shelf (slug) values ('a')")
    source.run("insert into leaf (n, says, shelf_id) values ('poem', 'x', 1)")
    apply(export(source, *BOTH, key="a"), production)
    source.run("update leaf set n = 'Poem'")


def leaves(place):
    return place.rows("select n::text, says from leaf")


def test_a_key_in_other_letters_is_an_update(leaf, source, production):
    bundle = export(source, *BOTH, key="a")
    assert actions(plan(bundle, production)) == {("leaf", "Poem"): "update"}
    assert released(bundle, source, production).says == "1 updated"
    assert leaves(production) == [("Poem", "x")]
    assert apply(bundle, production).word == "unchanged"
    undone(production)
    assert leaves(production) == [("poem", "x")]


def test_an_edit_of_a_row_in_other_letters_is_a_conflict(leaf, source, production):
    source.run("update leaf set says = 'y'")
    production.run("update leaf set says = 'z'")
    with pytest.raises(Problem, match="leaf Poem: says"):
        released(export(source, *BOTH, key="a"), source, production)


def test_a_key_in_other_letters_there_is_kept(leaf, source, production):
    source.run("update leaf set n = 'poem', says = 'y'")
    production.run("update leaf set n = 'POEM'")
    assert apply(export(source, *BOTH, key="a"), production).says == "1 updated"
    assert leaves(production) == [("POEM", "y")]


def test_two_rows_in_other_letters_are_one_in_production(leaf, source, production):
    source.run('alter table leaf drop constraint leaf_n_key; alter table leaf alter n type text collate "C"')
    source.run("insert into leaf (n, says, shelf_id) values ('poem', 'y', 1)")
    obstacles = plan(export(source, *BOTH, key="a"), production).obstacles
    assert "leaf Poem, poem: are one row in production" in map(str, obstacles)
