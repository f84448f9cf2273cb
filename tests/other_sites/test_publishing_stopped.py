"""A release that is stopped between apply and publish, or in the midst of publishing, and run again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.commands import Started
from tests.databases.lines import Line
from tests.databases.waiting import release_that_waits
from tests.other_sites.conftest import MakeSite
from tests.other_sites.magazine import NIGHT, Magazine, kinds, magazine, public
from tests.other_sites.other_site import TASKS, OtherSite

ALL = ["door", "lamp", "lit"]
HERE = """
import os

from maulstick.console import Console
from maulstick.release.steps import publish
from maulstick.release.writing import transaction


def stop(*_):
    os.kill(os.getpid(), {number})


def before(function):
    return lambda *given, **named: (stop(), function(*given, **named))[1]


def behind(function):
    return lambda *given, **named: (function(*given, **named), stop())[0]


def behind_commit():
    play = transaction.play
    transaction.play = lambda bundle, database, sections, before: (
        play(bundle, database, sections, before),
        stop() if transaction.PUBLISHED in sections else None,
    )[0]


def at(step):
    begin = Console.begin
    Console.begin = lambda self, name: (begin(self, name), stop() if name == step else None)[0]
"""
WAITS = "3 rows written but hidden; invoke publish makes them public"
OPEN = "3 rows of it may be hidden or public; invoke history tells once it answers"
LIVE = "its rows are live, not verified"
MOMENTS = {
    "as publish begins": ("at('publish')", WAITS),
    "before previews are asked for": ("publish.previewed = before(publish.previewed)", WAITS),
    "before its transaction": ("publish.prepared = behind(publish.prepared)", WAITS),
    "behind its commit": ("behind_commit()", LIVE),
    "before its number is kept": ("publish.written = behind(publish.written)", OPEN),
    "before verify": ("at('verify')", LIVE),
}
"""Where it is stopped, and what is known then of the rows."""
SHUTS = """
create function shut() returns trigger language plpgsql as $$ begin
  perform pg_advisory_xact_lock(7); return new; end $$;
create trigger shut before update on essays for each row execute function shut();
"""
DIES = """
from maulstick.postgres.sections import Section
from maulstick.release.writing import transaction

play = transaction.play


def dies(bundle, database, sections, before):
    last = [Section("dies", "select pg_terminate_backend(pg_backend_pid());")]
    return play(bundle, database, [*sections, *(last if transaction.PUBLISHED in sections else [])], before)


transaction.play = dies
"""
"""The server's process dies behind the commit of publish, before its answer has come."""


@pytest.fixture
def web() -> Iterator[Magazine]:
    with Magazine().running() as started:
        yield started


@pytest.fixture
def site(other_site: MakeSite, storage: str, web: Magazine) -> OtherSite:
    """A magazine that nothing was released to, but which has an essay of its own."""
    made = magazine(other_site, storage, web)
    made.run_live(
        "insert into books (slug) values ('night');"
        "insert into essays (book_id, slug, title) values (1, 'lamp', 'On lamps')"
    )
    return made


def rows(site: OtherSite) -> list[tuple[str, ...]]:
    """Return all content, without the numbers and times that the database gives."""
    return site.rows(
        "select b.slug, e.slug, e.title, e.published::text, n.words, n.published_at::text from books as b "
        "join essays as e on e.book_id = b.id left join notes as n on n.essay_id = e.id order by 1, 2, 5"
    )


UNDISTURBED = [
    ("night", "door", "On doors", "true", "shut", None),
    ("night", "draft", "On drafts", "false", None, None),
    ("night", "lamp", "On lamps", "true", "lit", "2026-01-01 00:00:00"),
]
BEFORE = [("night", "lamp", "On lamps", "false", None, None)]


def ends_as_undisturbed(site: OtherSite) -> None:
    """Run the same again, which ends like one that nothing disturbed; a rollback restores all."""
    ran = site.invoke("release", *NIGHT)
    assert ran.code == 0, ran.said
    assert (public(site), rows(site)) == (ALL, UNDISTURBED)
    assert kinds(site) == ["release", "publish"]
    assert "in step" in site.invoke("status").out
    assert "nothing to release" in site.invoke("release", *NIGHT).last
    ran = site.invoke("rollback", "--release", "1")
    assert ran.code == 0, ran.said
    assert rows(site) == BEFORE


