"""Several targets in one command: in order or side by side, with a line for each at the end."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.direct import second_database, staging, without_fly
from tests.end_to_end.projects import SERIES, Project, Ran

CONTENT = ("--playbook", "content")
BOTH = ("--target", "staging,live")
FORKS = ("--forks", "2")
PLACE = "select location from artworks where slug = 'in-motion-v'"
RECAP = re.compile(r"^  (staging|live)(?: series embodiment)? \.+ (\w+) +(.*)$", re.MULTILINE)


@pytest.fixture
def both(released: Project, other: Project) -> Iterator[Project]:
    """Two targets that hold what was released to them, and an artwork that is elsewhere here."""
    released.rows("update maulstick.ledger set target = null")
    with second_database(released):
        project = without_fly(other)
        for database in ("staging", "live"):
            assert project.release(*CONTENT, "--target", database).code == 0
        project.local("update artworks set location = 'here' where slug = 'in-motion-v'")
        yield project


def recap(ran: Ran) -> dict[str, tuple[str, str]]:
    """Return each target's word and what was said of it, in their order."""
    return {name: (word, says) for name, word, says in RECAP.findall(ran.err.split("recap\n")[1])}


def places(project: Project) -> tuple[object, object]:
    """Return what the two targets hold."""
    return staging(project, PLACE)[0][0], project.rows(PLACE)[0][0]


def test_a_group_is_released_in_order_and_all_get_the_same(both: Project) -> None:
    ran = both.release(*CONTENT, "--target", "all")
    assert ran.code == 0, ran.err
    assert places(both) == ("here", "here")
    staged, live = ran.err.split("release series embodiment to live\n")
    assert "export ........ done" in staged
    assert "export ........ unchanged  as exported for staging\n" in live
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["staging", "live"]
    assert list(recap(ran)) == ["staging", "live"]
    assert {*recap(ran).values()} == {("done", "ok=6 changed=1 kept=0 conflict=0 failed=0   release 2")}
    assert "all            group    staging, live" in both.invoke("targets").out


def test_the_first_that_fails_stops_the_others_or_does_not(both: Project) -> None:
    staging(both, "update artworks set location = 'there' where slug = 'in-motion-v'")
    ran = both.release(*CONTENT, *BOTH)
    assert (ran.code, places(both)) == (3, ("there", "Studio"))
    assert recap(ran) == {
        "staging": ("failed", "ok=2 changed=0 kept=0 conflict=1 failed=1   plan failed (exit 3)"),
        "live": ("skipped", "staging failed"),
    }
    ran = both.release(*CONTENT, *BOTH, "--keep-going", "--json")
    assert (ran.code, places(both)) == (3, ("there", "here"))
    assert [word for word, _ in recap(ran).values()] == ["failed", "done"]
    record = json.loads(ran.out)
    assert [one["target"] for one in record["releases"]] == ["staging", "live"]
    assert [(one["conflict"], one["exit"]) for one in record["recap"]] == [(1, 3), (0, 0)]


def test_plans_of_all_are_shown_and_sealed_in_one_file(both: Project) -> None:
    staging(both, "update artworks set dimensions = 'large' where slug = 'in-motion-v'")
    assert both.invoke("export", *SERIES).code == 0
    ran = both.invoke("plan", *SERIES, *BOTH, "--json", "--exit-code")
    assert ran.code == 10, ran.err
    found = {one["target"]: one["summary"] for one in json.loads(ran.out)["plans"]}
    assert [(name, one["update"]) for name, one in found.items()] == [("staging", 1), ("live", 1)]
    assert both.invoke("plan", *SERIES, *BOTH, "--out", "both.json").code == 0
    assert both.release(*CONTENT, *BOTH, "--plan", "both.json", "--take", "local").code == 2
    ran = both.invoke("release", *CONTENT, *BOTH, "--plan", "both.json")
    assert (ran.code, places(both)) == (0, ("here", "here")), ran.err
    assert "was carried out by release" in both.invoke("apply", *BOTH, "--plan", "both.json").err


def test_that_nobody_can_answer_is_found_before_the_first_is_changed(both: Project) -> None:
    file = both.folder / "inventory.toml"
    file.write_text(file.read_text().replace("[targets.staging]", "confirm = true\n[targets.staging]"))
    ran = both.release(*CONTENT, *BOTH)
    assert (ran.code, ran.out, places(both)) == (2, "", ("Studio", "Studio"))
    assert ran.err.startswith("targets/live: asks before it is changed, and nobody is there to answer")
    ran = both.release(*CONTENT, *BOTH, *FORKS)
    assert (ran.code, ran.out, places(both)) == (2, "", ("Studio", "Studio"))
    assert ran.err.startswith("targets/live: asks before it is changed, and cannot while others are changed")
    assert both.release(*CONTENT, *BOTH, "--yes").code == 0


