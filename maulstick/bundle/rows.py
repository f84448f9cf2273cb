"""The rows of a bundle by table: small tables stay in memory, large ones are read from disk each time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, overload

from maulstick.postgres.copy_text import Row, parse_rows
from maulstick.postgres.sections import RowsOf
from maulstick.project.declarations import Rows

if TYPE_CHECKING:
    from maulstick.bundle.manifest import Manifest
    from maulstick.bundle.slice.spool import Blocks

ReadTable = Callable[[str], Iterable[Row]]
HELD = 5000
"""The most rows of a table that stay in memory once they have been read."""


class RowsOnDemand(Mapping[str, Sequence[Row]]):
    """Rows by table, with the number of rows in `counts`; a table is read when it is first used."""

    def __init__(self, counts: Mapping[str, int], read_table: ReadTable) -> None:
        self._counts, self._read = counts, read_table
        self._known: dict[str, Sequence[Row]] = {}

    def __getitem__(self, name: str) -> Sequence[Row]:
        if name not in self._counts:
            raise KeyError(name)
        if name not in self._known:
            number = self._counts[name]
            read = partial(self._read, name)
            self._known[name] = RowsOnDisk(read, number) if number > HELD else list(read())
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._counts

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)


def held_if_few(read: Callable[[], Iterable[Row]]) -> Sequence[Row]:
    """Return rows whose number is unknown: few stay in memory, many are read from disk each time."""
    first = list(islice(read(), HELD + 1))
    return first if len(first) <= HELD else RowsOnDisk(read)


class RowsOnDisk(Sequence[Row]):
    """The rows of a large table; make a list of them before using them by index."""

    def __init__(self, read: Callable[[], Iterable[Row]], number: int | None = None) -> None:
        self._read, self._number = read, number

    def __iter__(self) -> Iterator[Row]:
        return iter(self._read())

    def __len__(self) -> int:
        if self._number is None:
            self._number = sum(1 for _ in self)
        return self._number

    def __bool__(self) -> bool:
        return any(True for _ in self)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, int) and place >= 0:
            for row in islice(self, place, None):
                return row
            raise IndexError(place)
        return list(self)[place]

    def __add__(self, others: Iterable[Row]) -> list[Row]:
        return [*self, *others]


def rows_of(manifest: Manifest, spool: Blocks) -> Rows:
    """Return the rows that were read, by table; a table is parsed when it is first used."""
    specs = manifest.specs
    return RowsOnDemand(
        manifest.counts(),
        lambda name: parse_rows(spool.blocks(RowsOf(name, matched=False)), specs[name].columns),
    )
