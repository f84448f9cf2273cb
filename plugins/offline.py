"""Offline: the pages of series and artworks that no visitor may find, or no longer under that address."""

from collections.abc import Iterable

from maulstick import Page, Rows, Subject, hookimpl

TABLES = {"series": "series", "artwork": "artworks"}


@hookimpl
def maulstick_pages(subject: Subject, rows: Rows) -> Iterable[Page]:
    """Name the page of each row that is not published, and the subject's own if its row is missing.

    It is not there where it was renamed or deleted in production.
    """
    for kind, table in TABLES.items():
        is_there = subject.kind != kind
        for row in rows.get(table, ()):
            is_there = is_there or row["slug"] == subject.key
            if row["published"] != "true":
                yield Page(f"/{table}/{row['slug']}", gone=True)
        if not is_there:
            yield Page(f"/{table}/{subject.key}", gone=True)
