"""The tables of a kind as a plugin would declare them, with what is doubtful about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from maulstick.cli.starter.natural_keys import NaturalKey
from maulstick.project.declarations import Table

MOST = 16
"""Tables that one subject brings."""


@dataclass(slots=True)
class Proposal:
    """The tables of a kind as a plugin declares them, the doubtful ones with what is doubtful.

    `left` are tables that refer to them and do not travel, with the reason.
    """

    table: str
    key: str
    tables: dict[str, Table] = field(default_factory=dict)
    doubts: dict[str, list[str]] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    most: int = MOST

    def doubt(self, label: str, says: str) -> None:
        """Add a doubt about a table."""
        self.doubts.setdefault(label, []).append(says)

    def take(self, label: str, key: NaturalKey, via: tuple[str, ...] = ()) -> None:
        """Let rows of a table travel, told apart by a key."""
        self.tables[label] = Table(label, key=key.columns, via=via)
        if key.doubt:
            self.doubt(label, f"key: {key.doubt}")

    def only(self, label: str, where: str) -> None:
        """Let only those rows of a table travel for which a condition holds."""
        self.tables[label] = replace(self.tables[label], where=where)
