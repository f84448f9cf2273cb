"""Ctrl-C, SIGTERM and SIGHUP before a command begins, and behind its last word."""

from __future__ import annotations

import signal
from textwrap import dedent, indent

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import TASKS, OtherSite
from tests.other_sites.test_last_words import PLUGIN, RELEASE, ROWS, TABLES

SENT = "import os; os.kill(os.getpid(), {number})"
BEFORE = {
    "a plugin is imported": ("plugins/early.py", SENT),
    "a plugin that swallows all is imported": (
        "plugins/early.py",
        "try:\n    " + SENT + "\nexcept BaseException:\n    pass",
    ),
    "Invoke parses": ("tasks.py", TASKS + SENT),
}
KEPT = "import maulstick.report.store as store\nkeep = store.keep\n"
BEHIND = {
    "the record is written": KEPT + "store.keep = lambda *given: ({sent}, keep(*given))[1]",
    "twice while the record is written": KEPT
    + "store.keep = lambda *given: ({sent}, {sent}, keep(*given))[2]",
    "the process ends": "import atexit; atexit.register(lambda: {sent})",
}


@pytest.fixture
def site(other_site: MakeSite) -> OtherSite:
    """A site whose artworks are all to be released."""
    return other_site(TABLES, local=ROWS, plugin=PLUGIN)


@pytest.mark.parametrize("moment", BEFORE)
def test_a_signal_before_a_command_ends_with_a_word(site: OtherSite, moment: str) -> None:
    name, text = BEFORE[moment]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        (site.folder / name).write_text(text.format(number=int(number)))
        ran = site.invoke("targets")
        assert (ran.code, ran.out, ran.err) == (130, "", "interrupted\n")


@pytest.mark.parametrize("moment", BEHIND)
def test_a_signal_behind_the_last_word_changes_nothing(site: OtherSite, moment: str) -> None:
    for release, number in enumerate((signal.SIGINT, signal.SIGTERM), 1):
        site.run_dev(f"update artworks set title = 'Edited {release}'")
        text = BEHIND[moment].format(sent=f"os.kill(os.getpid(), {int(number)})")
        (site.folder / "tasks.py").write_text(f"{TASKS}\nimport os\n{text}\n")
        ran = site.invoke(*RELEASE, "--without-media")
        assert (ran.code, ran.last.partition(" (")[0]) == (
            0,
            f"release {release}: live is in step with local",
        ), ran.said
        assert "interrupted" not in ran.said


def test_a_signal_between_two_commands_leaves_the_second_undone(site: OtherSite) -> None:
    text = BEHIND["the record is written"].format(sent=f"os.kill(os.getpid(), {int(signal.SIGINT)})")
    (site.folder / "tasks.py").write_text(f"{TASKS}\nimport os\n{text}\n")
    site.invoke("export", "--series", "nocturne")
    ran = site.invoke("plan", "--series", "nocturne", *RELEASE, "--without-media")
    assert (ran.code, ran.err.splitlines()[-1]) == (130, "interrupted")
    assert site.rows("select to_regclass('maulstick.release')") == [(None,)]


def test_what_was_half_made_when_a_signal_came_shows_no_trace(site: OtherSite) -> None:
    half = (
        "import os\n\n\nclass Half:\n    def __init__(self):\n"
        f"        os.kill(os.getpid(), {int(signal.SIGINT)})\n"
        "        self.file = None\n\n    def __del__(self):\n        self.file.close()\n"
    )
    text = PLUGIN.replace("    return [Table", "    Half()\n    return [Table")
    (site.folder / "plugins" / "half.py").write_text(
        text.replace("\n\n@hookimpl", f"\n\n{half}\n\n@hookimpl", 1)
    )
    for plugin in (site.folder / "plugins").glob("*.py"):
        if plugin.name != "half.py":
            plugin.unlink()
    ran = site.invoke(*RELEASE, "--without-media")
    assert ran.code == 130
    assert "Exception ignored" not in ran.said


SWALLOWED = {
    "a finalizer": """
        class Ends:
            def __del__(self):
                {sent}
        Ends()
    """,
    "a callback of libpq": """
        import psycopg
        with psycopg.connect({address!r}) as connection:
            connection.add_notice_handler(lambda _: {sent})
            connection.execute("do $$ begin raise notice 'so'; end $$")
    """,
}


@pytest.mark.parametrize("where", SWALLOWED)
def test_a_signal_where_nothing_can_be_raised_ends_the_command_all_the_same(
    site: OtherSite, where: str
) -> None:
    sent = f"__import__('os').kill(__import__('os').getpid(), {int(signal.SIGINT)})"
    address = (site.folder / ".env.live").read_text().partition("DATABASE_URL=")[2].splitlines()[0]
    text = dedent(SWALLOWED[where]).format(sent=sent, address=address)
    waits = indent(f"{text}\n__import__('time').sleep(600)\n", "    ")
    [plugin] = (site.folder / "plugins").glob("*.py")
    plugin.write_text(PLUGIN.replace("    return [Table", f"{waits}    return [Table"))
    ran = site.invoke(*RELEASE, "--without-media")
    assert ran.code == 130
    assert "Traceback" not in ran.said
    assert "Exception ignored" not in ran.said
