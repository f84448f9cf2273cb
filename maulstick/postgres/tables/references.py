"""Where a column leads: to a row by its id, also through columns that are themselves references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from maulstick.errors import Exit, Problem
from maulstick.postgres.tables.pointers import matched_by
from maulstick.postgres.tables.schema import ForeignKey, Schema, TableSchema
from maulstick.postgres.tables.specs import Link, Pairs, Reference
from maulstick.postgres.tables.table_rules import (
    ids_of,
    known_columns,
    known_match_key,
    known_table,
    surrogate_of,
    undeclared,
)
from maulstick.project.declarations import Leave, Match, Table, names

ColumnPlace = tuple[str, str]
"""A table and one of its columns."""


@dataclass(frozen=True, slots=True)
class References:
    """The references of all declared tables; `matches` are the keys of tables that are only matched."""

    tables: Mapping[str, Table]
    schema: Schema
    matches: Mapping[str, tuple[str, ...]]

    def of(self, table: Table, columns: tuple[str, ...]) -> dict[str, Reference]:
        """Return which of the columns travel as keys, and where they lead."""
        leads = {column: self.leads(table.name, column) for column in columns}
        return {column: to for column, to in leads.items() if to is not None}

    def require_matches(self, table: Table) -> None:
        """Refuse a match by columns that do not identify a row, or not those of another match (exit 6)."""
        for column, name, natural in self.matched(table):
            pointed = known_table(name, self.schema)
            known_columns(Table(name, key=natural), pointed)
            leads = {one for one in natural if self.leads(name, one) is not None}
            known_match_key(f"{table.name}.{column}", natural, pointed, leads)
            if self.matches[name] != natural:
                says = f"is matched by {', '.join(self.matches[name])} and by {', '.join(natural)}"
                raise Problem(name, says, "match it by one key everywhere", code=Exit.PLUGIN)

    def require_spared(self, table: Table) -> None:
        """Refuse an optional match whose columns cannot be null (exit 6)."""
        found = self.schema.tables[table.name]
        for key in found.foreign_keys:
            how = self.how(table, key)
            for column in self._spared(table, key):
                says = ""
                if column in table.key:
                    says = "is part of the key: the row that it points at must be there"
                elif isinstance(how, Match) and how.missing == "null" and found.columns[column].not_null:
                    says = "is never null: the row that it points at must be there"
                if says and isinstance(how, Match):
                    hint = f'leave missing="{how.missing}" out'
                    raise Problem(f"{table.name}.{column}", says, hint, code=Exit.PLUGIN)

    def matched(self, table: Table) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield the tables that a table's references match: the column, the table and the key.

        A match at a column beside an id says how the row is found to which the far end leads by that column.
        """
        for key in self.schema.tables[table.name].foreign_keys:
            if natural := self._match(table, key):
                yield key.columns[0], key.table, natural
            for column in self._free(table, key):
                beside, target = table.references.get(column), dict(_pairs(key))[column]
                if isinstance(beside, Match) and beside is not self.how(table, key):
                    for further in self._foreign_keys(key.table):
                        if further.columns == (target,) and further.table not in self.tables:
                            yield column, further.table, names(beside.key)
        yield from matched_by(table, self.tables)

    def links(self, table: Table, columns: tuple[str, ...]) -> tuple[Link, ...]:
        """List the references by anything other than a single id: their rows must be looked for."""
        found = []
        for key in self.followed(table, columns):
            by_id = key.target == (self.id_of(key.table),)
            if not by_id and set(key.columns) <= set(columns):
                how = self.how(table, key)
                missing = how.missing if isinstance(how, Match) else "error"
                found.append(Link(key.columns, key.table, key.target, missing, key.period))
        return tuple(found)

    def followed(self, table: Table, columns: tuple[str, ...]) -> Iterator[ForeignKey]:
        """Yield the foreign keys that travel: whole, or with the id that they lead to.

        Raises a problem (exit 6) for one that nobody declared and for what cannot be followed.
        """
        for key in self.schema.tables[table.name].foreign_keys:
            travelling = [pair for pair in _pairs(key) if pair[0] in columns]
            whole = len(travelling) == len(key.columns)
            if whole and not self._is_known(key.table):
                raise undeclared(table.name, key, self._free(table, key))
            if self._is_known(key.table):
                self._require_alike(table, key, travelling)
            else:
                self._require_plain(table, key, travelling)
            if whole or any(to == self.id_of(key.table) for _, to in travelling):
                yield key

    def leads(self, table: str, column: str, seen: tuple[ColumnPlace, ...] = ()) -> Reference | None:
        """Return the reference that a column is, None if its values mean the same everywhere."""
        if (table, column) in seen:
            return None
        keys = sorted(self.schema.tables[table].foreign_keys, key=lambda key: len(key.columns))
        for key in keys:
            if column in key.columns and self._is_known(key.table):
                found = self._end(table, key, column, (*seen, (table, column)))
                if found is not None:
                    return found
        return None

    def end(self, table: str, column: str) -> str:
        """Return the table to which a column leads, "" if its values mean the same everywhere."""
        found = self.leads(table, column)
        return found.table if found is not None else ""

    def id_of(self, table: str) -> str | None:
        """Return the column of a table's ids, by which others reference its rows; it does not travel."""
        return self.surrogate(table) or self.counted(table)

    def surrogate(self, table: str) -> str | None:
        """Find the column that identifies a row by itself and does not travel.

        Of a table that is only matched, it may be a column that is a reference itself.
        """
        key, found = self._key_of(table), self.schema.tables[table]
        surrogate = surrogate_of(found, key, names(self.tables[table].skip) if table in self.tables else None)
        if surrogate is not None or table in self.tables:
            return surrogate
        leading = leading_columns(found) - {*key}
        alone = {one.target[0] for one in self._pointing(table) if len(one.target) == 1}
        return min(leading & alone, default=None)

    def counted(self, table: str) -> str | None:
        """Return the generated column of a multi-column primary key, if others reference it."""
        found, key = self.schema.tables[table], self._key_of(table)
        several = found.primary_key if len(found.primary_key) > 1 else ()
        ids = [column for column in several if found.columns[column].counts_itself and column not in key]
        pointing = [one for one in self._pointing(table) if {*ids} & {*one.target}]
        if len(ids) != 1 or not pointing or any(one.period for one in pointing):
            return None
        return ids[0]

    def how(self, table: Table, key: ForeignKey) -> Leave | Match | None:
        """Return what was declared for a foreign key at one of its columns.

        Of several the one that holds the id of the row speaks first, then those that lead further.
        """
        leading, target = self._leading(key.table), dict(_pairs(key))
        free = sorted(self._free(table, key), key=lambda column: target[column] in leading)
        declared = [table.references[column] for column in free if column in table.references]
        return next((how for how in declared if isinstance(how, Match)), declared[0] if declared else None)

    def _match(self, table: Table, key: ForeignKey) -> tuple[str, ...] | None:
        """Return the key by which a foreign key's rows are matched, None if they travel or stay.

        Where every column leads somewhere by itself, the row that they name together is theirs to find.
        """
        if key.table in self.tables:
            return None
        how = self.how(table, key)
        left = {column for column, one in table.references.items() if isinstance(one, Leave)}
        if how is None and not self._free(table, key) and not {*key.columns} & {*left, *table.skip}:
            return key.target
        return names(how.key) if isinstance(how, Match) else None

    def _free(self, table: Table, key: ForeignKey) -> tuple[str, ...]:
        """List the columns of a foreign key at which it may be declared: they have no other one."""
        keys = self.schema.tables[table.name].foreign_keys
        alone = {one.columns[0]: one.table for one in keys if len(one.columns) == 1}
        whole = len(key.columns) == 1
        return tuple(column for column in key.columns if whole or alone.get(column, key.table) == key.table)

    def _spared(self, table: Table, key: ForeignKey) -> tuple[str, ...]:
        """List the columns of a foreign key that become null without its row: the id, or all of them."""
        how = self.how(table, key)
        if not isinstance(how, Match) or how.missing == "error":
            return ()
        by_id = tuple(column for column, target in _pairs(key) if target == self.id_of(key.table))
        return by_id or key.columns

    def _end(
        self, table: str, key: ForeignKey, column: str, seen: tuple[ColumnPlace, ...]
    ) -> Reference | None:
        declared = self.tables.get(table)
        how = self.how(declared, key) if declared and column in self._spared(declared, key) else None
        missing = how.missing if isinstance(how, Match) else "error"
        target = dict(_pairs(key))[column]
        if target == self.id_of(key.table):
            beside = tuple(pair for pair in _pairs(key) if pair[1] != target)
            return Reference(key.table, missing, () if target == self.surrogate(key.table) else beside)
        further = self.leads(key.table, target, seen)
        if further is None:
            return None
        here = {there: own for own, there in _pairs(key)}
        if lost := [there for there, _ in further.beside if there not in here]:
            says = f"refers to {key.table} without its {', '.join(lost)}, and cannot be followed"
            raise Problem(f"{table}.{column}", says, f"skip {column}, or leave it", code=Exit.PLUGIN)
        return Reference(further.table, missing, tuple((here[one], two) for one, two in further.beside))

    def _require_alike(self, table: Table, key: ForeignKey, pairs: list[ColumnPlace]) -> None:
        """Refuse a foreign key whose two ends would not travel in the same way (exit 6)."""
        for column, target in pairs:
            where = f"{table.name}.{column}"
            if self._stays(key.table, target):
                says = f"refers to {key.table}.{target}, which does not travel"
                hint = "its id cannot travel: skip these columns"
                raise Problem(where, says, hint, code=Exit.PLUGIN)
            own = self.leads(table.name, column)
            by_id = Reference(key.table) if target == self.id_of(key.table) else None
            there = by_id or self.leads(key.table, target)
            if (own and own.table) != (there and there.table):
                ways = [f"by the key of {one.table}" if one else "as it is" for one in (own, there)]
                says = f"travels {ways[0]}, and {key.table}.{target}, which it refers to, {ways[1]}"
                raise Problem(where, says, "declare both tables, or skip these columns", code=Exit.PLUGIN)

    def _require_plain(self, table: Table, key: ForeignKey, pairs: list[ColumnPlace]) -> None:
        """Refuse part of a reference to a table that does not travel, if that part holds an id (exit 6)."""
        found, leading = self.schema.tables.get(key.table), self._leading(key.table)
        for column, target in pairs:
            is_id = target in leading or (found is not None and found.columns[target].counts_itself)
            if is_id and self.leads(table.name, column) is None:
                rest = ", ".join(one for one in key.columns if one != column)
                says = f"is a part of the reference to {key.table}, whose {rest} does not travel"
                hint = f'skip it too: skip=("{column}",), or declare {key.table}'
                raise Problem(f"{table.name}.{column}", says, hint, code=Exit.PLUGIN)

    def _stays(self, table: str, column: str) -> bool:
        """Return whether a referenced column holds ids, leads nowhere and does not travel."""
        if column == self.id_of(table) or column in self._key_of(table) or self.leads(table, column):
            return False
        found, declared = self.schema.tables[table], self.tables.get(table)
        if column in ids_of(found, self._key_of(table)):
            return True
        if declared is None:
            return column in leading_columns(found)
        left = {one for one, how in declared.references.items() if isinstance(how, Leave)}
        made = found.columns[column].counts_itself or column in leading_columns(found)
        return made and column in {*left, *declared.skip}

    def _foreign_keys(self, table: str) -> tuple[ForeignKey, ...]:
        found = self.schema.tables.get(table)  # a partition is not among them
        return found.foreign_keys if found is not None else ()

    def _leading(self, table: str) -> set[str]:
        return {column for key in self._foreign_keys(table) for column in key.columns}

    def _pointing(self, table: str) -> Iterator[ForeignKey]:
        for other in self.tables:
            for key in self.schema.tables[other].foreign_keys:
                if key.table == table:
                    yield key

    def _is_known(self, table: str) -> bool:
        return table in self.tables or table in self.matches

    def _key_of(self, table: str) -> tuple[str, ...]:
        return names(self.tables[table].key) if table in self.tables else self.matches[table]


def references_of(tables: Mapping[str, Table], schema: Schema) -> References:
    """List the references of declared tables."""
    matches: dict[str, tuple[str, ...]] = {}
    found = References({name: tables[name] for name in tables if name in schema.tables}, schema, matches)
    for table in found.tables.values():
        for _, name, natural in found.matched(table):
            matches.setdefault(name, natural)
    return found


def leading_columns(table: TableSchema) -> set[str]:
    """List the columns that a foreign key starts from."""
    return {column for key in table.foreign_keys for column in key.columns}


def _pairs(key: ForeignKey) -> Pairs:
    return tuple(zip(key.columns, key.target, strict=True))
