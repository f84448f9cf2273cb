"""A finished rollback, and what people read of it: each row with every column, as it is and as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from maulstick.plan.choices import RowName
from maulstick.plan.history import LedgerRecord
from maulstick.plan.view import column_diff
from maulstick.postgres.results import ResultRows
from maulstick.postgres.tables.specs import TableSpecs

WORDS = {"insert": "put back", "update": "restored", "delete": "deleted"}
HIDDEN = {**WORDS, "update": "hidden again"}
"""The words of the rollback of what made rows public."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A finished rollback; `number` is its own in the ledger, None for a rehearsal.

    `kind` is what it has undone, as the ledger calls it.
    """

    subject: str
    of: int
    number: int | None
    rows: ResultRows
    counted: Mapping[str, int]
    named: Sequence[Sequence[str | None]] = ()
    specs: TableSpecs = field(default_factory=dict, repr=False)
    kind: str = "release"

    @property
    def words(self) -> Mapping[str, str]:
        """What was done to rows, by the ledger's word."""
        return HIDDEN if self.kind == "publish" else WORDS

    def __str__(self) -> str:
        counted = [(self.count(action), word) for action, word in self.words.items()]
        said = ", ".join(f"{count} {word}" for count, word in counted if count) or "nothing to undo"
        rehearsed = "" if self.number else "; rehearsed, nothing was changed"
        return f"release {self.of} of {self.subject}: {said}{rehearsed}"

    def count(self, action: str) -> int:
        """Count how many rows were put back (insert), restored (update) or deleted."""
        return self.counted.get(action, 0)

    def lines(self) -> Iterator[str]:
        """Return a line for each row with what was done to it."""
        for table, key, action in self.rows:
            yield f"    {self.words[str(action)]}: {RowName(str(table), str(key))}"


def undone_lines(undone: Undone, changes: Iterable[LedgerRecord], target: str) -> Iterator[str]:
    """Yield a line for each row of a rollback, followed by every column as it is and as it was.

    `changes` are what the release changed, as the ledger has them.
    """
    known = {(change["table"], change["key"]): change for change in changes}
    for line, (table, key, action) in zip(undone.lines(), undone.rows, strict=True):
        yield line
        change = known.get((table, key), {"before": {}, "after": {}})
        before, after = change["before"], change["after"]
        for name in sorted({*before, *after}):
            is_there = name in after and action != "insert"
            will_be = name in before and action != "delete"
            old = (target, after[name]) if is_there else None
            new = ("before", before[name]) if will_be else None
            yield from (f"    {part}" for part in column_diff(name, undone.words[str(action)], old, new))
