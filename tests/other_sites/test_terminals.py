"""Terminals, pipes and shells as people have them: nothing ends in a trace, nothing surprises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from tests.other_sites.art_site import ARTWORKS, PLUGIN, MakeSite
from tests.other_sites.other_site import OtherSite

ASCII = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
TITLE = "She Lays Down – ñ 裸"


@pytest.fixture
def site(other_site: MakeSite, storage: str) -> OtherSite:
    """A site whose one artwork has a title and a key that ASCII lacks; it is exported."""
    local = f"insert into artworks (slug, title) values ('lämp', '{TITLE}')"
    site = other_site(ARTWORKS, local=local, plugin=PLUGIN, storage=storage)
    assert site.invoke("export", "--artwork", "lämp").code == 0
    return site


def shell(site: OtherSite, line: str) -> tuple[int, str]:
    """Run a line of bash in the site's folder, `invoke` in it, and return its code and all that it said."""
    text = f'set -o pipefail; invoke() {{ "{sys.executable}" -m invoke "$@"; }}; {line}'
    ran = subprocess.run(
        ["bash", "-c", text],
        cwd=site.folder,
        env={**os.environ, **site.environment, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    return ran.returncode, ran.stdout


def test_a_stdout_of_few_letters_stops_nothing(site: OtherSite) -> None:
    commands = (
        ("plan", "--artwork", "lämp"),
        ("apply", "--artwork", "lämp", "--without-media"),
        ("history",),
        ("history", "--release", "1"),
        ("why", "--row", "artworks:lämp"),
        ("status",),
        ("report",),
        ("rollback", "--release", "1"),
    )
    for words in commands:
        ran = site.invoke(*words, **ASCII)
        assert ran.code == 0, (words, ran.err)
        assert "Traceback" not in ran.said
    assert "insert artworks l?mp" in site.invoke("history", "--release", "1", **ASCII).out
    assert site.rows("select count(*) from artworks") == [(0,)]


def test_json_on_a_stdout_of_few_letters_holds_them_all(site: OtherSite) -> None:
    ran = site.invoke("plan", "--artwork", "lämp", "--json", **ASCII)
    assert ran.code == 0, ran.err
    assert TITLE in json.dumps(json.loads(ran.out), ensure_ascii=False)


LINES = [
    ("invoke plan --artwork lämp | head -1", 0),
    ("invoke status | true", 0),
    ("invoke apply --artwork lämp --without-media | true; invoke rollback --last | true", 0),
    ("invoke plan --artwork lämp >&-", 0),
    ("invoke plan --artwork lämp 2>&-", 0),
    ("invoke status <&- >&- 2>&-", 0),
    ("invoke export --artwork lämp --out - >&-", 0),
    ("invoke status > /dev/full", 4),
    ("invoke plan --artwork lämp --json > /dev/full", 4),
]


def test_a_stream_that_is_closed_or_full_ends_in_no_trace(site: OtherSite) -> None:
    for line, code in LINES:
        ended, said = shell(site, line)
        assert "Traceback" not in said
        assert "Exception ignored" not in said
        assert ended == code, (line, said)


def test_options_of_invoke_that_promise_something_else_are_refused(site: OtherSite) -> None:
    for word in ("--dry", "-R", "-w", "--command-timeout=5"):
        ran = site.invoke(word, "apply", "--artwork", "lämp", "--without-media")
        assert ran.code == 2, ran.said
        assert site.rows("select count(*) from artworks") == [(0,)]
        if word in ("--dry", "-R"):
            assert "--check rehearses" in ran.err


def test_other_options_of_invoke_change_nothing(site: OtherSite) -> None:
    for words in (("-e",), ("-p",), ("--hide", "both"), ("-D", "1"), ("-c", "tasks")):
        ran = site.invoke(*words, "apply", "--artwork", "lämp", "--without-media")
        assert ran.code == 0, ran.said
        assert site.rows("select count(*) from artworks") == [(1,)]
        assert site.invoke("rollback", "--last").code == 0


def test_debugging_invoke_shows_no_secret(site: OtherSite) -> None:
    site.dotenv(AWS_SECRET_ACCESS_KEY="never-to-be-seen")
    lines = (site.folder / ".env.live").read_text().splitlines()
    address = next(line.partition("=")[2] for line in lines if line.startswith("DATABASE_URL="))
    ran = site.invoke("-d", "check", "--artwork", "lämp")
    assert ran.code == 0, ran.err
    assert "never-to-be-seen" not in ran.said
    assert str(urlsplit(address).password) not in ran.said


def test_two_tasks_on_one_line_are_both_performed(site: OtherSite) -> None:
    words = ("apply", "--artwork", "lämp", "--without-media")
    ran = site.invoke("export", "--artwork", "lämp", *words)
    assert ran.code == 0, ran.err
    assert site.rows("select count(*) from artworks") == [(1,)]
    site.run_dev("delete from artworks")
    ran = site.invoke("export", "--artwork", "lämp", *words)
    assert ran.code == 3
    assert "apply" not in ran.err
