"""Rows that are deleted: listed, refused if anything references them, and counted when they are deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maulstick.postgres.quoting import block, fitting, literal, literals, name, template
from maulstick.postgres.search_path import OURS, SAME, SITES
from maulstick.postgres.sql.columns.unreleased_columns import unreleased
from maulstick.postgres.sql.guard import ROW, guard
from maulstick.postgres.sql.session import THERE, TRIES, setting
from maulstick.postgres.sql.temp_tables import CHANGE, DOOMED, FOUND, PROBLEM, is_found, real
from maulstick.postgres.sqlstates import BUSY, WRONG
from maulstick.postgres.tables.hidden_ids import hidden_ids
from maulstick.postgres.tables.portable_rows import portable_key, portable_row
from maulstick.postgres.tables.specs import TableSpec, TableSpecs, groups

REFERRED = literal("is referred to by %s of %s (%s)")
SEVERAL = literal("%s rows in %s share this key")


def prune(specs: TableSpecs) -> str:
    """Compose the SQL that marks the gone rows that `--prune` names for deletion."""
    wanted = f"jsonb_to_recordset({setting('prune')}::jsonb) as p(table_name text, key text)"
    same = "(c.table_name, c.key) = (p.table_name, p.key)"
    gone = f"exists (select from {CHANGE} as c where c.action = 'gone' and {same})"
    refused = (
        f"insert into {PROBLEM} select 'prune', p.table_name, p.key, 'is not gone: it stays'\n"
        f"  from {wanted} where not {gone};"
    )
    rows = [mark_deletes(spec, specs, wanted, gone) for spec in specs.values() if spec.travels]
    return "\n".join([refused, *rows, referenced(specs)])


def mark_deletes(spec: TableSpec, specs: TableSpecs, wanted: str, condition: str) -> str:
    """Compose the SQL that marks a table's rows for deletion; `wanted` yields their keys as `p`.

    Where they are was looked up before (`identity/lookup.py`).
    """
    one = portable_row(spec, specs, "t")
    values = ", ".join(one.columns[column] for column in spec.columns)
    label = literal(spec.label)
    here = f"{wanted} where p.table_name = {label} and {condition}"
    found = f"""
      insert into {DOOMED} select {label}, f.key, {_id(spec)}, t.tableoid, t.ctid,
        jsonb_object({literals(spec.columns)}, array[{values}]::text[]), """
    rows = f"""
        from {FOUND} as f join {real(spec)} as t on {is_found()}{one.joins}
        where f.table_name = {label} and f.key in (select p.key from {here})"""
    return block(f"""
begin
  if not exists (select from {here}) then
    return;
  end if;
  execute {literal(found)} || coalesce({unreleased(spec)}, 'null::jsonb') || {literal(rows)};
  analyze {DOOMED} (table_name, key, id, o);
  insert into {PROBLEM} select 'ambiguous', d.table_name, d.key, format({SEVERAL}, count(*), {THERE})
    from {DOOMED} as d where d.table_name = {label} group by d.table_name, d.key having count(*) > 1;
end""")


def referenced(specs: TableSpecs) -> str:
    """Compose the SQL that lists doomed rows that others reference, by a foreign key or otherwise."""
    travelling = [spec for spec in specs.values() if spec.travels]
    by_id = [
        _named(spec, table, says, ids, enforced)
        for spec in travelling
        for table, says, ids, enforced in (*_plain(spec), *_hidden(spec))
    ]
    return "\n".join([*(_referenced(spec) for spec in travelling), *by_id])


def _hidden(child: TableSpec) -> Iterator[tuple[str, str, str, str]]:
    return ((to.table, to.says, to.ids("child"), "") for to in hidden_ids(child))


def _plain(child: TableSpec) -> Iterator[tuple[str, str, str, str]]:
    """Yield the references, each with the SQL of whether the target has a foreign key for it."""
    for column, to in child.references.items():
        enforced = (
            f"select from pg_constraint as f join pg_attribute as a on a.attrelid = f.conrelid\n"
            f"      where f.contype = 'f' and f.conrelid = {literal(real(child))}::regclass\n"
            f"      and f.conkey = array[a.attnum] and a.attname = {literal(column)}"
        )
        yield to.table, column, f"select child.{name(column)}::text", f" or exists ({enforced})"


def _named(child: TableSpec, table: str, says: str, ids: str, enforced: str) -> str:
    label, where = literal(table), literal(says)
    return block(f"""
begin
  if not exists (select from {DOOMED} as d where d.table_name = {label}){enforced} then
    return;
  end if;
  insert into {PROBLEM} select 'referenced', d.table_name, d.key,
      format({REFERRED}, count(*), {literal(child.label)}, {where})
    from {real(child)} as child cross join lateral ({ids}) as held(id)
    join {DOOMED} as d on d.table_name = {label} and d.id = held.id
    where not exists (select from {DOOMED} as x where x.o = child.tableoid and x.c = child.ctid)
    group by d.table_name, d.key;
end""")


def _referenced(spec: TableSpec) -> str:
    """List the doomed rows that a foreign key references, whatever its ON DELETE says.

    The foreign keys are the target's own: a delete once set an enquiry's reference to null
    (docs/postgresql-facts.md, "Locks").
    """
    found = f"""
      insert into {PROBLEM} select 'referenced', d.table_name, d.key,
        format({template(REFERRED)}, count(*), %L, %L)
        from {DOOMED} as d join {template(real(spec))} as t on t.tableoid = d.o and t.ctid = d.c
        join %s as child on %s
        where d.table_name = {template(literal(spec.label))} and not exists (
          select from {DOOMED} as x where x.o = child.tableoid and x.c = child.ctid)
        group by d.table_name, d.key"""
    return block(f"""
