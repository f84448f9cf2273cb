"""A sealed plan: the bundle's digest and production's rows, to be carried out exactly and only once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from maulstick.changes import Plan
from maulstick.errors import Problem, refused, usage

VERSION = 1
DECIDED = ("take", "rename", "older", "prune")
AGAIN = "make a new one: invoke plan --out"


@dataclass(frozen=True, slots=True)
class Seal:
    """What was planned for one subject; `rows` maps each changed row to its action and columns."""

    id: str
    subject: str
    target: str
    digest: str
    fingerprint: str
    decided: Mapping[str, str]
    rows: Mapping[str, Any]

    def moved(self, now: Plan) -> list[str]:
        """Return the rows whose change is another now, a line each."""
        rows = _rows(now)
        names = sorted(name for name in {*rows, *self.rows} if rows.get(name) != self.rows.get(name))
        return [f"{name}: was {_word(self.rows.get(name))}, is {_word(rows.get(name))}" for name in names]


def seal(planned: Plan, decided: Mapping[str, str]) -> Seal:
    """Return the seal of a plan."""
    return Seal(
        uuid.uuid4().hex,
        planned.subject,
        planned.target,
        planned.digest,
        planned.fingerprint,
        dict(decided),
        _rows(planned),
    )


def write(path: Path, seals: Sequence[Seal]) -> None:
    """Write a file of sealed plans."""
    text = json.dumps({"version": VERSION, "plans": [asdict(one) for one in seals]}, indent=2)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise usage(str(path), f"cannot be written: {(error.strerror or '').lower()}") from error


def read(path: Path) -> list[Seal]:
    """Return the sealed plans of a file; a problem (exit 2) where it holds none."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise usage(str(path), f"cannot be read: {(error.strerror or '').lower()}", AGAIN) from error
    except UnicodeDecodeError as error:
        raise usage(str(path), "is not a sealed plan", AGAIN) from error


def parse(text: str, where: str) -> list[Seal]:
    """Return the sealed plans of a text; a problem (exit 2) where it holds none."""
    try:
        found = json.loads(text)
        if found["version"] != VERSION:
            raise usage(f"{where}/version", f"is {found['version']!r}; known here is {VERSION}", AGAIN)
        seals = [_seal(one) for one in found["plans"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise usage(where, "is not a sealed plan", AGAIN) from error
    if not seals:
        raise usage(where, "holds no plan", AGAIN)
    return seals


def of_target(seals: Sequence[Seal], target: str) -> dict[str, Seal]:
    """Return the sealed plans that are for a target by their subjects; none is a problem (exit 2)."""
    found = {one.subject: one for one in seals if one.target == target}
    if not found:
        names = ", ".join(sorted({one.target for one in seals}))
        hint = f"--target {names.replace(' ', '')}"
        raise usage("plan", f'was made for the target "{names}", not "{target}"', hint)
    return found


def each_has_one(seals: Mapping[str, Seal], subjects: Sequence[str]) -> None:
    """Refuse a subject that none of the sealed plans is for: it would be released unseen."""
    missing = next((subject for subject in subjects if subject not in seals), None)
    if missing is not None:
        raise usage("plan", f"{missing} is not in it", f"it holds {', '.join(sorted(seals))}")


def holds(one: Seal, *, target: str, digest: str) -> None:
    """Refuse a seal that was made for another target or another bundle."""
    if one.target != target:
        raise usage("plan", f'was made for the target "{one.target}", not "{target}"', AGAIN)
    if one.digest != digest:
        raise refused("plan", "the bundle moved since it was made", AGAIN)


def unmoved(one: Seal, now: Plan) -> None:
    """Refuse a seal whose production rows moved, naming them."""
    if one.fingerprint != now.fingerprint:
        raise moved(one, now)


def moved(one: Seal, now: Plan) -> Problem:
    """Return the problem of a seal that does not hold any more, with the rows that moved."""
    lines = "".join(f"\n    {line}" for line in one.moved(now))
    return refused("plan", f"production moved since it was made; nothing was changed{lines}", AGAIN)


def _seal(found: Mapping[str, Any]) -> Seal:
    one = Seal(**found)
    texts = (one.id, one.subject, one.target, one.digest, one.fingerprint, *one.decided.values())
    well = all(isinstance(text, str) for text in texts) and one.id and one.fingerprint
    if not well or not {*one.decided} <= {*DECIDED} or not all("action" in row for row in one.rows.values()):
        raise ValueError(found)
    return one


def _rows(planned: Plan) -> dict[str, Any]:
    return {
        f"{change.table} {change.key}": {"action": change.action, "columns": dict(change.columns)}
        for change in planned.changes
    }


def _word(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "unchanged"
    columns = ", ".join(row["columns"]) if row["action"] != "insert" else ""
    return f"{row['action']} {columns}".strip()
