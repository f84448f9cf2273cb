"""What of a target's schema stops a release, and what is only said."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from maulstick.plan.schema_fit import differences, errors, left_to_triggers, warnings
from maulstick.postgres.tables.schema import Column, Schema, TableSchema
from tests.plan.in_memory.plans import spec

BOOK = spec(
    "book", "isbn", "price", "theirs",
    types={"isbn": "text", "price": "numeric", "theirs": "text"},
    theirs=("theirs",),
    times={"updated_at": "timestamp(0)"},
    built={"price": "numeric(8,2)"},
)  # fmt: skip
PLAIN = Column("", "text", False, None, False, False, False, "text")


def column(name, type_="text", **more):
    return replace(PLAIN, name=name, type=type_, here=type_, **more)


THERE = {
    "id": column("id", "bigint", default="nextval('s')", not_null=True),
    "isbn": column("isbn"),
    "price": column("price", "numeric", built="numeric(8,2)"),
    "theirs": column("theirs"),
    "updated_at": column("updated_at", "timestamp(0)", not_null=True),
}


def schema(*columns, without=(), before_insert=(), **more):
    kept = {name: one for name, one in THERE.items() if name not in without}
    table = TableSchema(
        "public", "book", kept | {one.name: one for one in columns}, ("id",), (), before_insert
    )
    return Schema(**{"tables": {"book": table}, "migrations": frozenset(), **more})


def said(schema_, one=BOOK):
    return [*differences(one, schema_, "live")]


def test_a_schema_like_the_source_s_takes_the_bundle():
    assert said(schema()) == []
    assert said(schema(), replace(BOOK, nullable=("price",))) == []


SKIP = ": skip it, its values are made there"
CASES = [
    ([column("price", "text")], "is text in live and numeric here"),
    (
        [column("price", "numeric", built="numeric(8,3)")],
        "numeric is numeric(8,3) in live and numeric(8,2) here",
    ),
    ([column("price", "numeric", built="text[]")], ""),
    ([column("price", "numeric")], ""),
    ([column("price", "numeric", generated=True)], f"is generated in live{SKIP}"),
    (
        [column("price", "numeric", always=True, identity=True)],
        f"counts itself in live (generated always as identity){SKIP}",
    ),
    ([column("isbn", always=True, identity=True)], ""),
    ([column("theirs", always=True, identity=True)], ""),
    ([column("price", "numeric", built="numeric(8,2)", not_null=True)], ""),
]


@pytest.mark.parametrize(("columns", "says"), CASES)
def test_a_column_of_another_kind_is_named(columns, says):
    assert said(schema(*columns)) == ([f"book.price: {says}"] if says else [])


def test_a_column_that_is_missing_is_named_with_the_others():
    assert said(schema(without=["price", "theirs"])) == [
        "book.price: is not in live",
        "book.theirs: is not in live",
    ]


def test_a_column_that_may_be_null_here_alone_is_named_where_it_travels():
    there = schema(column("price", "numeric", built="numeric(8,2)", not_null=True))
    one = replace(BOOK, nullable=("price",))
    assert said(there, one) == ["book.price: is not null in live and may be null here"]
    assert said(there, replace(one, travels=False)) == []
    assert said(schema(), one) == []


@pytest.mark.parametrize(
    ("id_", "says"),
    [
        (column("id", "bigint", identity=True), ""),
        (column("id", "uuid"), ""),
        (column("id", "text"), ""),
        (column("id", "character varying"), ""),
        (column("id", "character varying(36)"), ""),
        (column("id", "character varying(35)"), "has no default in live, so nothing gives new rows an id"),
        (column("id", "bigint"), "has no default in live, so nothing gives new rows an id"),
        (column("id", "citext"), "has no default in live, so nothing gives new rows an id"),
        (column("id", "bigint", generated=True), "is generated in live"),
    ],
)
def test_a_new_row_must_get_an_id(id_, says):
    assert said(schema(id_)) == ([f"book.id: {says}"] if says else [])
    if "no default" in says:
        assert said(schema(id_), replace(BOOK, travels=False)) == []


def test_ids_and_times_must_be_there():
    there = schema(without=["id", "updated_at"])
    assert said(there) == ["book.id: is not in live", "book.updated_at: is not in live"]
    assert said(there, replace(BOOK, travels=False)) == ["book.id: is not in live"]
    assert said(there, replace(BOOK, surrogate=None)) == ["book.updated_at: is not in live"]


@pytest.mark.parametrize(
    ("type_", "says"),
    [
        ("timestamp with time zone", ""),
        ("date", ""),
        ("text", "book.updated_at: is text in live and timestamp(0) here"),
    ],
)
def test_a_time_must_be_one(type_, says):
    assert said(schema(column("updated_at", type_))) == ([says] if says else [])


NEEDED = column("pages", "integer", not_null=True)


@pytest.mark.parametrize(
    ("one", "is_needed"),
    [
        (NEEDED, True),
        (replace(NEEDED, not_null=False), False),
        (replace(NEEDED, default="1"), False),
        (replace(NEEDED, name="isbn", type="text"), False),
        (replace(NEEDED, name="updated_at", type="date"), False),
    ],
)
def test_a_value_that_the_bundle_lacks_is_named(one, is_needed):
    says = "book.pages: live needs a value and this bundle brings none"
    assert said(schema(one)) == [says] * is_needed
    assert said(schema(one), replace(BOOK, travels=False)) == []


def test_what_a_trigger_may_fill_is_a_warning():
    there = schema(NEEDED, before_insert=("a", "b"))
    assert said(there) == []
    assert [*left_to_triggers(BOOK, there, "live")] == [
        "book.pages: is left to a trigger of live (a or b): --check tries it"
    ]
    assert [*left_to_triggers(BOOK, schema(NEEDED), "live")] == []
    assert [*left_to_triggers(BOOK, Schema({}, frozenset()), "live")] == []
    assert [*left_to_triggers(BOOK, schema(before_insert=("a",)), "live")] == []


def test_a_table_that_is_none_is_named():
    assert said(Schema({}, frozenset(), {"book": "a view"})) == ["book: is a view in live"]
    assert said(Schema({}, frozenset())) == ["book: is not in live (which holds no table)"]
    tables = {"boook": schema().tables["book"]}
    assert said(Schema(tables, frozenset())) == ['book: is not in live (did you mean "boook"?)']


def test_every_table_is_looked_at_and_what_else_is_missing_is_a_warning():
    other = spec("shelf", "slug")
    manifest: Any = SimpleNamespace(specs={"book": BOOK, "shelf": other}, migrations=["3", "1", "2"])
    there = schema(without=["price"], migrations=frozenset({"2", "4"}))
    first, second = errors(manifest, there, "live")
    assert first == "book.price: is not in live"
    assert second.startswith("shelf: is not in live (")
    lacks = [f"schema_migrations: live lacks {version}" for version in ("1", "3")]
    assert warnings(manifest, there, "live") == lacks
    assert warnings(manifest, schema(), "live") == []
    filled = schema(NEEDED, before_insert=("a",), migrations=frozenset({"1", "2", "3"}))
    assert warnings(manifest, filled, "live") == [
        "book.pages: is left to a trigger of live (a): --check tries it"
    ]
