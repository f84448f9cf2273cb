"""Section diff: the staged rows compared with the target's and with base, into one table of changes."""

from __future__ import annotations

from maulstick.postgres.quoting import block, fitting, literal, literals, name
from maulstick.postgres.sql.bases import newer_bases
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.deletes import prune
from maulstick.postgres.sql.identity.keys import (
    found,
    key_map,
    may_be_spelt_apart,
    odd_keys,
    old_keys,
    other_equality,
    read_renames,
    renamed,
)
from maulstick.postgres.sql.identity.lookup import look_up
from maulstick.postgres.sql.identity.trees import path_map
from maulstick.postgres.sql.ledger import older, read_ledger
from maulstick.postgres.sql.missing_references import (
    forgive_left_out,
    missing_links,
    missing_matches,
    under_removed,
)
from maulstick.postgres.sql.rows_to_write import rows_to_write, staged_text, times_of
from maulstick.postgres.sql.sequences import reserve_ids
from maulstick.postgres.sql.session import LEFT_OUT
from maulstick.postgres.sql.temp_tables import (
    CHANGE,
    DEFAULTS,
    DIFFERS,
    FOUND,
    KNOWN,
    RENAMES,
    is_found,
    keys,
    real,
    stage,
)
from maulstick.postgres.sql.three_way import decide, read_takes
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.portable_rows import portable_row
from maulstick.postgres.tables.specs import TableSpec, TableSpecs


def diff(subject: str, as_of: str, digest: str, bundle: BundleTables) -> str:
    """Compose the section that finds every staged row in production and what differs."""
    specs, staged, filled = bundle.specs, bundle.staged.values(), bundle.filled.values()
    parts = [
        read_renames(but=[spec.label for spec in bundle.travelling if spec.label not in bundle.staged]),
        *(_known(spec, specs) for spec in staged),
        *(reserve_ids(spec) for spec in filled if spec.id),
        *(other_equality(spec) for spec in staged),
        *(odd_keys(spec) for spec in staged),
        *(missing_matches(spec, bundle.staged) for spec in staged),
        *(forgive_left_out(spec, bundle.staged) for spec in staged if spec.travels),
        *(constant_defaults(spec) for spec in filled),
        read_ledger(subject, bundle.staged),
        *([newer_bases(bundle.pulled_from)] if bundle.pulled_from is not None else []),
        read_takes(),
        *(differing(spec, specs, subject) for spec in filled),
        older(subject, as_of, digest),
        decide(bundle.filled),
        *(under_removed(spec, specs) for spec in filled),
        *(missing_links(spec, specs) for spec in filled),
        gone(subject, bundle),
        *(edited(spec, specs) for spec in bundle.travelling),
        prune(specs),
        *(rows_to_write(spec, specs) for spec in filled),
    ]
    return "\n".join(parts) + "\n"


