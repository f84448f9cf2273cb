"""The columns by which a person tells a table's rows apart: what is declared unique, then what is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from maulstick.cli.starter.evidence import Evidence
from maulstick.postgres.tables.schema import Column, TableSchema, UniqueIndex

NAMES = (
    r"slug|handle|code|sku|identifier|locale|lang(uage)?(_code)?",
    r"(full_|url_|page_)?path|(canonical_|original_)?url|uri|key",
    r"name|title|label|file_?name|username|login|email",
    r"position|ordinal|sort(_order)?|order|rank|number|role|kind|type|field|day|date|.*_on|.*_at",
)
"""How columns that name a row are called, the best first."""
WORST = re.compile(
    r".*(token|secret|hash|digest|password|salt|checksum|session|nonce|private|public_?key|encrypted|otp|md5|sha\d).*",
    re.IGNORECASE,
)
SHARED = re.compile(
    r"(.*_)?(locale|lang(uage)?(_code)?|currency(_code)?|country(_code)?|time_?zone)", re.IGNORECASE
)
"""Columns that name a row within another, never by themselves."""
UNFIT = re.compile(
    r"(json|xml|bytea|real|double|hstore|interval|bit|tsvector|point|polygon|vector|geometry|geography|oid|lo\b)"
)
"""Types whose values name nothing, or not exactly."""
TIMES = {"inserted_at", "updated_at", "created_at", "modified_at", "createdAt", "updatedAt"}
COUNTER = re.compile(r"(.*_)?(counts?|views|likes|hits|version)")
TRIED = 12
"""Columns of a table of which pairs and triples are tried."""


@dataclass(frozen=True, slots=True)
class NaturalKey:
    """A table's key, and what is doubtful about it.

    `where` is the condition outside which rows share it; "" where none do.
    """

    columns: tuple[str, ...]
    doubt: str = ""
    where: str = ""


def natural_key(
    evidence: Evidence, label: str, *, beside: Sequence[str] = (), partly: bool = False
) -> NaturalKey | None:
    """Return the key by which rows of a table are told apart; None where nothing tells them apart.

    `beside` are columns that lead to the row that a row is a part of: a key within that row will do.
    With `partly` so will a key that rows share for which its index does not hold, such as deleted ones.
    """
    table = evidence.schema.tables[label]
    hidden = evidence.hidden.get(label, set())
    fit = {
        name: column
        for name, column in table.columns.items()
        if name not in hidden and _fits(name, column, table)
    }
    indexes = [index for index in evidence.unique(label) if {*index.columns} <= {*fit}]
    ranked = sorted(indexes, key=lambda index: (bool(index.condition), _rank(index.columns, fit, beside)))
    held = [
        index for index in ranked if partly or not index.condition or evidence.is_unique(label, index.columns)
    ]
    names = [index for index in held if not any(_is_made_up(fit[column]) for column in index.columns)]
    if names:
        return _by_index(evidence, label, names[0])
    primary = table.primary_key
    if primary and {*primary} <= {*fit} and not _is_surrogate(table):
        return NaturalKey(primary)
    in_fact = _in_fact(evidence, label, fit, beside)
    if held and not (
        in_fact and WORST.fullmatch(held[0].columns[0]) and min(map(_score, in_fact.columns)) < 3
    ):
        made_up = next(column for column in held[0].columns if _is_made_up(fit[column]))
        doubt = f"nobody chooses {made_up}: right where both sides have the same, as after a copy"
        return NaturalKey(held[0].columns, doubt)
    return in_fact or _as_a_last_resort(evidence, label, table)


def _by_index(evidence: Evidence, label: str, index: UniqueIndex) -> NaturalKey:
    """Return the columns of a unique index as a key; one of some rows only is doubtful."""
    if index.condition is None:
        return NaturalKey(index.columns)
    where = index.condition.removeprefix("(").removesuffix(")")
    if evidence.is_unique(label, index.columns):
        return NaturalKey(index.columns, f"unique only where {where}; so are all rows that are there now")
    return NaturalKey(index.columns, f"unique only where {where}", index.condition)


def name_column(evidence: Evidence, label: str, key: NaturalKey) -> str:
    """Find the column that a person would type: one that names a single row, of the key or better."""
    table, hidden = evidence.schema.tables[label], evidence.hidden.get(label, set())
    leads = {column for foreign in table.foreign_keys for column in foreign.columns}
    names = [column for column in key.columns if column not in leads and not SHARED.fullmatch(column)]
    names = names or [*key.columns]

    def score(column: str) -> float:
        return 2.5 if _score(column) == 1 and evidence.holds_addresses(label, column) else _score(column)

    best = min(names, key=score)
    fit = [
        name
        for name, column in table.columns.items()
        if _fits(name, column, table) and name not in {*leads, *hidden} and not SHARED.fullmatch(name)
    ]
    better = sorted((name for name in fit if score(name) < min(score(best), 3)), key=score)
    return next((name for name in better if evidence.is_unique(label, (name,))), best)


def _in_fact(
    evidence: Evidence, label: str, fit: dict[str, Column], beside: Sequence[str]
) -> NaturalKey | None:
    columns = sorted(fit, key=lambda column: (_score(column), not fit[column].not_null))[:TRIED]
    if len(evidence.rows(label)) < 2:
        names = [column for column in columns if column not in beside]
        if not names or _score(names[0]) >= len(NAMES):
            return None
        return NaturalKey((*beside[:1], names[0]), "too few rows to tell: see that no two will share it")
    leads = {column for foreign in evidence.schema.tables[label].foreign_keys for column in foreign.columns}
    for columns_tried in _tries(columns, beside):
        if (
            len(columns_tried) == 1
            and columns_tried[0] not in beside
            and _names_none(columns_tried[0], leads)
        ):
            continue
        if evidence.is_unique(label, columns_tried):
            seen = evidence.seen_of(label, columns_tried)
            return NaturalKey(columns_tried, f"no index says that it is unique; in {seen} it is")
    return None


def _tries(columns: Sequence[str], beside: Sequence[str]) -> Iterator[tuple[str, ...]]:
    named = [column for column in columns if _score(column) < len(NAMES)]
    if not beside:
        yield from ((column,) for column in named if _score(column) < 3)
    for parent in beside:
        rest = [column for column in columns if column != parent]
        yield from ((parent, column) for column in rest)
        yield from ((parent, *pair) for pair in combinations(rest[:6], 2))
        yield (parent,)
    yield from ((column,) for column in columns if column not in beside)
    yield from combinations(columns[:6], 2)


def _names_none(column: str, leads: Collection[str]) -> bool:
    """Return whether a column by itself names no row, however different its values are today."""
    return column in leads or SHARED.fullmatch(column) is not None


def _is_made_up(column: Column) -> bool:
    """Return whether nobody chooses a column's values: a uuid, a secret."""
    return column.type == "uuid" or WORST.fullmatch(column.name) is not None


