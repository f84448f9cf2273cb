"""Many subjects in one command, steps left out, and how every subject stands."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.projects import SERIES, Project, dump, untouched

CONTENT = ("--playbook", "content")
ROOMS = ("--series", "rooms-with-the-light-left-on")


def _statuses(project: Project) -> dict[str, str]:
    ran = project.invoke("status", "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["version"] == 1
    return {one["subject"]: one["word"] for one in found["records"]}


def _released(ran_err: str) -> list[str]:
    return [line.split(" to ")[0] for line in ran_err.splitlines() if line.startswith("release ")]


def test_everything_is_released_at_once_and_then_in_step(fresh: Project) -> None:
    before = _statuses(fresh)
    assert before["series embodiment"] == "new"
    assert "artwork in-motion-v" not in before  # it travels with its series
    ran = fresh.invoke("release", "--all", *CONTENT, "--take", "production")
    assert ran.code == 0, ran.err
    assert _released(ran.err) == [f"release {subject}" for subject in before]
    assert set(_statuses(fresh).values()) == {"in step", "edited in sandbox"}


def test_a_subject_that_fails_does_not_stop_the_others(released: Project) -> None:
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    ran = released.invoke("release", "--page", "about", *SERIES, *CONTENT)
    assert ran.code == 3
    assert 'page_sections ["about","statement"]: content_md' in ran.err
    assert released.rows("select year from artworks where slug = 'in-motion-v'") == [(1,)]
    assert ran.out.startswith("release 2: sandbox is in step with local")


def test_a_subject_that_shares_rows_with_one_that_failed_is_in_its_unit_and_is_stopped(
    released: Project,
) -> None:
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    released.rows("update artworks set year = 2 where slug = 'in-motion-v'")
    before = dump(released)
    ran = released.invoke("units", *SERIES, *ROOMS, "--page", "about", "--json")
    units = [one["subject"] for one in json.loads(ran.out)["include"]]
    [both] = [text for text in units if text.startswith("[")]
    assert {*units} == {both, "page=about"}
    assert json.loads(both) == ["series=embodiment", "series=rooms-with-the-light-left-on"]
    ran = released.invoke("release", "--select", both, *CONTENT)
    assert ran.code == 3
    assert (
        "release series rooms-with-the-light-left-on: skipped, it shares rows with series embodiment"
        in ran.err
    )
    assert dump(released) == before


def test_a_broken_bundle_stops_its_own_subject_and_those_that_may_share_with_it(released: Project) -> None:
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    assert released.invoke("export", *SERIES, "--page", "about").code == 0
    with (released.sandbox / "releases" / "page" / "about" / "release.sql").open("a") as file:
        file.write("drop table users;")
    before = dump(released)
    ran = released.invoke("apply", "--page", "about", *SERIES, "--without-media", "--json")
    assert (ran.code, len(json.loads(ran.out)["releases"]), dump(released)) == (3, 2, before)
    assert "holds more than Maulstick wrote" in ran.err


HANGS_UP = '''
"""A step during which somebody presses Ctrl-C."""

from maulstick import Step, hookimpl


@hookimpl
def maulstick_steps():
    yield Step("hang-up", lambda release: interrupted(), lambda release: "be interrupted")


def interrupted():
    raise KeyboardInterrupt
'''


def test_who_interrupts_one_subject_stops_all(released: Project, other: Project) -> None:
    (other.folder / "plugins" / "hang_up.py").write_text(HANGS_UP)
    steps = [f'[[step]]\nname = "{name}"\n' for name in ("export", "plan", "hang-up", "apply")]
    book = 'name = "hang-up"\nsays = "until somebody hangs up"\n' + "".join(steps)
    (other.folder / "playbooks" / "hang-up.toml").write_text(book)
    before = dump(released)
    ran = other.invoke("release", *SERIES, *ROOMS, "--playbook", "hang-up")
    assert (ran.code, dump(released)) == (130, before), ran.err
    assert ran.err.count("interrupted: the same command again does only what is left\n") == 1


def test_only_some_steps_do_not_say_that_production_is_in_step(released: Project) -> None:
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    before = untouched(released)
    ran = released.release("--only", "export", "--only", "plan")
    assert (ran.code, list(ran.words)) == (0, ["export", "plan"])
    assert "in step" not in ran.out
    assert ran.out.startswith("performed export, plan; no rows were released")
    assert untouched(released) == before
    ran = released.release("--start-at", "upload", "--skip", "verify")
    assert (ran.code, list(ran.words)) == (0, ["upload", "apply"])
    assert released.rows("select year from artworks where slug = 'in-motion-v'") == [(1,)]


MISTAKES = [
    (("--only", "aply"), "--only aply: is not a step of this playbook", 'did you mean "apply"?'),
    (("--skip", "deply"), "--skip deply: is not a step of this playbook", 'did you mean "deploy"?'),
    (("--start-at", "plann"), "--start-at plann: is not a step of this playbook", 'did you mean "plan"?'),
    (("--skip", "deploy", *CONTENT), "--skip deploy: is not a step of this playbook", "known here:"),
    (("--only", "plan", "--skip", "plan"), "release: no step is left to perform", "leave out"),
    (("--only", "check", "--start-at", "plan"), "release: no step is left to perform", "leave out"),
]


@pytest.mark.parametrize(("words", "says", "hint"), MISTAKES, ids=[says for _, says, _ in MISTAKES])
def test_steps_that_are_named_wrong_are_a_usage_problem(
    project: Project, words: tuple[str, ...], says: str, hint: str
) -> None:
    ran = project.release(*words)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert hint in ran.err
