"""The table that was typed, by its name as declarations have it; another relation is refused."""

from __future__ import annotations

import re

from maulstick.cli.starter.evidence import Evidence
from maulstick.errors import did_you_mean, refused, usage
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal, name
from maulstick.postgres.tables.schema import table_name

BEHIND = """
select distinct n.nspname, r.relname from pg_catalog.pg_rewrite w
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
join pg_catalog.pg_class r on r.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_class'::regclass
join pg_catalog.pg_namespace n on n.oid = r.relnamespace
join pg_catalog.pg_class v on v.oid = w.ev_class and v.oid <> r.oid
join pg_catalog.pg_namespace m on m.oid = v.relnamespace
where {} order by 1, 2
"""
HEIRS = """
select distinct n.nspname, r.relname from pg_catalog.pg_inherits i
join pg_catalog.pg_class r on r.oid = i.inhrelid join pg_catalog.pg_namespace n on n.oid = r.relnamespace
join pg_catalog.pg_class v on v.oid = i.inhparent join pg_catalog.pg_namespace m on m.oid = v.relnamespace
where {} order by 1, 2
"""


def typed_table(evidence: Evidence, typed: str) -> str:
    """Return the label of the table that was typed, which this role may read."""
    schema = evidence.schema
    label = typed
    if typed not in schema.tables and typed not in schema.others:
        label = re.sub(r'"([^"]+)"', r"\1", typed).removeprefix("public.")
    if says := schema.others.get(label):
        hint = _instead(evidence.database, label, says)
        raise usage("--table", f'"{label}" is {says}, not a table of its own', hint)
    if label not in schema.tables:
        raise usage("--table", f'the source has no table "{label}"', did_you_mean(label, schema.tables))
    if evidence.is_hidden(label):
        role = evidence.database.query("select current_user")[0][0]
        table = schema.tables[label]
        hint = f"as its owner: grant select on {name(table.schema, table.name)} to {name(role)}"
        raise refused(label, f"the role {role} may not read it", hint)
    return label


def _instead(database: Database, label: str, says: str) -> str:
    """Return what to name in place of a view, a partition and the like."""
    if says.startswith("a partition of "):
        return f"--table {says.removeprefix('a partition of ').split(', ')[0]}"
    if says == "a foreign table":
        return "its rows are in another database: make that one the source"
    schema, _, plain = label.rpartition(".")
    this = f"m.nspname = {literal(schema or 'public')} and v.relname = {literal(plain)}"
    asked, how = (HEIRS, "a table that inherits") if "inherit" in says else (BEHIND, "a table that it reads")
    tables = ", ".join(table_name(*row) for row in database.query(asked.format(this)))
    return f"name {how}: {tables}" if tables else "name the table behind it"
