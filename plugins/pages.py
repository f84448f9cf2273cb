"""Pages: the site's plain pages with their sections."""

from collections.abc import Iterable

from maulstick import Kind, Subject, Table, hookimpl


@hookimpl
def maulstick_kinds() -> Iterable[Kind]:
    """Name a page by its slug."""
    yield Kind("page", table="pages", key="slug")


@hookimpl
def maulstick_tables(subject: Subject) -> Iterable[Table]:
    """Take a page with its sections."""
    if subject.kind == "page":
        yield Table("pages", key="slug")
        yield Table("page_sections", key=("page_id", "key"), via="page_id")
