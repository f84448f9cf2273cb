"""What a bundle knows of base: the values that both sides agreed on, as the ledger it comes from has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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


def _plain(row: KnownBase) -> dict[str, Any]:
    return {
        "target": row.target,
        "table_name": row.table_name,
        "key": row.key,
        "stamp": row.stamp,
        "subjects": list(row.subjects),
        "values": dict(row.values),
    }
