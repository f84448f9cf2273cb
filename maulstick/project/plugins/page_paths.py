"""Paths of pages as plugins write them; values of rows in them are percent-encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from maulstick.project.declarations import Page, Rows, Subject

ENDS = "?#%"
"""Characters that end a path or escape in it: a browser reads a query, a fragment or an escape after them."""
DOUBTFUL = re.compile(f"[{ENDS}]")
LONGEST = 2500
"""The length of the longest value that is looked for in a path."""
QUOTED = str.maketrans({character: quote(character) for character in ENDS})


def quoted_pages(pages: Iterable[Page], subject: Subject, rows: Rows) -> Iterator[Page]:
    """Percent-encode the values of rows in the paths of pages; queries that the plugin wrote stay."""
    values: list[str] | None = None
    for page in pages:
        if _is_doubtful(page.path):  # a preview has the same values
            if values is None:  # most bundles never need them
                values = sorted({subject.key, *_values(rows)}, key=len, reverse=True)
            page = replace(page, path=quoted(page.path, values), preview=quoted(page.preview, values))
        yield page


def quoted(path: str, values: Iterable[str]) -> str:
    """Percent-encode `?`, `#` and `%` in a path where they are part of one of the values."""
    for value in values:
        short = value.translate(QUOTED)
        if short != value and value in path and short not in path and quote(value) not in path:
            whole = re.compile(rf"(?<![\w%]){re.escape(value)}(?!\w)")
            path = whole.sub(lambda _: short, path)  # noqa: B023 - called here
    return path


def _values(rows: Rows) -> Iterator[str]:
    """Yield the values that may be part of a path: none that begins with a query or is a path itself."""
    for name in rows:
        values = (value for row in rows[name] for value in row.values())
        yield from (value for value in values if value and len(value) <= LONGEST and _is_part(value))


def _is_part(value: str) -> bool:
    return _is_doubtful(value) and not value.startswith(("?", "#")) and "/" not in value


def _is_doubtful(text: str) -> bool:
    return DOUBTFUL.search(text) is not None
