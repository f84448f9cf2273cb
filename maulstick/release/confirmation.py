"""What a target that asks is asked about: rows with their columns, files and commits, a page of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from maulstick.console import Console
from maulstick.diffs import quoted
from maulstick.errors import Exit, Problem, usage
from maulstick.media.compare import Item
from maulstick.plan.changes import Change, Plan
from maulstick.plan.choices import RowName
from maulstick.plan.planner import make_plan
from maulstick.plan.view import SIGNS, change_lines
from maulstick.release.context import Run
from maulstick.release.steps.deploy import ships
from maulstick.text import amount, at_most, size_text

ROWS, FILES, LINES = 10, 10, 40
"""How many rows of each action, and files, are shown; and how many lines of rows in all."""
WIDEST = 160
WRITES = ("insert", "update", "conflict", "kept", "removed", "gone", "left")


def require_yes(console: Console, question: str, *, where: str, step: str, hint: str = "pass --yes") -> None:
    """Ask before anything is changed: a no stops the command, and nobody to answer is a usage problem."""
    if not console.interactive:
        raise usage(where, "asks before it is changed, and nobody is there to answer", hint)
    if not console.ask(question):
        raise Problem(step, "stopped at your word; nothing was changed", code=Exit.INTERRUPTED)


def asked_about(run: Run, steps: Collection[str]) -> Iterator[str]:
    """Return what the steps would change, in lines: each row by its sign, the rest counted."""
    yield f"{run.subject} to {run.place.target.name}:"
    if "deploy" in steps:
        yield from (f"  {line}" for line in ships(run) or ("deploy has nothing to ship",))
    if "upload" in steps:
        yield from _files(run.media if run.media is not None else run.compared())
    if "apply" in steps:
        yield from _rows(run, steps)


def _rows(run: Run, steps: Collection[str]) -> Iterator[str]:
    planned = run.plan
    if planned is None and "deploy" in steps:
        yield "  rows: not known before the deploy has brought their schema"
        return
    if planned is None:
        with run.reading() as database:
            planned = make_plan(run.bundle, database, run.place.target.name, run.decided())
    if not planned.changes and not run.doomed:
        yield f"  rows: unchanged, {amount(planned.rows, 'row')} equal"
        return
    deleted = (f"  - delete {row.table_name} {row.key}" for row in run.doomed)
    yield from at_most(ROWS, deleted, "  … and {} more to delete")
    yield from _changes(planned, run.doomed)


def _changes(planned: Plan, doomed: Sequence[RowName]) -> Iterator[str]:
    seen: dict[str, int] = {}
    lines = 0
    for change in planned.first(ROWS):
        if lines >= LINES or RowName(change.table, change.key) in doomed:
            continue
        shown_lines = [f"  {line}" for line in (*change_lines(change), *_values(change))]
        yield from shown_lines
        lines += len(shown_lines)
        seen[change.action] = seen.get(change.action, 0) + 1
    counts = planned.counts()
    counts["gone"] -= len(doomed)
    rest = [f"{more} {action}" for action in WRITES if (more := counts[action] - seen.get(action, 0)) > 0]
    if rest:
        yield f"  … and more rows: {', '.join(rest)}"


def _values(change: Change) -> Iterator[str]:
    if change.action != "insert":
        return
    text = ", ".join(f"{name} {quoted(cell['local'])}" for name, cell in change.columns.items())
    yield f"    {text if len(text) <= WIDEST else text[: WIDEST - 1] + '…'}"


def _files(media: Sequence[Item]) -> Iterator[str]:
    moved = [item for item in media if item.action != "there"]
    if not moved:
        yield f"  files: unchanged, {amount(len(media), 'file')} there"
    for item in moved[:FILES]:
        yield f"  {SIGNS['insert']} {item.action} {item.file.key} ({size_text(item.file.bytes)})"
    if len(moved) > FILES:
        size = size_text(sum(item.file.bytes for item in moved[FILES:]))
        yield f"  … and {amount(len(moved) - FILES, 'more file')} ({size})"
