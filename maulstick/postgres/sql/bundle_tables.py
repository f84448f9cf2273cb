"""The tables of a bundle: which of them have rows, and by which columns their rows name each other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from maulstick.postgres.quoting import literal, literals
from maulstick.postgres.search_path import SAME
from maulstick.postgres.sql.temp_tables import CHANGE
from maulstick.postgres.tables.hidden_ids import hidden_ids
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

SETS = "c.sets"
"""The SQL of the columns to write of a changed row `c`."""
MEETS = "operator(pg_catalog.&&)"


@dataclass(frozen=True, slots=True)
class BundleTables:
    """All tables of a bundle; `staged` are those with rows or keys, `filled` those with rows.

    `pulled_from` is None for a bundle that brings no base, else as `Bases` has it.
    """

    specs: TableSpecs
    staged: TableSpecs
    filled: TableSpecs
    pulled_from: str | None = None

    @property
    def travelling(self) -> tuple[TableSpec, ...]:
        """The tables whose rows travel: production may hold rows of each that left the slice."""
        return tuple(spec for spec in self.specs.values() if spec.travels)

    @property
    def published(self) -> tuple[TableSpec, ...]:
        """The tables with rows that a column makes public."""
        return tuple(spec for spec in self.filled.values() if spec.publish)

    @property
    def publishes(self) -> bool:
        """Return whether a column makes rows of any table public."""
        return any(spec.publish for spec in self.specs.values())

    @property
    def is_led(self) -> bool:
        """Return whether rows may reference each other by columns that change: tables then go together."""
        return any(linking_columns(spec, self.specs) for spec in self.specs.values())

    @property
    def worked_in(self) -> TableSpecs:
        """The tables that get temporary tables: the staged ones, and those they reference."""
        if self.is_led:
            return self.specs
        known = {*self.staged}.union(*(_pointed(spec) for spec in self.staged.values()))
        return {label: spec for label, spec in self.specs.items() if label in known}


def _pointed(spec: TableSpec) -> set[str]:
    found = {to.table for to in spec.references.values()} | {link.table for link in spec.links}
    return found | {to.table for to in hidden_ids(spec)}


def changed_of(specs: TableSpecs, changed: Collection[str]) -> BundleTables:
    """List the tables of a release that changed only those with these names."""
    filled = {label: spec for label, spec in specs.items() if spec.travels and label in changed}
    known = BundleTables(specs, filled, filled).worked_in
    return BundleTables(specs, known, filled)


def linking_columns(spec: TableSpec, specs: TableSpecs) -> list[str]:
    """List the columns by which travelling rows reference a table, and by which it references them."""
    named = _named(specs)
    own = [column for link in spec.links if link.table in named for column in link.columns]
    return sorted({*own, *named.get(spec.label, ())}) if spec.travels else []


def links_change(specs: TableSpecs) -> str:
    """Compose the SQL of whether a column changes by which other rows reference its row."""
    renamed = " or ".join(
        f"c.table_name {SAME} {literal(table)} and {SETS} {MEETS} {literals(sorted(columns))}"
        for table, columns in _named(specs).items()
    )
    return f"exists (select from {CHANGE} as c where c.action {SAME} 'update' and ({renamed or 'false'}))"


def _named(specs: TableSpecs) -> dict[str, set[str]]:
    """List the columns of each travelling table by which others reference its rows."""
    columns: dict[str, set[str]] = {}
    for spec in specs.values():
        for link in spec.links:
            pointed = specs.get(link.table)
            if spec.travels and pointed is not None and pointed.travels:
                columns.setdefault(link.table, set()).update(set(link.target) & set(pointed.columns))
    return {table: found for table, found in columns.items() if found}
