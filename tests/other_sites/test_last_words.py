"""The last line is true: of rows that differ, of code that was shipped, of a line that broke."""

import json
import os
import re
import signal
from contextlib import contextmanager

import psycopg
import pytest

from tests.databases.lines import Line
from tests.databases.waiting import release_that_waits

PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    return [Kind("series", table="series", key="slug")]


@hookimpl
def maulstick_tables(subject):
    return [Table("series", key="slug"), Table("artworks", key="slug", via="series_id")]
"""
TABLES = """
create table series (id bigserial primary key, slug text not null unique);
create table artworks (id bigserial primary key, series_id bigint references series(id),
  slug text not null unique, title text);
"""
ROWS = """
insert into series (slug) values ('nocturne');
insert into artworks (series_id, slug, title) values
  (1, 'lamp', 'Lamp'), (1, 'door', 'Door'), (1, 'sun', 'Sun');
"""
RELEASE = ("release", "--series", "nocturne", *(f"--only={word}" for word in ("export", "plan", "apply")))
HELD = b"lock table artworks in exclusive mode"


@pytest.fixture
def site(other_site):
    """A site that was released to once."""
    made = other_site(TABLES, local=ROWS, plugin=PLUGIN)
    ran = made.invoke(*RELEASE, "--without-media")
    assert ran.last.startswith("release 1: live is in step with local ("), ran.said
    return made


def last(site, *words):
    """Release and return the last line, without its seconds and what comes behind them."""
    ran = site.invoke(*RELEASE, "--without-media", *words)
    assert ran.code == 0, ran.said
    assert "production" not in ran.last
    return re.split(r" \(\d", ran.last)[0]


def test_a_row_that_was_deleted_there_is_said(site):
    site.run_live("delete from artworks where slug = 'lamp'")
    assert last(site) == "nothing to release: live is in step but for 1 row deleted there"


def test_every_difference_is_said_and_ends_with_its_cause(site):
    site.run_live(
        "delete from artworks where slug = 'lamp'; update artworks set title = 'x' where slug = 'sun'"
    )
    site.run_dev("delete from artworks where slug = 'door'; insert into artworks values (9, 1, 'new', 'New')")
    assert last(site) == (
        "release 2: live is in step but for 1 row deleted there,"
        " 1 row still there that the source deleted (--prune), 1 edited there"
    )
    assert last(site, "--prune") == "release 3: live is in step but for 1 row deleted there, 1 edited there"


def test_a_value_kept_in_a_row_that_is_written_is_said(site):
    site.run_dev("alter table artworks add note text; update artworks set note = 'n'")
    site.run_live(
        "alter table artworks add note text; update artworks set title = 'theirs' where slug = 'sun'"
    )
    assert last(site) == "release 2: live is in step but for 1 row edited there"


def test_a_row_that_moved_to_another_series_is_said(site):
    site.run_dev(
        "insert into series (slug) values ('dawn'); update artworks set series_id = 2 where slug = 'sun'"
    )
    assert last(site) == "nothing to release: live is in step but for 1 row still there that moved elsewhere"


APPLY = ("apply", "--series", "nocturne", "--without-media")


@contextmanager
def releasing(site, line=None, typed=APPLY):
    """Start an apply, or what is typed, over a line while somebody holds its tables."""
    port = int(site.live.info.port)
    dotenv = site.folder / ".env.live"
    address = dotenv.read_text().partition("DATABASE_URL=")[2].splitlines()[0]
    dotenv.write_text(dotenv.read_text().replace(f":{port}/", f":{line.port if line else port}/"))
    site.run_dev("update artworks set title = 'Sunrise' where slug = 'sun'")
    assert site.invoke("export", "--series", "nocturne").code == 0
    with psycopg.connect(address) as holder:
        holder.execute(HELD)
        process = site.start(*typed)
        release_that_waits(site)
        yield process


def ended(site, process):
    """Return the exit code, the error, and the last line, which the record holds too."""
    code, _, err = process.wait(timeout=600)
    words = err.strip().splitlines()[-1]
    [release] = json.loads(site.invoke("report", "--format", "json").out)["releases"]
    assert release["state"] == words
    return code, err, words, release["number"]


def test_a_line_cut_before_the_commit_that_came_ends_with_the_release_that_is_there(site):
    line = Line(site.live.info.port)
    with releasing(site, line) as process:
        line.cut()
    code, err, words, number = ended(site, process)
    assert (code, number) == (4, 2)
    assert "but release 2 was written whole" in err
    assert words == "live: release 2 is there, its rows are live, not verified"


def test_a_line_that_stays_cut_is_never_called_unchanged(site):
    line = Line(site.live.info.port)
    with releasing(site, line) as process:
        line.close()
        line.cut()
        code, err, words, number = ended(site, process)
    assert (code, number) == (8, None)
    assert "it is not known yet whether the rows were written" in err
    assert "unchanged" not in err
    assert (
        words
        == "live: it is not known yet whether the rows were written; invoke history tells once it answers"
    )


def test_a_killed_process_of_the_server_leaves_it_unchanged(site):
    with releasing(site) as process:
        site.run_live(f"select pg_terminate_backend({release_that_waits(site)})")
        code, err, words, number = ended(site, process)
    assert (code, number, words) == (4, None, "live: unchanged")
    assert "nothing was changed" in err


def test_control_c_while_it_waits_leaves_it_unchanged(site):
    with releasing(site) as process:
        os.kill(process.process, signal.SIGINT)
        code, _, words, number = ended(site, process)
    assert (code, number, words) == (130, None, "live: unchanged")


@pytest.mark.parametrize("closed", [True, False], ids=["for good", "for a moment"])
@pytest.mark.parametrize("first", ["line", "key"])
def test_control_c_in_the_moment_in_which_the_line_breaks_ends_with_what_is_known(site, first, closed):
    line = Line(site.live.info.port)
    with releasing(site, line) as process:
        if closed:
            line.close()
        acts = [line.cut, lambda: os.kill(process.process, signal.SIGINT)]
        for act in acts if first == "line" else reversed(acts):
            act()
    code, err, words, number = ended(site, process)
    is_there = site.rows("select max(number) from maulstick.release") == [(2,)]
    assert "Traceback" not in err
    assert code in (130, 4, 8)
    if words == "live: unchanged":
        assert (is_there, number) == (False, None)
    elif number is not None:
        assert (is_there, number, words) == (
            True,
            2,
            "live: release 2 is there, its rows are live, not verified",
        )
    else:
        assert words.startswith("live: it is not known yet whether the rows were written")


def test_a_release_that_was_told_is_written_to_the_log_of_the_server(site):
    """With `synchronous_commit = off` a server that is killed would lose it."""
    site.run_live("""
        create table seen (setting text);
        create function note() returns trigger language plpgsql as $$ begin
          insert into public.seen values (current_setting('synchronous_commit')); return new; end $$;
        create trigger note after update on artworks for each row execute function note();
    """)
    assert site.rows("show synchronous_commit") == [("off",)]
    site.run_dev("update artworks set title = 'New' where slug = 'lamp'")
    assert last(site) == "release 2: live is in step with local"
    assert site.invoke("rollback", "--release", "2").code == 0
    assert site.rows("select setting from seen") == [("on",), ("on",)]
