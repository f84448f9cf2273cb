"""What happened in one run, as data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from maulstick.project.declarations import Check, Word

if TYPE_CHECKING:
    from maulstick.verify.browser import Screenshot


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step as it went; `seconds` is wall time."""

    name: str
    word: Word
    says: str
    seconds: float
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """One release, step by step; `number` is the ledger's, None where nothing was released.

    `problem` is what stopped it, and `state` what that leaves in production; `undone_by` is the number of the
    rollback that `--undo-if-wrong` made of it. `undone` are the releases of the target that were undone, as
    known where pages were looked at. Not `sure` is a run whose rows may have been written or not.
    """

    subject: str
    target: str
    site: str
    number: int | None = None
    page: str = ""
    steps: list[StepRecord] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    screens: list[Screenshot] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)
    seconds: float = 0.0
    problem: str = ""
    state: str = ""
    undone_by: int | None = None
    sure: bool = True

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Add the time of the block to the run's."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds = round(self.seconds + time.monotonic() - started, 3)

    def word(self, step: str) -> Word | None:
        """Return how a step ended, None where it has not."""
        return next((record.word for record in self.steps if record.name == step), None)

    def to_json(self) -> dict[str, Any]:
        """Return the record as `release --json` prints it (docs/report.schema.json)."""
        record = asdict(self)
        # Files of their own beside the record; the ledger's; what `state` says in words.
        del record["screens"], record["undone"], record["sure"]
        return {"version": 1, **record}
