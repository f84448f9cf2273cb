"""What a release does to rows that it would make public, where it is told to write them hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.columns.hiding import COUNT, PUBLISHES, hidden_rows, hide
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, HIDDEN, RESULT, ready
from tests.postgres.statements.test_decided import SPEC

PUBLIC = {
    "boolean": ("boolean", (), "true", "false", "false"),
    "timestamp without time zone": ("timestamp(0)", (), "2024-01-02 03:04:05", None, None),
    "text": ("text", ("draft", "Off"), "off", "Off", "draft"),
    "citext": ("text", ("Draft", "Off"), "live", "oFF", "Draft"),
}
"""Of each type the column's, the values that hide, what makes a row public, what does not, what hides one."""


@pytest.fixture(params=PUBLIC)
def site(scratch, request):
    """A table with a column that makes rows public, of each type, in a release that hides them."""
    type_, hiding, *values = PUBLIC[request.param]
    spec = replace(SPEC, publish="c", types={"c": request.param}, hidden=hiding)
    scratch.place.run(f"{hidden_rows()} create temp table {ready(spec)} (maulstick_row tid, c {type_})")
    scratch.set(hidden="yes")
    return scratch, spec, *values


def row(site, n, action, *, now=None, was=None, more=None, columns=None, written=None):
    """Put a row into the release: what its column becomes and was, what else of it changes."""
    scratch, spec, *_ = site
    place = {"table_name": "book", "key": str(n), "row": f"(0,{n})"}
    change = {**place, "action": action, "columns": columns}
    if action == "update":
        change |= {"after": {**(more or {}), **(now or {})}, "before": {**(more or {}), **(was or {})}}
        change["sets"] = sorted(change["after"])
    scratch.fill(CHANGE, change, {**change, "table_name": "other"})
    local = {"x": "1", **({"c": written} if written is None else {"c": str(written)})}
    scratch.fill(DIFFERS, {**place, "local": local}, {**place, "table_name": "other", "local": local})
    scratch.fill(ready(spec), {"maulstick_row": place["row"], "c": written})


def after(site):
    """Hide, and return what became of each row."""
    scratch, spec, *_ = site
    scratch.place.run(hide(spec))
    asked = (
        f"select c.key, h.is_new, w.c::text, c.action, c.after, c.before, c.sets, d.local from {CHANGE} as c"
        f' join {DIFFERS} as d using (table_name, "row") join {ready(spec)} as w on w.maulstick_row = c."row"'
        f' left join {HIDDEN} as h on (h.table_name, h."row") = (c.table_name, c."row")'
        f" where c.table_name = '{{}}' order by 1"
    )
    others = scratch.rows(asked.format("other"))
    assert all(is_new is None and local.keys() == {"x", "c"} for _, is_new, *_, local in others)
    assert [count for (count,) in scratch.rows(COUNT.rstrip(";\n"))] == [
        len(scratch.rows(f"select from {HIDDEN}"))
    ]
    return {key: tuple(rest) for key, *rest in scratch.rows(asked.format("book"))}


def test_a_new_row_goes_in_hidden(site):
    _, _, public, private, hidden = site
    row(site, 1, "insert", written=public)
    row(site, 2, "insert", written=private)
    found = after(site)
    assert found["1"] == (True, hidden, "insert", None, None, None, {"x": "1", "c": hidden})
    assert found["2"][0] is None
    assert found["2"][1] == private


def test_a_restored_row_is_recorded_as_hidden(site):
    scratch, _, public, _, hidden = site
    row(site, 1, "insert", written=public)
    scratch.place.run(f"update {CHANGE} set after = jsonb_build_object('c', %s::text, 'x', '1')", public)
    assert after(site)["1"][3] == {"x": "1", "c": hidden}


def test_a_row_that_becomes_public_stays_as_it_was(site):
    """What else changes is written; if nothing does, nothing is."""
    _, _, public, private, hidden = site
    becomes = {"now": {"c": public}, "was": {"c": private}, "written": public}
    row(site, 1, "update", more={"x": "1"}, **becomes)
    row(site, 2, "update", **becomes)
    row(site, 3, "update", columns={"y": {"action": "kept"}, "c": {"action": "update"}}, **becomes)
    row(site, 4, "update", columns={"c": {"action": "update"}}, **becomes)
    found = after(site)
    assert found["1"] == (False, hidden, "update", {"x": "1"}, {"x": "1"}, ["x"], {"x": "1"})
    assert found["2"] == (False, hidden, "unchanged", None, None, None, {"x": "1"})
    assert found["3"] == (False, hidden, "kept", None, None, None, {"x": "1"})
    assert found["4"] == (False, hidden, "unchanged", None, None, None, {"x": "1"})


