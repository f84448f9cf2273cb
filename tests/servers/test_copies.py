"""A copy of production for a rehearsal, between servers of different versions."""

from __future__ import annotations

import psycopg
import pytest

from maulstick.hosts.local_server import own_programs
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Kind, Subject
from maulstick.redact import Secret
from maulstick.rehearsal.bundle_rows import BundleRows
from maulstick.rehearsal.copying import Places, copied
from maulstick.rehearsal.met_rows import Travelling
from tests.databases.places import Place, export
from tests.servers import house
from tests.servers.clusters import NEWEST


@pytest.mark.parametrize("pair", [(14, 14), (14, NEWEST), (NEWEST, 14)], indirect=True)
def test_all_of_the_house_that_is_met_comes(source: Place, production: Place, pair: tuple[int, int]) -> None:
    house.build(source, production)
    bundle = export(source, *house.TABLES, key="east")
    east = Travelling(
        Subject("hall", "east"),
        Kind("hall", "hall", "slug"),
        house.TABLES,
        BundleRows(bundle.manifest, bundle.script),
    )
    there, here = Secret(production.url), Secret(source.url)
    with connect(there, "production", read_only=False) as database:
        places = Places(database, there, None, here, own_programs())
        with copied(places, [east], "production", keep=False) as copy:
            assert [str(one) for one in copy.left_out] == []
            assert len(copy.notes) == (pair[0] < pair[1])
            with psycopg.connect(copy.scratch.url.reveal()) as made:
                assert made.execute("select slug from hall order by 1").fetchall() == [("east",)]
                assert made.execute("select tgname from pg_trigger where not tgisinternal").fetchall()
