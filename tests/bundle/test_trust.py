"""A bundle that was handed over, held against what the plugins here declare and what the target is like."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from maulstick.bundle.trust import require_declared, require_like
from maulstick.errors import Exit, Problem
from maulstick.postgres.tables.schema import Column, ForeignKey, Schema, TableSchema, UniqueIndex
from maulstick.postgres.tables.specs import KeyCondition, Pointing, Reference, TableSpec
from maulstick.project.declarations import JsonReference, Kind, Leave, Match, Pointer, Query, Subject, Table
from tests.databases.places import Declared

POETRY = Subject("shelf", "poetry")
COLOURS = JsonReference("look", "$.colour", "colour", key="code")
BOOK = Table(
    "book",
    key="isbn",
    references={
        "shelf_id": Match("slug"),
        "owner_id": Leave(),
        "isbn": Leave(),  # in the key it travels all the same
        "room_id": Match(),
    },
    json_references=[COLOURS],
    theirs="price",
    skip="draft",
    plain="rack",
    pointers=[
        Pointer("holder", "person", where="kind = 'Person'", key="email"),
        Pointer("place", "site", where="exists (select FROM town join site using (id))", key="town"),
    ],
)
ASKED = Query("books of a shelf", "select count(*) from book where shelf = %(key)s", "1")
PLUGINS: Any = Declared(Kind("shelf", "shelf", "slug"), (BOOK,), (ASKED,))


def spec(name: str, key: str, **more: Any) -> TableSpec:
    return TableSpec(
        **{
            **{"schema": "public", "name": name, "key": (key,), "key_is_value": True, "columns": (key,)},
            **{"types": {}, "nullable": (), "references": {}, "parents": (), "json_references": ()},
            **{"theirs": (), "surrogate": "id", "times": {}},
            **more,
        }
    )


POINTERS = (
    Pointing("holder", "person", "kind = 'Person'"),
    Pointing("holder", "", "kind = 'Person'"),
    Pointing("place", "site", "exists (select FROM public.town join public.site using (id))"),
    Pointing("rack"),
)
TRAVELS = spec(
    "book",
    "isbn",
    columns=("isbn", "price", "rack"),
    theirs=("price",),
    json_references=(COLOURS,),
    times={"updated_at": "timestamp(0)"},
    pointers=POINTERS,
)
MATCHED = spec("shelf", "slug", travels=False)


def bundle(*specs: TableSpec, queries: tuple[Query, ...] | None = None) -> Any:
    told = (replace(ASKED, sql="select count(*) from book where shelf = 'poetry'"),)
    named = {one.name: one for one in specs}
    return SimpleNamespace(subject=POETRY, specs=named, queries=told if queries is None else queries)


@pytest.mark.parametrize(
    "one",
    [
        TRAVELS,
        replace(TRAVELS, columns=("isbn", "shelf_id", "room_id")),
        MATCHED,
        spec("person", "email", travels=False),
        spec("site", "town", travels=False),
        spec("colour", "code", travels=False),
        spec("room", "id_of_its_floor", travels=False, references={"id_of_its_floor": Reference("floor")}),
    ],
    ids=lambda one: one.name,
)
def test_what_is_declared_is_taken(one):
    require_declared(bundle(one), PLUGINS)


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (replace(TRAVELS, name="users"), "users: the table"),
        (replace(TRAVELS, key=("title",)), r"book: key is \('title',\)"),
        (replace(TRAVELS, theirs=()), r"book: theirs is \(\)"),
        (replace(TRAVELS, json_references=()), r"book: json_references is \(\)"),
        (replace(TRAVELS, columns=("isbn", "draft")), "book.draft: does not travel"),
        (replace(TRAVELS, columns=("isbn", "owner_id")), "book.owner_id: does not travel"),
        (replace(TRAVELS, times={"price": "integer"}), "book.price: is not a time"),
        (replace(TRAVELS, pointers=(Pointing("rack", "shelf"),)), "book.rack: points at shelf where $"),
        (replace(TRAVELS, pointers=(Pointing("price", "", "t"),)), "book.price: points at nothing where t"),
        (replace(TRAVELS, pointers=(Pointing("holder"),)), "book.holder: points at nothing where $"),
        (replace(MATCHED, key=("title",)), "shelf: matched by title"),
        (replace(MATCHED, key=()), "shelf: matched by $"),
        (replace(MATCHED, key=("slug", "at"), references={"at": Reference("a")}), "matched by slug, at"),
    ],
)  # fmt: skip
def test_what_nobody_declares_is_refused(one, says):
    with pytest.raises(Problem, match=f"(?m)holds what no plugin here declares\n    .*{says}") as refused:
        require_declared(bundle(one), PLUGINS)
    assert refused.value.code == Exit.REFUSED


def test_the_questions_of_a_bundle_are_those_that_are_asked_here():
    other = Query("mine", "delete from users returning 1", "1")
    with pytest.raises(Problem) as refused:
        require_declared(bundle(TRAVELS, queries=(other,)), PLUGINS)
    said = str(refused.value)
    assert '\n    the query "mine"' in said
    assert '\n    not the query "books of a shelf"' in said


def column(name: str, type_: str = "bigint", default: str | None = None) -> Column:
    return Column(name, type_, True, default, False, False, False, type_)


NUMBERED = "nextval('book_id_seq')"
THERE = TableSchema(
    "public",
    "book",
    {one.name: one for one in (column("id", default=NUMBERED), column("isbn", "text"), column("shelf_id"))}
    | {"updated_at": column("updated_at", "timestamp(0)"), "serial": column("serial", default=NUMBERED)},
    ("id",),
    (ForeignKey("book_shelf", ("shelf_id",), "shelf", ("id",)),),
    unique_indexes=(UniqueIndex(("isbn",), "(not draft)", ("isbn", "draft")),),
)
OWN_ID = replace(THERE, columns={**THERE.columns, "id": column("id", "uuid")})
SHARED_ID = replace(
    THERE, primary_key=("shelf_id",), columns={**THERE.columns, "shelf_id": column("shelf_id")}
)
LIKE = replace(TRAVELS, key_condition=KeyCondition("((not draft))", ()))


@pytest.mark.parametrize(
    ("one", "there"),
    [
        (LIKE, THERE),
        (replace(LIKE, key_condition=None), THERE),
        (replace(LIKE, surrogate=None, times={}), replace(THERE, primary_key=("isbn",))),
        (replace(LIKE, counted="serial"), THERE),
        (LIKE, OWN_ID),  # uuids that the site makes itself
        (replace(LIKE, travels=False, surrogate="shelf_id"), SHARED_ID),
    ],
)
def test_a_bundle_that_is_right_about_the_target_is_taken(one, there):
    require_like(bundle(one), Schema({"book": there}, frozenset()))


@pytest.mark.parametrize(
    ("one", "there", "says"),
    [
        (replace(LIKE, surrogate="isbn"), THERE, "book: its ids are not in isbn"),
        (replace(LIKE, surrogate=None), THERE, "book: its ids are not in None"),
        (replace(LIKE, counted="isbn"), THERE, "book: its ids are not in id"),
        (replace(LIKE, surrogate="shelf_id"), SHARED_ID, "book: its ids are not in shelf_id"),
        (replace(LIKE, travels=False, surrogate="isbn"), SHARED_ID, "book: its ids are not in isbn"),
        (
            replace(LIKE, travels=False, key=("shelf_id",), surrogate="shelf_id"),
            SHARED_ID,
            "book: its ids are not in shelf_id",
        ),
        (
            replace(LIKE, key_condition=KeyCondition("draft", ())),
            THERE,
            "book: its keys are not unique where draft",
        ),
        (replace(LIKE, times={"updated_at": "text"}), THERE, "book.updated_at: is not text"),
        (replace(LIKE, times={"inserted_at": "text"}), THERE, "book.inserted_at: is not text"),
    ],
)
def test_a_bundle_that_is_wrong_about_the_target_is_refused(one, there, says):
    with pytest.raises(Problem, match=f"does not fit the target\n    {says}") as refused:
        require_like(bundle(one), Schema({"book": there}, frozenset()))
    assert refused.value.code == Exit.REFUSED
