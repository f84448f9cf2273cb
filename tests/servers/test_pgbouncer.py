"""Releases through PgBouncer in transaction mode: nothing of ours is left for the next client."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from maulstick.bundle import inline_rows as inline
from maulstick.errors import Exit, Problem
from maulstick.hosts.host import Place
from maulstick.media.sources import Folder
from maulstick.plan import history
from maulstick.plan.choices import RowName
from maulstick.postgres.connection import connect
from maulstick.postgres.sections import Range
from maulstick.project.declarations import Kind, Subject
from maulstick.redact import Secret
from maulstick.release.status import standings
from maulstick.release.steps import apply as apply_step
from maulstick.verify.live import Live
from tests.databases.deciding import undone
from tests.databases.places import Declared, a_target, apply, export, local, plan
from tests.databases.waiting import release_that_waits
from tests.servers import house, pooling
from tests.servers.clusters import GET_THEM, NEWEST

pytestmark = pytest.mark.skipif(pooling.PROGRAM is None, reason=f"pgbouncer is not here: {GET_THEM}")
LEFT = """
select (select count(*) from pg_class where relpersistence = 't'),
  (select count(*) from pg_locks where locktype = 'advisory'),
  (select count(*) from pg_prepared_statements), (select count(*) from pg_cursors),
  (select json_agg(name || setting) from pg_settings where source = 'session' and setting <> ''
    and name not in ('application_name', 'client_encoding')),
  current_user = session_user
"""
OPENS = {"read only": {"read_only": True}, "another role": {"role": "pg_monitor"}, "neither": {}}


@pytest.fixture
def pool(server, source, production):
    """Production as it is reached through PgBouncer, with the house on both sides."""
    house.build(source, production)
    with pooling.pooled(server(NEWEST), production) as place:
        yield place


@pytest.fixture
def bundle(pool, source):
    return export(source, *house.TABLES, key="east")


def left_behind(pool):
    """Return what another client finds who comes right after us."""
    with psycopg.connect(pool.url, prepare_threshold=None) as client:
        return client.execute(LEFT).fetchall()


def test_releases_go_through_it_and_leave_nothing(bundle, pool, source):
    assert plan(bundle, pool).counts()["insert"] == 5
    assert left_behind(pool) == [(0, 0, 0, 0, None, True)]
    assert apply(bundle, pool).says == "5 inserted, 1 updated"
    assert left_behind(pool) == [(0, 0, 0, 0, None, True)]
    source.run("update mark set says = 'new'")
    assert apply(export(source, *house.TABLES, key="east"), pool).says == "2 updated"
    assert house.contents(pool) == house.contents(source)
    assert str(undone(pool)) == "release 2 of hall east: 2 restored"
    assert left_behind(pool) == [(0, 0, 0, 0, None, True)]


def test_a_refused_release_leaves_nothing(bundle, pool, source, production):
    production.run("update hall set title = 'Elsewhere' where slug = 'west'")
    source.run("update hall set title = 'Elsewhere'")
    with pytest.raises(Problem, match="title changed here and there"):
        apply(export(source, *house.TABLES, key="east"), pool)
    assert left_behind(pool) == [(0, 0, 0, 0, None, True)]


def test_the_ledger_and_every_standing_are_read_through_it(bundle, pool, source):
    apply(bundle, pool)
    with connect(Secret(pool.url), "production", read_only=True) as database:
        assert [one["number"] for one in history.releases(database)] == [1]
        assert [one["action"] for one in history.changes_of(database, 1)].count("insert") == 5
        assert history.why(database, RowName("hall", "east"))[0]["action"] == "update"
    place = Place(a_target("production"), local(source))
    hall = Declared(Kind("hall", "hall", "slug"), house.TABLES)
    with connect(Secret(pool.url), "production") as database:
        [one] = standings([Subject("hall", "east")], place, Folder(source.folder), hall, database)
    assert one.word == "not verified"
    assert left_behind(pool) == [(0, 0, 0, 0, None, True)]


@pytest.mark.parametrize("how", OPENS)
def test_a_connection_holds_to_its_rights_and_leaves_none(pool, how):
    with connect(Secret(pool.url), "production", **OPENS[how]) as database:
        who = "select current_user::text, current_setting('transaction_read_only')"
        wanted = [(OPENS[how].get("role", "postgres"), "on" if how == "read only" else "off")]
        assert [tuple(row) for row in database.query(who)] == wanted
        assert left_behind(pool) == [(0, 0, 0, 0, None, True)]
        with pytest.raises(Problem, match="division by zero"):
            database.query("select 1/0")
        assert [tuple(row) for row in database.query(who)] == wanted
        live = Live(None, None, bundle=None, database=lambda: database, machine=None)
        assert live.sql("select current_setting('transaction_read_only')") == [("on",)]
        assert left_behind(pool) == [(0, 0, 0, 0, None, True)]


def test_two_releases_at_once_share_one_session(bundle, pool):
    with ThreadPoolExecutor() as threads:
        words = sorted(done.word for done in threads.map(lambda _: apply(bundle, pool), range(3)))
    assert words == ["done", "unchanged", "unchanged"]


@pytest.mark.parametrize("looks", [True, False], ids=["while it looks", "while it writes"])
def test_a_session_that_dies_behind_it_changes_nothing(bundle, pool, production, monkeypatch, looks):
    before, rows = production.dump(), Range.blocks
    monkeypatch.setattr(inline, "FEW", 0)  # each COPY is fed while the session runs

    def cut(self):
        production.run(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        return rows(self)

    with monkeypatch.context() as patched:
        patched.setattr(Range, "blocks", cut)
        if not looks:
            patched.setattr(apply_step, "warn_of_unknown", lambda *asked: None)
        with pytest.raises(Problem, match="nothing was changed") as caught:
            apply(bundle, pool)
    assert (caught.value.code, production.dump()) == (Exit.FAILED, before)
    assert apply(bundle, pool).says == "5 inserted, 1 updated"


def test_a_session_that_dies_with_all_rows_sent_is_known_by_its_own_process(bundle, pool, production):
    before = production.dump()
    with ThreadPoolExecutor() as threads, production.other_connection() as holder:
        holder.execute("lock table hall in exclusive mode")
        releasing = threads.submit(apply, bundle, pool)
        production.run(f"select pg_terminate_backend({release_that_waits(production)})")
        with pytest.raises(Problem, match="nothing was changed") as caught:
            releasing.result(timeout=600)
    assert (caught.value.code, production.dump()) == (Exit.FAILED, before)
