"""A row's key as one text and as the object that a plan shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from maulstick.postgres.tables.specs import TableSpec, TableSpecs

KeyObject = dict[str, Any]


def key_object(spec: TableSpec, specs: TableSpecs, text: str) -> KeyObject:
    """Return a key's text as an object of its columns; references are key objects."""
    parts: Sequence[Any] = [text] if spec.key_is_value else json.loads(text)
    return {column: _part(specs, spec, column, part) for column, part in zip(spec.key, parts, strict=True)}


def topmost(spec: TableSpec, keys: Sequence[str]) -> list[str]:
    """List the keys of a tree's rows whose parent is not among them; of any other table, all keys."""
    if spec.up is None:
        return [*keys]
    at, known = spec.key.index(spec.up), {*keys}
    return [key for key in keys if _as_text(json.loads(key)[at]) not in known]


def key_text(spec: TableSpec, specs: TableSpecs, row: Mapping[str, str | None]) -> str:
    """Return the key of a bundle's row as a plan shows it."""
    if spec.key_is_value:
        return str(row[spec.key[0]])
    return f"[{','.join(_as_json(specs, spec, column, row[column]) for column in spec.key)}]"


def _as_text(part: Any) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":"))


def _as_json(specs: TableSpecs, spec: TableSpec, column: str, text: str | None) -> str:
    reference, is_value = spec.references.get(column), column not in spec.pointing
    if text is None or (is_value and (reference is None or specs[reference.table].key_is_value)):
        return json.dumps(text, ensure_ascii=False)
    return text


def _part(specs: TableSpecs, spec: TableSpec, column: str, part: Any) -> Any:
    reference = spec.references.get(column)
    if reference is None or part is None:
        return part
    text = part if isinstance(part, str) else _as_text(part)
    return key_object(specs[reference.table], specs, text)
