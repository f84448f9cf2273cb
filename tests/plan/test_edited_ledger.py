"""What somebody edited in the ledger by hand is not restored without a word."""

import pytest

from maulstick.errors import Exit, Problem
from tests.databases.deciding import undone
from tests.databases.places import release

PRICED = """jsonb_set(before, '{price}', '"1"')"""
LOWER = f"update maulstick.change set before = {PRICED} where key = '1' and release = 2"
LOST = "delete from maulstick.change where key = '1' and release = 2"
INVENTED = "insert into maulstick.change select 2, 'author', key, action, before, after, base, subjects from"
ACCEPTED = "update maulstick.release set sums = null where number = 2"


@pytest.fixture
def released_twice(released_once, source, production):
    """The price of a book has changed since the first release."""
    source.run("update book set price = 950 where isbn = '1'")
    assert release(source, production).number == 2


@pytest.mark.parametrize(
    ("edit", "table"),
    [(LOWER, "book"), (LOST, "book"), (f"{INVENTED} maulstick.change where release = 2", "author")],
    ids=["edited", "deleted", "invented"],
)
def test_a_change_that_was_edited_is_noticed(released_twice, production, edit, table):
    production.run(edit)
    before = production.dump()
    with pytest.raises(Problem) as caught:
        undone(production, 2)
    assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)
    said = f"what the ledger keeps of release 2 was edited since (rows of {table}); nothing was changed"
    assert caught.value.what == said
    assert ACCEPTED in caught.value.hint


def test_an_edit_that_is_accepted_is_restored_and_a_rollback_has_sums_of_its_own(released_twice, production):
    production.run(LOWER)
    production.run(ACCEPTED)
    assert undone(production, 2).number == 3
    assert production.value("select price from book where isbn = '1'") == 1
    undone(production, 3)
    production.run(LOWER.replace('"1"', '"2"').replace("release = 2", "release = 4"))
    with pytest.raises(Problem, match="release 4 was edited since"):
        undone(production, 4)


def test_a_ledger_without_sums_gets_them_with_its_next_release(released_once, source, production):
    production.run("alter table maulstick.release drop column sums")
    source.run("update book set price = 950 where isbn = '1'")
    release(source, production)
    assert production.rows("select number, sums is null from maulstick.release order by 1") == [
        (1, True),
        (2, False),
    ]
    undone(production, 2)
    undone(production, 1)
