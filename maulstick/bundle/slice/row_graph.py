"""Which rows refer to which, and which of them travel only through others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from maulstick.bundle.row_references import Row, RowPlace, referred
from maulstick.postgres.tables.keys import key_text
from maulstick.postgres.tables.specs import Link, TableSpec, TableSpecs
from maulstick.project.declarations import Kind, Table

References = Mapping[RowPlace, Sequence[tuple[str, RowPlace]]]
"""Each row with the columns that refer to others, and the rows that they refer to."""
RowsOfTable = Callable[[TableSpec], Iterable[Row]]


def references_between(rows: RowsOfTable, specs: TableSpecs) -> References:
    """List the references of all travelling rows, by foreign keys, pointers, in JSON and by plain columns."""
    travelling = [spec for spec in specs.values() if spec.travels]
    links = {spec.label: [*_links(spec, specs)] for spec in travelling}
    targets = {(link.table, link.target) for several in links.values() for link in several}
    places = {(table, target): _by_values(rows, specs, table, target) for table, target in targets}
    found: dict[RowPlace, list[tuple[str, RowPlace]]] = {}
    for spec in travelling:
        for row in rows(spec):
            to = [*referred(row, spec)]
            for link in links[spec.label]:
                values = tuple(row.get(column) for column in link.columns)
                known = places[link.table, link.target].get(values, ())
                to += [(column, place) for place in known for column in link.columns]
            found[spec.label, key_text(spec, specs, row)] = to
    return found


def _links(spec: TableSpec, specs: TableSpecs) -> Iterator[Link]:
    """Yield the links by plain columns; of one over a span of time only what stands beside the span."""
    for link in spec.links:
        columns, target = (
            (link.columns[:-1], link.target[:-1]) if link.period else (link.columns, link.target)
        )
        pointed = specs.get(link.table)
        if pointed is not None and pointed.travels and target and {*target} <= {*pointed.columns}:
            yield Link(columns, link.table, target)


def _by_values(
    rows: RowsOfTable, specs: TableSpecs, table: str, target: tuple[str, ...]
) -> Mapping[tuple[str | None, ...], Sequence[RowPlace]]:
    found: dict[tuple[str | None, ...], list[RowPlace]] = {}
    for row in rows(specs[table]):
        values = tuple(row.get(column) for column in target)
        if None not in values:
            found.setdefault(values, []).append((table, key_text(specs[table], specs, row)))
    return found


@dataclass(frozen=True)
class RowGraph:
    """Rows that refer to each other, with what is declared of their tables; `kind` is that of the subject."""

    references: References
    declared: Mapping[str, Table]
    kind: Kind

    def reached(self, without: Collection[RowPlace]) -> set[RowPlace]:
        """List the rows that travel if some do not: by their own condition, or through others that travel."""
        parts: dict[RowPlace, list[RowPlace]] = {}
        for place in self.references:
            for to in self.owners(place):
                parts.setdefault(to, []).append(place)
        waiting = [place for place in self.references if self.stands_alone(place)]
        there: set[RowPlace] = set()
        while waiting:
            place = waiting.pop()
            if place in there or place in without:
                continue
            there.add(place)
            waiting += parts.get(place, ())
            waiting += [to for _, to in self.references[place] if to in self.references and self._follows(to)]
        return there

    def owners(self, place: RowPlace) -> set[RowPlace]:
        """List the rows that a row belongs to."""
        table = self.declared.get(place[0])
        via = table.via if table is not None else ()
        return {to for column, to in self.references[place] if column in via and to in self.references}

    def stands_alone(self, place: RowPlace) -> bool:
        """Return whether a row's own table says that it travels, and not a row that it belongs to."""
        table = self.declared.get(place[0])
        if table is None:
            return True
        picked = place[0] == self.kind.table or table.where
        return bool(picked) and not self.owners(place)

    def _follows(self, place: RowPlace) -> bool:
        """Return whether a row comes along because others refer to it."""
        table = self.declared.get(place[0])
        return table is not None and not table.via and not table.where and place[0] != self.kind.table
