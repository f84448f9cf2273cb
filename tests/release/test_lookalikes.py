"""A new row whose key looks like that of a row of production is named: it may be the same row."""

from __future__ import annotations

import unicodedata

import pytest

from maulstick.project.declarations import Table
from maulstick.text import one_line
from tests.databases.deciding import release_of, released
from tests.databases.places import LIBRARY, Place, both, export, perform

COMPOSED, APART = (unicodedata.normalize(form, "crème brûlée") for form in ("NFC", "NFD"))

ADDED = "insert into book (isbn, title, shelf_id) select %s, 'added', id from shelf where slug = 'poetry'"


def warnings(source: Place, production: Place, *tables: Table) -> tuple[str, ...]:
    bundle = export(source, *tables) if tables else export(source)
    return perform(release_of(bundle, source, production), "plan").warnings


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (APART, COMPOSED),
        (COMPOSED, APART),
        ("1\u00a0a", "1 a"),
        ("9\u200b", "9"),
        ("ﬁlm", "film"),
        ("é\u00ad", "é"),
    ],
)
def test_a_new_row_that_looks_like_one_of_production_is_named(released_once, source, production, here, there):
    for place, isbn in ((source, here), (production, there)):
        place.run(ADDED, isbn)
    [says] = warnings(source, production)
    assert says.startswith(
        f"book {one_line(here)}: looks like a row of production whose key is of other characters"
    )
    assert says.endswith(f": if it is that one, --rename 'book:{there}={here}'")
    typed = {"rename": (f"book:{there}={here}",), "take": ("local",)}
    assert released(export(source), source, production, **typed).says == "1 updated"
    assert production.rows("select isbn from book where title = 'added'") == [(here,)]


def test_rows_that_look_alike_on_both_sides_are_two(released_once, source, production):
    for place in (source, production):
        place.run(ADDED, COMPOSED)
    source.run(ADDED, APART)
    assert warnings(source, production) == ()


def test_a_row_in_other_letters_is_another_one(released_once, source, production):
    for place, isbn in ((source, COMPOSED), (production, "creme brulee")):
        place.run(ADDED, isbn)
    assert warnings(source, production) == ()


def test_keys_of_several_columns_look_alike_too(released_once, source, production):
    both(
        source,
        production,
        "create table page (book text, n integer, shelf_id bigint references shelf, primary key (book, n))",
    )
    table = Table("page", key=("book", "n"), via="shelf_id")
    for place, book in ((source, APART), (production, COMPOSED)):
        place.run("insert into page select %s, 1, id from shelf where slug = 'poetry'", book)
    [says] = warnings(source, production, *LIBRARY, table)
    assert says == (
        f'page ["{APART}","1"]: looks like a row of production whose key is of other characters:'
        " if it is that one, write its key alike"
    )
