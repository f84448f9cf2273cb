"""How often a plan and an apply wait for the database: counted on the wire, each wait costs a ping."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from maulstick.bundle import inline_rows as inline
from tests.databases.places import Place, apply, plan
from tests.databases.wire import LOGGING_IN, Wire, counted

ASKED, PLAYED = 1, 1
TIMES = {plan: 1, apply: 2}
"""How often rows that no release knows are brought: an apply alone looks first at what it would overwrite."""


@contextmanager
def far(place: Place) -> Iterator[tuple[Wire, Place]]:
    port = urlsplit(place.url).port or 0
    with counted(port) as wire:
        yield wire, replace(place, url=place.url.replace(f":{port}/", f":{wire.port}/"))


@pytest.mark.parametrize("act", [plan, apply])
def test_few_rows_are_brought_in_one_message(embodiment, site_production, act):
    with far(site_production) as (wire, production):
        act(embodiment, production)
    assert (wire.connections, wire.turns) == (1, LOGGING_IN + ASKED + PLAYED * TIMES[act])


@pytest.mark.parametrize("act", [plan, apply])
def test_more_of_them_wait_once_for_each_table(embodiment, site_production, act, monkeypatch):
    monkeypatch.setattr(inline, "FEW", 0)
    tables = sum(bool(table.rows) for table in embodiment.manifest.tables.values())
    with far(site_production) as (wire, production):
        act(embodiment, production)
    assert wire.turns == LOGGING_IN + ASKED + (PLAYED + tables) * TIMES[act]


@pytest.mark.parametrize("act", [plan, apply])
def test_where_nothing_changed_one_question_tells(embodiment, site_production, act):
    apply(embodiment, site_production)
    with far(site_production) as (wire, production):
        act(embodiment, production)
    assert wire.turns == LOGGING_IN + ASKED
