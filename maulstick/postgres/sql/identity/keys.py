"""Identity: which row of production each staged row is, by its key and by the user's renames."""

from __future__ import annotations

import re
from collections.abc import Sequence

from maulstick.postgres.quoting import block, fitting, literal, literals, name, names
from maulstick.postgres.sql.session import LEFT_OUT, THERE, setting
from maulstick.postgres.sql.temp_tables import FOUND, PROBLEM, RENAMES, by_id, is_found, keys, real, stage
from maulstick.postgres.tables.equality import equal, equal_or_null, is_plain
from maulstick.postgres.tables.hidden_ids import IdOf, from_portable
from maulstick.postgres.tables.key_conditions import names_staged
from maulstick.postgres.tables.portable_rows import array_key, as_json, portable_key
from maulstick.postgres.tables.specs import TableSpec, TableSpecs

UNHEARD = f"""format(
      case when k.found then 'is in %s beside %s, which cannot become it'
        else '%2$s, its old key, is not in %1$s' end, {THERE}, r.old)"""
"""The SQL of what is wrong with a rename `r` that the staged row `k` cannot follow."""
EXACT = re.compile(
    r"(text|character varying|bigint|integer|smallint|uuid|boolean|date"
    r"|timestamp(\(\d\))? with(out)? time zone)(\(\d+\))?"
)
"""Types whose equal values have one text, unless a collation says otherwise.

`citext` and `numeric` are none, and what a domain is made of is not asked.
"""


