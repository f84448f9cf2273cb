"""Drawn trees of pages, some of them shows with pictures: keys are paths, and a show has its page's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from hypothesis import strategies as st

from maulstick.bundle.bundle import Bundle
from maulstick.postgres.quoting import literal
from maulstick.project.declarations import Table
from tests.databases.places import Place, export
from tests.properties.worlds import CLEAR

TABLES = """
create table page (id bigserial primary key, parent_id bigint references page, slug text not null, title text,
  unique nulls not distinct (parent_id, slug));
create table show (page_id bigint primary key references page, room text);
create table picture (id bigserial primary key, show_id bigint not null references show, n integer not null,
  text text, unique (show_id, n));
"""
SHOWS = (
    Table("show", key="page_id", via="page_id"),
    Table("picture", key=("show_id", "n"), via="show_id"),
)
PATHS = """
with recursive way as (select id, array[slug] as path from page where parent_id is null
  union all select p.id, way.path || p.slug from page as p join way on way.id = p.parent_id)
"""
ROWS = f"""{PATHS}
select path, title, room,
  (select array_agg(row(n, text)::text order by n) from picture where show_id = way.id)
from way join page on page.id = way.id left join show on page_id = way.id order by 1
"""
SLUGS, TEXTS = st.sampled_from("abc"), st.sampled_from((None, "x", "y"))
DOES = (
    "update page set title = {text} where id = {one}",
    "update show set room = {text} where page_id = {one}",
    "insert into page (parent_id, slug, title) values ({one}, {slug}, {text})",
    "insert into show values ({one}, {text})",
    "insert into picture (show_id, n, text) values ({one}, {n}, {text})",
    "update picture set text = {text} where show_id = {one}",
    "delete from picture where show_id = {one}",
    "delete from show where page_id = {one}",
    "delete from page where id = {one}",
    "update page set slug = {slug} where id = {one}",
    "update page set parent_id = {other} where id = {one}",
)
"""What people do to pages, as SQL."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page below an earlier one of the list; with a room it is a show."""

    parent: int | None
    slug: str
    title: str | None
    room: str | None
    pictures: frozenset[int]


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody does, to pages by their place among all."""

    does: str
    one: int
    other: int
    slug: str
    text: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Story:
    """The pages that both sides begin with, and what two people do to them after a first release."""

    local: Sequence[Page]
    production: Sequence[Page]
    edits: Sequence[tuple[Edit, Edit]]


def pages() -> st.SearchStrategy[list[Page]]:
    """Draw pages."""
    some = st.frozensets(st.sampled_from((1, 2)))
    parents = st.none() | st.integers(0, 5)
    return st.lists(st.builds(Page, parents, SLUGS, TEXTS, TEXTS, some), min_size=1, max_size=6)


def stories() -> st.SearchStrategy[Story]:
    """Draw a story."""
    numbers = st.integers(0, 5)
    edit = st.builds(Edit, st.sampled_from(DOES), numbers, numbers, SLUGS, TEXTS, st.sampled_from((1, 2)))
    return st.builds(Story, pages(), pages(), st.lists(st.tuples(edit, edit), max_size=4))


def begin(place: Place, drawn: Sequence[Page], first: int) -> None:
    """Make a place as new and fill it; its ids begin at `first`."""
    place.run(CLEAR + TABLES + f"select setval('page_id_seq', {first}), setval('picture_id_seq', {first});")
    made: list[Any] = []
    for page in drawn:
        parent = made[page.parent % len(made)] if made and page.parent is not None else None
        insert = "insert into page (parent_id, slug, title) values (%s, %s, %s)"
        found = place.rows(f"{insert} on conflict do nothing returning id", parent, page.slug, page.title)
        made += [id_ for (id_,) in found]
        if found and page.room is not None:
            place.run("insert into show values (%s, %s)", made[-1], page.room)
            for n in page.pictures:
                place.run("insert into picture (show_id, n) values (%s, %s)", made[-1], n)


def edit(place: Place, wanted: Edit) -> None:
    """Do what somebody wants to do, where it is possible."""
    ids = [id_ for (id_,) in place.rows(f"{PATHS} select id from way order by path")]
    if not ids:
        return
    one, other = (str(ids[number % len(ids)]) for number in (wanted.one, wanted.other))
    text, slug = literal(wanted.text), literal(wanted.slug)
    try:
        with place.connection.transaction():
            place.run(wanted.does.format(one=one, other=other, slug=slug, text=text, n=wanted.n))
            if place.value(f"{PATHS} select count(*) < (select count(*) from page) from way"):
                raise psycopg.IntegrityError  # a circle
    except psycopg.IntegrityError:
        return


def bundle_of(source: Place) -> Bundle:
    """Export all pages."""
    every = Table("page", key=("parent_id", "slug"), where="%(key)s <> ''")
    return export(source, every, *SHOWS, key="all", kind="page")


def rows(place: Place) -> list[tuple[Any, ...]]:
    """Return all pages by their paths, with what is theirs."""
    return place.rows(ROWS)
