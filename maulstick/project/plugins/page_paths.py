"""Paths of pages as plugins write them: the values of rows in them are quoted, and asked for whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from maulstick.project.declarations import Page, Rows, Subject

ENDS = "?#%"
"""What ends a path, or quotes in it: a browser takes the rest for a query, a place or a letter."""
DOUBTFUL = re.compile(f"[{ENDS}]")
LONGEST = 2500
"""Bytes of a key at the most: what is longer is not asked for."""
QUOTED = str.maketrans({one: quote(one) for one in ENDS})


def quoted_pages(pages: Iterable[Page], subject: Subject, rows: Rows) -> Iterator[Page]:
    """Return pages whose paths have the values of rows quoted; a plugin's own queries stay."""
    values: list[str] | None = None
    for page in pages:
        if _is_doubtful(page.path):
            if values is None:  # most bundles never need them
                values = sorted({subject.key, *_values(rows)}, key=len, reverse=True)
            page = replace(page, path=quoted(page.path, values))
        yield page


def quoted(path: str, values: Iterable[str]) -> str:
    """Return a path with what `values` hold of `?`, `#` and `%` quoted where one of them stands in it."""
    for value in values:
        short = value.translate(QUOTED)
        if short != value and value in path and short not in path and quote(value) not in path:
            whole = re.compile(rf"(?<![\w%]){re.escape(value)}(?!\w)")
            path = whole.sub(lambda _: short, path)  # noqa: B023 - called here
    return path


def _values(rows: Rows) -> Iterator[str]:
    """Return the values that may stand in a path: none that begins a query, or is a path itself."""
    for name in rows:
        values = (value for row in rows[name] for value in row.values())
        yield from (one for one in values if one and len(one) <= LONGEST and _may_stand(one))


def _may_stand(value: str) -> bool:
    return _is_doubtful(value) and not value.startswith(("?", "#")) and "/" not in value


def _is_doubtful(text: str) -> bool:
    return DOUBTFUL.search(text) is not None
