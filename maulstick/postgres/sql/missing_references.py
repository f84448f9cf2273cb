"""Rows that are referenced and not in production: refused, or left out where a match allows it."""

from __future__ import annotations

from collections.abc import Sequence

from maulstick.postgres.quoting import literal, literals, name
from maulstick.postgres.sql.links import holding, holds_id, names_staged, names_there, none_of
from maulstick.postgres.sql.session import LEFT_OUT, THERE
from maulstick.postgres.sql.temp_tables import CHANGE, DEFAULTS, PROBLEM, keys, real, stage
from maulstick.postgres.tables.equality import is_plain
from maulstick.postgres.tables.hidden_ids import hidden_ids, is_id
from maulstick.postgres.tables.portable_rows import array_key, as_json, portable_key
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs

ABSENT = f"format('is referred to and is not in %s', {THERE})"


def missing_matches(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that lists the matched rows of a table that others need and production lacks."""
    return (
        f"insert into {PROBLEM} select 'missing', {literal(spec.label)}, k.key, {ABSENT}\n"
        f'  from {keys(spec)} as k join {stage(spec)} as s on s.ctid = k."row"\n'
        f"  where s.maulstick_matched and not k.found{_needed(spec, specs)};"
    )


def forgive_left_out(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that forgets what is odd about rows that are left out and that nobody needs."""
    row = f"(p.table_name, p.key) = ({literal(spec.label)}, x.key) and x.table_name = p.table_name"
    return (
        f"delete from {PROBLEM} as p using {LEFT_OUT} where {row}\n"
        f"  and p.kind in ('missing', 'ambiguous') and not ({_referred(spec, specs, 'p.key')});"
    )


def missing_links(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that lists the rows that links reference and that will not be in production.

    It is asked when all is decided: a row that keeps production's values has not those of the bundle.
    """
    links = [link for link in spec.links if link.missing == "error"]
    elsewhere = [_elsewhere(spec, specs, link) for link in spec.links]
    return "\n".join([*(_absent_link(spec, specs, link) for link in links), *filter(None, elsewhere)])


def unless_missing(spec: TableSpec, specs: TableSpecs, column: str, staged: str, there: str) -> str:
    """Compose the SQL of a staged value, or of its substitute if its row is not in production.

    A row that is there keeps its own value, `there`; a new one gets NULL, or the column's constant default.
    """
    if pointed := _pointed_there(spec, specs, column):
        return f"(case when {pointed} then {staged} when t.tableoid is not null then {there} end)"
    links = _lenient(spec, column)
    if not links:
        return staged
    new = _default_key(spec, specs, column, links[0]) if links[0].missing == "keep" else "null"
    without = f"case when t.tableoid is null then {new} else {there} end"
    return f"(case when {_are_there(spec, specs, links)} then {staged} else {without} end)"


def ready_value(spec: TableSpec, specs: TableSpecs, column: str, value: str) -> str:
    """Compose the SQL of the value to write for `value`, whose row may be missing."""
    if pointed := _pointed_there(spec, specs, column):
        return f"case when {pointed} then {value} end"
    links = _lenient(spec, column)
    if not links:
        return value
    default = typed(spec, column, _default(spec, column)) if links[0].missing == "keep" else "null"
    return f"case when {_are_there(spec, specs, links)} then {value} else {default} end"


def typed(spec: TableSpec, column: str, value: str) -> str:
    """Compose the SQL of a value cast to the type of a staged column.

    A type that the target has in a schema of its own cannot be named here: the staged row knows it.
    """
    if spec.types[column] in ("json", "jsonb") or is_plain(spec.types[column]):
        return f"({value})::{spec.types[column]}"
    row = f"jsonb_build_object({literal(column)}, ({value})::text)"
    return f"(jsonb_populate_record(s, {row})).{name(column)}"


def under_removed(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that lists rows to write whose new values reference rows deleted in production."""
    by_key = [((column,), to.table, f"p.key = s.{name(column)}") for column, to in spec.references.items()]
    by_columns = [(link.columns, link.table, _is_removed(spec, specs, link)) for link in spec.links]
    inside = [((to.column,), to.table, f"p.key in ({to.keys('s')})") for to in hidden_ids(spec)]
    says = literal("refers to %s %s, which was deleted in %s")
    return "\n".join(
        f"insert into {PROBLEM} select 'removed', c.table_name, c.key, "
        f"format({says}, p.table_name, p.key, {THERE})\n"
        f'  from {CHANGE} as c join {stage(spec)} as s on s.ctid = c."row"\n'
        f"  join {CHANGE} as p on p.table_name = {literal(table)} and p.action = 'removed' and {same}\n"
        f"  where c.table_name = {literal(spec.label)}\n"
        f"    and (c.action = 'insert' or c.action = 'update' and c.after ?| {literals(columns)});"
        for columns, table, same in [*by_key, *by_columns, *inside]
    )


def _is_removed(spec: TableSpec, specs: TableSpecs, link: Link) -> str:
    """Compose the SQL of whether a link references the removed row `p`, and no other row has its values."""
    pointed = specs[link.table]
    if link.period or not {*link.target} <= {*pointed.columns, pointed.id}:
        return "false"
    staged = names_staged(spec, specs, link, "o")
    there = names_there(spec, specs, link, "r")
    return (
        f'exists (select from {stage(pointed)} as o where o.ctid = p."row" and {staged})'
        f" and not exists (select from {real(pointed)} as r where {there})"
    )


def _lenient(spec: TableSpec, column: str) -> list[Link]:
    """List the optional references of a column: those whose row may be missing.

    Where an id is followed, the columns beside it have a meaning of their own.
    """
    links = [link for link in spec.links if column in link.columns and link.missing != "error"]
    reference = spec.references.get(column)
    if reference is None:
        return [link for link in links if not holds_id(spec, link)]
    if reference.missing == "error":
        return []
    return [Link((column,), reference.table, (), reference.missing), *links]


def _are_there(spec: TableSpec, specs: TableSpecs, links: list[Link]) -> str:
    return " and ".join(_is_there(spec, specs, link) for link in links)


def _pointed_there(spec: TableSpec, specs: TableSpecs, column: str) -> str:
    """Compose the SQL of whether the rows that a column points at exist or come along, "" if they must."""
    lenient = [to for to in spec.pointers if to.column == column and to.missing != "error"]
    keys_ = [(f"s.{name(column)}::jsonb ->> {literal(to.table)}", specs[to.table]) for to in lenient]
    return " and ".join(_known(key, pointed) for key, pointed in keys_)


def _known(key: str, pointed: TableSpec) -> str:
    rows = f'{keys(pointed)} as m left join {stage(pointed)} as r on r.ctid = m."row"'
    known = f"m.key = {key} and (m.found or r.maulstick_matched is null)"
    return f"({key} is null or exists (select from {rows} where {known}))"


def _is_there(spec: TableSpec, specs: TableSpecs, link: Link) -> str:
    """Compose the SQL of whether a reference is null, or its row exists in production or comes along."""
    columns = [f"s.{name(column)}" for column in link.columns]
    null = " or ".join(f"{column} is null" for column in columns)
    if link.target:
        return f"({null} or not ({_lost(spec, specs, link)}))"
    return _known(columns[0], specs[link.table])


def _lost(spec: TableSpec, specs: TableSpecs, link: Link) -> str:
    return none_of(link, holding(spec, specs, link))


def _absent_link(spec: TableSpec, specs: TableSpecs, link: Link) -> str:
    given = " and ".join(f"s.{name(column)} is not null" for column in link.columns)
    writes = f"c.action in ('insert', 'update') and {_brings('c', link.columns)}"
    arrives = f"p.maulstick_matched or o.action = 'conflict' or {_brings('o', link.target)}"
    rows = holding(
        spec,
        specs,
        link,
        decided=_decided(specs[link.table], "o", "p"),
        only=f"\n      and (({writes}) is not true or {arrives})",
    )
    key, says, only = _named_by(spec, specs, link)
    return (
        f"insert into {PROBLEM} select distinct 'missing', {literal(link.table)}, {key}, {says}\n"
        f"  from {stage(spec)} as s{_decided(spec, 'c', 's')}\n"
        f"  where s.maulstick_matched is null and {given}{only}\n"
        f"    and {none_of(link, rows)};"
    )


def _brings(change: str, columns: Sequence[str]) -> str:
    """Compose the SQL of whether a change writes one of these columns: a new row writes all it has."""
    return f"coalesce({change}.after ?| {literals(columns)}, {change}.action = 'insert')"


def _elsewhere(spec: TableSpec, specs: TableSpecs, link: Link) -> str:
    """Compose the SQL that lists rows to write whose link would lead to another row in production.

    The row that they mean keeps a value of production's own.
    """
    pointed = specs[link.table]
    if link.period or not pointed.travels or not {*link.target} <= {*pointed.columns}:
        return ""
    kept = " or ".join(f"o.columns -> {literal(one)} ->> 'action' = 'kept'" for one in link.target)
    writes = "" if {*link.columns} & {*spec.key} else f" and {_brings('c', link.columns)}"
    says = literal("would be with another row: %s %s keeps its %s in %s")
    target = literal(", ".join(link.target))
    return (
        f"insert into {PROBLEM} select distinct 'elsewhere', c.table_name, c.key,\n"
        f"    format({says}, o.table_name, o.key, {target}, {THERE})\n"
        f'  from {CHANGE} as c join {stage(spec)} as s on s.ctid = c."row"\n'
        f"  join {stage(pointed)} as q on {names_staged(spec, specs, link, 'q')}\n"
        f'  join {CHANGE} as o on (o.table_name, o."row") = ({literal(pointed.label)}, q.ctid)\n'
        f"  where c.table_name = {literal(spec.label)} and c.action in ('insert', 'update'){writes}"
        f" and ({kept})\n"
        f"    and exists (select from {real(pointed)} as p where {names_there(spec, specs, link, 'p')});"
    )


def _named_by(spec: TableSpec, specs: TableSpecs, link: Link) -> tuple[str, str, str]:
    """Return the key of the row that a link references, what to say if it is missing, and when."""
    texts = {column: f"s.{name(column)}::text" for column in link.columns}
    by_id = [one for one, two in zip(link.columns, link.target, strict=True) if two == specs[link.table].id]
    if by_id:
        key, beside = texts[by_id[0]], ", ".join(one for one in link.columns if one not in by_id)
        says = literal(f"is not of the same {beside} as the {spec.label} that refer to it")
        rows = f"select from {keys(specs[link.table])} as i where i.key = {key} and i.found"
        return key, says, f" and exists ({rows})"
    parts = [
        as_json(specs, spec.references[column].table, text)
        if column in spec.references
        else f"to_json({text})"
        for column, text in texts.items()
    ]
    return array_key(parts, is_value=len(parts) == 1, plain=next(iter(texts.values()))), ABSENT, ""


def _decided(spec: TableSpec, alias: str, row: str) -> str:
    """Compose the join of staged rows with their changes."""
    same = f'({alias}.table_name, {alias}."row") = ({literal(spec.label)}, {row}.ctid)'
    return f" left join {CHANGE} as {alias} on {same}"


def _needed(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL of whether a matched row is needed: some references may do without theirs."""
    refer = [to for other in specs.values() for to in other.references.values() if to.table == spec.label]
    point = [to for other in specs.values() for to in other.pointers if to.table == spec.label]
    if all(missing == "error" for missing in (*(to.missing for to in refer), *(to.missing for to in point))):
        return ""
    return f"\n    and ({_referred(spec, specs, 'k.key')})"


def _referred(spec: TableSpec, specs: TableSpecs, key: str) -> str:
    """Compose the SQL of whether a travelling row references the row that has a key, and must find it."""
    travelling = "o.maulstick_matched is null"  # who is missing itself needs nobody
    strict = [
        f"select from {stage(other)} as o where {travelling} and o.{name(column)} = {key}"
        for other in specs.values()
        for column, to in other.references.items()
        if to.table == spec.label and to.missing == "error"
    ]
    inside = [
        f"select from {stage(other)} as o, lateral ({to.keys('o')}) as held(key)"
        f" where {travelling} and held.key = {key}"
        for other in specs.values()
        for to in hidden_ids(other)
        if to.table == spec.label and to.missing == "error"
    ]
    return " or ".join(f"exists ({rows})" for rows in [*strict, *inside]) or "false"


def _default(spec: TableSpec, column: str) -> str:
    named = f"f.table_name = {literal(spec.label)} and f.column_name = {literal(column)}"
    return f"select f.value from {DEFAULTS} as f where {named}"


def _default_key(spec: TableSpec, specs: TableSpecs, column: str, link: Link) -> str:
    if link.target:
        return f"({_default(spec, column)})"
    pointed = specs[link.table]
    one = portable_key(pointed, specs, "d")
    same = is_id(f"d.{name(pointed.id or '')}", f"({_default(spec, column)})", pointed.id_type)
    return f"(select {one.key} from {real(pointed)} as d{one.joins} where {same})"