declare
  one record;
begin
  if not exists (select from {DOOMED} as d where d.table_name = {literal(spec.label)}) then
    return;
  end if;
  for one in
    select f.conname as name, f.conrelid::regclass::text as child,
      regexp_replace(f.conrelid::regclass::text, '^public[.]', '') as label, string_agg(
      format('t.%I operator(%I.%s) child.%I', p.attname, s.nspname, o.oprname, c.attname), ' and ') as same
    from pg_constraint as f
    cross join unnest(f.conkey, f.confkey, f.conpfeqop) as k(child, parent, same)
    join pg_operator as o on o.oid = k.same join pg_namespace as s on s.oid = o.oprnamespace
    join pg_attribute as c on c.attrelid = f.conrelid and c.attnum = k.child
    join pg_attribute as p on p.attrelid = f.confrelid and p.attnum = k.parent
    where f.confrelid = {literal(real(spec))}::regclass and f.conparentid = 0
    group by f.conname, f.conrelid
  loop
    execute format({literal(found)}, one.label, one.name, one.child, one.same);
  end loop;
end""")


def delete(specs: TableSpecs, named: str = ROW) -> str:
    """Compose the SQL that deletes the doomed rows, children first, unless others now reference one.

    They are looked for once more when nobody can come to refer to them any more: the first time may have
    been before a visitor's commit.
    """
    travelling = [spec for spec in specs.values() if spec.travels]
    return "\n".join(
        [
            *(_find_again(spec, specs) for spec in travelling),
            _hold(travelling),
            referenced(specs),
            guard(named),
            *(_delete_group(group, specs) for group in reversed(groups(specs))),
        ]
    )


def _hold(specs: Sequence[TableSpec]) -> str:
    """Lock the doomed rows so that no new reference to them can appear.

    It tries and pauses, and never stands in the queue for a row: whoever has just referred to one may wait
    for our tables, and PostgreSQL would take one of the two for a deadlock's victim.
    """
    rows = "\n      ".join(
        f"perform 1 from {real(spec)} as t join {DOOMED} as d on t.tableoid = d.o and t.ctid = d.c\n"
        f"        where d.table_name = {literal(spec.label)} for update of t nowait;"
        for spec in specs
    )
    return block(f"""
begin
  if not exists (select from {DOOMED}) then
    return;
  end if;
  for try in 1..{TRIES} loop
    begin
      {rows}
      return;
    exception when lock_not_available then
      perform pg_sleep(0.05 + random() / 5);
    end;
  end loop;
  raise exception using errcode = '{BUSY}', message =
    'a row to delete is in use: no lock in {TRIES} tries; nothing was changed';
end""")


def _find_again(spec: TableSpec, specs: TableSpecs) -> str:
    """Find a table's doomed rows again if triggers have moved any of them."""
    one = portable_key(spec, specs, "t")
    same = "d.id = t.id" if spec.surrogate else "d.key = t.key"
    label = literal(spec.label)
    return block(f"""
begin
  if not exists (select from {DOOMED} as d where d.table_name = {label} and not exists (
      select from {real(spec)} as t where t.tableoid = d.o and t.ctid = d.c)) then
    return;
  end if;
  update {DOOMED} as d set o = t.tableoid, c = t.ctid
    from (select t.tableoid, t.ctid, {_id(spec)} as id, {one.key} as key
      from {real(spec)} as t{one.joins}) as t
    where d.table_name = {label} and {same} and (d.o <> t.tableoid or d.c <> t.ctid);
end""")


def _id(spec: TableSpec) -> str:
    return f"t.{name(spec.surrogate)}::text" if spec.surrogate else "null::text"


def _delete_group(group: Sequence[TableSpec], specs: TableSpecs) -> str:
    """Delete in one statement: circular references hold before and after it, but not in between."""
    again = [_find_again(spec, specs) for spec in group]
    labels = [spec.label for spec in group]
    deletes = [name(fitting(f"delete {label}")) for label in labels]
    parts = ",\n".join(f"{one} as ({_delete_rows(spec)})" for one, spec in zip(deletes, group, strict=True))
    gone = " operator(pg_catalog.+) ".join(f"(select pg_catalog.count(*) from {one})" for one in deletes)
    whole = block(f"""
declare
  wanted bigint;
  done bigint;
begin
  select count(*) into wanted from {DOOMED} as d where d.table_name = any ({literals(labels)});
  if wanted = 0 then  -- PostgreSQL may refuse a delete of no row too
    return;
  end if;
  {SITES}
  with {parts}
  select {gone} into done;
  {OURS}
  if done <> wanted then
    raise exception using errcode = '{WRONG}', message = format(
      'nothing was changed: %s of %s of %s went (a trigger or a rule kept them)',
      done, case wanted when 1 then '1 row' else wanted || ' rows' end, {literal(", ".join(labels))});
  end if;
end""")
    return "\n".join([*again, whole])


def _delete_rows(spec: TableSpec) -> str:
    return (
        f"delete from {real(spec)} as t using {DOOMED} as d"
        f" where d.table_name {SAME} {literal(spec.label)} and t.tableoid {SAME} d.o"
        f" and t.ctid {SAME} d.c returning 1"
    )
