"""Several subjects, and sealed plans, are rehearsed on one copy as they would be released."""

from __future__ import annotations

import pytest

from tests.other_sites.art_site import MakeSite
from tests.other_sites.other_site import OtherSite, Typed
from tests.other_sites.shop import BOTH, COPIES, LIVE, LOCAL, PLUGIN

STATE = "select slug, title, user_id from artworks order by 1"
NO_BLUE = "alter table artworks add constraint no_blue check (title not like '%blue%')"


def _recap(ran: Typed) -> list[tuple[str, str]]:
    """Return the name and the word of each line of the recap."""
    lines = ran.err.split("\nrecap\n")[1].splitlines()
    return [(line.split(" ..")[0].strip(), line.split(".. ")[1].split(" ")[0]) for line in lines]


@pytest.fixture
def shop(other_site: MakeSite, storage: str) -> OtherSite:
    """A shop whose live database has people in it."""
    return other_site(BOTH, local=LOCAL, live=LIVE, plugin=PLUGIN, storage=storage)


def test_all_subjects_are_rehearsed_on_one_copy(shop: OtherSite) -> None:
    before = shop.rows(STATE)
    ran = shop.invoke("rehearse", "--all", "--take", "local")
    assert ran.code == 0, ran.err
    assert ran.err.count("copy ..........") == 1
    said = [line.split("(")[0] for line in ran.out.splitlines()]
    assert said == [
        "rehearsed on a copy of live: it would be release 1 ",
        "rehearsed on a copy of live: it would be release 2 ",
    ]
    assert _recap(ran) == [("live artwork lamp", "done"), ("live artwork vase", "done")]
    assert shop.rows(STATE) == before
    assert shop.rows("select to_regnamespace('maulstick')") == [(None,)]
    assert shop.rows(COPIES) == []


def test_one_that_fails_on_the_copy_does_not_stop_the_others(shop: OtherSite) -> None:
    shop.run_live(NO_BLUE)
    codes = []
    for command in (["rehearse"], ["release", "--check"]):
        ran = shop.invoke(*command, "--all", "--take", "local")
        codes.append(ran.code)
        assert _recap(ran) == [("live artwork lamp", "failed"), ("live artwork vase", "done")], ran.err
    assert codes[0] == codes[1] != 0


def test_a_subject_that_is_not_in_the_source_stops_none_beside_it(shop: OtherSite) -> None:
    ran = shop.invoke("rehearse", "--artwork", "nope", "--artwork", "lamp")
    assert (ran.code, "artwork nope: is not in the source" in ran.err) == (3, True), ran.err
    assert ran.last.startswith("rehearsed on a copy of live: it would be release 1 (")


def test_a_table_that_production_lacks_is_what_the_plan_says(shop: OtherSite) -> None:
    shop.run_live("drop table artworks")
    ran = shop.invoke("rehearse", "--artwork", "lamp")
    plan = shop.invoke("plan", "--artwork", "lamp")
    assert (ran.code, "deploy the migration first" in ran.err) == (plan.code, True) == (3, True), ran.err


def test_a_sealed_plan_is_rehearsed_as_it_would_be_released(shop: OtherSite) -> None:
    assert shop.invoke("export", "--artwork", "lamp").code == 0
    assert shop.invoke("plan", "--artwork", "lamp", "--out", "lamp.plan").code == 0
    ran = shop.invoke("rehearse", "--plan", "lamp.plan")
    assert ran.code == 0, ran.err
    assert ran.last.startswith("rehearsed on a copy of live: it would be release 1 ("), ran.err
    shop.run_live("insert into artworks (slug, title, year) values ('lamp', 'Lamp in blue', 1990)")
    ran = shop.invoke("rehearse", "--plan", "lamp.plan")
    assert (ran.code, "moved since it was made" in ran.err) == (3, True), ran.err
    shop.run_live("delete from artworks where slug = 'lamp'")
    released = shop.invoke(
        "release", "--plan", "lamp.plan", "--yes", "--only", "export", "--only", "plan", "--only", "apply"
    )
    assert released.code == 0, released.err
    ran = shop.invoke("rehearse", "--plan", "lamp.plan")
    assert (ran.code, "was carried out by release 1" in ran.err) == (3, True), ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("--all", "--artwork", "lamp"),
        ("--all", "--plan", "lamp.plan"),
        ("--plan", "lamp.plan", "--take", "local"),
        ("--all", "--bundle", "lamp"),
    ],
)
def test_what_does_not_go_together_is_refused(shop: OtherSite, words: tuple[str, ...]) -> None:
    ran = shop.invoke("rehearse", *words)
    assert (ran.code, "hint: " in ran.err) == (2, True), ran.err
    assert "copy .." not in ran.err


def test_a_renamed_subject_is_renamed_on_the_copy(shop: OtherSite) -> None:
    release = ("release", "--yes", "--only", "export", "--only", "plan", "--only", "apply")
    assert shop.invoke(*release, "--artwork", "lamp").code == 0
    shop.run_dev("update artworks set slug = 'light' where slug = 'lamp'")
    words = ("--artwork", "light", "--rename", "artworks:lamp=light")
    assert shop.invoke("export", "--artwork", "light").code == 0
    plan = shop.invoke("plan", *words)
    assert plan.code == 0, plan.err
    ran = shop.invoke("rehearse", *words)
    assert ran.code == 0, ran.err
    assert "1 updated" in ran.err
    assert shop.rows("select slug from artworks where slug = 'light'") == []
