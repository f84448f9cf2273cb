"""What a release would change, row by row, as data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maulstick.shapes import Shape, Shapes

ACTIONS = ("insert", "update", "unchanged", "kept", "conflict", "gone", "left", "removed")

LONGEST = 60

Key = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One row: its table, its key as text, and what becomes of each column that is not equal."""

    table: str
    key: str
    action: str
    columns: Mapping[str, Mapping[str, str | None]]

    def conflicts(self) -> list[str]:
        """Return the columns that were changed on both sides."""
        return [name for name, cell in self.columns.items() if cell["action"] == "conflict"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason not to write: `kind` is ambiguous, missing, clash, older or target."""

    kind: str
    table: str
    key: str
    says: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.says}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release would change; unchanged rows are only counted."""

    subject: str
    target: str
    digest: str
    changes: tuple[Change, ...]
    obstacles: tuple[Obstacle, ...]
    rows: int
    fingerprint: str = ""

    def counts(self) -> dict[str, int]:
        """Return how many rows each action takes."""
        counted = Counter(change.action for change in self.changes)
        staged = sum(n for action, n in counted.items() if action not in ("gone", "left"))
        return {action: counted[action] for action in ACTIONS} | {"unchanged": self.rows - staged}

    def conflicts(self) -> list[Change]:
        """Return the rows that were changed on both sides."""
        return self.with_action("conflict")

    def with_action(self, action: str) -> list[Change]:
        """Return the rows that this becomes of."""
        return [change for change in self.changes if change.action == action]

    def with_cell(self, action: str) -> list[Change]:
        """Return the rows of which this becomes of one column at least, whatever becomes of the row."""
        return [row for row in self.changes if any(c["action"] == action for c in row.columns.values())]

    def reasons(self) -> list[str]:
        """Return every reason to refuse this plan, a line each."""
        return [*(_conflict(change) for change in self.conflicts()), *(str(one) for one in self.obstacles)]

    def to_json(self, shapes: Shapes) -> dict[str, Any]:
        """Return the plan as `plan --json` prints it (docs/plan.schema.json), media left to the caller."""
        changes = [
            {
                "table": change.table,
                "key": key_object(shapes[change.table], shapes, change.key),
                "action": change.action,
                "columns": change.columns,
            }
            for change in self.changes
        ]
        return {"subject": self.subject, "target": self.target, "digest": self.digest, "changes": changes}


def key_object(shape: Shape, shapes: Shapes, text: str) -> Key:
    """Return a key's text as an object of its columns; references are key objects."""
    parts: Sequence[Any] = [text] if shape.key_is_value else json.loads(text)
    return {column: _part(shapes, shape, column, part) for column, part in zip(shape.key, parts, strict=True)}


def key_text(shape: Shape, shapes: Shapes, row: Mapping[str, str | None]) -> str:
    """Return the key of a bundle's row as a plan shows it."""
    if shape.key_is_value:
        return str(row[shape.key[0]])
    parts = [_as_json(shapes, shape, column, row[column]) for column in shape.key]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _as_json(shapes: Shapes, shape: Shape, column: str, text: str | None) -> Any:
    reference = shape.references.get(column)
    if reference is None or text is None or shapes[reference.table].key_is_value:
        return text
    return json.loads(text)


def _part(shapes: Shapes, shape: Shape, column: str, part: Any) -> Any:
    reference = shape.references.get(column)
    if reference is None or part is None:
        return part
    text = part if isinstance(part, str) else json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    return key_object(shapes[reference.table], shapes, text)


def _conflict(change: Change) -> str:
    cells = [_sides(name, change.columns[name]) for name in change.conflicts()]
    what = "; ".join(cells) or "was deleted in production and changed here"
    return f"{change.table} {change.key}: {what}"


def _sides(name: str, cell: Mapping[str, str | None]) -> str:
    local, production = shown(cell.get("local")), shown(cell.get("production"))
    return f"{name}: local {local}, production {production}"


def shown(text: str | None) -> str:
    """Return a value in quotes as a line has room for it: blanks folded, long ones cut, null for NULL."""
    if text is None:
        return "null"
    folded = " ".join(text.split())
    return f'"{folded}"' if len(folded) <= LONGEST else f'"{folded[: LONGEST - 1]}…"'
