"""The query whether production holds bundles' rows exactly as released, by one hash for each table.

"No" means nothing but: stage the bundle and compare row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maulstick.bundle.manifest import Manifest
from maulstick.postgres.quoting import block, literal, literals, name, names
from maulstick.postgres.search_path import OURS, SITES
from maulstick.postgres.sql.links import named_by
from maulstick.postgres.sql.session import formats, limits
from maulstick.postgres.sql.temp_tables import real
from maulstick.postgres.sql.trust.own_ledger import LEDGER_VERSION, own_ledger
from maulstick.postgres.sql.trust.site_path import learn_path
from maulstick.postgres.tables.key_conditions import may_be_named
from maulstick.postgres.tables.known_keys import by_values
from maulstick.postgres.tables.portable_rows import portable_row, row_hash
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs
from maulstick.project.declarations import Query

MODE = "set transaction isolation level repeatable read, read only;"
YES = "perform set_config('maulstick.same', array_to_string(alike, ' '), true);"
ANSWER = "coalesce(current_setting('maulstick.same', true), '')"
NO = "then\n    return;\n  end if;"
NONE = f"if alike is null {NO}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A bundle's manifest, and the queries that must hold besides its rows."""

    manifest: Manifest
    queries: Sequence[Query] = ()


NumberedBundles = Mapping[int, Asked]
"""Bundles by number; all have the same specs."""


def may_ask(manifest: Manifest) -> bool:
    """Return whether the rows alone decide: no reference is optional, and none is in a column of theirs.

    What becomes of a reference that may be absent depends on rows that are not in the bundle. A column that
    production owns is not hashed, and yet the row that it names must be there.
    """
    return not any(_is_lenient(spec) or {*spec.theirs} & _referring(spec) for spec in manifest.specs.values())


def same(manifest: Manifest, *, target: str, queries: Sequence[Query] = ()) -> str:
    """Compose the SQL that asks whether a release would change nothing, with `queries` that must hold too.

    It takes no lock, since it writes nothing: one snapshot stands still for all that is asked.
    """
    return _question({0: Asked(manifest, queries)}, target, f"{ANSWER} <> ''")


def alike(asked: NumberedBundles, *, target: str) -> str:
    """Return the SQL that asks the same of several bundles, and answers with the numbers of the unchanged."""
    return _question(asked, target, ANSWER)


def _question(asked: NumberedBundles, target: str, answer: str) -> str:
    specs = next(iter(asked.values())).manifest.specs
    steps = [
        _as_agreed(asked, target),
        *(_one_row_a_key(spec, asked) for spec in specs.values()),
        *(_linked(spec, specs, link, asked) for spec in specs.values() for link in spec.links),
        *(_equal(spec, specs, asked) for spec in specs.values() if spec.travels),
        *(_holds(number, query) for number, one in asked.items() for query in one.queries),
        YES,
    ]
    path = learn_path(specs.values())
    declared = "declare\n  answer text;\n  alike integer[];"
    whole = block(f"{declared}\nbegin\n  " + "\n  ".join(filter(None, steps)) + "\nend")
    before = f"{formats()}\n{limits()}\n{own_ledger(is_written=False)}\n{path}"
    return f"begin;\n{MODE}\n{before}\n{whole}\nselect {answer};\nrollback;\n"


def _is_lenient(spec: TableSpec) -> bool:
    missing = [to.missing for to in spec.references.values()] + [link.missing for link in spec.links]
    missing += [to.missing for to in spec.pointers]
    return any(what != "error" for what in missing)


def _referring(spec: TableSpec) -> set[str]:
    linked = {column for link in spec.links for column in link.columns}
    return linked | {*spec.references, *spec.pointing, *(to.column for to in spec.json_references)}


def _as_agreed(asked: NumberedBundles, target: str) -> str:
    """Ask the ledger whose base equals these rows and has not moved since, by release or rollback."""
    rows = ", ".join(
        f"({number}, {literal(str(one.manifest.subject))}, {literal(one.manifest.rows_digest)})"
        for number, one in asked.items()
    )
    return f"""if to_regclass('maulstick.agreed') is null {NO}
  select array_agg(w.n) into alike from (values {rows}) as w(n, subject, rows)
    join maulstick.agreed as a on a.subject = w.subject and a.rows = w.rows
    cross join maulstick.ledger as l
    where l.version = {LEDGER_VERSION} and l.target = {literal(target)}
      and not exists (select from maulstick.base_row as b
        where b.subjects @> array[a.subject] and b.release > a.release)
      and not exists (select from maulstick.upload as u where u.subject = a.subject and u.release is null);
  {NONE}"""


