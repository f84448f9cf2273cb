"""Plan: what a release would change, in rows and pictures; refused where it would not be safe."""

from __future__ import annotations

from collections import Counter

from maulstick.changes import Plan
from maulstick.console import amount
from maulstick.errors import refused
from maulstick.media import Item, compare
from maulstick.planning import fit, lines, make_plan
from maulstick.report import Outcome
from maulstick.run import Options, Run
from maulstick.sizes import size_text

TAKES = ("insert", "update", "kept", "removed", "gone", "left")


def plan(run: Run, options: Options) -> Outcome:
    """Say what would change; raise a problem (exit 3) that lists every reason not to."""
    with run.production() as database:
        warnings = fit(run.bundle, database)
        run.plan = make_plan(run.bundle, database, run.place.target.name)
    run.media = compare(run.bucket(), run.bundle.manifest.media)
    reasons = [*run.plan.reasons(), *(f"{one.file.key}: {one.why}" for one in conflicts(run.media))]
    if reasons:
        hint = "look at both sides; make them equal, or change local to what production should show"
        raise refused(
            "plan",
            f"{amount(len(reasons), 'reason')} not to release, nothing was changed{lines(reasons)}",
            hint,
        )
    return Outcome("done", summary(run.plan, run.media), tuple(warnings))


def conflicts(media: list[Item]) -> list[Item]:
    """Return the files whose key holds other content in the bucket."""
    return [item for item in media if item.action == "conflict"]


def summary(planned: Plan, media: list[Item]) -> str:
    """Return a plan in one line."""
    counts = planned.counts()
    rows = [f"{counts[action]} {_words(planned, action)}" for action in TAKES if counts[action]]
    actions = Counter(item.action for item in media)
    files = sum(item.file.bytes for item in media if item.action == "upload")
    if actions["upload"]:
        rows.append(f"{amount(actions['upload'], 'file')} to upload ({size_text(files)})")
    if actions["repair"]:
        rows.append(f"{amount(actions['repair'], 'file')} to repair")
    return ", ".join(rows) or f"unchanged: {counts['unchanged']} rows equal, {len(media)} files there"


def _words(planned: Plan, action: str) -> str:
    if action in ("insert", "update"):
        return f"to {action}"
    named = [change for change in planned.changes if change.action == action]
    first = named[0]
    columns = ", ".join(name for name, cell in first.columns.items() if cell["action"] == action)
    more = f" and {len(named) - 1} more" if len(named) > 1 else ""
    return f"{action} ({first.table} {first.key}{': ' if columns else ''}{columns}{more})"
