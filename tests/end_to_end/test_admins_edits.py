"""What an admin changes in production, and what the next releases make of it."""

from __future__ import annotations

from tests.end_to_end.projects import OURS, Project, untouched

ARTWORK = "update artworks set {} where slug = 'she-lays-down'"


def _edit_here(project: Project, change: str) -> None:
    project.local(ARTWORK.format(change))


def _edit_there(project: Project, change: str) -> None:
    project.rows(ARTWORK.format(change))


def test_an_edit_of_another_column_is_kept_over_two_further_releases(released: Project) -> None:
    _edit_there(released, "status = 'sold'")
    for year in (2021, 2022):
        _edit_here(released, f"year = {year}, updated_at = now()")
        ran = released.release()
        assert ran.code == 0
        assert ran.steps["apply"] == ("done", "1 updated")
        there = "select status, year from artworks where slug = 'she-lays-down'"
        assert released.rows(there) == [("sold", year)]


def test_a_kept_edit_is_said(released: Project) -> None:
    _edit_there(released, "status = 'sold'")
    ran = released.release("--playbook", "content")
    assert ran.code == 0
    assert ran.steps["plan"][1] == "1 kept (artworks she-lays-down: status)"
    assert ran.steps["apply"] == ("unchanged", "17 rows equal, 1 kept")


def test_a_text_that_an_admin_wrote_is_what_the_pages_must_show(released: Project) -> None:
    _edit_there(released, "title = 'She Rests', description_md = 'Written *there*.', year = 2019")
    ran = released.release("--playbook", "content")
    assert ran.code == 0, ran.err
    assert released.rows("select title from artworks where slug = 'she-lays-down'") == [("She Rests",)]


def test_an_edit_of_the_same_column_stops_the_release_with_nothing_changed(released: Project) -> None:
    _edit_there(released, "price_cents = 1")
    _edit_here(released, "price_cents = 2")
    before = untouched(released)
    ran = released.release()
    assert ran.code == 3
    assert "artworks she-lays-down: price_cents: base " in ran.err
    assert 'local "2", production "1"' in ran.err
    assert ran.last_said == "sandbox: unchanged"
    assert ran.out == ""
    assert untouched(released) == before


def test_an_edit_between_plan_and_apply_is_found_by_apply(released: Project) -> None:
    _edit_here(released, "price_cents = 2")
    assert released.invoke("export", "--series", "embodiment").code == 0
    _edit_there(released, "price_cents = 1")
    before = untouched(released)
    ran = released.invoke("apply", "--series", "embodiment")
    assert ran.code == 3
    assert "artworks she-lays-down: price_cents" in ran.err
    assert ran.last_said == "sandbox: unchanged"
    assert untouched(released) == before


def test_an_artwork_that_an_admin_deleted_stays_deleted(released: Project) -> None:
    released.rows("delete from artworks where slug = 'in-motion-v'")
    ran = released.release("--playbook", "content")
    assert ran.code == 0, ran.err
    assert "removed" in ran.steps["plan"][1]
    assert released.rows("select 1 from artworks where slug = 'in-motion-v'") == []


def test_an_artwork_that_left_the_source_is_named_and_left_alone(released: Project) -> None:
    released.local("delete from artworks where slug = 'in-motion-v'")
    ran = released.release("--playbook", "content")
    assert "gone (artworks in-motion-v" in ran.steps["plan"][1]
    assert len(released.rows(f"select 1 from artworks where {OURS['artworks']}")) == 4


def test_a_title_that_another_series_holds_there_is_refused_before_anything_is_sent(fresh: Project) -> None:
    fresh.rows(
        "update series set title = 'Embodiment: Studies in Gesture and Form' where slug = 'winter-allotments'"
    )
    before = untouched(fresh)
    ran = fresh.release()
    assert ran.code == 3
    assert "series embodiment: title is taken in sandbox by winter-allotments" in ran.err
    assert ran.last_said == "sandbox: unchanged"
    assert untouched(fresh) == before


def test_an_equal_row_put_there_by_hand_is_adopted(fresh: Project) -> None:
    fresh.rows(
        "insert into series (title, slug, inserted_at, updated_at)"
        " values ('EMBODIMENT', 'embodiment', now(), now())"
    )
    fresh.local("update series set title = 'EMBODIMENT' where slug = 'embodiment'")
    ran = fresh.release()
    assert ran.code == 0, ran.err
    assert ran.steps["apply"][1] == "17 inserted, 1 updated"


def test_another_series_shares_its_picture_without_a_second_row(released: Project) -> None:
    before = released.rows("select count(*) from media")
    shared = released.local(
        "select m.url from media m where id in (select media_file_id from artworks group by 1"
        " having count(distinct series_id) > 1)"
    )
    assert shared
    ran = released.invoke("release", "--series", "rooms-with-the-light-left-on")
    assert ran.code == 0, ran.err
    counted = released.rows(f"select count(*) from media where url = '{shared[0][0]}'")
    assert counted == [(1,)]
    assert released.rows("select count(*) from media") > before
