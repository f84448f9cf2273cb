"""Links: the SQL of whether a row is the one that others reference by plain columns."""

from __future__ import annotations

from collections.abc import Callable

from maulstick.postgres.quoting import name
from maulstick.postgres.sql.temp_tables import keys, real, stage
from maulstick.postgres.tables.equality import equal
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs


def named_by(spec: TableSpec, pointed: TableSpec, link: Link, there: str, here: str) -> str:
    """Compose the SQL of whether the row `there` has the values by which the row `here` references it."""

    def same(column: str, target: str) -> str:
        return _same_values(spec, pointed, (column, here), (target, there))

    return _each_column(link, (here, there), same)


def _same_values(spec: TableSpec, pointed: TableSpec, here: tuple[str, str], there: tuple[str, str]) -> str:
    """Compose the SQL of whether two columns, each behind its alias, hold equal values or keys."""
    (column, alias), (target, row) = here, there
    type_ = spec.types[column]
    return equal(f"{row}.{name(target)}", f"{alias}.{name(column)}", pointed.types.get(target, type_), type_)


def none_of(link: Link, holding: tuple[str, str]) -> str:
    """Compose the SQL of whether a link finds no row `p`, or for a period rows that do not cover it."""
    rows = [one for one in holding if one]
    if not link.period:
        return " and ".join(f"not exists ({one})" for one in rows)
    spans = " union all ".join(one.replace("from", f"{name('p', link.target[-1])} from", 1) for one in rows)
    return f"((select range_agg(u.span) from ({spans}) as u(span)) @> s.{name(link.columns[-1])}) is not true"


def holding(
    spec: TableSpec, specs: TableSpecs, link: Link, *, decided: str = "", only: str = ""
) -> tuple[str, str]:
    """Compose the queries for rows `p` with the values: in production, and staged if those can have them.

    One that is only matched, since it is left out, may be in neither.
    """
    pointed = specs[link.table]
    there = f"select from {real(pointed)} as p where {names_there(spec, specs, link, 'p')}"
    if not (pointed.travels and {*link.target} <= {*pointed.columns, pointed.id}):
        return there, ""
    same = names_staged(spec, specs, link, "p")
    known = f'select from {keys(pointed)} as i where i."row" = p.ctid and i.found'
    here = f"(p.maulstick_matched is null or exists ({known}))"
    return there, f"select from {stage(pointed)} as p{decided} where {same} and {here}{only}"


def names_there(spec: TableSpec, specs: TableSpecs, link: Link, row: str) -> str:
    """Compose the SQL of whether a row of production is one that a link of the staged row `s` references."""

    def same(column: str, target: str) -> str:
        reference = spec.references.get(column)
        if reference is None:
            return _same_values(spec, specs[link.table], (column, "s"), (target, row))
        known = f"{keys(specs[reference.table])} as i where i.key = s.{name(column)}"
        return f"{name(row, target)} in (select i.id from {known})"

    return _each_column(link, ("s", row), same)


def names_staged(spec: TableSpec, specs: TableSpecs, link: Link, row: str) -> str:
    """Compose the SQL of whether a staged row is one that a link of the staged row `s` references."""
    pointed = specs[link.table]

    def same(column: str, target: str) -> str:
        if target == pointed.id:
            known = f'{keys(pointed)} as i where i."row" = {row}.ctid'
            return f"exists (select from {known} and i.key = s.{name(column)})"
        if column in spec.references:  # both are staged as keys
            return f"{name(row, target)} = s.{name(column)}"
        return _same_values(spec, pointed, (column, "s"), (target, row))

    return _each_column(link, ("s", row), same)


def _each_column(link: Link, rows: tuple[str, str], same: Callable[[str, str], str]) -> str:
    pairs = [*zip(link.columns, link.target, strict=True)]
    if not link.period:
        return " and ".join(same(one, two) for one, two in pairs)
    *pairs, (one, two) = pairs
    here, there = rows
    meets = f"{name(there, two)} operator(pg_catalog.&&) {name(here, one)}"
    return " and ".join([*(same(*pair) for pair in pairs), meets])


def holds_id(spec: TableSpec, link: Link) -> bool:
    """Return whether one of a link's columns holds the id of the row that it references."""
    return any(spec.references[one].table == link.table for one in link.columns if one in spec.references)
