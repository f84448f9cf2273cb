"""What a release would change, row by row, as data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from maulstick.diffs import cell_difference, cell_line, is_long
from maulstick.postgres.results import ResultRows
from maulstick.postgres.tables.keys import key_object
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.text import one_line

ACTIONS = ("insert", "update", "unchanged", "kept", "conflict", "gone", "left", "removed")
OTHER_SIDE = {"local": "production", "production": "local"}


@dataclass(frozen=True, slots=True)
class Change:
    """One row: its table, its key as text, and what becomes of each column that differs.

    `cells` is that as JSON, and `values` are those of a row that was never there. The database calls the
    rows that are sent local, and its own production; those of a pull are named the other way round.
    """

    table: str
    key: str
    action: str
    cells: str | None = None
    values: str | None = None
    is_pull: bool = False

    @property
    def columns(self) -> Mapping[str, Mapping[str, str | None]]:
        """What becomes of each column: its action, and its value on each side."""
        found: dict[str, dict[str, str | None]] = json.loads(self.cells or "{}")
        if self.values is not None:
            found = {
                name: {"action": self.action, "local": sent} for name, sent in json.loads(self.values).items()
            }
        return {name: turned(cell) for name, cell in found.items()} if self.is_pull else found

    def has_cell(self, action: str) -> bool:
        """Return whether at least one column has this action."""
        if self.cells is None:
            return self.action == action
        return any(cell["action"] == action for cell in self.columns.values())

    def conflicts(self) -> list[str]:
        """List the columns that were changed on both sides."""
        return [name for name, cell in self.columns.items() if cell["action"] == "conflict"]


def turned(cell: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return a column with its sides named the other way round."""
    return {OTHER_SIDE.get(name, name): value for name, value in cell.items()}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason not to write: `kind` is one word: ambiguous, missing, clash, aside, older and so on."""

    kind: str
    table: str
    key: str
    says: str

    def __str__(self) -> str:
        return one_line(f"{self.table} {self.key}: {self.says}")


class Changes:
    """The changes of a plan, each made when it is used: there may be more than fit in memory.

    Rows that were left `without` are not part of it, whatever the target holds of them.
    """

    def __init__(
        self,
        rows: ResultRows | None = None,
        left: Collection[tuple[str, str]] = (),
        without: Collection[tuple[str, str]] = (),
        *,
        is_pull: bool = False,
    ) -> None:
        self._rows, self._left, self._without = rows or ResultRows(), left, frozenset(without)
        self.is_pull = is_pull
        self.counted = Counter(change.action for change in self)

    def __iter__(self) -> Iterator[Change]:
        for table, key, action, cells, values in self._rows:
            if (table, key) in self._without:
                continue
            if action == "gone" and (table, key) in self._left:
                yield Change(str(table), str(key), "left")
            else:
                yield Change(str(table), str(key), str(action), cells, values, self.is_pull)

    def __len__(self) -> int:
        return self.counted.total()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Changes) or self.counted != other.counted:
            return False
        return all(one == two for one, two in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(len(self))

    def leaving(self, rows: Collection[tuple[str, str]]) -> Changes:
        """List the changes with `left` instead of `gone` for these rows, given by table and key."""
        return Changes(self._rows, rows, self._without, is_pull=self.is_pull)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release would change; unchanged rows are only counted."""

    subject: str
    target: str
    digest: str
    changes: Changes
    obstacles: tuple[Obstacle, ...]
    rows: int
    fingerprint: str = ""

    def counts(self) -> dict[str, int]:
        """Count the rows of each action."""
        counted = self.changes.counted
        staged = sum(n for action, n in counted.items() if action not in ("gone", "left"))
        return {action: counted[action] for action in ACTIONS} | {"unchanged": self.rows - staged}

    def conflicts(self) -> list[Change]:
        """List the rows that were changed on both sides."""
        return self.with_action("conflict")

    def with_action(self, action: str) -> list[Change]:
        """List the rows with this action."""
        if not self.changes.counted[action]:
            return []
        return [change for change in self.changes if change.action == action]

    def with_cell(self, action: str) -> list[Change]:
        """List the rows with at least one column that has this action, whatever the row's own action."""
        return [change for change in self.changes if change.has_cell(action)]

    def first(self, most: int | None) -> Iterator[Change]:
        """Yield at most so many changes of each action, all of them for None."""
        seen: Counter[str] = Counter()
        for change in self.changes:
            seen[change.action] += 1
            if most is None or seen[change.action] <= most:
                yield change

    def reasons(self) -> list[str]:
        """Return every reason to refuse this plan, a line each."""
        return [
            *(_conflict(change, self.target) for change in self.conflicts()),
            *(str(one) for one in self.obstacles),
        ]

    def to_json(self, specs: TableSpecs, *, most: int | None = None) -> dict[str, Any]:
        """Return the plan as `plan --json` prints it (docs/plan.schema.json), media left to the caller.

        With `most`, only so many rows of each action are in it.
        """
        changes = [
            {
                "table": change.table,
                "key": key_object(specs[change.table], specs, change.key),
                "action": change.action,
                "columns": change.columns,
            }
            for change in self.first(most)
        ]
        return {"subject": self.subject, "target": self.target, "digest": self.digest, "changes": changes}


def _conflict(change: Change, target: str) -> str:
    cells = {name: change.columns[name] for name in change.conflicts()}
    row = f"{change.table} {one_line(change.key)}: "
    if any("production" not in cell for cell in cells.values()):
        row += f"was deleted in {target} and changed here: "
    elif any("local" not in cell for cell in cells.values()):
        row += "was deleted here and changed in production: "
    if not any(is_long(cell) for cell in cells.values()):
        return row + "; ".join(f"{name}: {cell_line(cell)}" for name, cell in cells.items())
    columns = ("\n        ".join([name, *cell_difference(cell)]) for name, cell in cells.items())
    return row + "\n      ".join(columns)
