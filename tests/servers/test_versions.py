"""A release between servers of all versions, in both directions: the source may be the newer one."""

from __future__ import annotations

import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.planner import as_released
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import released, undone
from tests.databases.places import apply, both, export, plan
from tests.postgres.tables.test_types import EVERY, MORE, PAIRS
from tests.servers import house
from tests.servers.clusters import NEWEST

OLDER = (14, 15, 16, 17)
PAIRS_OF_SERVERS = [*((NEWEST, old) for old in OLDER), *((old, NEWEST) for old in OLDER)]

pytestmark = pytest.mark.parametrize(
    "pair", PAIRS_OF_SERVERS, indirect=True, ids=lambda pair: f"{pair[0]}to{pair[1]}"
)


@pytest.fixture
def hall(source, production):
    """The house on both sides, and the bundle of East."""
    house.build(source, production)
    return export(source, *house.TABLES, key="east")


def test_a_release_is_planned_written_and_undone(hall, source, production):
    before = production.dump()
    counts = plan(hall, production).counts()
    assert production.dump() == before
    assert (counts["insert"], counts["update"]) == (5, 1)
    others = production.rows("select * from hall where slug = 'west'")
    assert apply(hall, production).says == "5 inserted, 1 updated"
    assert house.contents(production) == house.contents(source)
    assert production.rows("select * from hall where slug = 'west'") == others
    assert (apply(hall, production).word, plan(hall, production).counts()["unchanged"]) == ("unchanged", 8)
    assert str(undone(production)) == "release 1 of hall east: 1 restored, 5 deleted"
    assert production.rows("select note, notes from hall where slug = 'east'") == [(None, {})]


def test_an_edit_is_kept_and_a_conflict_refused(hall, source, production):
    apply(hall, production)
    source.run("""update "House of Art"."Order" set price = 11, moods = '{wild}' where "select" = 1""")
    production.run("update mark set says = 'theirs' where number = 2")
    assert apply(export(source, *house.TABLES, key="east"), production).says == "1 updated, 1 kept"
    both(source, production, "update mark set says = current_setting('server_version_num') || random()")
    before = production.dump()
    bundle = export(source, *house.TABLES, key="east")
    with pytest.raises(Problem, match="says changed here and there") as caught:
        apply(bundle, production)
    assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)
    assert released(bundle, source, production, take=("local",)).says == "2 updated"
    assert house.contents(production) == house.contents(source)


def test_psql_alone_does_the_same(hall, source, production):
    program = shutil.which("psql")
    assert program, "psql is not on PATH"
    command = [program, "-X", "-q", "-f", str(hall.folder / "release.sql"), production.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert house.contents(production) == house.contents(source)
    assert apply(hall, production).word == "unchanged"


def test_one_hash_of_the_rows_is_the_same_on_both_servers(hall, source, production):
    apply(hall, production)
    with connect(Secret(production.url), "production") as database:
        assert as_released(hall, database, "production")


def test_values_of_every_type_arrive_exactly(source, production):
    columns = ", ".join(f"c{n} {kind}" for n, (kind, _, _) in enumerate(PAIRS))
    both(
        source, production, MORE + f"create table thing (id serial primary key, slug text unique, {columns})"
    )
    for row, one in ((1, 1), (2, 2)):
        values = ", ".join(pair[one] for pair in PAIRS)
        source.run(f"insert into thing values ({row}, 'a{row}', {values})")
        assert apply(export(source, EVERY, key=f"a{row}"), production).says == "1 inserted"
    rows = "select t::text from thing t order by slug"
    assert source.rows(rows) == production.rows(rows)
    assert apply(export(source, EVERY, key="a1"), production).word == "unchanged"


def test_the_process_that_writes_is_known_before_it_has_done(production):
    with connect(Secret(production.url), "production") as database, ThreadPoolExecutor() as threads:
        writing = threads.submit(database.write, "begin;\n", "select pg_sleep(600);\ncommit;\n")
        until = time.monotonic() + 300
        while database.pid is None and time.monotonic() < until:
            time.sleep(0.01)
        while not writing.done() and time.monotonic() < until:  # it may be known before it has begun
            production.run(f"select pg_cancel_backend({database.pid or 0})")
            time.sleep(0.01)
        with pytest.raises(Problem, match="canceling statement"):
            writing.result(timeout=300)
