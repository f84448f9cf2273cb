"""The three-way decision, column by column: what becomes of each row."""

from __future__ import annotations

import re

from maulstick.postgres.quoting import literal, literals
from maulstick.postgres.sql.links import holds_id
from maulstick.postgres.sql.session import setting
from maulstick.postgres.sql.temp_tables import CHANGE, DEFAULTS, DIFFERS, PROBLEM, RESTORES, TAKES
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs

RESTORED = f"""(d.production is null and exists (
              select from {RESTORES} as r where (r.table_name, r.key) = (d.table_name, d.key)))"""
"""The SQL of whether the user wants a row back that was deleted in production."""

CELLS = f"""select e.*, case
            when d.production is null and e.has_base and e.local is not distinct from e.base then 'unchanged'
            when d.production is null and e.has_base then 'conflict'
            when d.production is null then 'insert'
            when e.local is not distinct from e.production then 'unchanged'
            when e.has_base and e.production is not distinct from e.base then 'update'
            when e.has_base and e.local is not distinct from e.base then 'kept'
            when e.has_base then 'conflict'
            when e.local is not null and e.production is null then 'update'
            when e.local is not null and e.production = f.value then 'update'
            else 'conflict' end as action
        from (
          select l.key as name, l.value as local, d.production ->> l.key as production,
            d.base ->> l.key as base, d.base ? l.key as has_base
          from jsonb_each_text(d.local) as l) as e
        left join {DEFAULTS} as f on f.table_name = d.table_name and f.column_name = e.name"""
"""The SQL of a row's cells, decided three ways (docs/architecture.md, "Which side wins").

A cell is one column of one row `d` with its three values: local, production and base.
"""


def read_takes() -> str:
    """Compose the SQL that reads which side the user takes, and which rows to restore."""
    fields = "side text, table_name text, key text, column_name text"
    rows = "table_name text, key text"
    return (
        f"insert into {TAKES} select * from jsonb_to_recordset({setting('take')}::jsonb) as t({fields});\n"
        f"insert into {RESTORES} select * from jsonb_to_recordset({setting('restore')}::jsonb) as r({rows});"
    )


def _taken_side(named: str) -> str:
    """Compose the SQL of the side taken for a cell: by the most specific take."""
    parts = ("t.key is not null", "t.column_name is not null", "t.table_name is not null")
    nearest = ", ".join(f"{part} desc" for part in parts)
    return f"""(select case t.side when 'local' then 'update' else 'kept' end from {TAKES} as t
              where coalesce(t.table_name, d.table_name) = d.table_name and coalesce(t.key, d.key) = d.key
                and coalesce(t.column_name, v.name) = v.name{named}
              order by {nearest} limit 1)"""


def decide(specs: TableSpecs) -> str:
    """Compose the SQL of the three-way decision, column by column, about each row.

    The rules: docs/architecture.md, "Which side wins".

    A row that was never here needs no decision; its `columns` and `after` stay null, since they would only
    repeat what it brings.
    """
    return f"""insert into {CHANGE}
  select d.table_name, d.key, d."row", 'insert'
  from {DIFFERS} as d where d.production is null and d.base is null;
insert into {CHANGE}
  select d.table_name, d.key, d."row",
    case when c.actions ? 'conflict' then 'conflict'
      when d.production is null then case when c.actions ? 'update' then 'insert' else 'removed' end
      when c.actions ? 'update' then 'update'
      when c.actions ? 'kept' then 'kept' else 'unchanged' end,
    c.columns, c.before, case when d.production is null then d.local else c.after end, c.sets
  from {DIFFERS} as d cross join lateral (
    select jsonb_agg(cell.action) as actions,
      jsonb_object_agg(cell.name, cell.says) as columns,
      jsonb_object_agg(cell.name, cell.production) filter (where cell.action = 'update') as before,
      jsonb_object_agg(cell.name, cell.local) filter (where cell.action = 'update') as after,
      array_agg(cell.name order by cell.name) filter (where cell.action = 'update') as sets
    from (
      select v.*, jsonb_build_object('action', v.action, 'local', v.local)
        || case when d.production is null then '{{}}' else jsonb_build_object('production', v.production) end
        || case when v.has_base then jsonb_build_object('base', v.base) else '{{}}' end as says
      from ({_cells_with_takes(specs)}) as v
    ) as cell
  ) as c
  where d.production is not null or d.base is not null;
{_explain_split_references(specs)}analyze {DIFFERS} (table_name, "row");
analyze {CHANGE} (table_name, "row", action, sets);"""


