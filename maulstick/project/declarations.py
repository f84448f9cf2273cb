"""What plugins declare about a piece of content, as frozen dataclasses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal, Protocol, get_args

TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; *[\w-]+=[\w.-]+)*", re.ASCII)
"""A content type, such as `text/plain; charset=utf-8`."""

Names = tuple[str, ...] | str
"""Names of columns; a single one may be a string."""

Missing = Literal["error", "null", "keep"]
"""What to do if a matched row does not exist in production."""

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
    """A reference that does not travel: rows in production keep their value, new rows get the default."""


@dataclass(frozen=True, slots=True)
class Match:
    """A reference to a row of production, found by the natural key `key` of its table.

    `missing` says what to do if it does not exist: refuse (`error`); leave the value of an existing row, and
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
    """An id inside a JSON column, of a row of `table`; `path` is like `$.artwork_id` or `$.items[*].id`.

    The id may be a number or a text. A table that does not travel needs a `key`, as in `Match`.
    """

    column: str
    path: str
    table: str
    key: Names = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", names(self.key))


@dataclass(frozen=True, slots=True)
class Pointer:
    """A reference without a foreign key: `column` holds the id of a row of `table`, or an array of ids.

    `where` is an SQL condition on the row: the column points there only if it holds, as in
    `record_type = 'Artwork'`. A column may have several pointers; the first whose condition holds counts. A
    table that does not travel needs a `key`; that and `missing` are as in `Match`.
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

    `bytes`, `type`, `width` and `height` name columns of the same row that describe the file: a plan warns
    where the file is different. The type is used if the file's name has no known ending.
    """

    column: str
    path: str | None = None
    bytes: str | None = None
    type: str | None = None
    width: str | None = None
    height: str | None = None

    @property
    def says(self) -> dict[str, str]:
        """The columns that describe the file, by what they describe."""
        columns = {"bytes": self.bytes, "type": self.type, "width": self.width, "height": self.height}
        return {what: column for what, column in columns.items() if column is not None}


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows travel; `where`, `via` or neither says which rows (docs/writing-plugins.md).

    A column that a sequence fills stays at home unless it is in `key` or `travels`. Columns in `plain` look
    like references but are not: they travel as they are. `publish` is the column that makes a row public, by
    true or by a time: a release writes it last (docs/publishing.md). `hidden` are the values of it, as text,
    that hide a row where any other makes it public; new rows go in with the first.
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
    publish: str | None = None
    hidden: Names = ()

    def __post_init__(self) -> None:
        values = self.hidden if isinstance(self.hidden, tuple | list) else (self.hidden,)
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f'hidden={self.hidden!r}: values as text, such as "draft", "true" or "0"')
        object.__setattr__(self, "hidden", tuple(values))
        for field_name in ("key", "via", "theirs", "skip", "travels", "plain"):
            object.__setattr__(self, field_name, names(getattr(self, field_name)))
        object.__setattr__(self, "pointers", tuple(self.pointers))
        object.__setattr__(self, "json_references", tuple(self.json_references))
        object.__setattr__(self, "media", tuple(self.media))


@dataclass(frozen=True, slots=True)
class TableExtra:
    """Media columns and columns that belong to production, added to the table of another plugin."""

    name: str
    media: tuple[MediaColumn, ...] = ()
    theirs: Names = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file that no media column names: its path, and its key in the bucket, by default the path.

    `type` is its content type, by default from its name or its content. With `replace` it takes the place of
    a file that was sent from here under the same key before; that one is kept.
    """

    path: str
    key: str | None = None
    type: str | None = None
    replace: bool = False

    def __post_init__(self) -> None:
        for name in ("path", "key"):
            if isinstance(value := getattr(self, name), PurePath):  # a Path may be given, too
                object.__setattr__(self, name, str(value))
        if isinstance(self.type, str) and not TYPE.fullmatch(self.type):
            raise ValueError(f'type={self.type!r}: a content type such as "application/rss+xml"')


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the live site, with what it must show and what it must not.

    `pairs` are texts, each with its image: where the two belong together, as title and picture on a card, no
    other image may stand there. `preview` is a path that shows it to who may see what is not public yet. A
    page that is `gone` must not exist: it answers 404, leads elsewhere, or shows none of its `absent` texts.
    """

    path: str
    texts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    preview: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A question to production's database, inside the transaction: its single value must be `expect`."""

    name: str
    sql: str
    expect: str


@dataclass(frozen=True, slots=True)
class Check:
    """A question to the live site or database, with its answer; `ok` is None if there was none."""

    name: str
    ok: bool | None
    answer: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.answer}" + (f" ({self.hint})" if self.hint else "")


Word = Literal["done", "unchanged", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended: a word of the closed set, and a few words about it."""

    word: Word
    says: str
    warnings: tuple[str, ...] = ()


class StepResult(Protocol):
    """What a step of the core returns: its outcome, with what later steps need of it.

    A step that was stopped after it had learned something returns both with the `failure`, which the runner
    raises; a step that had learned nothing raises the failure itself.
    """

    @property
    def outcome(self) -> Outcome:
        """How the step ended."""

    @property
    def failure(self) -> BaseException | None:
        """What stopped it, None where nothing did."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a playbook may name; `plan` says what `run` would do, and changes nothing.

    Both take the release and, by name, those `options` that the playbook sets. A plugin's `run` returns an
    `Outcome`.
    """

    name: str
    run: Callable[..., Outcome | StepResult]
    plan: Callable[..., str]
    options: Names = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", names(self.options))


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file of the bundle: its key in the bucket, its path below the media root, and its digest.

    `width` and `height` are pixels as a browser shows them, None if it is not a picture that we can decode.
    With `replace` it may take the place of another file that was sent from here.
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
    """List names of columns as a tuple, even if a single one is a string."""
    return (value,) if isinstance(value, str) else tuple(value)
