"""A bundle that looks older than the one last released: refused where it would set a row back."""

from dataclasses import replace

import pytest

from maulstick.errors import Exit, Problem
from tests.databases.deciding import applied, planned
from tests.databases.places import NOW, actions, apply, both, export, plan, release

TIMES = f"""alter table book add inserted_at timestamp(0) not null default {NOW},
  add updated_at timestamp(0) not null default {NOW}"""
OLD, LATER = "2025-11-17 09:49:05", "2025-12-24 12:00:00"


@pytest.fixture
def newest_deleted(library, source, production):
    """The book that was edited last is in production, and the source has deleted it since."""
    both(source, production, TIMES)
    source.run(f"update book set title = 'Letters to a friend', updated_at = '{LATER}' where isbn = '2'")
    release(source, production)
    source.run("delete from book where isbn = '2'")


def test_a_bundle_whose_newest_row_was_deleted_is_not_refused(newest_deleted, source, production):
    bundle = export(source)
    assert bundle.manifest.as_of == OLD
    assert not plan(bundle, production).obstacles
    assert actions(planned(bundle, source, production)) == {("book", "2"): "gone"}
    assert apply(bundle, production).says == "3 rows equal"
    assert production.value("select count(*) from book") == 2


def test_after_the_newest_row_was_deleted_its_end_can_be_released(newest_deleted, source, production):
    assert applied(export(source), source, production, prune=True).word == "done"
    assert production.rows("select isbn from book") == [("1",)]


def test_an_edit_that_leaves_no_time_beside_it_is_refused_and_named(newest_deleted, source, production):
    source.run("update author set born = 1831")
    with pytest.raises(Problem) as caught:
        applied(export(source), source, production)
    assert caught.value.code == Exit.REFUSED
    says = (
        f"release 1 was made from newer content ({LATER}) than this bundle ({OLD}), which differs from it in"
    )
    assert f"{says} author Emily" in caught.value.what
    assert applied(export(source), source, production, older=True).says == "1 updated"


def test_an_older_bundle_that_would_bring_a_row_back_is_refused(library, source, production, tmp_path):
    both(source, production, TIMES)
    old = export(replace(source, folder=tmp_path))
    source.run(f"delete from book where isbn = '2'; update shelf set updated_at = '{LATER}'")
    release(source, production)
    with pytest.raises(Problem, match="differs from it in book 2"):
        apply(old, production)


def test_many_rows_that_would_be_set_back_are_counted(newest_deleted, source, production):
    source.run(
        "insert into book (isbn, title, shelf_id) select n::text, 'x', 1 from generate_series(3, 7) as n"
    )
    with pytest.raises(Problem, match=r"differs from it in book 3, book 4, book 5 and 2 more"):
        apply(export(source), production)
