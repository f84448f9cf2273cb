"""Which of the declared tables a bundle has anything of: the others need few statements."""

from __future__ import annotations

from dataclasses import dataclass

from maulstick.shapes import Shape, Shapes


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


def all_of(shapes: Shapes) -> Brought:
    """Return the tables where nobody knows beforehand which have rows."""
    return Brought(shapes, shapes, {label: shape for label, shape in shapes.items() if shape.travels})
