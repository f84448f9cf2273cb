"""The recap of a command: a line for each target and subject, with its steps and rows counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from maulstick.project.declarations import Word
from maulstick.release.closing_lines import in_short
from maulstick.release.progress import Progress
from maulstick.release.step_results import ApplyResult
from maulstick.text import one_line

COUNTED = ("ok", "changed", "kept", "conflict", "failed")


@dataclass(frozen=True, slots=True)
class RecapLine:
    """How a subject ended on a target; without a subject, a target that was not reached.

    `ok`, `changed` and `failed` count steps, as Ansible counts tasks: what changed something is ok too.
    `kept` and `conflict` count rows.
    """

    target: str
    subject: str | None
    word: Word
    says: str
    exit: int
    ok: int = 0
    changed: int = 0
    kept: int = 0
    conflict: int = 0
    failed: int = 0

    @property
    def name(self) -> str:
        """What the line is about."""
        return one_line(f"{self.target} {self.subject}" if self.subject else self.target)

    def __str__(self) -> str:
        says = one_line(f"{self.says} (exit {self.exit})" if self.exit else self.says)
        if self.word == "skipped":
            return says
        return f"{' '.join(f'{name}={getattr(self, name)}' for name in COUNTED)}   {says}"

    def to_json(self) -> dict[str, Any]:
        """Return the line as a record holds it."""
        return asdict(self)


def recap_line(progress: Progress, code: int) -> RecapLine:
    """Return how a subject ended, by its exit code."""
    steps = progress.records
    counts = progress.plan.counts() if progress.plan else {}
    rehearsed = progress.context.settings.rehearse or progress.context.place.is_copy
    changed = [step for step in steps if step.word == "done" and step.writes and not rehearsed]
    return RecapLine(
        target=progress.context.place.target.name,
        subject=str(progress.context.subject),
        word="failed" if code else "done",
        says=in_short(progress),
        exit=int(code),
        ok=sum(step.word in ("done", "unchanged") for step in steps),
        changed=len(changed),
        kept=_kept(progress),
        conflict=counts.get("conflict", 0),
        failed=sum(step.word == "failed" and not step.ignored for step in steps) or int(code != 0),
    )


def unreached(target: str, code: int, says: str) -> RecapLine:
    """Return the line of a target that was not reached, or whose turn did not come where the code is 0."""
    return RecapLine(target, None, "failed" if code else "skipped", says, int(code), failed=int(code != 0))


def _kept(progress: Progress) -> int:
    """Count how many rows have a column that was edited in the target, and stays so."""
    applied = progress.earlier.last(ApplyResult)
    if applied is not None and "kept" in applied.counts:
        return applied.counts["kept"]
    return len(progress.plan.with_cell("kept")) if progress.plan else 0
