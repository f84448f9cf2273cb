"""The catalogue: a topic with every topic below it, their works, editions and copies."""

from collections.abc import Iterable

from maulstick import Kind, Subject, Table, hookimpl


@hookimpl
def maulstick_kinds() -> Iterable[Kind]:
    """Name a topic by its code."""
    yield Kind("topic", table="topics", key="code")


@hookimpl
def maulstick_tables(subject: Subject) -> Iterable[Table]:
    """Take the tree from the topic down; columns that triggers keep do not travel."""
    if subject.kind == "topic":
        yield Table("topics", key="code", via="within")
        yield Table("works", key=("author", "title"), via="topic", skip=("words", "copies"))
        yield Table("sequels", key=("author", "title", "next_title"), via="title")
        yield Table("editions", key=("author", "title", "year", "medium"), via="title", theirs="price")
        yield Table("copies", key=("shelfmark", "number"), via="title", skip=("lent", "loans"))
