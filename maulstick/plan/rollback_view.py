"""A rollback as people read it: each row with every column, as it is and as it was before the release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from maulstick.plan.history import LedgerRecord
from maulstick.plan.rollback import WORDS, Undone
from maulstick.plan.view import column_diff


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
            yield from (f"    {part}" for part in column_diff(name, WORDS[str(action)], old, new))
