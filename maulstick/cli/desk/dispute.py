"""One subject as its plan has it: conflicts, what was decided about them, and what to type."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from maulstick.cli.desk.children import Answer
from maulstick.cli.shell_words import NAME
from maulstick.errors import Problem, usage
from maulstick.plan.decisions import file
from maulstick.plan.decisions.decision import Cell, Decision, seen
from maulstick.project.declarations import Subject

SEALED = "plan.json"
Place = tuple[str, str, str]
"""A table, the text of a row's key, and a column."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision and whether it is heard: `holds`, `moved` or `done`."""

    decision: Decision
    word: str


def release_of(answer: Answer | None) -> dict[str, Any] | None:
    """Return what a rehearsed plan says of its one subject, None where it came to no plan."""
    if answer is None or not isinstance(answer.result, dict) or not answer.result.get("releases"):
        return None
    return dict(answer.result["releases"][0])


def key_text(key: Mapping[str, Any]) -> str:
    """Return a row's key as options and decisions name it."""
    parts = [*key.values()]
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return json.dumps([_part(one) for one in parts], ensure_ascii=False, separators=(",", ":"))


def cells(release: Mapping[str, Any] | None) -> dict[Place, Cell]:
    """Return every column that a plan says something about, by its place."""
    return {
        (change["table"], key_text(change["key"]), column): cell
        for change in (release or {}).get("changes", ())
        for column, cell in change["columns"].items()
    }


def print_of(cell: Cell) -> str:
    """Return a digest of both sides of a column: a click is about what was shown."""
    sides = {side: cell[side] for side in ("local", "production") if side in cell}
    return sha256(json.dumps(sides, sort_keys=True).encode()).hexdigest()


def standings(
    decisions: Sequence[Decision], release: Mapping[str, Any] | None, target: str
) -> Iterator[Standing]:
    """Yield what was decided for a target, each with whether its conflict hears it."""
    known = cells(release)
    for decision in decisions:
        if decision.target != target:
            continue
        cell = known.get((decision.table, decision.key, decision.column))
        if cell is None or (decision.moved(cell) and cell["action"] != "conflict"):
            yield Standing(decision, "done")
        else:
            yield Standing(decision, "moved" if decision.moved(cell) else "holds")


def decide(project: Path, subject: Subject, target: str, place: Place, cell: Cell, side: str) -> None:
    """Write a decision about a value in conflict into the subject's file; the side "" takes it back."""
    table, key, column = place
    others = [one for one in file.read(project, subject) if one.place != (target, *place)]
    if side:
        both = (seen(cell, "local", column), seen(cell, "production", column))
        others.append(Decision(target, table, key, column, side, *both))
    file.write(project, subject, others)


def require_shown(known: Mapping[Place, Cell], place: Place, shown: str) -> Cell:
    """Return the column that somebody clicked at; one that is another by now is a problem."""
    cell = known.get(place)
    if cell is None or print_of(cell) != shown:
        raise usage(" ".join(place), "is not what the page has shown", "look again, then decide")
    return cell


def commands(subject: Subject, target: str, heard: Sequence[Standing]) -> dict[str, list[str]]:
    """Return what to type: with the file of decisions, with options instead, and through a sealed plan."""
    named = [f"--{subject.kind}", subject.key, "--target", target]
    takes = [word for one in heard for word in ("--take", str(one.decision.as_take()))]
    return {
        "release": [_line("release", *named)],
        "flags": [_line("release", *named, *takes)] if takes else [],
        "sealed": [
            _line("export", *named),
            _line("plan", *named, "--out", SEALED),
            _line("release", "--plan", SEALED, "--target", target),
        ],
    }


def decisions_of(project: Path, subject: Subject) -> tuple[Sequence[Decision], str]:
    """Return what was decided about a subject, and what is wrong with its file."""
    try:
        return file.read(project, subject), ""
    except Problem as problem:
        return (), str(problem)


def _part(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    parts = [*value.values()]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else [_part(one) for one in parts]


def _line(*words: str) -> str:
    return shlex.join([NAME, *words])
