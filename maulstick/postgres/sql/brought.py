"""Which of the declared tables a bundle has anything of: the others need few statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from maulstick.postgres.sql.led import led_columns
from maulstick.postgres.tables.hidden_ids import hidden_ids
from maulstick.postgres.tables.tables import TableSpec, TableSpecs


@dataclass(frozen=True, slots=True)
class Brought:
    """All tables of a bundle; `staged` are those of which it has rows or keys, `filled` those with rows."""

    specs: TableSpecs
    staged: TableSpecs
    filled: TableSpecs

    @property
    def travelling(self) -> tuple[TableSpec, ...]:
        """Return the tables whose rows travel: of each some may be in production that left the slice."""
        return tuple(spec for spec in self.specs.values() if spec.travels)

    @property
    def is_led(self) -> bool:
        """Return whether rows may name each other by columns that change: then tables go together."""
        return any(led_columns(spec, self.specs) for spec in self.specs.values())

    @property
    def worked_in(self) -> TableSpecs:
        """Return the tables that temporary ones are made for: the staged ones, and those they refer to."""
        if self.is_led:
            return self.specs
        known = {*self.staged}.union(*(_pointed(spec) for spec in self.staged.values()))
        return {label: spec for label, spec in self.specs.items() if label in known}


def _pointed(spec: TableSpec) -> set[str]:
    found = {to.table for to in spec.references.values()} | {link.table for link in spec.links}
    return found | {to.table for to in hidden_ids(spec)}


def changed_of(specs: TableSpecs, changed: Collection[str]) -> Brought:
    """Return the tables of which a release changed those with these names."""
    filled = {label: spec for label, spec in specs.items() if spec.travels and label in changed}
    known = Brought(specs, filled, filled).worked_in
    return Brought(specs, known, filled)
