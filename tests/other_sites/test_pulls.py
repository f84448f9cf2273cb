"""Pulls of a whole site, and each choice that may be typed with one."""

from __future__ import annotations

import json

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import OtherSite
from tests.other_sites.test_last_words import PLUGIN, ROWS, TABLES

RELEASE = ("release", "--all", *(f"--skip={step}" for step in ("deploy", "check", "upload", "verify")))
DAWN = """
insert into series (slug) values ('dawn');
insert into artworks (series_id, slug, title) values (2, 'hill', 'Hill');
"""
EDITS = """
update artworks set title = 'Theirs' where slug in ('lamp', 'hill');
insert into artworks (series_id, slug, title) select id, 'new', 'New' from series where slug = 'dawn';
delete from artworks where slug = 'door';
"""


@pytest.fixture
def site(other_site: MakeSite, storage: str) -> OtherSite:
    """A site with two series that were released; an admin has edited both, and one title is ours too."""
    made = other_site(TABLES, local=ROWS + DAWN, plugin=PLUGIN, storage=storage)
    assert made.invoke(*RELEASE).code == 0
    made.run_live(EDITS)
    made.run_dev("update artworks set title = 'Ours' where slug = 'hill'")
    return made


def artworks(site: OtherSite) -> dict[str, str]:
    """Return the titles of the local artworks."""
    return dict(site.dev.execute("select slug, title from artworks").fetchall())


def last(site: OtherSite, *words: str) -> list[str]:
    """Pull, and return the last line of each series without its seconds."""
    ran = site.invoke("pull", *words)
    assert ran.code == 0, ran.said
    return [line.rpartition(" (")[0] for line in ran.out.splitlines()]


def test_everything_is_pulled_but_what_somebody_must_decide(site: OtherSite) -> None:
    ran = site.invoke("pull", "--all", "--json")
    assert ran.code == 3
    dawn, nocturne = json.loads(ran.out)["releases"]
    assert (dawn["exit"], dawn["summary"]["conflict"], dawn["pulled_from"]) == (3, 1, "live")
    assert (nocturne["exit"], nocturne["summary"]["update"], nocturne["summary"]["gone"]) == (0, 1, 1)
    assert artworks(site) == {"lamp": "Theirs", "door": "Door", "sun": "Sun", "hill": "Ours"}
    assert last(site, "--all", "--take", "production:artworks.title", "--prune") == [
        "pull 2: local is in step with live",
        "pull 3: local is in step with live",
    ]
    assert artworks(site) == {"lamp": "Theirs", "sun": "Sun", "hill": "Theirs", "new": "New"}
    assert [line.split()[4] for line in site.invoke("history", "--local").out.splitlines()] == ["pull"] * 3
    why = site.invoke("why", "--local", "--row", "artworks:lamp").out
    assert why.startswith("pull 1 (")


def test_what_is_deleted_here_stays_deleted_until_it_is_wanted_back(site: OtherSite) -> None:
    assert last(site, "--series", "dawn", "--take", "local") == [
        "pull 1: local is in step but for 1 row edited here"
    ]
    site.run_dev("delete from artworks where slug = 'new'")
    ran = site.invoke("pull", "--series", "dawn")
    assert "1 removed here" in ran.err
    assert "new" not in artworks(site)
    last(site, "--series", "dawn", "--restore", "artworks:new")
    assert artworks(site)["new"] == "New"


def test_a_key_that_was_changed_there_is_changed_here(site: OtherSite) -> None:
    site.run_live("update artworks set slug = 'sunrise' where slug = 'sun'")
    last(site, "--series", "nocturne", "--rename", "artworks:sun=sunrise")
    assert artworks(site)["sunrise"] == "Sun"
    assert "sun" not in artworks(site)


def test_conflicts_are_not_asked_about_where_nobody_answers(site: OtherSite) -> None:
    ran = site.invoke("pull", "--series", "dawn", "--ask")
    assert (ran.code, ran.err.splitlines()[-3]) == (2, "--ask: nobody is there to answer")


def test_rows_stay_in_production_until_they_are_wanted_here(site: OtherSite) -> None:
    taken = ("--all", "--take", "production:artworks.title", "--prune")
    ran = site.invoke("pull", *taken, "--without", "artworks:new", "--without", "artworks:door")
    assert ran.code == 0, ran.said
    assert "left out of series dawn: artworks:new" in ran.err
    assert "left out of series nocturne: artworks:door" in ran.err
    assert artworks(site) == {"lamp": "Theirs", "door": "Door", "sun": "Sun", "hill": "Theirs"}
    last(site, "--all", "--prune")
    assert artworks(site) == {"lamp": "Theirs", "sun": "Sun", "hill": "Theirs", "new": "New"}
    refused = site.invoke("pull", "--all", "--without", "artworks:nwe")
    assert (refused.code, 'artworks has no row "nwe"' in refused.err) == (2, True), refused.said


def test_an_edit_that_stays_in_production_is_no_conflict_when_it_comes(site: OtherSite) -> None:
    last(site, "--series", "nocturne", "--without", "artworks:lamp")
    assert artworks(site)["lamp"] == "Lamp"
    last(site, "--series", "nocturne")
    assert artworks(site)["lamp"] == "Theirs"


def test_the_deletion_of_a_row_that_was_pulled_may_wait(site: OtherSite) -> None:
    dawn = ("--series", "dawn")
    last(site, *dawn, "--take", "production:artworks.title")
    site.run_dev("delete from artworks where slug = 'new'")
    release = ("release", *dawn, *RELEASE[2:], "--prune")
    ran = site.invoke(*release, "--without", "artworks:new")
    assert (ran.code, "left out of series dawn: artworks:new" in ran.err) == (0, True), ran.said
    assert site.rows("select title from artworks where slug = 'new'") == [("New",)]
    assert site.invoke(*release).code == 0
    assert site.rows("select title from artworks where slug = 'new'") == []


def test_a_row_that_was_pulled_and_deleted_is_gone_until_it_is_deleted_there(site: OtherSite) -> None:
    dawn = ("--series", "dawn")
    last(site, *dawn, "--take", "production:artworks.title")
    site.run_dev(
        "delete from artworks where slug = 'new'; update artworks set title = 'More' where slug = 'hill'"
    )
    release = ("release", *dawn, *RELEASE[2:])
    for _ in range(2):
        assert "1 gone (artworks new)" in site.invoke(*release).err
    assert site.invoke(*release, "--prune").code == 0
    assert site.rows("select slug from artworks where slug in ('new', 'hill')") == [("hill",)]