def key_map(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that gives each staged row its key as text and its row in production."""
    parts = [staged_part(spec, specs, column) for column in spec.key]
    text = array_key(parts, is_value=spec.key_is_value, plain=f"s.{name(spec.key[0])}::text")
    id_ = f", t.{name(spec.id)}" if spec.id else ""
    return (
        f"{analyse_stage(spec)}\n"
        f"insert into {keys(spec)}\n"
        f"  select s.ctid, {text}, t.ctid is not null{id_}\n"
        f"  from {stage(spec)} as s{production_join(spec, specs, kind='left join')};\n"
        f"analyze {keys(spec)};"
    )


def analyse_stage(spec: TableSpec) -> str:
    """Compose the SQL that analyzes the staged rows: few are looked up by an index of the target."""
    return f"analyze {stage(spec)} ({names(spec.key)}, maulstick_matched);"


def read_renames(*, but: Sequence[str] = ()) -> str:
    """Compose the SQL that reads the user's renames, `but` those of tables without rows."""
    rows = f"jsonb_to_recordset({setting('rename')}::jsonb) as r(table_name text, old text, new text)"
    only = f" where r.table_name <> all ({literals(but)})" if but else ""
    return f"insert into {RENAMES} select * from {rows}{only};"


def old_keys(spec: TableSpec) -> str:
    """Compose the query of the keys that rows had before the user renamed them."""
    return f"select r.old from {RENAMES} as r where r.table_name = {literal(spec.label)}"


def renamed(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that finds renamed rows in production by their old keys."""
    if not spec.travels:
        return ""
    by_user = [_renamed(spec)] if spec.surrogate else []
    return "\n".join([*by_user, followed(spec, specs)])


def _renamed(spec: TableSpec) -> str:
    """Find the rows that the user renamed; a row that has its new key already is left alone."""
    label, old = literal(spec.label), old_rows(spec)
    ours = f"r.table_name = {label}"
    there = f"exists (select from {old} where t.key = r.old)"
    return block(f"""
begin
  if not exists (select from {RENAMES} as r where {ours}) then
    return;
  end if;
  insert into {PROBLEM} select 'rename', {label}, r.new, {UNHEARD}
    from {RENAMES} as r join {keys(spec)} as k on k.key = r.new where {ours} and k.found = {there};
  delete from {RENAMES} as r where {ours} and not exists (
    select from {keys(spec)} as k where k.key = r.new and not k.found and {there});
  update {keys(spec)} as k set found = true, id = t.id
    from {old} join {RENAMES} as r on {ours} and r.old = t.key
    where k.key = r.new;
end""")


def old_rows(spec: TableSpec) -> str:
    """Compose the FROM item `t` of the rows that were looked up by key: their keys and ids."""
    columns = f"f.key, t.{name(spec.id or '')} as id"
    rows = f"{FOUND} as f join {real(spec)} as t on {is_found()} where f.table_name = {literal(spec.label)}"
    return f"(select {columns} from {rows}) as t"


def followed(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that renames rows whose key contains a renamed row's, or is spelt differently.

    Base knows a row that production alone spells otherwise by the source's key: that one is not renamed.
    """
    one, label = portable_key(spec, specs, "t"), literal(spec.label)
    fresh = (
        f"insert into {RENAMES} select {label}, {one.key}, k.key\n"
        f'      from {keys(spec)} as k join {stage(spec)} as s on s.ctid = k."row"'
        f"{found(spec, specs)}{one.joins}\n"
        f"      where k.found and {one.key} <> k.key and not exists (\n"
        f"        select from {RENAMES} as r where (r.table_name, r.new) = ({label}, k.key))"
    )
    known = f"select from maulstick.base_row as b where (b.table_name, b.key) = ({label}, k.key)"
    return block(f"""
begin
  if not ({_may_be_spelt_otherwise(spec)} or exists (select from {RENAMES})) then
    return;
  end if;
  if to_regclass('maulstick.base_row') is null then
    {fresh};
  else
    {fresh}
        and not exists ({known});
  end if;
end""")


def may_be_spelt_apart(spec: TableSpec, specs: TableSpecs) -> bool:
    """Return whether a table's key, or one inside it, may spell one value in several ways."""
    if any(not EXACT.fullmatch(spec.types[one]) for one in spec.key if one not in spec.references):
        return True
    held = {spec.references[one].table for one in spec.stem if one in spec.references}
    return any(may_be_spelt_apart(specs[table], specs) for table in held)


def _may_be_spelt_otherwise(spec: TableSpec) -> str:
    plain = [column for column in spec.key if column not in {*spec.references, *spec.pointing}]
    if not all(EXACT.fullmatch(spec.types[column]) for column in plain):
        return "true"
    return (
        f"exists (select from pg_attribute as a join pg_collation as o on o.oid = a.attcollation\n"
        f"    where a.attrelid = {literal(real(spec))}::regclass and a.attname = any ({literals(plain)})\n"
        f"      and not o.collisdeterministic)"
    )


def production_join(spec: TableSpec, specs: TableSpecs, *, kind: str) -> str:
    """Compose the join of staged rows `s` with the target's rows `t` on the typed natural key."""
    pointed = [column for column in spec.key if column in spec.references]
    joins = "".join(
        f"\n    left join {keys(specs[spec.references[column].table])} as {name(fitting('k.' + column))}"
        f" on {name(fitting('k.' + column))}.key = s.{name(column)}"
        for column in pointed
    )
    return f"{joins}\n    {kind} {real(spec)} as t on {same_by_key(spec, specs)}"


def same_by_key(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL of whether `t` of the target is the staged row `s`; its references are `k.…`."""
    return " and ".join(_same(spec, specs, column) for column in spec.key) + names_staged(spec)


def found(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the join of staged rows `s` and their keys `k` with their rows `t` in the target."""
    if spec.surrogate:
        return f"\n  left join {real(spec)} as t on k.found and {by_id(spec)}"
    return production_join(spec, specs, kind="left join")


def other_equality(spec: TableSpec) -> str:
    """Compose the SQL that lists columns used to find rows whose type there has an equality of its own.

    They are compared as the bundle knows their types: a key that is a text here and a citext there is no key.
    """
    named = {*spec.key, *(column for link in spec.links for column in link.columns)} - {*spec.references}
    plain = [column for column in spec.columns if column in named and is_plain(spec.types[column])]
    if not plain:
        return ""
    rows = ", ".join(f"({literal(column)}, {literal(spec.types[column])})" for column in plain)
    return (
        f"insert into {PROBLEM} select 'type', {literal(spec.label)}, a.attname, format(\n"
        f"    'is %s in %s and %s here', format_type(a.atttypid, a.atttypmod), {THERE}, v.type)\n"
        f"  from pg_attribute as a join pg_type as y on y.oid = a.atttypid\n"
        f"  join (values {rows}) as v(name, type) on v.name = a.attname\n"
        f"  where a.attrelid = {literal(real(spec))}::regclass and y.typtype in ('b', 'd')\n"
        f"    and y.typelem = 0 and y.typnamespace <> 'pg_catalog'::regnamespace;"
    )


def odd_keys(spec: TableSpec) -> str:
    """Compose the SQL that lists keys of several rows, and rows with several keys, none of them left out."""
    label, several = literal(spec.label), literal("%s rows in %s share this key")
    spelt = "string_agg(k.key, ', ' order by k.key collate \"C\")"
    found = (
        f"insert into {PROBLEM} select 'ambiguous', {label}, k.key, format({several}, count(*), {THERE})\n"
        f'  from {keys(spec)} as k group by k."row", k.key having count(*) > 1;'
    )
    if not spec.surrogate:
        return found
    goes = f"not exists (select from {LEFT_OUT} where (x.table_name, x.key) = ({label}, k.key))"
    twice = f"select one.id from {keys(spec)} as one where one.found group by one.id having count(*) > 1"
    return (
        f"{found}\n"
        f"insert into {PROBLEM} select 'ambiguous', {label}, {spelt}, format('are one row in %s', {THERE})\n"
        f"  from {keys(spec)} as k where k.found and {goes} and k.id in ({twice})\n"
        f'  group by k.id having count(distinct k."row") > 1;'
    )


def id_of_key(specs: TableSpecs) -> IdOf:
    """Compose the function from the SQL of a key to the SQL of its row's id as text."""

    def id_of(table: str, key: str) -> str:
        return f"(select pointed.id::text from {keys(specs[table])} as pointed where pointed.key = {key})"

    return id_of


def staged_part(spec: TableSpec, specs: TableSpecs, column: str) -> str:
    """Compose the SQL of a staged row's part of a key, as JSON."""
    if column in spec.pointing:
        return f"s.{name(column)}::json"
    if column in spec.references:
        return as_json(specs, spec.references[column].table, f"s.{name(column)}")
    return f"to_json(s.{name(column)}::text)"


def _same(spec: TableSpec, specs: TableSpecs, column: str) -> str:
    staged, there = f"s.{name(column)}", f"t.{name(column)}"
    if column in spec.pointing:
        value = from_portable(spec, column, staged, id_of_key(specs))
        return f"({staged} is null or {value} is not null) and array[{there}] = array[{value}]"
    if column in spec.references:
        key = name(fitting("k." + column))
        same = _equal(spec, column, there, f"{key}.id")
        return f"({staged} is null or {key}.found) and {same}"
    return _equal(spec, column, there, staged)


def _equal(spec: TableSpec, column: str, one: str, two: str) -> str:
    return equal_or_null(one, two) if column in spec.nullable else equal(one, two, spec.types[column])
