"""Reading lists: their works must be in the catalogue already, their keepers stay at home."""

from collections.abc import Iterable

from maulstick import Kind, Leave, Match, Query, Subject, Table, hookimpl

HOLES = "select count(*) <> max(place) from entries where list = %(key)s"


@hookimpl
def maulstick_kinds() -> Iterable[Kind]:
    """Name a reading list by its slug."""
    yield Kind("reading-list", table="reading_lists", key="slug")


@hookimpl
def maulstick_tables(subject: Subject) -> Iterable[Table]:
    """Take a list with its entries, which are recognised by their work in any place of the list."""
    if subject.kind == "reading-list":
        work = {"author": Match(key=("author", "title"))}
        yield Table("reading_lists", key="slug", references={"keeper": Leave()})
        yield Table("entries", key=("list", "author", "title"), via="list", references=work)


@hookimpl
def maulstick_queries(subject: Subject) -> Iterable[Query]:
    """Refuse a list with a hole in its numbering."""
    if subject.kind == "reading-list":
        yield Query("places of the list that are missing", HOLES, expect="false")