def _one_row_a_key(spec: TableSpec, asked: NumberedBundles) -> str:
    """Ask that no second row has the key of one of ours: by a unique index, or by reading all rows."""
    tables = {number: one.manifest.tables[spec.label] for number, one in asked.items()}
    without = [number for number, table in tables.items() if not table.rows and not table.matched]
    if len(without) == len(asked):
        return ""
    columns = "unnest(i.indkey::int2[], i.indcollation::oid[]) with ordinality as k(number, sorted, n)"
    plain = f"a.attname = any ({literals(spec.key)}) and a.attnotnull and a.attcollation = k.sorted"
    return f"""if not exists (select from pg_index as i where i.indrelid = {literal(real(spec))}::regclass
      and i.indisunique and i.indisvalid and i.indpred is null and not exists (
        select from {columns}
        left join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
        where k.n <= i.indnkeyatts and ({plain}) is not true))
    and exists (select from {real(spec)} as t where true{may_be_named(spec, "t")}
      group by {names(spec.key)} having count(*) > 1) then
    {_keep(f"n = any ({_numbers(without)})")}
  end if;
  {NONE}"""


def _linked(spec: TableSpec, specs: TableSpecs, link: Link, asked: NumberedBundles) -> str:
    """Ask that the rows exist that ours name by plain columns: production may lack the foreign key."""
    this = named_by(spec, specs[link.table], link, "p", "t")
    given = " and ".join(f"t.{name(column)} is not null" for column in link.columns)
    rows = f"from {real(specs[link.table])} as p where {this}"
    lost = f"not exists (select {rows})"
    if link.period:
        span = name("p", link.target[-1])
        lost = f"((select range_agg({span}) {rows}) @> {name('t', link.columns[-1])}) is not true"
    lacking = f"select u.n {_ours(spec, specs, asked)} and {given} and {lost}"
    return f"{_keep(f'n not in ({lacking})')}\n  {NONE}"


def _equal(spec: TableSpec, specs: TableSpecs, asked: NumberedBundles) -> str:
    """Ask that production's rows with our keys equal the bundle's.

    Of one bundle alone by PERFORM, which may use several processes where others may not.
    """
    hashed = row_hash(portable_row(spec, specs, "t"), spec.compared)
    found = f"select u.n, count(*) as rows, sum({hashed}) as hash {_ours(spec, specs, asked)} group by u.n"
    tables = {number: one.manifest.tables[spec.label] for number, one in asked.items()}
    wanted = ", ".join(f"({number}, {one.rows}, {one.hash})" for number, one in tables.items())
    there = f"(values {wanted}) as w(n, rows, hash) left join ({found}) as f on f.n = w.n"
    alike = f"{there} where coalesce(f.rows, 0) = w.rows and coalesce(f.hash, 0) = w.hash"
    question = f"perform from {alike};\n    if not found {NO}"
    if len(asked) > 1:
        question = f"select array_agg(w.n) into alike from {alike} and w.n = any (alike);"
    without = [number for number, one in tables.items() if not one.rows]
    return f"""if exists (select from maulstick.base_row as b where {_known(spec, asked)}) then
    {question}
  else
    {_keep(f"n = any ({_numbers(without)})")}
  end if;
  {NONE}"""


def _ours(spec: TableSpec, specs: TableSpecs, asked: NumberedBundles) -> str:
    """List the rows `t` that were released for the subjects `u`, found by their keys."""
    one = portable_row(spec, specs, "t")
    values = ", ".join(f"({number}, {literal(str(one.manifest.subject))})" for number, one in asked.items())
    known = f"""select w.n, b.key from maulstick.base_row as b
      cross join lateral unnest(b.subjects) as s(subject)
      join (values {values}) as w(n, subject) on w.subject = s.subject
      where {_known(spec, asked)}"""
    return f"""from ({known}) as u
    cross join {real(spec)} as t{one.joins}
    where {one.key} = u.key{by_values(spec, specs, "t", "u.key")}{may_be_named(spec, "t")}"""


def _known(spec: TableSpec, asked: NumberedBundles) -> str:
    subjects = literals(str(one.manifest.subject) for one in asked.values())
    return f"b.table_name = {literal(spec.label)} and b.subjects && {subjects}"


def _keep(condition: str) -> str:
    """Compose the statement that keeps those numbers for which a condition holds."""
    return f"select array_agg(n) into alike from unnest(alike) as n where {condition};"


def _numbers(numbers: Sequence[int]) -> str:
    return f"array[{', '.join(map(str, numbers))}]::integer[]"


def _holds(number: int, query: Query) -> str:
    """Ask a plugin's question; one that fails does not hold, and what follows it is still asked."""
    return f"""if {number} = any (alike) then
    begin
      {SITES}
      execute {literal(query.sql)} into answer;
    exception when others then
      alike := array_remove(alike, {number});
    end;
    {OURS}
    if answer is distinct from {literal(query.expect)} then
      alike := array_remove(alike, {number});
    end if;
  end if;"""
