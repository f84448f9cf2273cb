"""Choices that decide nothing: what was typed and no row hears is said, not passed over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from maulstick.errors import Problem, usage
from maulstick.plan.changes import Change, Plan
from maulstick.plan.choices import Rename, RowName, Take, fitting, renames, restores, takes
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import has_ledger
from maulstick.project.playbook import PlaybookStep
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import decides_single_rows, misfits, takes_of_rows
from maulstick.release.progress import Progress
from maulstick.release.step_results import PlanResult

DONE = """
select c.table_name, c.key, c.was, c.action from maulstick.change as c where c.release = (
  select max(number) from maulstick.release where subject = %(subject)s)
  and exists (select from maulstick.release as r where r.number = c.release and r.digest = %(digest)s)
"""
"""What the last release did, if it was of this very bundle."""
Done = Collection[tuple[str, str, str | None, str]]


def unused_choices(
    context: ReleaseContext, planned: Plan, database: Database, deletes: Collection[RowName]
) -> dict[str, Problem]:
    """Describe the problem of each choice that decides nothing, by how it was typed.

    One that the last release of this bundle has heard is done: the same command may be typed again.
    """
    if not decides_single_rows(context):
        return {}
    typed = context.settings
    known, unfit = context.known_rows(), misfits(context)
    found = {change_row(change): change for change in planned.changes}
    named = {"subject": planned.subject, "digest": planned.digest}
    rows = database.query(DONE, named) if has_ledger(database) else ()
    done = {(str(table), str(key), was, str(action)) for table, key, was, action in rows}
    problems: dict[str, Problem] = {}
    for text in fitting("--take", takes_of_rows(context), unfit):
        [take] = takes([text], known)
        if take.table_name and not (_takes(take, found.values()) or _took(take, done)):
            problems[f"--take {text}"] = _no_take(text, take, found, planned.target)
    for rename in renames(fitting("--rename", typed.rename, unfit), known):
        if not _renames(rename, context, found, done):
            what = f"{rename.new} is known by this key already: nothing is renamed"
            problems[f"--rename {rename}"] = usage(f"--rename {rename}", what, "leave it out")
    for text in fitting("--restore", typed.restore, unfit):
        [row] = restores([text], known)
        if not (_restores(row, found) or (row.table_name, row.key, None, "insert") in done):
            what = f"was not deleted in {planned.target}: there is nothing to bring back"
            problems[f"--restore {text}"] = usage(f"--restore {text}", what, "leave it out")
    is_done = any(action == "delete" for *_, action in done)
    if typed.prune and not (deletes or is_done or _waits(context)):
        what = f"no row of {planned.subject} is gone: there is nothing to delete"
        problems["--prune"] = usage("--prune", what, "leave it out")
    return problems


def require_used(
    context: ReleaseContext, planned: Plan, database: Database, deletes: Collection[RowName] = ()
) -> Mapping[str, Problem]:
    """Refuse a choice that decides nothing (exit 2); with several subjects another may hear it.

    What is not refused is returned. `deletes` are the rows that `--prune` deletes.
    """
    unused = {} if planned.obstacles else unused_choices(context, planned, database, deletes)
    if unused and not context.settings.several:
        raise next(iter(unused.values()))
    return unused


def unused_before(
    releases: Sequence[Progress],
    steps: Sequence[PlaybookStep],
    unused_of: Callable[[ReleaseContext], Mapping[str, Problem]],
) -> Mapping[str, Mapping[str, Problem]]:
    """Return the choices that no row of each subject hears, where the first is released before any plan.

    What else is wrong there its own steps say; a bundle that is yet to be made cannot be asked.
    """
    names = [step.name for step in steps]
    several = len(releases) > 1 and decides_single_rows(releases[0].context)
    if not several or "apply" not in names or "export" in names:
        return {}
    unused: dict[str, Mapping[str, Problem]] = {}
    for one in releases:
        with suppress(Problem):
            unused[str(one.context.subject)] = unused_of(one.context)
    return unused


def require_used_by_some(releases: Sequence[Progress], unused: Mapping[str, Mapping[str, Problem]]) -> None:
    """Refuse a choice that none of several subjects hears; one alone refuses it by itself."""
    typed = releases[0].context.settings
    if len(releases) == 1 or not (
        typed.take or typed.rename or typed.restore or typed.prune or typed.without or typed.left_out.rows
    ):
        return
    every = [unfit for one in releases if (unfit := _misfits(one, unused)) is not None]
    for choice in every[0] if every else ():
        if all(choice in unfit for unfit in every):
            problems = [unfit[choice] for unfit in every]
            raise min(problems, key=lambda problem: problem.what.startswith("no table"))


def _misfits(progress: Progress, unused: Mapping[str, Mapping[str, Problem]]) -> Mapping[str, Problem] | None:
    planned = progress.earlier.last(PlanResult)
    known = planned.unused_choices if planned else unused.get(str(progress.context.subject), {})
    try:
        return {**misfits(progress.context), **known}
    except Problem:  # its bundle is not whole, or not there: its own steps say so
        return None


def _waits(context: ReleaseContext) -> bool:
    """Return whether a deletion is left out: it would be heard without that."""
    from maulstick.bundle.partial import holds

    left_out, whole = context.load_bundle().left_out, context.load_whole()
    keys = cache(whole.keys_of)
    return any(not holds(whole, place, keys) for place in left_out)


def change_row(change: Change) -> RowName:
    """Find the row of a change."""
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
    """Return whether both sides changed a value, so that a side that is taken decides it."""
    there, local = cell.get("production"), cell.get("local")
    if "base" not in cell:
        return None not in (there, local) and there != local
    return all(side not in cell or cell[side] != cell["base"] for side in ("local", "production"))


def _took(take: Take, done: Done) -> bool:
    return any(
        take.table_name == table and take.key in (None, key) and action in ("update", "kept")
        for table, key, _, action in done
    )


def _no_take(text: str, take: Take, found: Mapping[RowName, Change], target: str) -> Problem:
    change = found.get(RowName(take.table_name or "", take.key or ""))
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


def _renames(rename: Rename, context: ReleaseContext, found: Mapping[RowName, Change], done: Done) -> bool:
    change = found.get(RowName(rename.table_name, rename.new))
    keys = context.known_rows().specs[rename.table_name].key
    if change is not None and change.cells is not None and {*keys} & {*change.columns}:
        return True
    return any(
        (table, key, was) == (rename.table_name, rename.new, rename.old) for table, key, was, _ in done
    )


def _restores(row: RowName, found: Mapping[RowName, Change]) -> bool:
    change = found.get(row)
    return change is not None and change.action == "insert" and change.cells is not None


def bring_back(planned: Plan, most: int) -> Iterator[str]:
    """Yield how rows that were deleted in the target come back, so many of them by name."""
    removed = [str(change_row(change)) for change in planned.with_action("removed")]
    for row in removed[:most]:
        yield f"{row} was deleted in {planned.target} and stays deleted; to bring it back: --restore {row}"
    if len(removed) > most:
        yield f"{len(removed) - most} more were deleted in {planned.target}: --restore TABLE:KEY for each"
