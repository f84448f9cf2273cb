"""The parts of a key's text."""

from __future__ import annotations

from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def part_of_key(spec: TableSpec, specs: TableSpecs, column: str, key: str) -> str:
    """Compose the SQL of a column's part of a key's text: its value, or the key that it refers to."""
    if spec.key_is_value:
        return key
    place, reference = spec.key.index(column), spec.references.get(column)
    if reference is None or specs[reference.table].key_is_value:
        return f"(({key})::json ->> {place})"
    return f"(({key})::json -> {place})::text"
