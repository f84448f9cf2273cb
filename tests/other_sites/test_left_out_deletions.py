"""Deletions that a release leaves out: the row stays in production, with what hangs on it, until it goes."""

from __future__ import annotations

import json

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import OtherSite
from tests.other_sites.test_without import BARE, BARE_STEPS, DOOR, NOCTURNE, ROWS, TABLES, there

DOORS = "artwork_id = (select id from artworks where slug = 'door')"
GONE = f"delete from notes where {DOORS}; delete from artworks where slug = 'door'"
NOTES = 'notes:["door","1"], notes:["door","2"]'


@pytest.fixture
def released(other_site: MakeSite) -> OtherSite:
    """A site that everything was released to."""
    made = other_site(TABLES, local=ROWS, plugin=BARE)
    ran = made.invoke("release", *NOCTURNE, *BARE_STEPS)
    assert ran.code == 0, ran.err
    return made


def test_a_deleted_row_stays_with_what_hangs_on_it_until_it_goes(released: OtherSite) -> None:
    released.run_dev(f"{GONE}; delete from pictures where id = 2; delete from notes where artwork_id = 1")
    ran = released.invoke("release", *NOCTURNE, *BARE_STEPS, "--prune", *DOOR, "--json")
    assert ran.code == 0, ran.err
    assert f"left out of series nocturne: artworks:door; with that: {NOTES}, pictures:/door.svg" in ran.err
    assert sorted(there(released)) == ["Door", "Lamp", "ajar", "shut"]
    [release] = json.loads(ran.out)["releases"]
    assert release["left_out"] == ["artworks:door", *NOTES.split(", "), "pictures:/door.svg"]
    status = released.invoke("status").out
    assert "4 gone" in status
    assert "left out of release 2: artworks:door" in status
    again = released.invoke("release", *NOCTURNE, *BARE_STEPS, "--prune", *DOOR)
    assert (again.code, "in step but for 4 rows left out" in again.last) == (0, True), again.err
    ran = released.invoke("release", *NOCTURNE, *BARE_STEPS, "--prune")
    assert (ran.code, there(released)) == (0, ["Lamp"]), ran.err
    assert "left out" not in released.invoke("status").out


def test_what_a_row_that_is_left_out_needs_there_is_not_deleted(released: OtherSite) -> None:
    released.run_dev(
        "update artworks set picture_id = 1, title = 'New' where slug = 'door';"
        " delete from pictures where id = 2; delete from notes where place = 2"
    )
    ran = released.invoke("release", *NOCTURNE, *BARE_STEPS, "--prune", *DOOR)
    assert ran.code == 0, ran.err
    assert sorted(there(released)) == ["Door", "Lamp", "ajar", "lit", "shut"]
    assert released.rows("select count(*) from pictures") == [(2,)]
    assert released.invoke("release", *NOCTURNE, *BARE_STEPS).code == 0
    ran = released.invoke("release", *NOCTURNE, *BARE_STEPS, "--prune")
    assert ran.code == 0, ran.err
    assert sorted(there(released)) == ["Lamp", "New", "lit", "shut"]
    assert released.rows("select count(*) from pictures") == [(1,)]


@pytest.mark.parametrize("step", ["upload", "apply", "plan", "release"])
def test_a_deletion_is_left_out_by_each_step_and_a_misspelt_one_stops_it(
    released: OtherSite, step: str
) -> None:
    released.run_dev(f"{GONE}; update artworks set title = 'Light'")
    assert released.invoke("export", *NOCTURNE).code == 0
    more = {"release": BARE_STEPS, "apply": ("--without-media", "--prune"), "plan": ("--prune",)}.get(
        step, ()
    )
    ran = released.invoke(step, *NOCTURNE, *more, "--without", "artworks:dooor")
    assert (ran.code, 'did you mean "door"' in ran.err) == (2, True), ran.err
    assert released.rows("select title from artworks order by 1") == [("Door",), ("Lamp",)]
    if step == "upload":
        return
    ran = released.invoke(step, *NOCTURNE, *more, *DOOR)
    assert (ran.code, "left out of series nocturne: artworks:door" in ran.err) == (0, True), ran.err
    assert ("Door",) in released.rows("select title from artworks")


def test_a_sealed_plan_keeps_the_deletion_that_it_leaves_out(released: OtherSite) -> None:
    released.run_dev(f"{GONE}; delete from notes")
    assert released.invoke("export", *NOCTURNE).code == 0
    assert released.invoke("plan", *NOCTURNE, "--prune", *DOOR, "--out", "plan.json").code == 0
    ran = released.invoke("apply", "--plan", "plan.json", "--without-media")
    assert ran.code == 0, ran.err
    assert sorted(there(released)) == ["Door", "Lamp", "ajar", "shut"]


def test_a_deletion_that_is_left_out_may_be_of_a_row_that_is_no_more(released: OtherSite) -> None:
    released.run_dev(GONE)
    released.run_live(GONE)
    ran = released.invoke("release", *NOCTURNE, *BARE_STEPS, *DOOR)
    assert (ran.code, 'artworks has no row "door" here' in ran.err) == (2, True)


CITED = TABLES.replace("slug text not null unique, title", "slug citext not null unique, title")


def test_a_row_that_is_left_out_is_known_however_it_is_spelt_there(other_site: MakeSite) -> None:
    site = other_site(f"create extension if not exists citext; {CITED}", local=ROWS, plugin=BARE)
    assert site.invoke("release", *NOCTURNE, *BARE_STEPS).code == 0
    site.run_dev("update artworks set slug = 'DOOR', title = 'New' where slug = 'door'")
    ran = site.invoke("release", *NOCTURNE, *BARE_STEPS, "--prune", "--without", "artworks:DOOR")
    assert ran.code == 2, ran.err  # nothing is gone
    site.run_dev("delete from notes where artwork_id = 1")
    ran = site.invoke("release", *NOCTURNE, *BARE_STEPS, "--prune", "--without", "artworks:DOOR")
    assert ran.code == 0, ran.err
    assert site.rows("select slug, title from artworks order by 1") == [("door", "Door"), ("lamp", "Lamp")]
    assert sorted(there(site)) == ["Door", "Lamp", "ajar", "shut"]


def test_a_row_of_two_subjects_that_is_left_out_leaves_neither(released: OtherSite) -> None:
    """The picture is of both series: what one of them leaves out stays its own in the ledger."""
    released.run_dev(
        "insert into series (slug) values ('etude');"
        " insert into artworks (series_id, slug, title, picture_id) values (2, 'rug', 'Rug', 2)"
    )
    assert released.invoke("release", "--series", "etude", *BARE_STEPS).code == 0
    both = "select subjects from maulstick.base where key = '/door.svg'"
    assert released.rows(both) == [(["series etude", "series nocturne"],)]
    released.run_dev("update artworks set title = title || ', new'")
    assert released.invoke("release", *NOCTURNE, *BARE_STEPS, *DOOR).code == 0
    assert released.rows(both) == [(["series etude", "series nocturne"],)]