def _cells_with_takes(specs: TableSpecs) -> str:
    """Compose the SQL of a row's cells with the user's takes.

    A take decides what both sides changed; one that names the column decides it in any case.
    """
    named = _taken_side(" and t.column_name is not null")
    taken = f"""
        select v.name, v.local, v.production, v.base, v.has_base, case
            when {RESTORED} then 'update' else case v.action
            when 'conflict' then coalesce({_taken_side("")}, 'conflict')
            when 'update' then coalesce({named}, 'update')
            when 'kept' then coalesce({named}, 'kept')
            else v.action end end as action
        from ({_references_whole(CELLS, specs)}) as v
        where v.action <> 'unchanged' or {RESTORED}"""
    return _references_whole(taken, specs)


def _multi_column_references(specs: TableSpecs) -> list[tuple[TableSpec, Link]]:
    """List the references of several columns that identify a row only together: none holds its id.

    A pointer is one with the columns that its condition names.
    """
    found: list[tuple[TableSpec, Link]] = []
    for spec in specs.values():
        links = [link for link in spec.links if len(link.columns) > 1 and not holds_id(spec, link)]
        taken = {column for link in links for column in link.columns}
        for pointer in (one for one in spec.pointers if one.where and one.table):
            words = {*re.findall(r"\w+", pointer.where or "")} & {*spec.columns} - {pointer.column}
            columns = (pointer.column, *sorted(words))
            if words and not taken & {*columns}:
                links.append(Link(columns, pointer.table, ()))
                taken |= {*columns}
        found += [(spec, link) for link in links]
    return found


def _references_whole(cells: str, specs: TableSpecs) -> str:
    """Compose the SQL of a row's cells; a reference of several columns is taken from one side as a whole."""
    linked = [
        (spec.label, column, " and ".join(link.columns))
        for spec, link in _multi_column_references(specs)
        for column in link.columns
    ]
    if not linked:
        return cells
    rows = ", ".join(f"({literal(table)}, {literal(one)}, {literal(to)})" for table, one, to in linked)
    edited = "filter (where e.action <> 'unchanged') over (partition by coalesce(u.linked, e.name))"
    return f"""
        select h.name, h.local, h.production, h.base, h.has_base,
          case when bool_or(h.half) then 'conflict' else h.action end as action
        from (select e.*, e.action <> 'unchanged' and min(e.action) {edited} <> max(e.action) {edited} as half
          from ({cells}) as e left join (values {rows}) as u(table_name, name, linked)
            on u.table_name = d.table_name and u.name = e.name) as h
        group by h.name, h.local, h.production, h.base, h.has_base, h.action"""


def _explain_split_references(specs: TableSpecs) -> str:
    """Compose the SQL that reports takes of only some columns of such a reference."""
    return "".join(
        f"insert into {PROBLEM} select 'half', c.table_name, c.key, {_one_reference(link)}\n"
        f"  from {CHANGE} as c where c.table_name = {literal(spec.label)} and c.action = 'conflict'\n"
        f"    and exists (select from jsonb_each(c.columns) as e join {TAKES} as t on t.column_name = e.key\n"
        f"      where e.key = any ({literals(link.columns)}) and e.value ->> 'action' = 'conflict'\n"
        f"        and t.table_name = c.table_name and coalesce(t.key, c.key) = c.key);\n"
        for spec, link in _multi_column_references(specs)
    )


def _one_reference(link: Link) -> str:
    return literal(f"{' and '.join(link.columns)} are one reference to {link.table}: take them from one side")
