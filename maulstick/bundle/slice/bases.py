"""What a bundle knows of base: the values that both sides agreed on, as the ledger it comes from has them.

A bundle of a release holds what pulls have moved since; one of a pull holds what production's ledger says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class KnownBase:
    """A row's base; `stamp` says which release of the target had moved it last, None where none had."""

    target: str
    table_name: str
    key: str
    stamp: str | None
    subjects: tuple[str, ...]
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Bases:
    """Base as a bundle brings it; `pulled_from` is the target that it was pulled from, "" for a release."""

    rows: tuple[KnownBase, ...] = ()
    pulled_from: str = ""

    def __bool__(self) -> bool:
        return bool(self.rows or self.pulled_from)

    def as_json(self) -> str:
        """Return the rows as one text of JSON."""
        return json.dumps([_plain(row) for row in self.rows], ensure_ascii=False)

    def to_json(self) -> dict[str, Any]:
        """Return it as a manifest has it."""
        return {"pulled_from": self.pulled_from, "rows": [_plain(row) for row in self.rows]}


NO_BASES = Bases()


def from_json(found: Mapping[str, Any]) -> Bases:
    """Return what a manifest has."""
    rows = (KnownBase(**{**row, "subjects": tuple(row["subjects"])}) for row in found["rows"])
    return Bases(tuple(rows), found["pulled_from"])


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


def _plain(row: KnownBase) -> dict[str, Any]:
    return {
        "target": row.target,
        "table_name": row.table_name,
        "key": row.key,
        "stamp": row.stamp,
        "subjects": list(row.subjects),
        "values": dict(row.values),
    }
