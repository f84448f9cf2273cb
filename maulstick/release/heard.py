"""Choices that no row hears: what was typed and decides nothing is said, not passed over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from maulstick.errors import Problem, usage
from maulstick.plan.changes import Change, Plan
from maulstick.plan.choices import Rename, RowName, Take, fitting, renames, restores, takes
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import has_ledger
from maulstick.release.context import Run

DONE = """
select c.table_name, c.key, c.was, c.action from maulstick.change as c where c.release = (
  select max(number) from maulstick.release where subject = %(subject)s)
  and exists (select from maulstick.release as r where r.number = c.release and r.digest = %(digest)s)
"""
"""What the last release did, if it was of this very bundle."""
Done = Collection[tuple[str, str, str | None, str]]


def unheard(run: Run, planned: Plan, database: Database) -> dict[str, Problem]:
    """Return the problem of each choice that decides nothing, by how it was typed.

    One that the last release of this bundle has heard is done: the same command may be typed again.
    """
    if not typed_any(run):
        return {}
    typed = run.settings
    known, misfits = run.known, run.misfits()
    found = {str(change_row(change)): change for change in planned.changes}
    named = {"subject": planned.subject, "digest": planned.digest}
    rows = database.query(DONE, named) if has_ledger(database) else ()
    done = {(str(table), str(key), was, str(action)) for table, key, was, action in rows}
    problems: dict[str, Problem] = {}
    for text in fitting("--take", typed.take, misfits):
        [take] = takes([text], known)
        if take.table_name and not (_takes(take, found.values()) or _took(take, done)):
            problems[f"--take {text}"] = _no_take(text, take, found, planned.target)
    for rename in renames(fitting("--rename", typed.rename, misfits), known):
        if not _renames(rename, run, found, done):
            what = f"{rename.new} is known by this key already: nothing is renamed"
            problems[f"--rename {rename}"] = usage(f"--rename {rename}", what, "leave it out")
    for text in fitting("--restore", typed.restore, misfits):
        [row] = restores([text], known)
        if not (_restores(row, found) or (row.table_name, row.key, None, "insert") in done):
            what = f"was not deleted in {planned.target}: there is nothing to bring back"
            problems[f"--restore {text}"] = usage(f"--restore {text}", what, "leave it out")
    if typed.prune and not run.doomed and not any(action == "delete" for *_, action in done):
        what = f"no row of {planned.subject} is gone: there is nothing to delete"
        problems["--prune"] = usage("--prune", what, "leave it out")
    return problems


def typed_any(run: Run) -> bool:
    """Tell whether single rows were decided about on the command line."""
    typed = run.settings
    return run.seal is None and bool(typed.take or typed.rename or typed.restore or typed.prune)


def require(run: Run, planned: Plan, database: Database) -> None:
    """Refuse a choice that decides nothing (exit 2); with several subjects one of them may hear it."""
    run.unheard = {} if planned.obstacles else unheard(run, planned, database)
    if run.unheard and not run.settings.several:
        raise next(iter(run.unheard.values()))


def change_row(change: Change) -> RowName:
    """Return the row of a change."""
    return RowName(change.table, change.key)


def _takes(take: Take, changes: Collection[Change]) -> bool:
    return any(
        take.column_name is not None or _disputed(cell)
        for change in changes
        if change.cells is not None and take.table_name == change.table and take.key in (None, change.key)
        for name, cell in change.columns.items()
        if take.column_name in (None, name) and cell["action"] in ("conflict", "update", "kept")
    )


def _disputed(cell: Mapping[str, Any]) -> bool:
    """Tell whether both sides changed a value, so that a side that is taken decides it."""
    there, local = cell.get("production"), cell["local"]
    if "base" not in cell:
        return there is not None and there != local
    return bool(local != cell["base"] and ("production" not in cell or there != cell["base"]))


def _took(take: Take, done: Done) -> bool:
    return any(
        take.table_name == table and take.key in (None, key) and action in ("update", "kept")
        for table, key, _, action in done
    )


def _no_take(text: str, take: Take, found: Mapping[str, Change], target: str) -> Problem:
    change = found.get(f"{take.table_name}:{take.key}")
    where = f"--take {text}"
    if change is not None and change.action == "removed":
        what = f"was deleted in {target} and stays deleted: no side is taken"
        return usage(where, what, f"to bring it back: --restore {take.table_name}:{take.key}")
    if change is not None and change.action == "insert":
        return usage(where, f"is new: {target} has nothing to take", "leave it out")
    if change is not None and take.column_name is None and change.cells is not None:
        what, hint = (
            "only one side has changed it: nothing is in dispute",
            f"name a column: --take {text}.COLUMN",
        )
        return usage(where, what, hint)
    return usage(where, "decides nothing: no value is in dispute there", "leave it out")


def _renames(rename: Rename, run: Run, found: Mapping[str, Change], done: Done) -> bool:
    change = found.get(f"{rename.table_name}:{rename.new}")
    keys = run.known.specs[rename.table_name].key
    if change is not None and change.cells is not None and {*keys} & {*change.columns}:
        return True
    return any(
        (table, key, was) == (rename.table_name, rename.new, rename.old) for table, key, was, _ in done
    )


def _restores(row: RowName, found: Mapping[str, Change]) -> bool:
    change = found.get(str(row))
    return change is not None and change.action == "insert" and change.cells is not None


def bring_back(planned: Plan, most: int) -> Iterator[str]:
    """Return how rows that were deleted in the target come back, so many of them by name."""
    removed = [str(change_row(change)) for change in planned.with_action("removed")]
    for row in removed[:most]:
        yield f"{row} was deleted in {planned.target} and stays deleted; to bring it back: --restore {row}"
    if len(removed) > most:
        yield f"{len(removed) - most} more were deleted in {planned.target}: --restore TABLE:KEY for each"
