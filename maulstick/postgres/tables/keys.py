"""A row's key as one text and as the object that a plan shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from maulstick.postgres.tables.tables import Shape, Shapes

Key = dict[str, Any]


def key_object(shape: Shape, shapes: Shapes, text: str) -> Key:
    """Return a key's text as an object of its columns; references are key objects."""
    parts: Sequence[Any] = [text] if shape.key_is_value else json.loads(text)
    return {column: _part(shapes, shape, column, part) for column, part in zip(shape.key, parts, strict=True)}


def topmost(shape: Shape, keys: Sequence[str]) -> list[str]:
    """Return the keys of a tree's rows whose parent is not among them; of any other table all."""
    if shape.up is None:
        return [*keys]
    at, known = shape.key.index(shape.up), {*keys}
    return [key for key in keys if _as_text(json.loads(key)[at]) not in known]


def key_text(shape: Shape, shapes: Shapes, row: Mapping[str, str | None]) -> str:
    """Return the key of a bundle's row as a plan shows it."""
    if shape.key_is_value:
        return str(row[shape.key[0]])
    return f"[{','.join(_as_json(shapes, shape, column, row[column]) for column in shape.key)}]"


def _as_text(part: Any) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":"))


def _as_json(shapes: Shapes, shape: Shape, column: str, text: str | None) -> str:
    reference, is_value = shape.references.get(column), column not in shape.pointing
    if text is None or (is_value and (reference is None or shapes[reference.table].key_is_value)):
        return json.dumps(text, ensure_ascii=False)
    return text


def _part(shapes: Shapes, shape: Shape, column: str, part: Any) -> Any:
    reference = shape.references.get(column)
    if reference is None or part is None:
        return part
    text = part if isinstance(part, str) else _as_text(part)
    return key_object(shapes[reference.table], shapes, text)
