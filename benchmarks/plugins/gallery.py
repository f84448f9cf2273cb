"""What the benchmark releases: a series with its artworks; no pictures, since files are not rows."""

from __future__ import annotations

from collections.abc import Iterable

from maulstick import Kind, Leave, Subject, Table, hookimpl


@hookimpl
def maulstick_kinds() -> Iterable[Kind]:
    """Name a series by its slug."""
    yield Kind("series", table="series", key="slug")


@hookimpl
def maulstick_tables(subject: Subject) -> Iterable[Table]:
    """Take a series with its artworks and the rows of their pictures."""
    yield Table("series", key="slug")
    yield Table("artworks", key="slug", via="series_id")
    yield Table("media", key="url", references={"user_id": Leave()})
