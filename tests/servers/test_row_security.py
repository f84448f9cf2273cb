"""A policy that hides rows: what cannot be seen is never taken for what is not there."""

import subprocess
from dataclasses import replace

import pytest

from maulstick.errors import Exit, Problem
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from maulstick.verify.live import Live
from tests.databases.deciding import planned, undone
from tests.databases.places import BOOKS, LIBRARY, apply, export, fill_shelf, plan, release
from tests.servers.clusters import NEWEST

CLERK = """
drop role if exists clerk; create role clerk login password 'a-clerk-s';
grant usage, create on schema public to clerk; grant create on database {database} to clerk;
grant all on all tables in schema public to clerk; grant all on all sequences in schema public to clerk;
"""
HIDE = """
alter table shelf enable row level security;
create policy only_prose on shelf using (slug = 'prose') with check (true);
"""
NOT_TOLD = 'query would be affected by row-level security policy for table "shelf"'

pytestmark = pytest.mark.parametrize("pair", [(NEWEST, NEWEST), (14, 14)], indirect=True)


@pytest.fixture
def library(source, production):
    for place in (source, production):
        place.run(BOOKS)
    fill_shelf(source)


@pytest.fixture
def as_clerk(server, pair, library):
    """A place as it is reached by a clerk, who sees no shelf but prose."""

    def reach(place):
        place.run(HIDE + CLERK.format(database=place.database))
        url = server(pair[1]).url(place.database, role="clerk", password="a-clerk-s")
        made.append(place)
        return replace(place, url=url)

    made = []
    yield reach
    for place in made:
        place.run("drop owned by clerk; drop role clerk")


def test_a_plan_names_what_lets_the_role_see(as_clerk, source, production):
    release(source, production)
    clerk, bundle = as_clerk(production), export(source)
    production.run(
        "grant usage on schema maulstick to clerk; grant all on all tables in schema maulstick to clerk"
    )
    with pytest.raises(Problem, match="alter role clerk bypassrls;") as caught:
        planned(bundle, source, clerk, prune=True)
    assert (caught.value.code, caught.value.where) == (Exit.REFUSED, "rights")
    production.run("alter role clerk bypassrls")
    assert planned(bundle, source, clerk).counts()["unchanged"] == 4


@pytest.mark.parametrize("act", [plan, apply], ids=["plan", "apply"])
def test_a_hidden_row_is_not_a_missing_one(as_clerk, source, production, act):
    fill_shelf(production)
    clerk, before = as_clerk(production), production.dump()
    with pytest.raises(Problem, match=f"{NOT_TOLD}|alter role clerk bypassrls"):
        act(export(source), clerk)
    assert production.dump() == before


def test_psql_alone_refuses_too(as_clerk, source, production):
    clerk, bundle = as_clerk(production), export(source)
    command = ["psql", "-X", "-q", "-f", str(bundle.folder / "release.sql"), clerk.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, NOT_TOLD in done.stderr) == (3, True)
    assert production.value("select count(*) from book") == 0


def test_a_source_that_hides_rows_is_not_exported(as_clerk, source):
    clerk = as_clerk(source)
    with pytest.raises(Problem, match=NOT_TOLD) as caught:
        export(clerk, *LIBRARY)
    assert "bypassrls" in caught.value.hint


def test_a_plugin_s_question_is_not_answered_in_part(as_clerk, production):
    clerk = as_clerk(production)
    with connect(Secret(clerk.url), "production") as database:
        live = Live(None, None, bundle=None, database=lambda: database, machine=None)
        with pytest.raises(Problem, match=NOT_TOLD):
            live.sql("select count(*) from shelf")


def test_the_owner_of_a_table_sees_through_its_policies_unless_forced(as_clerk, source, production):
    clerk = as_clerk(production)
    production.run("alter table shelf owner to clerk; alter table book owner to clerk")
    assert apply(export(source), clerk).says == "4 inserted"
    assert undone(clerk).count("delete") == 4
    production.run("alter table shelf force row level security")
    with pytest.raises(Problem, match="alter role clerk bypassrls;"):
        planned(export(source), source, clerk)
