"""Pages whose address a plan changes, as a plugin's pages tell them before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from maulstick.errors import Problem
from maulstick.plan.moved_pages import MovedPage, moved_pages
from maulstick.postgres.tables.specs import Reference
from maulstick.project.declarations import Kind, Page, Subject
from tests.plan.in_memory.plans import planned, row, spec

SPECS = {
    "shelf": spec("shelf", "slug", "title"),
    "book": spec("book", "isbn", "shelf_id", references={"shelf_id": Reference("shelf")}),
}


@dataclass
class Site:
    """A bundle and its plugin: each row of a shelf has a page, and each of its books one below it."""

    shelves: list[dict[str, str | None]]
    books: list[dict[str, str | None]]
    asked: list[Subject] = field(default_factory=list)
    pages_of: Any = None

    def kind(self, name: str) -> Kind:
        return Kind("shelf", "shelf", "slug")

    def pages(self, subject, rows):
        self.asked.append(subject)
        if self.pages_of:
            return self.pages_of(subject, rows)
        shelves = [Page(f"/{one['slug']}") for one in rows["shelf"]]
        books = [Page(f"/{one['shelf_id']}/{one['isbn']}") for one in rows["book"]]
        gone = Page(f"/gone/{rows['shelf'][0]['slug']}", gone=True)
        return [*shelves, *books, gone]

    def moved(self, *rows):
        """Return what moves, as (old, new)."""
        tables = {"shelf": self.shelves, "book": self.books}
        manifest = SimpleNamespace(
            subject=Subject("shelf", str(self.shelves[0]["slug"])),
            specs=SPECS,
            counts=lambda: {name: len(held) for name, held in tables.items()},
            pages=self.pages(Subject("shelf", ""), tables),
        )
        self.asked.clear()
        bundle: Any = SimpleNamespace(manifest=manifest, table=lambda one: tables[one.label])
        plugins: Any = self
        return [(page.old, page.new) for page in moved_pages(bundle, planned(*rows), plugins)]


@pytest.fixture
def site():
    return Site(
        [{"slug": "verse", "title": "Verse"}],
        [{"isbn": "1", "shelf_id": "verse"}, {"isbn": "2", "shelf_id": None}],
    )


def became(name, column, local, production, action="update", **more):
    cells = {column: {"action": action, "local": local, "production": production}, **more}
    return row(name, "update", cells)


RENAMED = became("shelf verse", "slug", "verse", "poetry")


def test_the_pages_of_a_row_and_of_those_below_it_move_with_its_key(site):
    assert site.moved(RENAMED) == [("/poetry", "/verse"), ("/poetry/1", "/verse/1")]
    assert site.asked == [Subject("shelf", "poetry")]


def test_the_subject_is_asked_for_by_its_own_key_where_another_row_moves(site):
    assert site.moved(became("book 1", "isbn", "1", "9")) == [("/verse/9", "/verse/1")]
    assert site.asked == [Subject("shelf", "verse")]
    also = became("shelf verse", "title", "verse", "Poems")
    assert site.moved(also) == []
    assert site.asked == [Subject("shelf", "verse")]


@pytest.mark.parametrize(
    "change",
    [
        row("shelf verse", "insert", slug="verse"),
        row("shelf verse", "kept", {"slug": {"action": "kept", "local": "verse", "production": "p"}}),
        became("shelf verse", "slug", "verse", "poetry", "kept"),
        became("shelf verse", "slug", "verse", None),
        became("shelf verse", "slug", None, "poetry"),
        became("shelf verse", "title", "Other", "Poems"),
        became("shelf verse", "title", "Other", "poetry", note={"action": "update", "local": "1"}),
    ],
)
def test_nothing_is_asked_where_no_part_of_an_address_changes(site, change):
    assert site.moved(change) == []
    assert site.asked == []


def test_of_pages_that_come_and_go_each_is_known_by_its_row(site):
    """The second row has no page any more; the first moved."""

    def pages(subject, rows):
        books = [Page(f"/{one['isbn']}") for one in rows["book"]]
        return (
            books
            if rows["book"][0]["isbn"] == "1" and rows["book"][1]["isbn"] == "2"
            else [Page("/x"), *books]
        )

    site.pages_of = pages
    rows = became("book 1", "isbn", "1", "8"), became("book 2", "isbn", "2", "9")
    assert site.moved(*rows) == [("/x", ""), ("/8", ""), ("/9", "")]
    site.pages_of = lambda subject, rows: [
        Page(f"/{one['isbn']}") for one in rows["book"] if one["isbn"] != "9"
    ]
    assert site.moved(*rows) == [("/8", "/1")]


def test_pages_that_changed_places_are_told_by_their_rows(site):
    def pages(subject, rows):
        return [Page(path) for path in sorted(f"/{one['isbn']}" for one in rows["book"])]

    site.pages_of = pages
    assert site.moved(became("book 1", "isbn", "1", "3")) == [("/3", "/1")]


def test_a_page_may_move_to_where_another_was(site):
    site.pages_of = lambda subject, rows: [Page(f"/{one['isbn']}") for one in rows["book"]]
    assert site.moved(became("book 2", "isbn", "2", "3")) == [("/3", "/2")]
    rows = became("book 1", "isbn", "1", "2"), became("book 2", "isbn", "2", "3")
    assert site.moved(*rows) == [("/3", "/2")]


def test_a_plugin_that_fails_costs_the_redirects_alone(site):
    def pages(subject, rows):
        if subject.key:
            raise Problem("plugin", "failed")
        return [Page("/verse")]

    site.pages_of = pages
    assert site.moved(RENAMED) == []


def test_a_hundred_rows_are_asked_about(site):
    seen = []
    site.books = [{"isbn": f"n{n}", "shelf_id": None} for n in range(102)]

    def pages(subject, rows):
        held = [str(one["isbn"]) for one in rows["book"]]
        seen.append(sum(isbn.startswith("o") for isbn in held))
        return [Page(f"/{isbn}") for isbn in held]

    site.pages_of = pages
    rows = [became(f"book n{n}", "isbn", f"n{n}", f"o{n}") for n in range(102)]
    assert len(site.moved(*rows)) == 100
    assert seen == [0, 100]


def test_a_redirect_is_a_line_of_one_word_each():
    assert MovedPage("/a b?c=ä", "/d#e").line == "/a%20b?c=%C3%A4 /d#e 301"
