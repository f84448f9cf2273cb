"""The same content gives the same bytes."""

from maulstick.project.declarations import JsonReference, Kind, Table
from tests.databases.places import BOOKS, LIBRARY, Declared, Place, export, fill_shelf


def files(bundle):
    return {name: (bundle.folder / name).read_bytes() for name in ("release.sql", "manifest.json")}


def test_two_exports_are_equal(library, source):
    assert files(export(source)) == files(export(source))


def test_a_changed_row_changes_its_line_alone(library, source):
    before = files(export(source))["release.sql"].splitlines()
    source.run("update book set price = 1000 where isbn = '2'")
    after = files(export(source))["release.sql"].splitlines()
    assert len(before) == len(after)
    moved = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    rows = [pair for pair in moved if b"\t" in pair[0]]
    assert rows == [(b"2\tLetters\t900\tpoetry\tEmily", b"2\tLetters\t1000\tpoetry\tEmily")]
    manifest = export(source).manifest
    digests = {manifest.digest.encode(), manifest.rows_digest.encode()}
    assert all(any(digest in new for digest in digests) for _, new in moved if b"\t" not in new)


def test_rows_stand_in_the_order_of_their_keys(library, source):
    source.run(
        "insert into book (isbn, title, shelf_id) values ('10', 'Ten', 1), ('B', 'B', 1), ('a', 'a', 1)"
    )
    isbns = [row["isbn"] for row in export(source).rows()["book"]]
    assert isbns == ["1", "10", "2", "B", "a"]


def test_other_ids_of_the_source_give_the_same_bytes(source: Place, production: Place):
    for place, first in ((source, 1), (production, 40)):
        place.run(BOOKS + f"; alter table shelf add meta jsonb; select setval('book_id_seq', {first})")
        place.run(f"select setval('shelf_id_seq', {first + 7}), setval('author_id_seq', {first + 9})")
        fill_shelf(place)
        place.run(
            "update shelf set meta = jsonb_build_object('best', (select id from book where isbn = '2'))"
        )
    shelf = Table("shelf", key="slug", json_references=[JsonReference("meta", "$.best", "book")])
    assert files(export(source, shelf, *LIBRARY[1:])) == files(export(production, shelf, *LIBRARY[1:]))


def test_rows_outside_the_slice_change_nothing(library, source):
    before = files(export(source))
    source.run("insert into shelf (slug, title, inserted_at, updated_at) values ('x', 'X', now(), now())")
    source.run("insert into book (isbn, title) values ('7', 'elsewhere')")
    source.run("update book set title = title")
    assert files(export(source)) == before


def test_times_of_the_source_stay_out_but_for_as_of(library, source):
    before = export(source)
    source.run("update shelf set inserted_at = '2020-01-01'")
    assert files(export(source)) == files(before)


def test_the_order_of_declarations_changes_nothing(library, source):
    plugins = Declared(Kind("shelf", "shelf", "slug"), LIBRARY[::-1])
    assert files(export(source, plugins=plugins)) == files(export(source))
