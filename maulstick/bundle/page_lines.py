"""A bundle's pages as lines of JSON in a file: each is read only when it is needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from os import SEEK_END
from pathlib import Path
from typing import Any, overload

from maulstick.errors import usage
from maulstick.opened import open_file
from maulstick.project.declarations import Page
from maulstick.project.plain import brief, frozen, plain

BLOCK = 1 << 18
INDENT = b"    "
"""The indentation of a page."""
AROUND = b" ,\n"
"""The characters around a page's own text, since the lines form a JSON array."""
PATH, GONE = b'{"path": ', b'"gone": true}'
"""How a page begins, and how a page ends that must not exist."""
ENCODE = json.JSONEncoder(ensure_ascii=False, default=plain).encode


@dataclass(frozen=True, slots=True)
class PageLines(Sequence[Page]):
    """`number` pages in a file from offset `start` on, one a line; `sha256` is that of the lines alone."""

    path: Path
    start: int
    number: int
    sha256: str

    def lines(self) -> Iterator[bytes]:
        """Return each page as JSON."""
        with open_file(self.path) as file:
            file.seek(self.start)
            for line in islice(file, self.number):
                yield line.strip(AROUND)

    def __len__(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[Page]:
        return (self._page(line) for line in self.lines())

    @overload
    def __getitem__(self, place: int) -> Page: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Page, ...]: ...

    def __getitem__(self, place: int | slice) -> Page | tuple[Page, ...]:
        if isinstance(place, slice):
            return tuple(self)[place]
        wanted = range(self.number)[place]
        return self._page(next(islice(self.lines(), wanted, None)))

    def _page(self, line: bytes) -> Page:
        try:
            return page_of(json.loads(line))
        except (TypeError, ValueError, AttributeError) as error:
            raise usage(str(self.path), f"is not whole ({error})", "export again") from error


def first_shown(pages: Sequence[Page]) -> str:
    """Find the path of the first page that is not gone, "" if there is none."""
    if not isinstance(pages, PageLines):
        return next((page.path for page in pages if not page.gone), "")
    line = next((line for line in pages.lines() if not line.endswith(GONE)), b"")
    if not line.startswith(PATH):
        return page_of(json.loads(line)).path if line else ""
    return str(json.JSONDecoder().raw_decode(line.decode(), len(PATH))[0])


def page_of(found: Mapping[str, Any]) -> Page:
    """Return the page in JSON; raise TypeError if it is something else."""
    return Page(**{name: frozen(value) for name, value in found.items()})


def spooled(path: Path, pages: Iterable[Page]) -> PageLines:
    """Write pages into a file one by one, as they are produced."""
    digest, count = hashlib.sha256(), 0
    with path.open("wb") as file:
        for line in lines_of(pages):
            for part in (line, b"\n"):
                digest.update(part)
                file.write(part)
            count += 1
    return PageLines(path, 0, count, digest.hexdigest())


def lines_in(path: Path, start: int, end: bytes) -> PageLines:
    """List the pages in a file from offset `start` on; raise ValueError unless `end` follows them."""
    digest, count = hashlib.sha256(), 0
    with open_file(path) as file:
        left = file.seek(0, SEEK_END) - start - len(end)
        file.seek(start)
        while left > 0 and (lines := file.read(min(left, BLOCK))):
            lines += b"" if lines.endswith(b"\n") else file.readline()
            left -= len(lines)
            number = lines.count(b"\n")
            if not lines.startswith(INDENT) or lines.count(b"\n" + INDENT) != number - 1:
                raise ValueError("its pages are not lines of JSON")
            bare = lines[len(INDENT) :].replace(b",\n" + INDENT, b"\n")
            digest.update(bare.removesuffix(b",\n") + b"\n" if bare.endswith(b",\n") else bare)
            count += number
        if left or file.read() != end:
            raise ValueError("its pages do not end")
    return PageLines(path, start, count, digest.hexdigest())


def lines_of(pages: Iterable[Page]) -> Iterator[bytes]:
    """Yield pages as JSON."""
    if isinstance(pages, PageLines):
        yield from pages.lines()
    else:
        yield from (ENCODE(brief(page)).encode() for page in pages)


def sha256_of(pages: Sequence[Page]) -> str:
    """Compute the SHA-256 of pages as lines."""
    if isinstance(pages, PageLines):
        return pages.sha256
    digest = hashlib.sha256()
    for line in lines_of(pages):
        digest.update(line + b"\n")
    return digest.hexdigest()
