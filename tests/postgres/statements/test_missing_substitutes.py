"""References whose row is missing: what is written instead, and rows that production deleted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from maulstick.postgres.sql.links import named_by
from maulstick.postgres.sql.missing_references import ready_value, typed, under_removed, unless_missing
from maulstick.postgres.sql.temp_tables import DEFAULTS, stage
from maulstick.postgres.tables.specs import Pointing, Reference
from tests.postgres.statements.halls import BY_ID, BY_NAME, BY_TIME, INSIDE, become, halls_in, seats, specs_of


@pytest.fixture
def halls(staging):
    """Halls of production, and a release of two halls, one of them new, and two that are only matched."""
    return halls_in(staging)


def values(halls, specs, column, *rows):
    """Return what is staged for a column of each row, and what is written: both may do without it."""
    seats(halls, *rows, {**rows[-1], "slug": "there"})
    here = unless_missing(specs["seat"], specs, column, f"s.{column}::text", "'own'")
    value = ready_value(specs["seat"], specs, column, f"s.{column}" if column != "hall_id" else "7")
    rows = halls.scratch.rows(
        f"select {here}, ({value})::text from {stage(specs['seat'])} as s"
        " left join public.seat as t on t.slug = s.slug order by s.ctid"
    )
    return [[one for one, _ in rows], [two for _, two in rows]]


@pytest.mark.parametrize(
    ("missing", "here", "written"),
    [
        ("error", ["gate", "new", None, "pool", "lost", "lost"], ["7"] * 6),
        ("null", ["gate", "new", None, "pool", None, "own"], ["7", "7", "7", "7", None, None]),
        ("keep", ["gate", "new", None, "pool", "pool", "own"], ["7", "7", "7", "7", "12", "12"]),
    ],
)
def test_a_reference_may_do_without_its_row(halls, missing, here, written):
    specs = specs_of(halls, Reference("hall", missing))
    for table, column in (("seat", "hall_id"), ("other", "hall_id"), ("seat", "price")):
        value = "12" if (table, column) == ("seat", "hall_id") else "11"
        halls.scratch.fill(DEFAULTS, {"table_name": table, "column_name": column, "value": value})
    rows = [{"hall_id": hall} for hall in ("gate", "new", None, "pool", "lost")]
    assert values(halls, specs, "hall_id", *rows) == [here, written]


@pytest.mark.parametrize(("city", "hall"), [("tate", "gate"), ("moma", None)])
def test_a_reference_that_may_be_missing_must_be_of_its_tenant(halls, city, hall):
    specs = specs_of(halls, Reference("hall", "null"), links=(replace(BY_ID, missing="null"),))
    here, written = values(halls, specs, "hall_id", {"hall_id": "gate", "city": city})
    assert (here, written) == ([hall, hall or "own"], [hall and "7"] * 2)


def test_a_default_that_is_an_id_is_staged_as_the_key_of_its_row(halls):
    specs = specs_of(halls, Reference("hall", "keep"), links=(replace(BY_ID, missing="keep"),))
    halls.scratch.fill(DEFAULTS, {"table_name": "seat", "column_name": "hall_id", "value": "12"})
    here, written = values(halls, specs, "hall_id", {"hall_id": "lost", "city": "x"})
    assert (here, written) == (["pool", "own"], ["12", "12"])


@pytest.mark.parametrize("missing", ["keep", "null"])
def test_the_first_of_several_links_says_what_is_written_instead(halls, missing):
    other = "null" if missing == "keep" else "keep"
    links = (replace(BY_NAME, missing=missing), replace(BY_TIME, columns=("name", "during"), missing=other))
    specs = specs_of(halls, links=links)
    halls.scratch.fill(DEFAULTS, {"table_name": "seat", "column_name": "name", "value": "none"})
    here, written = values(halls, specs, "name", {"name": "lost", "city": "x"})
    assert (here[0], written[0]) == (("none", "none") if missing == "keep" else (None, None))


@pytest.mark.parametrize(
    ("missing", "new", "there"),
    [("error", "lost", "lost"), ("null", None, "own"), ("keep", "none", "own")],
)
def test_columns_may_do_without_their_row(halls, missing, new, there):
    specs = specs_of(halls, links=(replace(BY_NAME, missing=missing),))
    halls.scratch.fill(DEFAULTS, {"table_name": "seat", "column_name": "name", "value": "none"})
    rows = [
        ("gate", "tate"),
        ("new", "here"),
        (None, "nowhere"),
        ("nowhere", None),
        ("pool", "moma"),
        ("lost", "x"),
    ]
    here, written = values(halls, specs, "name", *({"name": name, "city": city} for name, city in rows))
    assert here == ["gate", "new", None, "nowhere", "pool", new, there]
    assert written == ["gate", "new", None, "nowhere", "pool", new, new]


def test_a_column_without_links_or_beside_an_id_that_is_followed_is_as_it_is(halls):
    specs = specs_of(halls, Reference("hall", "null"), links=(replace(BY_ID, missing="null"),))
    here, _ = values(halls, specs, "city", {"hall_id": "lost", "city": "nowhere"})
    assert here == ["nowhere", "nowhere"]
    assert unless_missing(specs["seat"], specs, "price", "s.price", "t.price") == "s.price"
    assert ready_value(specs["seat"], specs, "price", "s.price") == "s.price"


@pytest.mark.parametrize("missing", ["null", "error"])
def test_a_pointer_may_do_without_its_row(halls, missing):
    pointers = (Pointing("near", "hall", missing=missing), Pointing("made", "hall", missing="null"))
    specs = specs_of(halls, pointers=pointers)
    staged = [json.dumps({"hall": key}) for key in ("gate", "new", "lost")]
    here, written = values(halls, specs, "near", *({"near": one, "made": staged[2]} for one in staged))
    lost = [None, "own"] if missing == "null" else [staged[2]] * 2
    assert here == [*staged[:2], *lost]
    assert written == [*staged[:2], *([None] * 2 if missing == "null" else [staged[2]] * 2)]


def test_a_value_gets_the_type_of_its_column(halls):
    specs = specs_of(halls)
    seats(halls, {})
    for column, value, type_, text in [
        ("price", "'7'", "integer", "7"), ("meta", "'{}'", "jsonb", "{}"), ("made", "'a'", "public.own", "a"),
    ]:  # fmt: skip
        sql = typed(specs["seat"], column, value)
        asked = f"select pg_typeof({sql})::text, ({sql})::text from {stage(specs['seat'])} as s"
        assert halls.scratch.rows(asked) == [(type_, text)]


WAYS = pytest.mark.parametrize(
    ("column", "value", "more"),
    [
        ("hall_id", "lost", {"reference": Reference("hall")}),
        ("city", "x", {"links": (BY_NAME,)}),
        ("meta", '{"hall": "lost"}', {"json_references": (INSIDE,)}),
    ],
)


@WAYS
@pytest.mark.parametrize(
    ("change", "is_under"),
    [
        ({"action": "insert"}, True),
        ({"action": "update", "after": {"?": "1"}}, True),
        ({"action": "update", "after": {"price": "1"}}, False),
        ({"action": "kept", "after": {"?": "1"}}, False),
        ({}, False),
    ],
)
def test_a_row_may_not_go_under_one_that_production_deleted(halls, column, value, more, change, is_under):
    specs = specs_of(
        halls, more.get("reference"), **{key: one for key, one in more.items() if key != "reference"}
    )
    if "after" in change:
        change = {
            **change,
            "after": {column if key == "?" else key: one for key, one in change["after"].items()},
        }
    seats(halls, {"name": "lost", column: value, **change}, {"action": "insert"})
    become(halls, lost={"action": "removed"}, gate={"action": "insert"}, new={"action": "removed"})
    become(halls, "other", pool={"action": "removed"})
    halls.run(under_removed(specs["seat"], specs))
    says = "refers to hall lost, which was deleted in production"
    assert halls.problems("kind, table_name, key, says") == [("removed", "seat", "s1", says)] * is_under


@WAYS
def test_a_row_of_that_name_elsewhere_or_one_that_changes_was_not_deleted(halls, column, value, more):
    specs = specs_of(
        halls, more.get("reference"), **{key: one for key, one in more.items() if key != "reference"}
    )
    seats(halls, {"name": "lost", column: value, "action": "insert"})
    become(halls, lost={"action": "kept"})
    become(halls, "other", lost={"action": "removed"})
    halls.run(under_removed(specs["seat"], specs))
    assert halls.problems() == []


def test_columns_that_lead_to_another_row_do_not_need_the_one_that_was_deleted(halls):
    specs = specs_of(halls, links=(BY_NAME,))
    seats(halls, {"name": "lost", "city": "x", "action": "insert"})
    become(halls, lost={"action": "removed"})
    halls.run("insert into public.hall values (19, 'lost', 'x')", under_removed(specs["seat"], specs))
    for hall in ({"columns": ("name",)},):
        fewer = {**specs, "hall": replace(specs["hall"], **hall)}
        halls.run("delete from public.hall where id = 19", under_removed(specs["seat"], fewer))
    in_time = replace(specs["seat"], links=(BY_TIME,))
    halls.run(under_removed(in_time, specs))
    assert halls.problems() == []


def test_a_row_has_the_values_by_which_another_names_it(halls):
    specs = specs_of(halls)
    seats(halls, {"name": "gate", "city": "tate"}, {"name": "gate", "city": "moma"}, {"name": "gate"})
    asked = (
        f"select s.slug, t.id from {stage(specs['seat'])} as s join public.hall as t on"
        f" {named_by(specs['seat'], specs['hall'], BY_NAME, 't', 's')} order by 1"
    )
    assert halls.scratch.rows(asked) == [("s1", 11)]
