"""Rows that refer to each other in a circle, never null: they come together, and go together."""

import pytest

from maulstick.project.declarations import Table
from tests.databases.deciding import base, contents, released, undone
from tests.databases.places import apply, both, export

PAIRS = (Table("hen", key="name", where="%(key)s <> ''"), Table("egg", key="name", where="true"))
TABLES = """
create table hen (id bigserial primary key, name text unique not null, egg_id bigint not null);
create table egg (id bigserial primary key, name text unique not null, hen_id bigint not null references hen);
alter table hen add foreign key (egg_id) references egg;
"""


@pytest.fixture
def hens(source, production):
    """The source has two hens, each with an egg."""
    both(source, production, TABLES)
    source.run(
        "with hens as (insert into hen values (1, 'Ada', 1), (2, 'Bea', 2))"
        " insert into egg values (1, 'white', 1), (2, 'brown', 2)"
    )


@pytest.fixture
def bundle(hens, source):
    return export(source, *PAIRS)


def hens_of(place):
    return place.rows("select h.name, e.name from hen as h join egg as e on e.id = egg_id order by 1")


def test_a_circle_comes_in_one_release(bundle, source, production):
    assert apply(bundle, production).says == "4 inserted"
    assert hens_of(production) == hens_of(source) == [("Ada", "white"), ("Bea", "brown")]


def test_a_circle_is_undone(bundle, production):
    before = contents(production)
    apply(bundle, production)
    assert undone(production).count("delete") == 4
    assert (contents(production), base(production)) == (before, [])


def test_a_circle_that_is_gone_is_pruned(bundle, source, production):
    apply(bundle, production)
    source.run("with hens as (delete from hen where id = 2) delete from egg where id = 2")
    assert released(export(source, *PAIRS), source, production, prune=True).says == "2 deleted"
    assert hens_of(production) == [("Ada", "white")]
