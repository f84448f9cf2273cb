"""A release that leaves a row out, then one that does not, in any schema: both end as one plain release."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from maulstick.bundle.bundle import Bundle
from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Kind
from tests.databases.deciding import released as stepped
from tests.databases.places import Declared, Place
from tests.properties.designs import Designs, declared
from tests.properties.reading import Row, by_key, read
from tests.properties.releasing import KIND, base, decided, row_of
from tests.properties.stories import Story, stories, told

TAKES = st.sampled_from((None, "local", "production"))


@given(
    story=stories(),
    which=st.lists(st.integers(0, 30), min_size=1, max_size=2),
    take=TAKES,
    prune=st.booleans(),
)
def test_rows_that_were_left_out_and_then_go_end_as_if_they_had_gone_at_once(
    places, story: Story, which: list[int], take: str | None, prune: bool
) -> None:
    source, production = places
    at_once = _ending(story, places, take, prune, [()])
    assume(at_once[0] is not None)
    bundle = told(story, source, production)
    rows = _rows(bundle, production, story.designs[0].name)
    assume(rows)
    without = sorted({rows[n % len(rows)] for n in which})
    assert _ending(story, places, take, prune, [without, ()]) == at_once


@given(story=stories(), which=st.integers(0, 30), take=TAKES, prune=st.booleans())
def test_a_row_that_is_left_out_stays_as_production_has_it(
    places, story: Story, which: int, take: str | None, prune: bool
) -> None:
    source, production = places
    bundle = told(story, source, production)
    rows = _rows(bundle, production, story.designs[0].name)
    assume(rows)
    without = rows[which % len(rows)]
    row = row_of(story.designs, *without.split(":", 1))
    before = _there(production, story.designs).get(row), base(production, story.designs).get(row)
    assume(_released(bundle, story, places, take, prune, [without]) is not None)
    assert (_there(production, story.designs).get(row), base(production, story.designs).get(row)) == before


def _ending(
    story: Story, places: tuple[Place, Place], take: str | None, prune: bool, each: list[Collection[str]]
) -> Any:
    """Release one after the other, and return how the last ended, with the rows and the base then."""
    bundle = told(story, *places)
    for without in each:
        ended = _released(bundle, story, places, take, prune, without)
    done = None if ended is None else "done"
    return done, _there(places[1], story.designs), base(places[1], story.designs)


def _released(
    bundle: Bundle,
    story: Story,
    places: tuple[Place, Place],
    take: str | None,
    prune: bool,
    without: Collection[str],
) -> str | None:
    """Release as the steps do; None where it is refused."""
    tables = tuple(declared(story.designs, bundle.manifest.subject.key))
    plugins = Declared(Kind(KIND, tables[0].name, tables[0].key[0]), tables)
    typed: dict[str, Any] = {
        "take": (take,) if take else (),
        "older": bool(decided(bundle, take)["older"]),
        "without": tuple(without),
        "prune": prune,
    }
    try:
        return stepped(bundle, *places, plugins=plugins, **typed).word
    except Problem as problem:
        if problem.code == Exit.USAGE and problem.where == "--prune":  # nothing is gone
            return _released(bundle, story, places, take, False, without)
        assume(not problem.where.startswith("--without"))  # the ledger knows it, and production has lost it
        if problem.code != Exit.REFUSED:
            raise
        return None


def _rows(bundle: Bundle, production: Place, own: str) -> list[str]:
    """List the rows that may be left out: the bundle's but for the subject, and deleted ones."""
    manifest = bundle.manifest
    travelling = [label for label, spec in manifest.specs.items() if spec.travels and label != own]
    rows = {(label, key) for label in travelling for key in bundle.keys_of(label)}
    if production.value("select to_regclass('maulstick.base') is not null"):
        known = "select table_name, key from maulstick.base where subjects @> array[%s]"
        rows |= {row for row in production.rows(known, str(manifest.subject)) if row[0] in travelling}
    return sorted(f"{label}:{key}" for label, key in rows)


def _there(production: Place, designs: Designs) -> dict[Row, Any]:
    return by_key(read(production, designs), designs)
