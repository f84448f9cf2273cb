"""plugins.check by a role that may read only some columns: what it lacks is ready to paste."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from maulstick.doctor.declarations import check_plugins, exit_code
from maulstick.errors import Exit
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Kind, Query, Subject, Table
from maulstick.redact import Secret
from tests.databases.places import SHELF, Place


class Declared:
    """Plugins that declare one table."""

    found = ()

    def kinds(self) -> dict[str, Kind]:
        return {"shelf": Kind("shelf", "shelf", "slug")}

    def tables(self, subject: Subject) -> list[Table]:
        return [SHELF]

    def queries(self, subject: Subject) -> list[Query]:
        return []


@pytest.fixture
def reader(library: Any, production: Place) -> Iterator[str]:
    """A role of production that may read the ids of one table."""
    role = "reads_ids"
    production.run(f"create role {role}; grant select (id) on shelf to {role}")
    yield role
    production.run(f"drop owned by {role}; drop role {role}")


def test_a_role_with_some_columns_is_told_what_it_lacks(
    reader: str, source: Place, production: Place
) -> None:
    plugins: Any = Declared()
    with (
        connect(Secret(source.url), "source") as here,
        connect(Secret(production.url), "production", role=reader) as there,
    ):
        findings = list(check_plugins(plugins, here, there, "live"))
    [failed] = [one for one in findings if one.word == "fail"]
    assert failed.what.startswith("the role may not read it in live: grant ")
    assert failed.what.endswith(f"grant select on public.shelf to {reader}")
    assert exit_code(findings) == Exit.REFUSED