@contextmanager
def publishing(site: OtherSite, line: Line | None = None) -> Iterator[Started]:
    """Start a release over a line, and yield it while its publish waits within its transaction."""
    site.run_live(SHUTS)
    dotenv = site.folder / ".env.live"
    if line is not None:
        dotenv.write_text(dotenv.read_text().replace(f":{line.there}/", f":{line.port}/"))
    with psycopg.connect(site.live.info.dsn, password=site.live.info.password) as holder:
        holder.execute("select pg_advisory_lock(7)")
        process = site.start("release", *NIGHT)
        release_that_waits(site)
        assert (public(site), kinds(site)) == ([], ["release"])
        yield process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_stopped_and_run_again_it_ends_as_an_undisturbed_run(
    site: OtherSite, moment: str, number: signal.Signals
) -> None:
    text, stands = MOMENTS[moment]
    (site.folder / "tasks.py").write_text(f"{TASKS}{HERE.format(number=int(number))}\n{text}\n")
    ran = site.invoke("release", *NIGHT)
    assert ran.code == (130 if number == signal.SIGINT else -9), ran.said
    assert "Traceback" not in ran.err
    assert public(site) == ([] if stands == WAITS else ALL)
    if number == signal.SIGINT:
        assert ran.err.splitlines()[-1] == f"live: release 1 is there, {stands}"
    (site.folder / "tasks.py").write_text(TASKS)
    if stands == WAITS:
        assert "3 rows hidden" in site.invoke("status").out
    ends_as_undisturbed(site)


def test_killed_within_the_transaction_of_publish_the_server_may_finish_it(site: OtherSite) -> None:
    with publishing(site) as process:
        os.kill(process.process, signal.SIGKILL)
        process.wait(timeout=600)
    ends_as_undisturbed(site)


def test_interrupted_within_the_transaction_of_publish_nothing_is_public(site: OtherSite) -> None:
    with publishing(site) as process:
        os.kill(process.process, signal.SIGINT)
        code, _, err = process.wait(timeout=600)
        assert code == 130, err
        assert err.splitlines()[-1] == f"live: release 1 is there, {WAITS}"
        assert (public(site), kinds(site)) == ([], ["release"])
    ends_as_undisturbed(site)


def test_a_process_of_the_server_killed_within_publish_leaves_the_rows_hidden(site: OtherSite) -> None:
    with publishing(site) as process:
        site.run_live(f"select pg_terminate_backend({release_that_waits(site)})")
        code, _, err = process.wait(timeout=600)
        assert code == 4, err
        assert WAITS in err
        assert (public(site), kinds(site)) == ([], ["release"])
    ends_as_undisturbed(site)


def test_a_line_cut_before_the_commit_that_came_ends_with_rows_that_are_public(site: OtherSite) -> None:
    line = Line(site.live.info.port)
    with publishing(site, line) as process:
        line.cut()
    code, _, err = process.wait(timeout=600)
    assert code == 4, err
    assert "but release 2 was written whole" in err
    assert err.splitlines()[-1] == f"live: release 1 is there, {LIVE}"
    assert (public(site), kinds(site)) == (ALL, ["release", "publish"])
    ends_as_undisturbed(site)


def test_a_line_that_stays_cut_leaves_it_open_whether_rows_are_public(site: OtherSite) -> None:
    line = Line(site.live.info.port)
    with publishing(site, line) as process:
        line.close()
        line.cut()
        code, _, err = process.wait(timeout=600)
    assert code == 8, err
    assert err.splitlines()[-1] == f"live: release 1 is there, {OPEN}"
    dotenv = site.folder / ".env.live"
    dotenv.write_text(dotenv.read_text().replace(f":{line.port}/", f":{line.there}/"))
    ends_as_undisturbed(site)


def test_a_process_of_the_server_that_dies_behind_the_commit_is_asked_about(site: OtherSite) -> None:
    (site.folder / "tasks.py").write_text(TASKS + DIES)
    ran = site.invoke("release", *NIGHT)
    assert ran.code == 4, ran.said
    assert ran.err.splitlines()[-1] == f"live: release 1 is there, {LIVE}"
    assert (public(site), kinds(site)) == (ALL, ["release", "publish"])
    (site.folder / "tasks.py").write_text(TASKS)
    ends_as_undisturbed(site)


def test_a_sealed_plan_that_stopped_before_publish_goes_on_with_publish(site: OtherSite) -> None:
    assert site.invoke("export", "--book", "night").code == 0
    assert site.invoke("plan", "--book", "night", "--out", "plan.json").code == 0
    text, _ = MOMENTS["as publish begins"]
    (site.folder / "tasks.py").write_text(f"{TASKS}{HERE.format(number=int(signal.SIGKILL))}\n{text}\n")
    assert site.invoke("release", "--plan", "plan.json", *NIGHT[2:]).code == -9
    (site.folder / "tasks.py").write_text(TASKS)
    ran = site.invoke("release", "--plan", "plan.json", *NIGHT[2:])
    assert (ran.code, public(site)) == (3, []), ran.said
    assert "invoke publish" in ran.err
    ran = site.invoke("publish", "--book", "night")
    assert (ran.code, public(site)) == (0, ALL), ran.said
    ends_as_undisturbed(site)
