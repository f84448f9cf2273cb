"""Rows that others reference and that production lacks, or has under other values: each is named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from maulstick.postgres.sql.identity.keys import key_map
from maulstick.postgres.sql.links import holding, holds_id, none_of
from maulstick.postgres.sql.missing_references import forgive_left_out, missing_links, missing_matches
from maulstick.postgres.sql.temp_tables import CHANGE, PROBLEM, keys, stage
from maulstick.postgres.tables.specs import Link, Pointing, Reference
from tests.postgres.statements.halls import (
    BY_ID,
    BY_NAME,
    BY_TIME,
    INSIDE,
    become,
    halls_in,
    seats,
    specs_of,
)


@pytest.fixture
def halls(staging):
    """Halls of production, and a release of two halls, one of them new, and two that are only matched."""
    return halls_in(staging)


LINKED = [
    ({"name": "gate", "city": "tate"}, []),
    ({"name": "pool", "city": "moma"}, []),
    ({"name": "gate", "city": "moma"}, ['["gate","moma"]']),
    ({"name": "new", "city": "here"}, []),
    ({"name": "new", "city": "tate"}, ['["new","tate"]']),
    ({"name": "lost", "city": "x"}, ['["lost","x"]']),
    ({"name": "nowhere", "city": None}, []),
    ({"name": None, "city": "nowhere"}, []),
    ({"name": "nowhere", "city": "x", "maulstick_matched": True}, []),
]


@pytest.mark.parametrize(("seat", "missing"), LINKED)
@pytest.mark.parametrize("change", [{"action": "insert"}, {"action": "unchanged"}, {}])
def test_columns_must_lead_to_a_row_that_is_there_or_comes_along(halls, seat, missing, change):
    specs = specs_of(halls, links=(BY_NAME,))
    seats(halls, {**seat, **change}, {"name": "gate", "city": "tate", **change})
    become(halls, new={"action": "insert"}, gate={"action": "unchanged"})
    halls.run(missing_links(specs["seat"], specs))
    says = "is referred to and is not in production"
    assert halls.problems("kind, table_name, key, says") == [
        ("missing", "hall", key, says) for key in missing
    ]


@pytest.mark.parametrize(
    ("seat", "hall", "is_missing"),
    [
        ({"action": "insert"}, {"action": "insert"}, False),
        ({"action": "insert"}, {"action": "conflict"}, False),
        ({"action": "insert"}, {"action": "kept"}, True),
        ({"action": "insert"}, {"action": "update", "after": {"code": "1"}}, True),
        ({"action": "insert"}, {"action": "update", "after": {"city": "here"}}, False),
        ({"action": "insert"}, {"action": "insert", "after": {"code": "1"}}, True),
        ({"action": "insert", "after": {"price": "1"}}, {"action": "kept"}, False),
        ({"action": "update", "after": {"city": "here"}}, {"action": "kept"}, True),
        ({"action": "update", "after": {"price": "1"}}, {"action": "kept"}, False),
        ({"action": "kept", "after": {"city": "here"}}, {"action": "kept"}, False),
        ({"action": "conflict"}, {"action": "kept"}, False),
        ({}, {"action": "kept"}, False),
    ],
)
def test_a_row_that_keeps_productions_values_does_not_come_along(halls, seat, hall, is_missing):
    specs = specs_of(halls, links=(BY_NAME,))
    seats(halls, {"name": "new", "city": "here", **seat})
    become(halls, new=hall, gate={"action": "insert"})
    halls.scratch.fill(CHANGE, {"table_name": "other", "row": "(0,2)", "action": "insert"})
    halls.run(missing_links(specs["seat"], specs))
    assert [key for _, key, _ in halls.problems()] == ['["new","here"]'] * is_missing


@pytest.mark.parametrize(
    ("hall", "missing"),
    [({"travels": False}, ["new"]), ({"columns": ("name", "code")}, ["new"]), ({}, [])],
)
def test_rows_come_along_only_with_all_that_they_are_found_by(halls, hall, missing):
    specs = specs_of(halls, links=(BY_NAME,), hall=hall)
    seats(halls, {"name": "new", "city": "here", "action": "insert"})
    become(halls, new={"action": "insert"})
    halls.run(missing_links(specs["seat"], specs))
    assert [json.loads(key)[0] for _, key, _ in halls.problems()] == missing


def test_a_row_found_by_one_column_is_named_by_its_value_alone(halls):
    specs = specs_of(halls, links=(Link(("near",), "hall", ("name",)),))
    seats(
        halls,
        {"near": "nowhere"},
        {"near": "nowhere"},
        {"near": "pool"},
        {"near": 'a"b'},
        {"near": "new"},
    )
    halls.run(missing_links(specs["seat"], specs))
    assert [key for _, key, _ in halls.problems()] == ['a"b', "nowhere"]
    lenient = specs_of(halls, links=(Link(("near",), "hall", ("name",), missing="null"),))
    assert "'missing'" not in missing_links(lenient["seat"], lenient)


@pytest.mark.parametrize(
    ("hall", "city", "missing"),
    [
        ("gate", "tate", []), ("gate", "moma", ["gate"]), ("new", "here", []), ("new", "tate", []),
        ("lost", "tate", []), (None, "tate", []), ("gate", None, []), ("pool", "moma", []),
    ],
)  # fmt: skip
def test_an_id_must_be_of_the_same_tenant(halls, hall, city, missing):
    specs = specs_of(halls, Reference("hall"), links=(BY_ID,))
    seats(halls, {"hall_id": hall, "city": city, "action": "insert"})
    become(halls, new={"action": "insert"})
    halls.run(missing_links(specs["seat"], specs))
    says = "is not of the same city as the seat that refer to it"
    assert halls.problems() == [("hall", key, says) for key in missing]
    assert holds_id(specs["seat"], BY_ID) is True
    assert holds_id(specs["seat"], BY_NAME) is False
    assert holds_id(replace(specs["seat"], references={"hall_id": Reference("other")}), BY_ID) is False


@pytest.mark.parametrize(
    ("city", "during", "is_missing"),
    [
        ("tate", "[2024-01-01,2024-06-01)", False),
        ("tate", "[2024-02-01,2024-03-01)", False),
        ("tate", "[2024-02-01,2024-07-01)", True),
        ("moma", "[2024-01-01,2024-01-05)", False),
        ("moma", "[2024-01-01,2024-03-01)", True),
        ("here", "[2024-06-01,2024-09-01)", False),
        ("here", "[2024-01-01,2024-09-01)", True),
        ("nowhere", "[2024-01-01,2024-09-01)", True),
        ("tate", None, False),
    ],
)
def test_rows_must_cover_a_period_together(halls, city, during, is_missing):
    specs = specs_of(halls, links=(BY_TIME,))
    seats(halls, {"city": city, "during": during, "action": "insert"})
    become(halls, new={"action": "insert"})
    halls.run(missing_links(specs["seat"], specs))
    assert (halls.problems() != []) is is_missing


@pytest.mark.parametrize(
    ("city", "lost"), [("tate", []), ("york", []), ("here", ["gate"]), ("moma", ["gate"])]
)
def test_an_id_may_be_of_a_tenant_that_the_release_gives_it(halls, city, lost):
    specs = specs_of(halls, Reference("hall"), links=(BY_ID,))
    halls.run(f"update {stage(specs['hall'])} set city = 'york' where name = 'gate'")
    halls.run(f"update {stage(specs['hall'])} set city = 'moma' where name = 'pool'")
    rows = halls.scratch.rows(f"select name, ctid::text from {stage(specs['hall'])}")
    halls.run(*(f"update {keys(specs['hall'])} set \"row\" = '{at}' where key = '{key}'" for key, at in rows))
    seats(halls, {"hall_id": "gate", "city": city})
    halls.run(missing_links(specs["seat"], specs))
    assert [key for _, key, _ in halls.problems()] == lost


@pytest.mark.parametrize(("near", "is_missing"), [("gate", False), ("pool", True), ("new", True)])
def test_references_on_both_sides_are_compared_as_keys(halls, near, is_missing):
    link = Link(("near", "name"), "hall", ("code", "name"))
    references = {"near": Reference("hall")}
    specs = specs_of(
        halls, links=(link,), references=references, hall={"references": {"code": Reference("hall")}}
    )
    halls.run(
        f"alter table {stage(specs['hall'])} alter code type text",
        f"update {stage(specs['hall'])} set code = 'gate' where name = 'new'",
    )
    rows = halls.scratch.rows(f"select name, ctid::text from {stage(specs['hall'])}")
    halls.run(*(f"update {keys(specs['hall'])} set \"row\" = '{at}' where key = '{key}'" for key, at in rows))
    seats(halls, {"near": near, "name": "new"})
    halls.run(missing_links(specs["seat"], specs))
    assert (halls.problems() != []) is is_missing


@pytest.mark.parametrize(("name", "is_missing"), [("gate", False), ("far", True)])
def test_a_period_may_stand_beside_several_columns(halls, name, is_missing):
    columns = ("name", "city", "during")
    specs = specs_of(halls, links=(replace(BY_TIME, columns=columns, target=columns),))
    seats(halls, {"name": name, "city": "tate", "during": "[2024-02-01,2024-03-01)"})
    halls.run(missing_links(specs["seat"], specs))
    assert (halls.problems() != []) is is_missing


def test_rows_of_production_and_of_the_release_cover_a_period_together(halls):
    specs = specs_of(halls, links=(BY_TIME,))
    halls.run(f"update {stage(specs['hall'])} set city = 'tate'")
    seats(halls, {"city": "tate", "during": "[2024-03-01,2024-08-01)"})
    lost = none_of(BY_TIME, holding(specs["seat"], specs, BY_TIME))
    assert halls.scratch.rows(f"select {lost} from {stage(specs['seat'])} as s") == [(False,)]
    there = none_of(
        BY_TIME, holding(specs["seat"], {**specs, "hall": replace(specs["hall"], travels=False)}, BY_TIME)
    )
    assert halls.scratch.rows(f"select {there} from {stage(specs['seat'])} as s") == [(True,)]


KEPT = {"name": {"action": "kept"}, "code": {"action": "update"}}


@pytest.mark.parametrize(
    ("seat", "hall", "is_elsewhere"),
    [
        ({"action": "insert"}, {"columns": KEPT}, True),
        ({"action": "update", "after": {"city": "x"}}, {"columns": KEPT}, True),
        ({"action": "update", "after": {"price": "1"}}, {"columns": KEPT}, False),
        ({"action": "kept"}, {"columns": KEPT}, False),
        (
            {"action": "insert"},
            {"columns": {"name": {"action": "update"}, "code": {"action": "kept"}}},
            False,
        ),
        ({"action": "insert"}, {"columns": {"city": {"action": "kept"}}}, True),
        ({"action": "insert", "city": "moma"}, {"columns": KEPT}, False),
        ({"action": "insert", "name": "pool", "city": "moma"}, {"columns": KEPT}, False),
        ({"action": "insert", "name": "lost", "city": "x"}, {"columns": KEPT}, False),
    ],
)
def test_columns_must_not_lead_to_another_row_than_the_one_they_mean(halls, seat, hall, is_elsewhere):
    """The row that is meant keeps a name of its own in production, and another has the one it has here."""
    specs = specs_of(halls, links=(replace(BY_NAME, missing="null"),))
    seats(halls, {"name": "gate", "city": "tate", **seat}, {"name": "gate", "city": "tate"})
    become(halls, gate={"action": "kept", **hall}, pool={"action": "kept", "columns": {}})
    become(halls, "other", gate={"action": "kept", "columns": KEPT})
    halls.run(missing_links(specs["seat"], specs))
    says = "would be with another row: hall gate keeps its name, city in production"
    found = [("elsewhere", "seat", "s1", says)] * is_elsewhere
    assert halls.problems("kind, table_name, key, says") == found
    if seat["action"] == "update":
        in_key = replace(specs["seat"], key=("slug", "city"))
        halls.run(f"delete from {PROBLEM}", missing_links(in_key, specs))
        assert len(halls.problems()) == 1


def test_a_row_that_has_no_other_columns_is_meant_by_them(halls):
    links = (replace(BY_NAME, missing="null"),)
    specs = specs_of(halls, links=links, hall={"columns": ("name", "city")})
    seats(halls, {"name": "gate", "city": "tate", "action": "insert"})
    become(halls, gate={"action": "kept", "columns": KEPT})
    halls.run(missing_links(specs["seat"], specs))
    assert len(halls.problems()) == 1


def test_a_row_that_lacks_its_values_or_does_not_travel_is_not_meant(halls):
    specs = specs_of(halls, links=(replace(BY_NAME, missing="null"),))
    for hall in ({"travels": False}, {"columns": ("name",)}):
        assert missing_links(specs["seat"], {**specs, "hall": replace(specs["hall"], **hall)}) == ""
    of_time = replace(specs["seat"], links=(replace(BY_TIME, missing="null"),))
    assert missing_links(of_time, specs) == ""
    seats(halls, {"name": "gate", "city": "tate", "action": "insert"})
    become(halls, gate={"action": "kept", "columns": KEPT})
    halls.run("update public.hall set name = 'other' where id = 11", missing_links(specs["seat"], specs))
    assert halls.problems() == []


@pytest.mark.parametrize(
    ("missing", "lost"),
    [("error", ["alone", "lost"]), ("null", ["inside", "lost"]), ("keep", ["inside", "lost"])],
)
def test_a_matched_row_that_production_lacks_is_named_if_it_is_needed(halls, missing, lost):
    """With another reference that may do without it, only rows that somebody needs are named."""
    specs = specs_of(
        halls, Reference("hall", missing), json_references=(INSIDE,) if missing != "error" else ()
    )
    halls.run(
        f"insert into {stage(specs['hall'])} (name, maulstick_matched)"
        " values ('alone', true), ('inside', true), ('by another', true);"
        f" delete from {keys(specs['hall'])}",
    )
    if missing == "error":
        halls.run(f"delete from {stage(specs['hall'])} where name in ('inside', 'by another')")
    else:
        specs["near"] = replace(specs["seat"], references={"near": Reference("hall")}, json_references=())
        specs["far"] = replace(specs["seat"], references={"near": Reference("room")}, json_references=())
    halls.run(key_map(specs["hall"], specs))
    seats(
        halls, {"hall_id": "lost", "near": "lost"}, {"hall_id": "alone"},
        {"meta": '{"hall": "inside"}'},
        {"near": "by another", "meta": '{"hall": "by another"}', "maulstick_matched": True},
        {"near": "pool"}, {"near": "new"}, {"slug": "inside"},
    )  # fmt: skip
    halls.run(missing_matches(specs["hall"], specs))
    says = "is referred to and is not in production"
    assert halls.problems("kind, table_name, key, says") == [("missing", "hall", key, says) for key in lost]


def test_a_pointer_that_may_do_without_its_row_needs_none(halls):
    pointing = Pointing("near", "hall", missing="null")
    specs = specs_of(halls, pointers=(pointing,))
    seats(halls, {"near": json.dumps({"hall": "lost"})})
    halls.run(missing_matches(specs["hall"], specs))
    assert halls.problems() == []
    strict = specs_of(halls, pointers=(replace(pointing, missing="error"),))
    halls.run(missing_matches(strict["hall"], strict))
    assert [key for _, key, _ in halls.problems()] == ["lost"]


def test_what_is_odd_about_rows_that_are_left_out_is_forgotten_unless_they_are_needed(halls):
    specs = specs_of(halls, Reference("hall"))
    seats(halls, {"hall_id": "needed"}, {"hall_id": "loose", "maulstick_matched": True})
    for kind, table, key in [
        ("missing", "hall", "lost"), ("ambiguous", "hall", "pool"), ("clash", "hall", "lost"),
        ("missing", "hall", "stays"), ("missing", "seat", "lost"), ("missing", "hall", "needed"),
        ("missing", "hall", "loose"), ("missing", "hall", "of seat"),
    ]:  # fmt: skip
        halls.scratch.fill(PROBLEM, {"kind": kind, "table_name": table, "key": key})
    without = [{"table_name": "hall", "key": key} for key in ("lost", "pool", "needed", "loose")]
    halls.scratch.set(without=json.dumps([*without, {"table_name": "seat", "key": "of seat"}]))
    halls.run(forgive_left_out(specs["hall"], specs))
    assert halls.problems("kind, table_name, key") == [
        ("clash", "hall", "lost"), ("missing", "hall", "needed"), ("missing", "hall", "of seat"),
        ("missing", "hall", "stays"), ("missing", "seat", "lost"),
    ]  # fmt: skip
