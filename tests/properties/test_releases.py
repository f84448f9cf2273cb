"""One release in any schema: done twice, undone, with other ids, and by psql alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.databases.deciding import contents as everything
from tests.databases.deciding import undone
from tests.databases.places import Place
from tests.properties.reading import by_key, read
from tests.properties.releasing import base, planned, released
from tests.properties.stories import Ids, Story, some_ids, stories, told

TAKES = st.sampled_from((None, "local", "production"))
LEDGER = (
    "select number, subject, digest, kind, as_of, target, shapes::text from maulstick.release order by 1",
    "select release, table_name, key, action, before::text, after::text, base::text, subjects, was"
    " from maulstick.change order by 1, 2, 3",
    "select table_name, key, values::text, subjects, release from maulstick.base order by 1, 2",
    "select subject, rows, release from maulstick.agreed order by 1",
)


@given(story=stories(), take=TAKES)
def test_a_second_release_writes_nothing(places, story, take):
    source, production = places
    bundle = told(story, source, production)
    refused = bool(released(bundle, source, production, take=take).refused)
    before = production.dump()
    again = released(bundle, source, production, take=None)
    assert (bool(again.refused), again.number, production.dump()) == (refused, None, before)


@given(story=stories(), take=TAKES)
def test_a_release_undone_leaves_everything_as_before(places, story, take):
    source, production = places
    bundle = told(story, source, production)
    before = everything(production), base(production, story.designs)
    if released(bundle, source, production, take=take).number:
        undone(production)
    assert (everything(production), base(production, story.designs)) == before


@given(story=stories(), ids=some_ids(), others=some_ids(), take=TAKES)
def test_other_ids_on_either_side_change_nothing(places, story, ids, others, take):
    def ending(ids: Ids) -> Any:
        bundle = told(story, *places, ids)
        planned_ = planned(bundle, places[1], take=take)
        return planned_, released(bundle, *places, take=take), _rows(story, places[1]), _text(bundle)

    assert ending(ids) == ending(others)


@given(story=stories(), take=TAKES)
def test_psql_alone_does_what_apply_does(places, story, take):
    def ending(way: str) -> Any:
        ended = released(told(story, *places), *places, take=take, way=way)
        return bool(ended.refused), ended.number, _rows(story, places[1]), _ledger(places[1])

    assert ending("apply") == ending("psql")


def _rows(story: Story, place: Place) -> Any:
    return by_key(read(place, story.designs), story.designs)


def _ledger(place: Place) -> list[Any]:
    there = place.value("select to_regclass('maulstick.ledger') is not null")
    return [place.rows(question) for question in LEDGER if there]


def _text(bundle: Any) -> bytes:
    return (bundle.folder / "release.sql").read_bytes()