def test_who_only_looks_goes_on_behind_a_target_that_does_not_answer(both: Project) -> None:
    file = both.folder / ".env.staging"
    file.write_text(re.sub(r"(?m)^(DATABASE_URL=.*@127.0.0.1):\d+", r"\1:1", file.read_text()))
    ran = both.invoke("history", *BOTH)
    assert ran.code == 4
    assert {line.partition(":")[0] for line in ran.out.splitlines()} == {"live"}
    assert [word for word, _ in recap(ran).values()] == ["failed", "done"]
    ran = both.invoke("status", "--json", *BOTH)
    assert {one["target"] for one in json.loads(ran.out)["records"]} == {"live"}


ONE = [
    (("rollback", "--last"), "rollback: takes one target"),
    (("history", "--release", "1"), "--release 1: takes one target"),
    (("export", *SERIES, "--out", "x.sql"), "--out: takes one target"),
    (("release", *SERIES, "--forks", "0"), "--forks 0: is not a number of targets"),
    (("release", *SERIES, "--limit", "!*"), "--limit !*: leaves no target of staging, live"),
]


@pytest.mark.parametrize(("words", "says"), ONE, ids=[says for _, says in ONE])
def test_what_does_not_go_with_several_targets_is_refused(
    other: Project, words: tuple[str, ...], says: str
) -> None:
    without_fly(other)
    ran = other.invoke(*words, *BOTH)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(says)
    assert not (other.folder / Path("x.sql")).exists()


def test_two_commands_at_once_release_to_each_target_once_and_one_that_fails_stops_nobody(
    both: Project,
) -> None:
    staging(both, "update artworks set location = 'there' where slug = 'in-motion-v'")
    assert both.invoke("export", *SERIES).code == 0
    before = both.rows("select max(number) from maulstick.release")[0][0]
    words = ("release", *SERIES, *CONTENT, *BOTH, *FORKS)
    with both.start(*words, "--json") as first:
        ran = both.invoke(*words)
        out, _ = first.communicate()
    assert (ran.code, first.returncode, places(both)) == (3, 3, ("there", "here")), ran.err
    assert both.rows("select max(number) from maulstick.release")[0][0] == before + 1
    assert [(one["target"], one["exit"]) for one in json.loads(out)["recap"]] == [("staging", 3), ("live", 0)]
    assert list(recap(ran)) == ["staging", "live"]
    assert ran.out.startswith("live: ")
    [said] = re.findall(r"^export series embodiment of local\n.*\n((?:.*\n)*)recap\n", ran.err, re.MULTILINE)
    assert {line.partition(":")[0] for line in said.splitlines()} == {"staging", "live"}
    for step in ("check", "plan"):
        assert len(re.findall(rf"^(?:staging:|live:   )   {step} \.+ ", said, re.MULTILINE)) == 2


MEETS = '''
"""A step in which both targets are at the same time, when somebody presses Ctrl-C."""

import os
import signal
from pathlib import Path

from maulstick import Step, hookimpl


@hookimpl
def maulstick_steps():
    yield Step("meet", meet, lambda release: "wait for Ctrl-C")


def meet(release):
    target = release.context.place.target.name
    with Path("meeting").open("w" if target == "live" else "r"):
        if target == "staging":
            os.kill(os.getppid(), signal.SIGINT)
        while True:
            signal.pause()
'''


def test_ctrl_c_ends_all_that_run_side_by_side(other: Project) -> None:
    without_fly(other)
    (other.folder / "plugins" / "meets.py").write_text(MEETS)
    book = 'name = "meet"\nsays = "both at once"\n[[step]]\nname = "meet"\n[[step]]\nname = "apply"\n'
    (other.folder / "playbooks" / "meet.toml").write_text(book)
    os.mkfifo(other.folder / "meeting")
    ran = other.release("--playbook", "meet", *BOTH, *FORKS)
    assert ran.code == 130, ran.err
    says = "ok=0 changed=0 kept=0 conflict=0 failed=1   meet interrupted (exit 130)"
    assert recap(ran) == {"staging": ("failed", says), "live": ("failed", says)}
