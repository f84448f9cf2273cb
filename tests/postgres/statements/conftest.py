"""A transaction with a ledger and the temporary tables of a release, in which single statements are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from maulstick.postgres.search_path import as_ourselves
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.stage import SHARED, stage_tables
from maulstick.postgres.sql.temp_tables import PROBLEM, keys, stage
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.project.declarations import Table
from tests.databases.places import Place, export

RELEASED = {
    "subject": "shelf poetry", "digest": "d", "kind": "release", "operator": "somebody", "commit": "abc",
    "target": "production", "as_of": "2024", "started": "2024-01-02 03:04:05Z",
    "finished": "2024-01-02 03:04:06Z", "shapes": {},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scratch:
    """The transaction: what is in the tables of a release, and what statements make of it."""

    place: Place

    def fill(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows; a dictionary in them is JSON."""
        for row in rows:
            columns = sql.SQL(", ").join(map(sql.Identifier, row))
            values = [Jsonb(value) if isinstance(value, dict) else value for value in row.values()]
            places = sql.SQL(", ").join([sql.Placeholder()] * len(row))
            text = sql.SQL("insert into {} ({}) values ({})").format(sql.SQL(table), columns, places)
            self.place.connection.execute(text, values)

    def release(self, number: int, **more: Any) -> None:
        """Record a release in the ledger."""
        self.fill("maulstick.release", {"number": number, **RELEASED, **more})

    def set(self, **settings: str) -> None:
        """Set what varies between two runs."""
        for name, value in settings.items():
            self.place.run("select set_config(%s, %s, true)", f"maulstick.{name}", value)

    def run(self, text: str) -> str:
        """Run statements, and return how they fail, "" if they do not."""
        try:
            with self.place.connection.transaction():
                self.place.run(text)
        except psycopg.Error as error:
            return error.diag.message_primary or ""
        return ""

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        return self.place.rows(text)


@pytest.fixture
def scratch(production: Place) -> Iterator[Scratch]:
    """A ledger without releases, and the tables of a release without rows; nothing of it stays."""
    with production.connection.transaction(force_rollback=True):
        production.run(f"create schema maulstick; {sql_file('ledger_tables')}")
        production.run("insert into maulstick.ledger values (1, 'production')")
        production.run(f"{as_ourselves()} {SHARED}")
        yield Scratch(production)


@dataclass(frozen=True, slots=True)
class Staging:
    """The temporary tables of a release of some tables, in which rows are staged beside production's."""

    scratch: Scratch
    specs: TableSpecs

    def stage(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Stage rows: the first is at the place (0,1), and so on."""
        self.scratch.fill(stage(self.specs[table]), *rows)

    def run(self, *statements: str) -> None:
        """Run what was composed."""
        for text in filter(None, statements):
            self.scratch.place.run(text)

    def known(self, table: str) -> dict[str, tuple[Any, ...]]:
        """Return, by its key, whether each staged row was found, and its id."""
        spec = self.specs[table]
        id_ = "k.id" if spec.id else "null"
        return by_key(self.scratch.rows(f"select k.key, k.found, {id_} from {keys(spec)} as k order by 1"))

    def problems(self, columns: str = "table_name, key, says") -> list[tuple[Any, ...]]:
        """Return what was found to be wrong."""
        return self.scratch.rows(f"select {columns} from {PROBLEM} order by 1, 2, 3")


@pytest.fixture
def staging(source: Place, scratch: Scratch) -> Callable[..., Staging]:
    """Tables on both sides, with a row in the source that is the subject, and those of a release."""

    def begin(tables: str, *declared: Table, here: str, there: str, key: str) -> Staging:
        source.run(tables + here)
        specs = export(source, *declared, key=key).manifest.specs
        scratch.place.run(f"set local search_path = public; {tables} {there}")
        scratch.place.run(as_ourselves())
        scratch.place.run(stage_tables(BundleTables(specs, specs, specs)).replace(SHARED, ""))
        return Staging(scratch, specs)

    return begin


def by_key(rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """Return rows by their first value: alone or as a tuple of the others."""
    return {key: rest[0] if len(rest) == 1 else tuple(rest) for key, *rest in rows}
