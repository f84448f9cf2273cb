"""Rows that are referred to and are not in production: refused, or done without where a match allows it."""

from __future__ import annotations

from maulstick.content import JsonReference
from maulstick.image import array_key, key_image
from maulstick.json_paths import leaves
from maulstick.ledger import THERE
from maulstick.quote import literal, literals, name
from maulstick.sections.temporary import CHANGE, DEFAULTS, PROBLEM, keys, real, stage
from maulstick.shapes import Link, Shape, Shapes

ABSENT = f"format('is referred to and is not in %s', {THERE})"


def absent(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that lists the rows of a table that others need and production lacks."""
    return (
        f"insert into {PROBLEM} select 'missing', {literal(shape.label)}, k.key, {ABSENT}\n"
        f'  from {keys(shape)} as k join {stage(shape)} as s on s.ctid = k."row"\n'
        f"  where s.maulstick_matched and not k.found{_needed(shape, shapes)};"
    )


def absent_values(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that lists the rows that plain columns name and that will not be in production.

    It is asked when all is decided: a row that keeps production's values has not those of the bundle.
    """
    links = [link for link in shape.links if link.missing == "error"]
    return "\n".join(_absent_link(shape, shapes, link) for link in links)


def unless_absent(shape: Shape, shapes: Shapes, column: str, staged: str, there: str) -> str:
    """Return the SQL of a staged value, or what stands for it where its row is not in production.

    A row that is there keeps its own value, `there`; a new one gets NULL, or the column's constant default.
    """
    link = _lenient(shape, column)
    if link is None:
        return staged
    new = _default_key(shape, shapes, column, link) if link.missing == "keep" else "null"
    without = f"case when t.tableoid is null then {new} else {there} end"
    return f"(case when {_is_there(shapes, link)} then {staged} else {without} end)"


def ready_value(shape: Shape, shapes: Shapes, column: str, value: str) -> str:
    """Return the SQL of the value to write for `value`, where its row may be absent."""
    link = _lenient(shape, column)
    if link is None:
        return value
    default = f"({_default(shape, column)})::{shape.types[column]}" if link.missing == "keep" else "null"
    return f"case when {_is_there(shapes, link)} then {value} else {default} end"


def under_removed(shape: Shape, shapes: Shapes) -> str:
    """Return the SQL that lists rows to write whose new values lead to rows that production has deleted."""
    by_key = [((column,), to.table, f"p.key = s.{name(column)}") for column, to in shape.references.items()]
    by_columns = [(link.columns, link.table, _is_removed(shapes, link)) for link in shape.links]
    inside = [
        ((to.column,), to.table, f"p.key in (select {_leaf_keys('s', to)})") for to in shape.json_references
    ]
    says = literal("refers to %s %s, which was deleted in %s")
    return "\n".join(
        f"insert into {PROBLEM} select 'removed', c.table_name, c.key, "
        f"format({says}, p.table_name, p.key, {THERE})\n"
        f'  from {CHANGE} as c join {stage(shape)} as s on s.ctid = c."row"\n'
        f"  join {CHANGE} as p on p.table_name = {literal(table)} and p.action = 'removed' and {same}\n"
        f"  where c.table_name = {literal(shape.label)}\n"
        f"    and (c.action = 'insert' or c.action = 'update' and c.after ?| {literals(columns)});"
        for columns, table, same in [*by_key, *by_columns, *inside]
    )


def _is_removed(shapes: Shapes, link: Link) -> str:
    """Say whether the removed row `p` is the one that plain columns name, and no other row has its values."""
    pointed = shapes[link.table]
    if not set(link.target) <= set(pointed.columns):
        return "false"
    pairs = [*zip(link.target, link.columns, strict=True)]
    staged = " and ".join(f"o.{name(one)} = s.{name(two)}" for one, two in pairs)
    there = " and ".join(f"r.{name(one)} = s.{name(two)}" for one, two in pairs)
    return (
        f'exists (select from {stage(pointed)} as o where o.ctid = p."row" and {staged})'
        f" and not exists (select from {real(pointed)} as r where {there})"
    )


def _leaf_keys(alias: str, to: JsonReference) -> str:
    rows = leaves(f"{alias}.{name(to.column)}::jsonb", to.path)
    return f"leaf.value #>> '{{}}' from {rows}"


def _lenient(shape: Shape, column: str) -> Link | None:
    """Return the reference of a column whose row may be absent, None for any other column."""
    reference = shape.references.get(column)
    if reference is not None:
        found = Link((column,), reference.table, (), reference.missing)
        return None if reference.missing == "error" else found
    links = [link for link in shape.links if column in link.columns and link.missing != "error"]
    return links[0] if links else None


def _is_there(shapes: Shapes, link: Link) -> str:
    """Say whether a reference is null, or its row is in production or comes with this release."""
    columns = [f"s.{name(column)}" for column in link.columns]
    null = " or ".join(f"{column} is null" for column in columns)
    if link.target:
        return f"({null} or not ({_lost(shapes, link)}))"
    pointed = shapes[link.table]
    rows = f'{keys(pointed)} as m left join {stage(pointed)} as r on r.ctid = m."row"'
    known = f"m.key = {columns[0]} and (m.found or r.maulstick_matched is null)"
    return f"({null} or exists (select from {rows} where {known}))"


def _lost(shapes: Shapes, link: Link) -> str:
    there, staged = _holding(shapes, link)
    return " and ".join(f"not exists ({rows})" for rows in (there, staged) if rows)


def _holding(shapes: Shapes, link: Link, *, decided: str = "", only: str = "") -> tuple[str, str]:
    """Return the rows `p` that have the values: there, and among the staged ones if these can have them."""
    pointed = shapes[link.table]
    pairs = zip(link.target, link.columns, strict=True)
    same = " and ".join(f"p.{name(one)} = s.{name(two)}" for one, two in pairs)
    staged = pointed.travels and set(link.target) <= set(pointed.columns)
    rows = f"select from {stage(pointed)} as p{decided} where {same}{only}" if staged else ""
    return f"select from {real(pointed)} as p where {same}", rows


def _absent_link(shape: Shape, shapes: Shapes, link: Link) -> str:
    texts = [f"s.{name(column)}::text" for column in link.columns]
    key = array_key([f"to_json({text})" for text in texts], is_value=len(texts) == 1, plain=texts[0])
    given = " and ".join(f"s.{name(column)} is not null" for column in link.columns)
    writes = f"c.action in ('insert', 'update') and c.after ?| {literals(link.columns)}"
    arrives = f"p.maulstick_matched or o.action = 'conflict' or o.after ?| {literals(link.target)}"
    there, staged = _holding(
        shapes,
        link,
        decided=_decided(shapes[link.table], "o", "p"),
        only=f"\n      and (({writes}) is not true or {arrives})",
    )
    return (
        f"insert into {PROBLEM} select distinct 'missing', {literal(link.table)}, {key}, {ABSENT}\n"
        f"  from {stage(shape)} as s{_decided(shape, 'c', 's')}\n"
        f"  where s.maulstick_matched is null and {given}\n"
        f"    and not exists ({there}){f' and not exists ({staged})' if staged else ''};"
    )


def _decided(shape: Shape, alias: str, row: str) -> str:
    """Return the join of staged rows with what becomes of them."""
    same = f'({alias}.table_name, {alias}."row") = ({literal(shape.label)}, {row}.ctid)'
    return f" left join {CHANGE} as {alias} on {same}"


def _needed(shape: Shape, shapes: Shapes) -> str:
    """Say whether a matched row is needed, where some reference to its table may do without it."""
    pointing = [
        (f"select from {stage(other)} as o where o.{name(column)} = k.key", to.missing)
        for other in shapes.values()
        for column, to in other.references.items()
        if to.table == shape.label
    ]
    if all(missing == "error" for _, missing in pointing):
        return ""
    inside = [
        f"select from {stage(other)} as o, lateral {leaves(f'o.{name(to.column)}::jsonb', to.path)}"
        f" where leaf.value #>> '{{}}' = k.key"
        for other in shapes.values()
        for to in other.json_references
        if to.table == shape.label
    ]
    strict = [rows for rows, missing in pointing if missing == "error"]
    return f"\n    and ({' or '.join(f'exists ({rows})' for rows in [*strict, *inside]) or 'false'})"


def _default(shape: Shape, column: str) -> str:
    named = f"f.table_name = {literal(shape.label)} and f.column_name = {literal(column)}"
    return f"select f.value from {DEFAULTS} as f where {named}"


def _default_key(shape: Shape, shapes: Shapes, column: str, link: Link) -> str:
    if link.target:
        return f"({_default(shape, column)})"
    pointed = shapes[link.table]
    one = key_image(pointed, shapes, "d")
    same = f"d.{name(pointed.surrogate or '')}::text = ({_default(shape, column)})"
    return f"(select {one.key} from {real(pointed)} as d{one.joins} where {same})"