def test_a_row_that_is_public_or_stays_hidden_is_written_as_ever(site):
    _, _, public, private, _ = site
    row(site, 1, "update", now={"c": public}, was={"c": public}, written=public)
    row(site, 2, "update", now={"c": private}, was={"c": public}, written=private)
    row(site, 3, "update", more={"x": "2"}, written=public)
    row(site, 4, "kept", written=public)
    found = after(site)
    assert [is_new for is_new, *_ in found.values()] == [None] * 4
    assert [value is not None for _, value, *_ in found.values()] == [True, private is not None, True, True]
    assert found["1"][2:5] == ("update", {"c": public}, {"c": public})


def test_a_value_that_hides_is_no_news_and_one_that_was_not_known_is(site):
    scratch, spec, public, private, hidden = site
    row(site, 1, "update", now={"c": private}, was={"c": hidden}, written=private)
    row(site, 2, "update", now={"c": public}, was={"c": None}, written=public)
    row(site, 3, "insert", written=None)
    row(site, 4, "update", now={"c": None}, was={"c": private}, written=None)
    row(site, 5, "update", written=public)
    scratch.fill(CHANGE, {"table_name": "book", "key": "6", "row": "(0,6)", "action": "insert"})
    found = after(site)
    of_null = bool(spec.hidden)
    is_new = [None, False, True if of_null else None, False if of_null else None, None]
    assert [new for new, *_ in found.values()] == is_new
    assert found["5"][2] == "update"
    assert scratch.rows(f"select from {HIDDEN} where \"row\" = '(0,6)'") == []


def test_what_was_hidden_in_another_table_stays_as_it_is(site):
    scratch, _, public, private, _ = site
    row(site, 1, "update", now={"c": public}, was={"c": private}, written=public)
    for n, after_, is_new in ((7, {"c": "1"}, True), (8, {"c": "1"}, False), (9, {}, True)):
        place = {"table_name": "other", "row": f"(0,{n})"}
        scratch.fill(HIDDEN, {**place, "is_new": is_new})
        scratch.fill(CHANGE, {**place, "key": "o", "action": "update", "after": after_, "before": after_})
        scratch.fill(DIFFERS, {**place, "key": "o", "local": {"c": "1"}})
    asked = (
        f"select c, d from {CHANGE} as c join {DIFFERS} as d using (table_name, \"row\") where c.key = 'o'"
    )
    before = scratch.rows(asked)
    assert len(before) == 3
    assert after(site)["1"][0] is False
    assert scratch.rows(asked) == before


def test_only_the_rows_that_are_hidden_are_touched(site):
    scratch, _, public, private, _ = site
    row(site, 1, "insert", written=public)
    row(site, 2, "update", now={"c": public}, was={"c": public}, written=public)
    row(site, 3, "update", now={"c": public}, was={"c": private}, written=public)
    scratch.fill(HIDDEN, {"table_name": "other", "row": "(0,2)", "is_new": True})
    scratch.place.run(f"delete from {CHANGE} where table_name = 'other' and key = '2'")
    scratch.place.run(f"delete from {DIFFERS} where table_name = 'other' and key = '2'")
    found = after(site)
    assert [is_new for is_new, *_ in found.values()] == [True, None, False]
    assert found["2"][1] is not None
    assert found["2"][2:] == ("update", {"c": public}, {"c": public}, ["c"], {"x": "1", "c": public})


def test_without_the_word_nothing_is_hidden(site):
    scratch, _, public, _, _ = site
    scratch.set(hidden="")
    row(site, 1, "insert", written=public)
    assert after(site)["1"][0] is None


def test_a_release_that_published_is_recorded_as_one(scratch):
    for number in (1, 2):
        scratch.release(number)
    scratch.fill(RESULT, {"number": 2})
    scratch.place.run(PUBLISHES)
    assert scratch.rows("select number, kind from maulstick.release order by 1") == [
        (1, "release"),
        (2, "publish"),
    ]
