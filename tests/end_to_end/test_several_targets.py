"""Several targets in one command: in order, each for itself, with a line for each at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.direct import second_database, staging, without_fly
from tests.end_to_end.projects import SERIES, Project, Ran

CONTENT = ("--playbook", "content")
BOTH = ("--target", "staging,live")
PLACE = "select location from artworks where slug = 'in-motion-v'"
RECAP = re.compile(r"^  (staging|live) \.+ (\w+) +(.*)$", re.MULTILINE)


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
    assert {word for word, _ in recap(ran).values()} == {"done"}
    assert "all            group    staging, live" in both.invoke("targets").out


def test_the_first_that_fails_stops_the_others_or_does_not(both: Project) -> None:
    staging(both, "update artworks set location = 'there' where slug = 'in-motion-v'")
    ran = both.release(*CONTENT, *BOTH)
    assert (ran.code, places(both)) == (3, ("there", "Studio"))
    assert recap(ran) == {
        "staging": ("failed", "series embodiment: plan failed (exit 3)"),
        "live": ("skipped", "staging failed"),
    }
    ran = both.release(*CONTENT, *BOTH, "--keep-going", "--json")
    assert (ran.code, places(both)) == (3, ("there", "here"))
    assert [word for word, _ in recap(ran).values()] == ["failed", "done"]
    assert [one["target"] for one in json.loads(ran.out)["releases"]] == ["staging", "live"]


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
]


@pytest.mark.parametrize(("words", "says"), ONE, ids=[says for _, says in ONE])
def test_what_is_counted_by_each_takes_one_target(other: Project, words: tuple[str, ...], says: str) -> None:
    without_fly(other)
    ran = other.invoke(*words, *BOTH)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(says)
    assert not (other.folder / Path("x.sql")).exists()
