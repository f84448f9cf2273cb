"""Trees and inherited keys, as drawn: released twice, undone, and with other ids on either side."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from maulstick.bundle.bundle import Bundle
from tests.databases.deciding import contents as everything
from tests.databases.deciding import undone
from tests.databases.places import Place
from tests.properties.releasing import released
from tests.properties.tree_worlds import Story, begin, bundle_of, edit, rows, stories

TAKES = st.sampled_from((None, "local", "production"))


def told(story: Story, source: Place, production: Place, ids: tuple[int, int] = (1, 50)) -> Bundle:
    """Let a story happen, and return the bundle to release at its end."""
    for place, pages, first in ((source, story.local, ids[0]), (production, story.production, ids[1])):
        begin(place, pages, first)
    released(bundle_of(source), source, production, take="local")
    for ours, theirs in story.edits:
        edit(source, ours)
        edit(production, theirs)
    assume(source.value("select count(*) from page"))
    return bundle_of(source)


@given(story=stories())
def test_all_pages_arrive_and_others_stay(places, story):
    source, production = places
    begin(source, story.local, 1)
    begin(production, story.production, 50)
    before = {tuple(path) for path, *_ in rows(production)}
    assert not released(bundle_of(source), source, production, take="local").refused
    here, there = ({tuple(path): rest for path, *rest in rows(place)} for place in places)
    assert {*here} | before == {*there}
    for path, (title, room, pictures) in here.items():
        assert there[path][0] == title
        assert room is None or there[path][1] == room
        assert {*(pictures or ())} <= {*(there[path][2] or ())}


@given(story=stories(), take=TAKES)
def test_a_second_release_of_a_tree_writes_nothing(places, story, take):
    source, production = places
    bundle = told(story, source, production)
    refused = bool(released(bundle, source, production, take=take).refused)
    before = production.dump()
    again = released(bundle, source, production, take=None)
    assert (bool(again.refused), again.number, production.dump()) == (refused, None, before)


@given(story=stories(), take=TAKES)
def test_a_release_of_a_tree_undone_leaves_everything_as_before(places, story, take):
    source, production = places
    bundle = told(story, source, production)
    before = everything(production)
    if released(bundle, source, production, take=take).number:
        undone(production)
    assert everything(production) == before


@given(story=stories(), first=st.integers(1, 90), take=TAKES)
def test_other_ids_of_a_tree_change_nothing(places, story, first, take):
    def ending(ids: tuple[int, int]) -> Any:
        bundle = told(story, *places, ids)
        ended = released(bundle, *places, take=take)
        text = (bundle.folder / "release.sql").read_bytes()
        return ended, rows(places[1]), text

    assert ending((1, 50)) == ending((first, 7))


@given(story=stories(), take=TAKES)
def test_psql_alone_releases_a_tree_as_apply_does(places, story, take):
    def ending(way: str) -> Any:
        ended = released(told(story, *places), *places, take=take, way=way)
        return bool(ended.refused), ended.number, rows(places[1])

    assert ending("apply") == ending("psql")
