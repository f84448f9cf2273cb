"""Keys that name one row only among those for which a condition holds, as a partial unique index says.

The usual case is a row that was deleted softly: its key is free for another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from maulstick.postgres.quoting import name
from maulstick.postgres.tables.equality import equal, equal_or_null
from maulstick.postgres.tables.schema import TableSchema
from maulstick.postgres.tables.specs import KeyCondition, TableSpec


def condition_of(table: TableSchema, key: tuple[str, ...]) -> KeyCondition | None:
    """Find the condition under which no two rows share a key, None where that holds for all rows or for none.

    Several partial indexes on a key make it unique where any of their conditions holds.
    """
    within = [one for one in table.unique_indexes if one.is_within(key)]
    conditions = dict.fromkeys(one.condition for one in within)
    if not conditions or None in conditions:
        return None
    sql = " or ".join(f"({one})" for one in conditions)
    return KeyCondition(sql, tuple(column for column in table.columns if re.search(_word(column), sql)))


def may_be_named(spec: TableSpec, alias: str) -> str:
    """Compose the SQL, to stand behind a condition, of whether a row is the one that its key names.

    The key of a row for which the condition does not hold names another row, if there is one for which it
    does. A bundle that lacks the condition's columns knows only rows for which it holds.
    """
    return f"\n    and {is_named(spec, alias)}" if spec.key_condition else ""


def is_named(spec: TableSpec, alias: str) -> str:
    """Compose the SQL of whether a row is the one that its key names."""
    condition = spec.key_condition
    if condition is None:
        return "true"
    holds = _holds(spec, condition, alias)
    if spec.travels and not _is_staged(spec, condition):
        return holds
    return f"({holds} or {_alone(spec, condition, alias)})"


def holds_for_key(spec: TableSpec, alias: str) -> str:
    """Compose the SQL of whether the condition under which a table's keys are unique holds for a row."""
    return _holds(spec, spec.key_condition, alias) if spec.key_condition else "true"


def names_staged(spec: TableSpec) -> str:
    """Compose the SQL, to stand behind a condition, of whether `t` is the row that the staged row `s` names.

    A staged row for which the condition holds names no other. Else it is the row with its values in the
    condition's columns, such as the time when it was deleted; without one, what its key alone names.
    """
    condition = spec.key_condition
    plain = [column for column in condition.columns if column not in _pointing(spec)] if condition else []
    if condition is None or not plain or not _is_staged(spec, condition):
        return may_be_named(spec, "t")
    others = f"not exists (select {_others(spec, 't')} and {_alike(spec, 'o', 's', plain)})"
    first = f"{others} and ({_holds(spec, condition, 't')} or {_alone(spec, condition, 't')})"
    deleted = f"({_alike(spec, 't', 's', plain)} or {first})"
    return f"""
    and case when {_holds(spec, condition, "s")} then {_holds(spec, condition, "t")} else {deleted} end"""


def _holds(spec: TableSpec, condition: KeyCondition, alias: str) -> str:
    return f"(select {condition.sql} from (select {name(alias)}.*) as {name(spec.name)}) is true"


def _alone(spec: TableSpec, condition: KeyCondition, alias: str) -> str:
    return f"not exists (select {_others(spec, alias)} and {_holds(spec, condition, 'o')})"


def _others(spec: TableSpec, alias: str) -> str:
    return f"from {name(spec.schema, spec.name)} as o where {_alike(spec, 'o', alias, spec.key)}"


def _alike(spec: TableSpec, one: str, two: str, columns: Iterable[str]) -> str:
    pairs = ((column, name(one, column), name(two, column)) for column in columns)
    return " and ".join(
        equal_or_null(here, there) if column in spec.nullable else equal(here, there, spec.types[column])
        for column, here, there in pairs
    )


def _is_staged(spec: TableSpec, condition: KeyCondition) -> bool:
    """Return whether the condition can be asked of a staged row, where what points at a row is a key."""
    wanted = {*condition.columns} & _pointing(spec)
    only_null = (re.sub(f"{_word(one)} IS (NOT )?NULL", "", condition.sql) for one in wanted)
    whole = not any(re.search(_word(one), rest) for one, rest in zip(wanted, only_null, strict=True))
    return whole and {*condition.columns} <= {*spec.columns}


def _pointing(spec: TableSpec) -> set[str]:
    return {*spec.references, *spec.pointing}


def _word(column: str) -> str:
    quoted = re.escape(f'"{column}"')
    return rf'(?:{quoted}|(?<![\w"$]){re.escape(column)}(?![\w"$]))'
