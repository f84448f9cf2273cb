"""The question whether production holds a bundle's rows just as released, told by one hash of each table.

"No" means nothing but: stage the bundle and compare row by row.
"""

from __future__ import annotations

from collections.abc import Sequence

from maulstick.content import Query
from maulstick.image import image, row_hash
from maulstick.ledger import VERSION
from maulstick.manifest import Manifest, TableRows
from maulstick.quote import block, literal, literals, name, names
from maulstick.references import Link
from maulstick.search_path import OURS, SITES, learn_path
from maulstick.sections.absent import named_by
from maulstick.sections.stage import formats, limits
from maulstick.sections.temporary import real
from maulstick.shapes import Shape

MODE = "set transaction isolation level repeatable read, read only;"
YES = "perform set_config('maulstick.same', 'yes', true);"
ANSWER = "select coalesce(current_setting('maulstick.same', true), '') = 'yes';\nrollback;\n"
NO = "then\n    return;\n  end if;"


def may_ask(manifest: Manifest) -> bool:
    """Tell whether the rows alone decide: no reference may be done without, none is in a column of theirs.

    What becomes of a reference that may be absent depends on rows that are not in the bundle. A column that
    production owns is not hashed, and yet the row that it names must be there.
    """
    return not any(
        _is_lenient(shape) or {*shape.theirs} & _referring(shape) for shape in manifest.shapes.values()
    )


def same(manifest: Manifest, *, target: str, queries: Sequence[Query] = ()) -> str:
    """Return the SQL that asks whether a release would change nothing, with `queries` that must hold too.

    It takes no lock, since it writes nothing: one snapshot stands still for all that is asked.
    """
    tables, subject = manifest.tables.values(), str(manifest.subject)
    steps = [
        _as_agreed(subject, manifest.rows_digest, target),
        *(_one_row_a_key(table.shape) for table in tables if table.rows or table.matched),
        *(_linked(table.shape, link, manifest) for table in tables for link in table.shape.links),
        *(_equal(table, manifest) for table in tables if table.shape.travels),
        *(_holds(query) for query in queries),
        YES,
    ]
    path = learn_path(manifest.shapes.values())
    asked = block("declare\n  answer text;\nbegin\n  " + "\n  ".join(steps) + "\nend")
    return f"begin;\n{MODE}\n{formats()}\n{limits()}\n{path}\n{asked}\n{ANSWER}"


def _is_lenient(shape: Shape) -> bool:
    missing = [to.missing for to in shape.references.values()] + [link.missing for link in shape.links]
    missing += [to.missing for to in shape.pointers]
    return any(what != "error" for what in missing)


def _referring(shape: Shape) -> set[str]:
    linked = {column for link in shape.links for column in link.columns}
    return linked | {*shape.references, *shape.pointing, *(to.column for to in shape.json_references)}


def _as_agreed(subject: str, rows: str, target: str) -> str:
    """Ask the ledger whether base equals these rows: no release and no rollback has moved it since."""
    return f"""if to_regclass('maulstick.agreed') is null {NO}
  if not exists (select from maulstick.ledger as l cross join maulstick.agreed as a
      where l.version = {VERSION} and l.target = {literal(target)}
        and a.subject = {literal(subject)} and a.rows = {literal(rows)}
        and not exists (select from maulstick.base_row as b
          where b.subjects @> array[a.subject] and b.release > a.release)
        and not exists (select from maulstick.upload as u
          where u.subject = a.subject and u.release is null)) {NO}"""


def _one_row_a_key(shape: Shape) -> str:
    """Ask that no second row has the key of one of ours: a unique index says so, or a look at all rows."""
    columns = "unnest(i.indkey::int2[], i.indcollation::oid[]) with ordinality as k(number, sorted, n)"
    plain = f"a.attname = any ({literals(shape.key)}) and a.attnotnull and a.attcollation = k.sorted"
    return f"""if not exists (select from pg_index as i where i.indrelid = {literal(real(shape))}::regclass
      and i.indisunique and i.indisvalid and i.indpred is null and not exists (
        select from {columns}
        left join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
        where k.n <= i.indnkeyatts and ({plain}) is not true))
    and exists (select from {real(shape)} group by {names(shape.key)} having count(*) > 1) {NO}"""


def _linked(shape: Shape, link: Link, manifest: Manifest) -> str:
    """Ask that the rows are there that ours name by plain columns: production may lack the foreign key."""
    this = named_by(shape, manifest.shapes[link.table], link, "p", "t")
    given = " and ".join(f"t.{name(column)} is not null" for column in link.columns)
    rows = f"from {real(manifest.shapes[link.table])} as p where {this}"
    lost = f"not exists (select {rows})"
    if link.period:
        span = name("p", link.target[-1])
        lost = f"((select range_agg({span}) {rows}) @> {name('t', link.columns[-1])}) is not true"
    return f"""if exists (select {_ours(shape, manifest)}
      and {given} and {lost}) {NO}"""


def _equal(table: TableRows, manifest: Manifest) -> str:
    """Ask that production's rows under our keys are the bundle's.

    By PERFORM, which may use several processes where IF may not.
    """
    hashed = row_hash(image(table.shape, manifest.shapes, "t"), table.shape.compared)
    found = f"select count(*) as rows, coalesce(sum({hashed}), 0) as hash {_ours(table.shape, manifest)}"
    return f"""perform from ({found}) as t
    where t.rows = {literal(table.rows)} and t.hash = {literal(table.hash)};
  if not found {NO}"""


def _ours(shape: Shape, manifest: Manifest) -> str:
    """Return the rows that were released for the subject, found by their keys."""
    one, subject = image(shape, manifest.shapes, "t"), literal(str(manifest.subject))
    known = f"b.table_name = {literal(shape.label)} and b.subjects @> array[{subject}]"
    return f"""from {real(shape)} as t{one.joins}
    where {one.key} in (select b.key from maulstick.base_row as b where {known})"""


def _holds(query: Query) -> str:
    return f"""{SITES}
  execute {literal(query.sql)} into answer;
  {OURS}
  if answer is distinct from {literal(query.expect)} {NO}"""
