"""A plugin that closes or replaces our streams, at any moment, takes no word and no exit code of ours."""

from __future__ import annotations

import re

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import OtherSite, Typed
from tests.other_sites.test_last_words import PLUGIN, RELEASE, ROWS, TABLES

WAYS = {
    "closed": "sys.stdout.close(); sys.stderr.close()",
    "both closed beneath": "sys.__stdout__.close(); sys.__stderr__.close()",
    "detached": "sys.stderr.detach()",
    "descriptors closed": "os.closerange(0, 3)",
    "descriptors taken by other files": "os.closerange(1, 3); taken.append(os.open(os.devnull, 2))",
    "replaced": "sys.stdin = sys.stdout = sys.stderr = open(os.devnull, 'w')",
    "none": "sys.stdin = sys.stdout = sys.stderr = None",
    "taken later by a thread": "threading.Timer(0.05, lambda: setattr(sys, 'stderr', None)).start()",
    "closed at the very end": "atexit.register(lambda: (sys.stdout.close(), sys.stderr.close()))",
}
CLOSES = """
import atexit, os, sys, threading
from maulstick import hookimpl

taken = []


def close():
    {way}


close()


@hookimpl
def maulstick_tables(subject):
    close()
    return []


@hookimpl
def maulstick_finished(report):
    close()
"""


@pytest.fixture
def site(other_site: MakeSite) -> OtherSite:
    """A site whose artworks are all to be released."""
    return other_site(TABLES, local=ROWS, plugin=PLUGIN)


def told(ran: Typed) -> tuple[int, str, str]:
    """Return how a command ended, without its seconds."""
    return ran.code, *(re.sub(r" \(\d+\.\d s\).*", "", text) for text in (ran.out, ran.err))


def test_each_line_is_said_and_the_exit_code_is_true(site: OtherSite) -> None:
    site.invoke(*RELEASE, "--without-media")
    undisturbed = told(site.invoke(*RELEASE, "--without-media"))
    assert undisturbed[:2] == (0, "nothing to release: live is in step with local\n")
    for way, text in WAYS.items():
        site.plugin(CLOSES.format(way=text), "closes.py")
        assert told(site.invoke(*RELEASE, "--without-media")) == undisturbed, way


def test_a_process_of_its_own_ends_as_truly(site: OtherSite) -> None:
    site.plugin(CLOSES.format(way=WAYS["closed"]), "closes.py")
    ran = site.invoke(*RELEASE, "--without-media", PYTHONHASHSEED="1")  # is not forked
    assert told(ran)[:2] == (0, "release 1: live is in step with local\n"), ran.said
    assert "apply ...." in ran.err
