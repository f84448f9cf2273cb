"""Paths of pages as plugins write them: the values of rows in them are quoted, and asked for whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from maulstick.content import Page, Rows, Subject

ENDS = "?#%"
"""What ends a path, or quotes in it: a browser takes the rest for a query, a place or a letter."""
QUOTED = str.maketrans({one: quote(one) for one in ENDS})


def quoted_pages(pages: Iterable[Page], subject: Subject, rows: Rows) -> list[Page]:
    """Return pages whose paths have the values of rows quoted; a plugin's own queries stay."""
    found = list(pages)
    if not any(_is_doubtful(page.path) for page in found):
        return found
    values = sorted({subject.key, *_values(rows, found)}, key=len, reverse=True)
    return [replace(page, path=quoted(page.path, values)) for page in found]


def quoted(path: str, values: Iterable[str]) -> str:
    """Return a path with what `values` hold of `?`, `#` and `%` quoted where one of them stands in it."""
    for value in values:
        short = value.translate(QUOTED)
        if short != value and value in path and short not in path and quote(value) not in path:
            whole = re.compile(rf"(?<![\w%]){re.escape(value)}(?!\w)")
            path = whole.sub(lambda _: short, path)  # noqa: B023 - called here
    return path


def _values(rows: Rows, pages: Iterable[Page]) -> Iterator[str]:
    """Return the values that stand in a path; one that begins a query, or that is a path itself, is none."""
    paths = "\n".join(page.path for page in pages if _is_doubtful(page.path))
    for name in rows:
        values = (value for row in rows[name] for value in row.values() if value and _is_doubtful(value))
        yield from (
            one for one in values if one in paths and not one.startswith(("?", "#")) and "/" not in one
        )


def _is_doubtful(text: str) -> bool:
    return any(one in text for one in ENDS)
