"""A rollback that is interrupted, or whose line breaks, ends with what is known of it."""

from __future__ import annotations

import os
import signal

import pytest

from tests.commands import Started
from tests.databases.lines import Line
from tests.databases.waiting import session
from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import TASKS, OtherSite
from tests.other_sites.test_last_words import PLUGIN, RELEASE, ROWS, TABLES, releasing

UNDO = ("rollback", "--release", "2")
INTERRUPTED = """
import os
import signal

from maulstick.console import Console

line = Console.line


def interrupted(console, text, *given):
    line(console, text, *given)
    if "undid" in text or text.startswith("rollback of"):
        os.kill(os.getpid(), signal.SIGINT)


Console.line = interrupted
"""
AS_IT_BREAKS = """
import os
import signal

from maulstick.plan import rollback

lost, sent = rollback.Lost, []


def interrupted(*given):
    if not sent:
        sent.append(True)
        os.kill(os.getpid(), signal.SIGINT)
    return lost(*given)


rollback.Lost = interrupted
"""
LOOKS = """
select pid from pg_stat_activity where datname = current_database() and application_name = 'maulstick'
  and query like '%select exists%pg_stat_activity%'
"""
SUN = "select title from artworks where slug = 'sun'"


@pytest.fixture
def site(other_site: MakeSite) -> OtherSite:
    """A site that was released to twice; the second release named the sun anew."""
    made = other_site(TABLES, local=ROWS, plugin=PLUGIN)
    for title in ("Sun", "Evening"):
        made.run_dev(f"update artworks set title = '{title}' where slug = 'sun'")
        assert made.invoke(*RELEASE, "--without-media").code == 0
    assert made.rows(SUN) == [("Evening",)]
    return made


def ended(process: Started) -> tuple[int, str]:
    """Return the exit code and what was said on stderr."""
    code, _, err = process.wait(timeout=600)
    assert "Traceback" not in err
    return code, err


def is_undone(site: OtherSite) -> bool:
    """Return whether release 3 undid release 2; rows and ledger agree on it."""
    undone = site.rows("select max(number) from maulstick.release") == [(3,)]
    assert site.rows(SUN) == [("Sun" if undone else "Evening",)]
    return undone


def test_control_c_while_it_waits_changes_nothing(site: OtherSite) -> None:
    with releasing(site, typed=UNDO) as process:
        os.kill(process.process, signal.SIGINT)
        code, err = ended(process)
    assert (code, is_undone(site)) == (130, False)
    assert "undid" not in err


def test_a_line_cut_before_the_commit_that_came_ends_with_the_release_that_undid_it(site: OtherSite) -> None:
    line = Line(site.live.info.port)
    with releasing(site, line, typed=UNDO) as process:
        line.cut()
    code, err = ended(process)
    assert (code, is_undone(site)) == (4, True)
    assert "but release 3 undid release 2 whole" in err


def test_control_c_while_it_looks_what_became_of_it_says_that_nothing_is_known(site: OtherSite) -> None:
    line = Line(site.live.info.port)
    with releasing(site, line, typed=UNDO) as process:
        line.cut()
        session(site, LOOKS)
        os.kill(process.process, signal.SIGINT)
        code, err = ended(process)
    assert code == 8
    assert "it is not known yet whether the rows were written" in err


def test_control_c_while_the_rows_are_listed_says_that_they_are_back(site: OtherSite) -> None:
    (site.folder / "tasks.py").write_text(TASKS + INTERRUPTED)
    ran = site.invoke(*UNDO)
    assert (ran.code, is_undone(site)) == (130, True)
    assert "release 3 undid release 2, its rows are as before" in ran.err


def test_control_c_between_a_break_and_the_look_says_that_it_was_made(site: OtherSite) -> None:
    (site.folder / "tasks.py").write_text(TASKS + AS_IT_BREAKS)
    line = Line(site.live.info.port)
    with releasing(site, line, typed=UNDO) as process:
        line.cut()
    code, err = ended(process)
    assert (code, is_undone(site)) == (130, True)
    assert "interrupted; but release 3 undid release 2 whole" in err


@pytest.mark.parametrize("closed", [True, False], ids=["for good", "for a moment"])
@pytest.mark.parametrize("first", ["line", "key"])
def test_control_c_as_the_line_breaks_says_whether_it_was_made(
    site: OtherSite, first: str, closed: bool
) -> None:
    line = Line(site.live.info.port)
    with releasing(site, line, typed=UNDO) as process:
        if closed:
            line.close()
        acts = [line.cut, lambda: os.kill(process.process, signal.SIGINT)]
        for act in acts if first == "line" else reversed(acts):
            act()
    code, err = ended(process)
    assert code in (130, 4, 8)
    if "it is not known yet whether the rows were written" not in err:
        assert ("release 3 undid release 2 whole" in err) == is_undone(site), err