def _as_a_last_resort(evidence: Evidence, label: str, table: TableSchema) -> NaturalKey | None:
    """Return a primary key that the database does not count, such as a uuid that the application makes."""
    primary = table.primary_key
    hidden = evidence.hidden.get(label, set())
    if len(primary) != 1 or table.columns[primary[0]].is_integer or primary[0] in hidden:
        return None
    doubt = "only its id tells rows apart: right where both sides have the same ids, as after a copy"
    return NaturalKey(primary, doubt)


def _fits(name: str, column: Column, table: TableSchema) -> bool:
    if column.generated or column.counted or name in TIMES or UNFIT.match(column.type):
        return False
    if column.type.endswith("[]") or column.type == "boolean":
        return False
    return not (_is_surrogate(table) and (name,) == table.primary_key)


def _is_surrogate(table: TableSchema) -> bool:
    """Return whether a table's rows have an id that names nothing."""
    if len(table.primary_key) != 1:
        return False
    name = table.primary_key[0]
    column = table.columns[name]
    leads = any(name in foreign.columns for foreign in table.foreign_keys)
    is_named = name.lower() in ("id", "uuid", "guid") or name.lower().endswith(("_id", "_uuid"))
    return not leads and (column.counts_itself or is_named)


def _rank(columns: Sequence[str], fit: dict[str, Column], beside: Sequence[str]) -> tuple[object, ...]:
    secret = any(WORST.fullmatch(column) for column in columns)
    nullable = sum(not fit[column].not_null for column in columns)
    is_part = bool(beside) and not {*beside} & {*columns}
    return secret, nullable, is_part, len(columns), min(map(_score, columns))


def _score(column: str) -> int:
    if WORST.fullmatch(column):
        return len(NAMES) + 1
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).lower()
    if COUNTER.fullmatch(plain):
        return len(NAMES) + 1
    words = (plain, plain.partition("_")[2])  # post_title is a title
    names = (at for at, pattern in enumerate(NAMES) if any(re.fullmatch(pattern, word) for word in words))
    return next(names, len(NAMES))
