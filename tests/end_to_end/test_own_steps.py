"""Steps of a plugin's own: planned, rehearsed and performed in their turn, named when they fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.checkout import ROOT
from tests.end_to_end.projects import Project
from tests.listener import Listener, listening

EXAMPLE = ROOT / "examples" / "steps"


@pytest.fixture
def chat() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def example(fresh: Project, other: Project, chat: Listener) -> Project:
    """A fresh project with the plugins and the playbook of the example."""
    for name in ("plugins", "playbooks"):
        shutil.copytree(EXAMPLE / name, other.folder / name, dirs_exist_ok=True)
    return replace(other, environment={"ANNOUNCE_URL": chat.address})


def test_a_step_is_planned_rehearsed_and_performed(example: Project, chat: Listener) -> None:
    rehearsed = example.release("--playbook", "warm", "--check")
    assert "    warm would ask for /series/embodiment?theme=reviewer" in rehearsed.err
    assert rehearsed.steps["warm"][1].startswith("would ask for")
    assert chat.posts == []
    ran = example.release("--playbook", "warm", "--trace-hooks")
    assert ran.code == 0, ran.err
    for says in (
        "maulstick_steps() of plugins/warm.py: Step warm",
        'maulstick_step(step=apply, release="series embodiment") of plugins/freeze.py: Outcome done',
        "maulstick_finished(report=its record) of plugins/announce.py: told",
    ):
        assert f"hook {says}" in ran.err
    assert list(ran.words) == ["check", "export", "plan", "upload", "apply", "warm", "verify"]
    assert ran.steps["warm"] == ("done", "5 pages are warm")
    assert [one["text"].split(",")[0] for one in chat.bodies] == ["release 1: series embodiment is live"]


def test_a_wrapper_refuses_a_step_before_it_is_performed(example: Project) -> None:
    (example.folder / "FROZEN").write_text("the gallery opens tonight")
    ran = example.release("--playbook", "warm")
    assert ran.code == 4
    assert "FROZEN: the gallery opens tonight" in ran.err
    assert ran.last_said == "sandbox: unchanged"
    assert list(ran.words)[-1] == "upload"


def test_what_a_step_lacks_is_found_before_rows_are_live(example: Project, chat: Listener) -> None:
    book = (example.folder / "playbooks" / "warm.toml").read_text().replace('"warm"', '"purge"')
    lines = [line for line in book.splitlines() if not line.startswith("theme")]
    (example.folder / "playbooks" / "purge.toml").write_text("\n".join(lines))
    ran = example.release("--playbook", "purge")
    assert ran.code == 5
    assert "PURGE_URL: is not set in the environment" in ran.err
    assert list(ran.words) == ["check"]
    assert ran.last_said == "sandbox: unchanged"
    assert example.release("--playbook", "content", "--only", "check").code == 0
    able = replace(example, environment={**example.environment, "PURGE_URL": chat.address})
    ran = able.release("--playbook", "purge")
    assert ran.code == 0, ran.err
    assert ran.steps["check"][1].endswith(", 1 check")
    assert ran.steps["purge"] == ("done", "5 pages are forgotten")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise KeyError('x')", "plugins/warm.py maulstick_steps warm: failed: KeyError('x')"),
        ("return 'warm'", "plugins/warm.py maulstick_steps warm: answered 'warm'"),
    ],
)
def test_a_step_that_breaks_its_promise_is_named(example: Project, body: str, says: str) -> None:
    file = example.folder / "plugins" / "warm.py"
    file.write_text(file.read_text().replace("    paths = _paths(release, theme)\n", f"    {body}\n"))
    ran = example.release("--playbook", "warm")
    assert ran.code == 6
    assert says in ran.err
    assert ran.last_said == "sandbox: release 1 is there, its rows are live, not verified"


def test_a_wrapper_that_fails_is_named(example: Project) -> None:
    (example.folder / "FROZEN").mkdir()
    file = example.folder / "plugins" / "freeze.py"
    file.write_text(file.read_text().replace("FROZEN.is_file()", "FROZEN.read_text()"))
    ran = example.release("--playbook", "warm")
    assert ran.code == 6
    assert "plugins/freeze.py maulstick_step: failed: IsADirectoryError" in ran.err
    assert ran.last_said == "sandbox: unchanged"


def test_what_stands_in_the_way_of_steps_is_not_loaded(example: Project) -> None:
    file = example.folder / "plugins" / "freeze.py"
    file.write_text(file.read_text().replace("(wrapper=True)", ""))
    assert "maulstick_step stands around a step: @hookimpl(wrapper=True)" in example.invoke("plugins").out


def test_a_step_named_as_one_of_the_core_is_refused(example: Project) -> None:
    file = example.folder / "plugins" / "warm.py"
    file.write_text(file.read_text().replace('"warm", run', '"apply", run'))
    ran = example.release()
    assert ran.code == 6
    assert "step apply: is declared by Maulstick itself and by plugins/warm.py" in ran.err


def test_a_release_stands_though_nobody_could_hear_of_it(example: Project) -> None:
    deaf = replace(example, environment={"ANNOUNCE_URL": "http://127.0.0.1:1/"})
    ran = deaf.release("--playbook", "warm")
    assert ran.code == 6
    assert "release 1: sandbox is in step" in ran.out
    assert "plugins/announce.py maulstick_finished: failed" in ran.err
