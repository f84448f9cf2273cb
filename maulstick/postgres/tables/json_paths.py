"""The SQL of paths into JSON columns: the values that they lead to, and those values rewritten.

Both are made of the same steps, so what is looked up is what is rewritten: PostgreSQL's own paths would
also look into arrays that no step names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from maulstick.postgres.quoting import literal
from maulstick.project.declarations import JsonReference
from maulstick.project.plugins.json_path import EACH, steps_of

Rewrite = Callable[[str], str]


def leaves(value: str, path: str) -> str:
    """Compose the SQL of the values that a path leads to in a jsonb expression, as `leaf(value)`."""
    return f"(select one.value from ({_leaves(value, steps_of(path))}) as one(value)) as leaf(value)"


def _leaves(value: str, steps: list[str]) -> str:
    if not steps:
        return f"select {value} where {value} is not null"
    step, rest = steps[0], steps[1:]
    if step != EACH:
        return _leaves(f"({value} -> {literal(step)})", rest)
    items = f"case when jsonb_typeof({value}) = 'array' then {value} else '[]' end"
    inner = f"({_leaves('item.value', rest)}) as inner_leaf(value)"
    return f"select inner_leaf.value from jsonb_array_elements({items}) as item(value), lateral {inner}"


def rewrite_json(column: str, references: Iterable[JsonReference], leaf: Callable[[str, str], str]) -> str:
    """Compose the SQL of a jsonb expression with each declared reference put through `leaf`."""
    for reference in references:
        column = _rewrite(column, steps_of(reference.path), partial(leaf, reference.table))
    return column


def _rewrite(value: str, steps: list[str], leaf: Rewrite) -> str:
    if not steps:
        return f"(case when jsonb_typeof({value}) <> 'null' then {leaf(value)} else {value} end)"
    step, rest = steps[0], steps[1:]
    if step == EACH:
        inner = _rewrite("item.value", rest, leaf)
        each = f"jsonb_array_elements({value}) with ordinality item(value, n)"
        whole = f"(select coalesce(jsonb_agg({inner} order by item.n), '[]') from {each})"
        return f"case when jsonb_typeof({value}) = 'array' then {whole} else {value} end"
    key = literal(step)
    inner = _rewrite(f"({value} -> {key})", rest, leaf)
    has = f"jsonb_typeof({value}) = 'object' and {value} ? {key}"
    return f"case when {has} then {value} || jsonb_build_object({key}, {inner}) else {value} end"
