"""The test of a proposed plugin: a row of its table is released, unchanged the second time, and undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from maulstick.cli.starter.evidence import Evidence
from maulstick.cli.starter.names import with_article
from maulstick.cli.starter.proposal import Proposal
from maulstick.postgres.quoting import literal, name
from maulstick.postgres.tables.schema import Column, TableSchema
from maulstick.project.declarations import Match

GIF = (
    r'GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"'
    "\n"
)
"""The line that defines the smallest picture."""
VALUES = (
    (r"(text|citext|character|varchar|char)\b(?!.*\[\])", "{word}"),
    (r"(smallint|integer|bigint|numeric|real|double precision|money)\b(?!.*\[\])", "1"),
    (r"boolean$", "true"),
    (r"date$", "2025-01-02"),
    (r"timestamp", "2025-01-02 03:04:05"),
    (r"time\b", "03:04:05"),
    (r"uuid$", "00000000-0000-4000-8000-000000000001"),
    (r"jsonb?$", "{{}}"),
    (r".*\[\]$", "{{}}"),
)
"""A value of each type, by the type's name."""


@dataclass(slots=True)
class Inserts:
    """What a test needs: statements for both sides, those for the source alone, and files of the source."""

    proposal: Proposal
    evidence: Evidence
    both: list[str] = field(default_factory=list)
    local: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def add(self, label: str, wanted: Iterable[str], word: str) -> None:
        """Insert a row of a table, after the rows that it cannot be without."""
        self.seen.add(label)
        table = self.evidence.schema.tables[label]
        columns = [one for one in table.columns.values() if _is_given(one, {*wanted})]
        values = {one.name: self._value(label, one, word) for one in columns}
        given = {column: value for column, value in values.items() if value is not None}
        names, texts = ", ".join(map(name, given)), ", ".join(given.values())
        row = f"({names}) values ({texts})" if given else "default values"
        side = self.local if label in self.proposal.tables else self.both
        side.append(f"insert into {_called(table)} {row};")

    def _value(self, label: str, column: Column, word: str) -> str | None:
        for table, target in self._referred(label, column.name):
            if table == label or table not in self.evidence.schema.tables:
                return None
            if table not in self.seen:
                self.add(table, self._keys(table), word)
            return f"(select {name(target)} from {_called(self._table(table))} limit 1)"
        taken = self.proposal.tables.get(label)
        if taken and any(media.column == column.name and not media.path for media in taken.media):
            self.files.append(f"{word}.gif")
            return literal(self.files[-1])
        text = value_of(column, word)
        if text is None:  # an enum and the like: a value that there is
            values = (row.get(column.name) for row in self.evidence.rows(label))
            text = next((value for value in values if value is not None), "?")
        return literal(text)

    def _referred(self, label: str, column: str) -> Iterator[tuple[str, str]]:
        """Yield the table and column that a column refers to."""
        for foreign in self._table(label).foreign_keys:
            if column in foreign.columns:
                yield foreign.table, foreign.target[foreign.columns.index(column)]
        taken = self.proposal.tables.get(label)
        for pointer in taken.pointers if taken else ():
            key = self._table(pointer.table).primary_key
            if pointer.column == column and not pointer.where and len(key) == 1:
                yield pointer.table, key[0]

    def _table(self, label: str) -> TableSchema:
        return self.evidence.schema.tables[label]

    def _keys(self, label: str) -> set[str]:
        """List the columns by which rows of a table are recognised, wherever they are referred to."""
        known = {label: table.key for label, table in self.proposal.tables.items()}
        keys = {*known.get(label, ())}
        for referring in self.proposal.tables.values():
            columns = {
                column: foreign.table
                for foreign in self._table(referring.name).foreign_keys
                for column in foreign.columns
            }
            for column, how in referring.references.items():
                if isinstance(how, Match) and columns.get(column) == label:
                    keys.update(how.key)
            keys.update(*(pointer.key for pointer in referring.pointers if pointer.table == label))
        return keys


def test_text(kind: str, proposal: Proposal, evidence: Evidence) -> str:
    """Write the test of a plugin."""
    word = f"a-{kind}"
    inserts = Inserts(proposal, evidence)
    inserts.add(proposal.table, {*proposal.tables[proposal.table].key, proposal.key}, word)
    column = evidence.schema.tables[proposal.table].columns[proposal.key]
    key = value_of(column, word) or word
    before = _constant("BEFORE", inserts.both) if inserts.both else ""
    on_both = (
        '    for side in ("local", "production"):\n        edited(side, BEFORE)\n' if inserts.both else ""
    )
    fixtures = "edited, released, undone, media_root" if inserts.files else "edited, released, undone"
    files = "".join(
        f'    (media_root / "{file}").write_bytes(GIF)\n' for file in dict.fromkeys(inserts.files)
    )
    return f'''"""The plugin {kind}, tried on two databases that schema.sql makes: docs/testing-plugins.md."""

{GIF if inserts.files else ""}{before}{_constant("ROW", inserts.local)}

def test_{with_article(kind).replace(" ", "_")}_is_released_then_unchanged_and_undone({fixtures}):
{files}{on_both}    edited("local", ROW)
    assert released("{kind}", "{key}").inserted
    again = released("{kind}", "{key}")
    assert (again.inserted, again.updated, again.kept) == (0, 0, 0)
    undone()
    assert released("{kind}", "{key}").inserted
'''


def value_of(column: Column, word: str) -> str | None:
    """Return a value of a column's type as text, None where its type is not known."""
    for pattern, value in VALUES:
        if re.match(pattern, column.type):
            limit = re.search(r"\((\d+)\)", column.type)
            text = value.format(word=word)
            return text[: int(limit[1])] if limit and value == "{word}" else text
    return None


def _is_given(column: Column, wanted: set[str]) -> bool:
    if column.generated or column.counted:
        return False
    return column.name in wanted or (column.not_null and not column.fills_itself)


def _called(table: TableSchema) -> str:
    return name(table.name) if table.schema == "public" else name(table.schema, table.name)


def _constant(title: str, statements: list[str]) -> str:
    text = "\n".join(statements).replace("\\", "\\\\")
    return f'{title} = """\n{text}\n"""\n'
