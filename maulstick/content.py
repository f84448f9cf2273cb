"""What plugins say of a piece of content, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maulstick.hookspecs import Release

Rows = Mapping[str, list[dict[str, str | None]]]
"""The bundle's rows: table -> rows, each column -> PostgreSQL's text form or None for NULL."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of subject: `key` is the column of `table` that names one."""

    name: str
    table: str
    key: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is released: a kind and a key."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


@dataclass(frozen=True, slots=True)
class Leave:
    """A reference that does not travel: production keeps its own value, new rows get the default."""


@dataclass(frozen=True, slots=True)
class Match:
    """A reference to a row that must exist in production, found by the natural key `key` of its table."""

    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonReference:
    """An id inside a JSON column: `path` like `$.artwork_id` or `$.items[*].id`, of a row of `table`."""

    column: str
    path: str
    table: str


@dataclass(frozen=True, slots=True)
class MediaColumn:
    """A column, or a JSON path inside it, that names a media file."""

    column: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows travel; `where`, `via` or neither says which (docs/writing-plugins.md)."""

    name: str
    key: tuple[str, ...] | str
    via: tuple[str, ...] | str = ()
    where: str | None = None
    references: Mapping[str, Leave | Match] = field(default_factory=dict)
    json_references: Iterable[JsonReference] = ()
    media: Iterable[MediaColumn] = ()
    theirs: tuple[str, ...] | str = ()
    skip: tuple[str, ...] | str = ()

    def __post_init__(self) -> None:
        for name in ("key", "via", "theirs", "skip"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        object.__setattr__(self, "json_references", tuple(self.json_references))
        object.__setattr__(self, "media", tuple(self.media))


@dataclass(frozen=True, slots=True)
class TableExtra:
    """Media columns and columns that production owns, added to a table that another plugin declares."""

    name: str
    media: tuple[MediaColumn, ...] = ()
    theirs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file to upload beyond the media columns: a path under the media root and its key in the bucket."""

    path: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the live site and what must, and must not, be seen on it."""

    path: str
    texts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A question to production's database, inside the transaction: its one value must be `expect`."""

    name: str
    sql: str
    expect: str


@dataclass(frozen=True, slots=True)
class Check:
    """One question put to the live site or database: `ok` is None where it could not be told."""

    name: str
    ok: bool | None
    answer: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a plugin's own: `plan` says what `run` would do."""

    name: str
    run: Callable[[Release], str]
    plan: Callable[[Release], str]


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file of the bundle: its key in the bucket, its path under the media root, and its proof."""

    key: str
    path: str
    sha256: str
    bytes: int
    type: str
    cache_control: str


def media_root_file(root: Path, path: str) -> Path:
    """Return the file of a media path such as `/uploads/x.jpg` under `root`."""
    return root / path.lstrip("/")
