"""What plugins say of a piece of content, as frozen dataclasses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal, Protocol, get_args

TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; *[\w-]+=[\w.-]+)*", re.ASCII)
"""A content type, such as `text/plain; charset=utf-8`."""

Names = tuple[str, ...] | str
"""Names of columns; one may stand alone."""

Missing = Literal["error", "null", "keep"]
"""What to do where a matched row is not in production."""

Rows = Mapping[str, Sequence[dict[str, str | None]]]
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
    """A reference to a row of production, found by the natural key `key` of its table.

    `missing` says what to do where it is not there: refuse (`error`); leave an existing row's own value, and
    give new rows NULL (`null`) or the column's constant default (`keep`).
    """

    key: Names = ()
    missing: Missing = "error"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", names(self.key))
        if self.missing not in get_args(Missing):
            raise ValueError(f"missing={self.missing!r}: one of {', '.join(get_args(Missing))}")


@dataclass(frozen=True, slots=True)
class JsonReference:
    """An id inside a JSON column: `path` like `$.artwork_id` or `$.items[*].id`, of a row of `table`.

    It may be stored as a number or as text. A table that does not travel needs a `key`, as in `Match`.
    """

    column: str
    path: str
    table: str
    key: Names = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", names(self.key))


@dataclass(frozen=True, slots=True)
class Pointer:
    """A reference that no foreign key declares: `column` holds an id of a row of `table`, or an array of ids.

    `where` is SQL over the row itself: only where it holds, the column points there, as in
    `record_type = 'Artwork'`. A column may have several pointers; the first that holds is the row's. A table
    that does not travel needs a `key`; that and `missing` are as in `Match`.
    """

    column: str
    table: str
    where: str | None = None
    key: Names = ()
    missing: Missing = "error"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", names(self.key))
        if self.missing not in get_args(Missing):
            raise ValueError(f"missing={self.missing!r}: one of {', '.join(get_args(Missing))}")


@dataclass(frozen=True, slots=True)
class MediaColumn:
    """A column, or a JSON path inside it, that names a media file.

    `bytes`, `type`, `width` and `height` name columns of the same row that say something about the file: a
    plan warns where the file says otherwise. The type counts where the file's name tells none.
    """

    column: str
    path: str | None = None
    bytes: str | None = None
    type: str | None = None
    width: str | None = None
    height: str | None = None

    @property
    def says(self) -> dict[str, str]:
        """Return the columns that say something about the file, by what they say."""
        found = {"bytes": self.bytes, "type": self.type, "width": self.width, "height": self.height}
        return {what: column for what, column in found.items() if column is not None}


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows travel; `where`, `via` or neither says which (docs/writing-plugins.md).

    A column that a sequence counts stays at home unless it is in `key` or `travels`. `plain` names columns
    that look like references and are none: they travel as they are.
    """

    name: str
    key: Names
    via: Names = ()
    where: str | None = None
    references: Mapping[str, Leave | Match] = field(default_factory=dict)
    json_references: Iterable[JsonReference] = ()
    media: Iterable[MediaColumn] = ()
    theirs: Names = ()
    skip: Names = ()
    travels: Names = ()
    pointers: Iterable[Pointer] = ()
    plain: Names = ()

    def __post_init__(self) -> None:
        for field_name in ("key", "via", "theirs", "skip", "travels", "plain"):
            object.__setattr__(self, field_name, names(getattr(self, field_name)))
        object.__setattr__(self, "pointers", tuple(self.pointers))
        object.__setattr__(self, "json_references", tuple(self.json_references))
        object.__setattr__(self, "media", tuple(self.media))


@dataclass(frozen=True, slots=True)
class TableExtra:
    """Media columns and columns that production owns, added to a table that another plugin declares."""

    name: str
    media: tuple[MediaColumn, ...] = ()
    theirs: Names = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file beyond the media columns: its path, and the key it gets, the path itself if left out.

    `type` is what browsers are told that it is, by its name or its content if left out. With `replace` it
    takes the place of what was sent from here under its key before, which is kept.
    """

    path: str
    key: str | None = None
    type: str | None = None
    replace: bool = False

    def __post_init__(self) -> None:
        for name in ("path", "key"):
            if isinstance(value := getattr(self, name), PurePath):  # a Path is as good
                object.__setattr__(self, name, str(value))
        if isinstance(self.type, str) and not TYPE.fullmatch(self.type):
            raise ValueError(f'type={self.type!r}: a content type such as "application/rss+xml"')


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the live site and what must, and must not, be seen on it.

    `pairs` are texts with the image that belongs to each: where the two stand together, as a title and its
    picture on a card, no other's image may stand there. A page that is `gone` may not be there: it answers
    404 or leads elsewhere, or shows none of its `absent` texts.
    """

    path: str
    texts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    gone: bool = False


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

    def __str__(self) -> str:
        return f"{self.name}: {self.answer}" + (f" ({self.hint})" if self.hint else "")


Word = Literal["done", "unchanged", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended: a word of the closed set, and what there is to say."""

    word: Word
    says: str
    warnings: tuple[str, ...] = ()


class StepResult(Protocol):
    """What a step returns that leaves more than its outcome: the core's own do, for the steps after them.

    A step that was stopped after it had learned something returns that with the `failure`, which the runner
    raises; one that learned nothing raises it by itself.
    """

    @property
    def outcome(self) -> Outcome:
        """How the step ended."""

    @property
    def failure(self) -> BaseException | None:
        """What stopped it, None where nothing did."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a playbook may name: `plan` says what `run` would do, and changes nothing.

    Both take the release, and by name those of `options` that the playbook gives. A plugin's `run` returns
    an `Outcome`.
    """

    name: str
    run: Callable[..., Outcome | StepResult]
    plan: Callable[..., str]
    options: Names = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", names(self.options))


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file of the bundle: its key in the bucket, its path under the media root, and its proof.

    `width` and `height` are pixels as a browser shows them, None where it is no picture that we can decode.
    With `replace` it may take the place of another that was sent from here.
    """

    key: str
    path: str
    sha256: str
    bytes: int
    type: str
    cache_control: str
    width: int | None = None
    height: int | None = None
    replace: bool = False


def names(value: Names) -> tuple[str, ...]:
    """Return names of columns as a tuple, also where one stands alone."""
    return (value,) if isinstance(value, str) else tuple(value)
