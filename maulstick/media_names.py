"""The rows of a target that name files: in which declared columns, and which of some keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from maulstick.bucket_client import BucketAddress
from maulstick.content import MediaColumn, Subject
from maulstick.json_paths import leaves
from maulstick.plugins import Plugins
from maulstick.quote import literal, literals, name
from maulstick.schema import Schema

Names = Mapping[str, str]
"""Keys that rows name, each with the column that does."""


@dataclass(frozen=True, slots=True)
class NamingColumn:
    """A column of the target that names files, as some plugin declares it."""

    table: tuple[str, str]
    medium: MediaColumn

    @property
    def label(self) -> str:
        """Return how a person calls it."""
        inside = f" {self.medium.path}" if self.medium.path else ""
        return f"{self.table[1]}.{self.medium.column}{inside}"

    def values(self) -> str:
        """Return the SQL of all that it names, as `value`."""
        column = f"t.{name(self.medium.column)}"
        if self.medium.path is None:
            return f"select {column}::text as value from {name(*self.table)} as t"
        inside = leaves(f"{column}::jsonb", self.medium.path)
        return f"select leaf.value #>> '{{}}' as value from {name(*self.table)} as t, lateral {inside}"


def naming_columns(plugins: Plugins, schema: Schema) -> list[NamingColumn]:
    """Return every media column that a plugin declares for any kind of subject, where the target has it."""
    found = {}
    for kind in plugins.kinds():
        for table in plugins.tables(Subject(kind, "")):
            there = schema.tables.get(table.name)
            for medium in table.media if there else ():
                if there is not None and medium.column in there.columns:
                    one = NamingColumn((there.schema, there.name), medium)
                    found[one.label] = one
    return list(found.values())


def who_names(columns: Sequence[NamingColumn], keys: Iterable[str], address: BucketAddress) -> str:
    """Return the SQL of which column names which of the keys, in any form that a row may use: key, column."""
    forms = {form: key for key in keys for form in _forms(key, address)}
    parts = [f"select {literal(one.label)}, value from ({one.values()}) as v" for one in columns]
    named = f"unnest({literals(forms)}, {literals(forms.values())}) as f(form, key)"
    parts = parts or ["select null, null::text where false"]
    found = f"({' union all '.join(parts)}) as n(label, value)"
    return f"select distinct f.key, n.label from {found} join {named} on f.form = n.value order by 1, 2;"


def _forms(key: str, address: BucketAddress) -> tuple[str, ...]:
    return key, f"/{key}", f"{address.public_url.rstrip('/')}/{key}", address.public(key)
