"""Base as a ledger has it: what pulls have moved since for a release, all of it for a pull."""

from __future__ import annotations

from maulstick.bundle.slice.known_base import Bases, KnownBase
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal
from maulstick.postgres.sql.bases import STAMP
from maulstick.postgres.sql.ledger import BASE
from maulstick.postgres.tables.picked_rows import picked
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.project.declarations import Subject

HAS_PULLED = "select to_regclass('maulstick.pulled') is not null"
HAS_BASE = "select to_regclass('maulstick.base_row') is not null"


def has_pulled(database: Database) -> bool:
    """Return whether anything was ever pulled into a database."""
    return bool(database.query(HAS_PULLED)[0][0])


def pulled_bases(database: Database, subject: Subject, specs: TableSpecs) -> Bases:
    """Read what pulls have moved of a subject's picked rows, and of those that have left it since."""
    if not has_pulled(database):
        return Bases()
    join = "join maulstick.pulled as p using (table_name, key)"
    return Bases(_rows(database, subject, specs, "p.target", "p.stamp", join))


def bases_of(database: Database, subject: Subject, specs: TableSpecs, target: str) -> Bases:
    """Read what the target's ledger says of a subject's picked rows, and of those that have left it since."""
    if not database.query(HAS_BASE)[0][0]:
        return Bases(pulled_from=target)
    join = "left join maulstick.release as r on r.number = b.release"
    return Bases(_rows(database, subject, specs, literal(target), STAMP, join), target)


def _rows(
    database: Database, subject: Subject, specs: TableSpecs, target: str, stamp: str, join: str
) -> tuple[KnownBase, ...]:
    ours = [f"b.subjects @> array[{literal(str(subject))}]"]
    for label, spec in specs.items():
        if spec.travels:
            one = portable_key(spec, specs, "t")
            keys = f"select {one.key} from {picked(spec)}{one.joins} where not p.matched"
            ours.append(f"b.table_name = {literal(label)} and b.key in ({keys})")
    found = database.query(
        f"select {target}, b.table_name, b.key, {stamp}, b.subjects, b.values from {BASE} as b {join}"
        f" where b.values is not null and ({' or '.join(ours)})"
        ' order by b.table_name collate "C", b.key collate "C"'
    )
    return tuple(
        KnownBase(to, table, key, moved, tuple(subjects), values)
        for to, table, key, moved, subjects, values in found
    )