def _known(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that finds a table's rows in production: by key, or in a tree from the root down."""
    by_user = [look_up(spec, specs, old_keys(spec))] if spec.travels and spec.surrogate else []
    if spec.up is not None:
        return "\n".join([*by_user, path_map(spec, specs, spec.up)])
    return "\n".join([key_map(spec, specs), *by_user, renamed(spec, specs)])


def constant_defaults(spec: TableSpec) -> str:
    """Compose the SQL that reads the target's constant column defaults as text, which adoption needs.

    What adoption is: docs/architecture.md, "Which side wins".
    """
    lists = [one.column for one in spec.pointers if one.is_array]
    return block(f"""
declare
  one record;
begin
  for one in select a.attname, pg_get_expr(d.adbin, d.adrelid) as says,
      format_type(a.atttypid, a.atttypmod) as type
    from pg_attribute as a join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = {literal(real(spec))}::regclass and a.attname = any ({literals(spec.columns)})
  loop
    if one.says not like '%(%' then
      execute format('insert into {DEFAULTS} select %L, %L, (%s)::%s::text',
        {literal(spec.label)}, one.attname, one.says, one.type);
    end if;
  end loop;
  update {DEFAULTS} as d set value = '[]' where d.table_name = {literal(spec.label)} and d.value = '{{}}'
    and d.column_name = any ({literals(lists)});
end""")


def differing(spec: TableSpec, specs: TableSpecs, subject: str) -> str:
    """Compose the SQL that keeps the rows whose text differs from production's, or from base."""
    theirs = [column for column in spec.columns if column in spec.theirs]
    there = portable_row(spec, specs, "t")
    here = {column: staged_text(spec, specs, column, there.columns[column]) for column in spec.columns}
    spelt, as_here = _spelt_as_here(spec, specs, there.columns)
    local = _object(spec.columns, [here[column] for column in spec.columns])
    less = f" - {literals(theirs)}" if theirs else ""
    was = f"{RENAMES} as r on r.table_name = {literal(spec.label)} and r.new = k.key"
    production = _object(spec.compared, [spelt[column] for column in spec.compared])
    texts = ", ".join(here[column] for column in spec.compared)
    others = ", ".join(spelt[column] for column in spec.compared)
    return (
        f"insert into {DIFFERS}\n"
        f'  select {literal(spec.label)}, k.key, k."row",\n'
        f"    case when k.found or b.key is not null then {local}{less} else {local} end,\n"
        f"    case when k.found then {production} end, b.values, coalesce(b.subjects, '{{}}'), r.old,\n"
        f"    {times_of(spec)}\n"
        f'  from {keys(spec)} as k join {stage(spec)} as s on s.ctid = k."row"'
        f"{found(spec, specs)}{there.joins}{as_here}\n"
        f"  left join {was}\n"
        f"  left join {KNOWN} as b on b.table_name = {literal(spec.label)}\n"
        f"    and b.key = coalesce(r.old, k.key)\n"
        f"  where s.maulstick_matched is null and (not k.found or b.key is null\n"
        f"    or not b.subjects @> array[{literal(subject)}]\n"
        f"    or row({texts}) is distinct from row({others})\n"
        f"    or (b.values @> ({local}{less})) is not true);"
    )


def _spelt_as_here(spec: TableSpec, specs: TableSpecs, there: dict[str, str]) -> tuple[dict[str, str], str]:
    """Return production's values and their joins: references to one row are equal, however its key is spelt.

    Where local spells the key of that row otherwise since it was released, it is an update as ever.
    """
    spelt, joins = dict(there), ""
    for column, reference in spec.references.items():
        pointed = specs[reference.table]
        if not may_be_spelt_apart(pointed, specs):
            continue
        alias = fitting(f"q.{column}")
        same = equal(name(alias, "id"), name("t", column), pointed.id_type)
        as_base = f"(b.key is null or b.values ->> {literal(column)} = s.{name(column)})"
        joins += f"\n  left join {keys(pointed)} as {name(alias)} on {name(alias, 'key')} = s.{name(column)}"
        spelt[column] = (
            f"(case when {name(alias, 'found')} and {same} and {as_base} then s.{name(column)}"
            f' else {there[column]} end) collate "C"'
        )
    return spelt, joins


def gone(subject: str, bundle: BundleTables) -> str:
    """Compose the SQL that lists rows released before that are in production and not in this bundle.

    What is left out stays as it is, also where the source has deleted it.
    """
    ours = f"b.subjects @> array[{literal(subject)}]"
    action = f"case when b.subjects = array[{literal(subject)}] then 'gone' else 'left' end"
    tables = literals(spec.label for spec in bundle.travelling)
    here = [f"select r.table_name, r.old from {RENAMES} as r"]
    here += [f"select {literal(spec.label)}, k.key from {keys(spec)} as k" for spec in bundle.staged.values()]
    here += [f"select x.table_name, x.key from {LEFT_OUT}"]
    parts = [
        f"insert into {CHANGE} (table_name, key, action)\n"
        f"  select b.table_name, b.key, {action}\n"
        f"  from {KNOWN} as b where b.table_name = any ({tables}) and {ours} and not exists (\n"
        f"    select from ({' union all '.join(here)}) as k(table_name, key)\n"
        f"    where (k.table_name, k.key) = (b.table_name, b.key));",
        *(look_up(spec, bundle.specs, _gone_of(spec)) for spec in bundle.travelling),
        f"delete from {CHANGE} as c where c.action in ('gone', 'left') and not exists (\n"
        f"  select from {FOUND} as f where (f.table_name, f.key) = (c.table_name, c.key));",
    ]
    return "\n".join(parts)


def _gone_of(spec: TableSpec) -> str:
    label = literal(spec.label)
    return f"select c.key from {CHANGE} as c where c.table_name = {label} and c.action in ('gone', 'left')"


def edited(spec: TableSpec, specs: TableSpecs) -> str:
    """Compose the SQL that finds what was edited in production in rows that are gone."""
    now, label = portable_row(spec, specs, "t"), literal(spec.label)
    rows = f"{FOUND} as f join {real(spec)} as t on {is_found()}{now.joins} where f.table_name = {label}"
    values = _object(spec.columns, [now.columns[column] for column in spec.columns])
    cell = "jsonb_build_object('action', 'gone', 'base', e.value, 'production', n.values -> e.key)"
    return block(f"""
begin
  if not exists (select from {CHANGE} as c where c.table_name = {label} and c.action = 'gone') then
    return;
  end if;
  update {CHANGE} as c set columns = (select jsonb_object_agg(e.key, {cell})
      from jsonb_each(b.values) as e where n.values -> e.key <> e.value)
    from {KNOWN} as b, (select f.key, {values} as values from {rows}) as n
    where c.table_name = {label} and c.action = 'gone'
      and (b.table_name, b.key) = (c.table_name, c.key) and n.key = c.key;
end""")


def _object(columns: list[str] | tuple[str, ...], texts: list[str]) -> str:
    return f"jsonb_object({literals(columns)}, array[{', '.join(texts)}]::text[])"
