"""A replica answers every question and takes no row: nobody gets further than the plan."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.database_state import unwritable
from maulstick.postgres.connection import connect
from maulstick.project.declarations import Table
from maulstick.redact import Secret
from tests.databases.deciding import release_of
from tests.databases.places import Place, export, perform
from tests.databases.servers import running

ART = Table("art", key="slug")
TABLE = "create table art (id bigserial primary key, slug text not null unique)"


@pytest.fixture
def replica(tmp_path):
    """A server that waits for what its primary writes."""
    with running(tmp_path) as server:
        with server.connect() as connection:
            connection.execute("create database live")
        with server.connect("live") as connection:
            connection.execute(TABLE.encode())
            connection.execute("checkpoint")
        server.down(None)
        (cluster,) = server.home.glob("data-*")
        (cluster / "standby.signal").touch(mode=0o644)
        started = server.up()
        yield Place(server.url("live"), tmp_path, server.connect("live"))
        server.down(started)


def test_a_replica_is_refused(replica, source):
    source.run(f"{TABLE}; insert into art (slug) values ('lamp')")
    with pytest.raises(Problem, match="is a replica: only its primary can be written to") as caught:
        perform(release_of(export(source, ART, key="lamp"), source, replica), "plan")
    assert caught.value.code == Exit.REFUSED
    assert caught.value.hint == "name the primary in DATABASE_URL"


@pytest.mark.parametrize("read_only", [True, False])
def test_a_replica_is_known_to_whoever_only_looks(replica, read_only):
    with connect(Secret(replica.url), "live", read_only=read_only) as database:
        problem = unwritable(database, although=True)
        assert problem is not None
        assert database.query("select count(*) from public.art") == [(0,)]
