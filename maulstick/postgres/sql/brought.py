"""Which of the declared tables a bundle has anything of: the others need few statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from maulstick.postgres.sql.led import led_columns
from maulstick.postgres.tables.hidden_ids import hidden_ids
from maulstick.postgres.tables.tables import Shape, Shapes


@dataclass(frozen=True, slots=True)
class Brought:
    """All tables of a bundle; `staged` are those of which it has rows or keys, `filled` those with rows."""

    shapes: Shapes
    staged: Shapes
    filled: Shapes

    @property
    def travelling(self) -> tuple[Shape, ...]:
        """Return the tables whose rows travel: of each some may be in production that left the slice."""
        return tuple(shape for shape in self.shapes.values() if shape.travels)

    @property
    def is_led(self) -> bool:
        """Return whether rows may name each other by columns that change: then tables go together."""
        return any(led_columns(shape, self.shapes) for shape in self.shapes.values())

    @property
    def worked_in(self) -> Shapes:
        """Return the tables that temporary ones are made for: the staged ones, and those they refer to."""
        if self.is_led:
            return self.shapes
        known = {*self.staged}.union(*(_pointed(shape) for shape in self.staged.values()))
        return {label: shape for label, shape in self.shapes.items() if label in known}


def _pointed(shape: Shape) -> set[str]:
    found = {to.table for to in shape.references.values()} | {link.table for link in shape.links}
    return found | {to.table for to in hidden_ids(shape)}


def changed_of(shapes: Shapes, changed: Collection[str]) -> Brought:
    """Return the tables of which a release changed those with these names."""
    filled = {label: shape for label, shape in shapes.items() if shape.travels and label in changed}
    known = Brought(shapes, filled, filled).worked_in
    return Brought(shapes, known, filled)
