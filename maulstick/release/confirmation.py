"""What a target that asks is asked about: rows with their columns, files and commits, a page of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from maulstick.diffs import shown
from maulstick.media.compare import Item
from maulstick.plan.changes import Change, Plan
from maulstick.plan.choices import Row
from maulstick.plan.planner import make_plan
from maulstick.plan.view import SIGNS, change_lines
from maulstick.release.decisions import decided
from maulstick.release.progress import Progress
from maulstick.release.steps.deploy import ships
from maulstick.release.steps.file_locations import compare_files
from maulstick.text import amount, at_most, size_text

ROWS, FILES, LINES = 10, 10, 40
"""How many rows of each action, and files, are shown; and how many lines of rows in all."""
WIDEST = 160
WRITES = ("insert", "update", "conflict", "kept", "removed", "gone", "left")


def asked_about(progress: Progress, steps: Collection[str]) -> Iterator[str]:
    """Return what the steps would change, in lines: each row by its sign, the rest counted."""
    context = progress.context
    yield f"{context.subject} to {context.place.target.name}:"
    if "deploy" in steps:
        yield from (f"  {line}" for line in ships(context) or ("deploy has nothing to ship",))
    if "upload" in steps:
        yield from _files(progress.files if progress.files is not None else compare_files(context))
    if "apply" in steps:
        yield from _rows(progress, steps)


def _rows(progress: Progress, steps: Collection[str]) -> Iterator[str]:
    context, plan, deletes = progress.context, progress.plan, progress.deletes
    if plan is None and "deploy" in steps:
        yield "  rows: not known before the deploy has brought their schema"
        return
    if plan is None:
        choices = decided(context, takes=progress.earlier.takes, deletes=deletes)
        with context.reading() as database:
            plan = make_plan(context.load_bundle(), database, context.place.target.name, choices)
    if not plan.changes and not deletes:
        yield f"  rows: unchanged, {amount(plan.rows, 'row')} equal"
        return
    deleted = (f"  - delete {row.table_name} {row.key}" for row in deletes)
    yield from at_most(ROWS, deleted, "  … and {} more to delete")
    yield from _changes(plan, deletes)


def _changes(planned: Plan, deletes: Sequence[Row]) -> Iterator[str]:
    seen: dict[str, int] = {}
    lines = 0
    for change in planned.first(ROWS):
        if lines >= LINES or Row(change.table, change.key) in deletes:
            continue
        shown_lines = [f"  {line}" for line in (*change_lines(change), *_values(change))]
        yield from shown_lines
        lines += len(shown_lines)
        seen[change.action] = seen.get(change.action, 0) + 1
    counts = planned.counts()
    counts["gone"] -= len(deletes)
    rest = [f"{more} {action}" for action in WRITES if (more := counts[action] - seen.get(action, 0)) > 0]
    if rest:
        yield f"  … and more rows: {', '.join(rest)}"


def _values(change: Change) -> Iterator[str]:
    if change.action != "insert":
        return
    text = ", ".join(f"{name} {shown(cell['local'])}" for name, cell in change.columns.items())
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
