"""A sealed plan: the bundle's digest and production's rows, to be carried out exactly once, as shown."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from maulstick.errors import Problem, refused, usage
from maulstick.files import write_whole
from maulstick.plan.changes import Plan

VERSION = 1
AGAIN = "make a new one: invoke plan --out"
SealedRows = Mapping[str, Any]
"""The action and columns of each row that a plan changes, by its table and key."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What was planned for one subject; `rows` maps each changed row to its action and columns."""

    id: str
    subject: str
    target: str
    digest: str
    fingerprint: str
    decided: Mapping[str, str]
    rows: SealedRows

    def moved(self, now: Plan, carried: Iterable[SealedRows] = ()) -> list[str]:
        """Return a line for each row whose change differs now, except for what `carried` plans did."""
        rows, done = rows_of(now), {name for one in carried for name in one}
        names = [
            name
            for name in sorted({*rows, *self.rows})
            if not _same(self.rows.get(name), rows.get(name), carried=name in done)
        ]
        return [f"{name}: {_told(self.rows.get(name), rows.get(name))}" for name in names]


def seal(planned: Plan, decided: Mapping[str, str]) -> Seal:
    """Return the seal of a plan."""
    return Seal(
        uuid.uuid4().hex,
        planned.subject,
        planned.target,
        planned.digest,
        planned.fingerprint,
        dict(decided),
        rows_of(planned),
    )


def write(path: Path, seals: Sequence[Seal]) -> None:
    """Write a file of sealed plans."""
    text = json.dumps({"version": VERSION, "plans": [asdict(one) for one in seals]}, indent=2)
    try:
        if path.exists() and not path.is_file():  # such as /dev/stdout
            path.write_text(text + "\n", encoding="utf-8")
        else:
            write_whole(path, iter([f"{text}\n".encode()]))
    except OSError as error:
        raise usage(str(path), f"cannot be written: {(error.strerror or '').lower()}") from error


def read(path: Path) -> list[Seal]:
    """Read the sealed plans of a file; raise a problem (exit 2) if it holds none."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise usage(str(path), f"cannot be read: {(error.strerror or '').lower()}", AGAIN) from error
    except UnicodeDecodeError as error:
        raise usage(str(path), "is not a sealed plan", AGAIN) from error


def parse(text: str, where: str) -> list[Seal]:
    """Parse the sealed plans in a text; raise a problem (exit 2) if it holds something else."""
    from maulstick.plan.plan_file import SealedPlans
    from maulstick.project.json_file import parsed

    values = parsed(text, SealedPlans, where, what="a sealed plan", version=VERSION, hint=AGAIN, newer=AGAIN)
    if not values["plans"]:
        raise usage(where, "holds no plan", AGAIN)
    seals = [Seal(**one) for one in values["plans"]]
    try:
        for one in seals:
            _doomed(one)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise usage(where, "is not a sealed plan", AGAIN) from error
    return seals


def of_target(seals: Sequence[Seal], target: str) -> dict[str, Seal]:
    """Return the sealed plans for a target by subject; raise a problem (exit 2) if there is none."""
    found = {one.subject: one for one in seals if one.target == target}
    if not found:
        names = ", ".join(sorted({one.target for one in seals}))
        hint = f"--target {names.replace(' ', '')}"
        raise usage("plan", f'was made for the target "{names}", not "{target}"', hint)
    return found


def each_has_one(seals: Mapping[str, Seal], subjects: Sequence[str]) -> None:
    """Refuse a subject without a sealed plan: it would be released unseen."""
    missing = next((subject for subject in subjects if subject not in seals), None)
    if missing is not None:
        raise usage("plan", f"{missing} is not in it", f"it holds {', '.join(sorted(seals))}")


def holds(one: Seal, *, target: str, digest: str) -> None:
    """Refuse a seal that was made for another target or another bundle."""
    if one.target != target:
        raise usage("plan", f'was made for the target "{one.target}", not "{target}"', AGAIN)
    if one.digest != digest:
        raise refused("plan", "the bundle moved since it was made", AGAIN)


def still(one: Seal, now: Plan, carried: Sequence[SealedRows] = (), *, again: str = AGAIN) -> Seal:
    """Return the seal as it holds now; raise a problem (exit 3) with the rows that moved in production.

    `carried` are the rows of plans that were made beside it and carried out: what both would do is done.
    """
    if one.fingerprint == now.fingerprint:
        return one
    if not carried or one.moved(now, carried) or _deleted(one.fingerprint) != _deleted(now.fingerprint):
        raise moved(one, now, carried, again=again)
    return replace(one, fingerprint=now.fingerprint)


def moved(one: Seal, now: Plan, carried: Iterable[SealedRows] = (), *, again: str = AGAIN) -> Problem:
    """Describe the problem of a seal that no longer holds, with the rows that moved."""
    lines = one.moved(now, carried)
    if _deleted(one.fingerprint) != _deleted(now.fingerprint):
        lines += [f"{row}: is to be deleted, and is not what was shown" for row in _doomed(one)]
    if not lines:
        what = (
            f"its rows are as they were in {one.target}, but not all that it was made of; nothing was changed"
        )
        return refused("plan", what, f"another version of Maulstick may have made it: {again}")
    shown = "".join(f"\n    {line}" for line in lines)
    return refused("plan", f"{one.target} moved since it was made; nothing was changed{shown}", again)


def rows_of(planned: Plan) -> SealedRows:
    """List the action and columns of each row that a plan changes."""
    return {
        f"{change.table} {change.key}": {"action": change.action, "columns": dict(change.columns)}
        for change in planned.changes
    }


def _doomed(one: Seal) -> list[str]:
    """List the rows that a seal deletes, each by its table and key."""
    return [f"{row['table_name']} {row['key']}" for row in json.loads(one.decided.get("prune") or "[]")]


def _same(was: Any, now: Any, *, carried: bool) -> bool:
    """Return whether a row's change is as it was; `left` and `gone` both leave the row alone."""
    if was and now and was["action"] == "left" and now["action"] == "gone":
        return True
    return was == now or (carried and _left_to_do(was) == _without_base(now))


def _left_to_do(row: Any) -> Any:
    """Return what remains of a row's change once it is carried out: only what was kept."""
    if row is None or row["action"] == "removed":
        return _without_base(row)
    kept = {name: cell for name, cell in row["columns"].items() if cell["action"] == "kept"}
    return _without_base({"action": "kept", "columns": kept}) if kept else None


def _without_base(row: Any) -> Any:
    if row is None or row["action"] == "removed":
        return row and "removed"
    cells = {
        name: {side: value for side, value in cell.items() if side != "base"}
        for name, cell in row["columns"].items()
    }
    return row["action"], cells


def _deleted(fingerprint: str) -> str:
    return fingerprint.partition("-")[2]


def _told(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    if was and now and _word(was) == _word(now):
        moved = [name for name, cell in now["columns"].items() if was["columns"].get(name) != cell]
        return f"{_word(now)}, of which another value is there now: {', '.join(moved)}"
    return f"was {_word(was)}, is {_word(now)}"


def _word(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "unchanged"
    columns = ", ".join(row["columns"]) if row["action"] != "insert" else ""
    return f"{row['action']} {columns}".strip()
