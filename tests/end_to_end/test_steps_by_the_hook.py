"""The core's steps are steps like a plugin's: named by the same hook, called in the same way."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from maulstick.console import Console
from maulstick.errors import Problem
from maulstick.hosts import kinds as host_kinds
from maulstick.hosts.host import open_host, place_of
from maulstick.project import inventory
from maulstick.project.declarations import Outcome, Step, Subject
from maulstick.project.playbook import CORE_STEPS, SHIPPED_STEPS, PlaybookStep, known_steps
from maulstick.project.plugins.registry import Plugins, load
from maulstick.release import core_steps
from maulstick.release.context import ReleaseContext
from maulstick.release.progress import Progress
from maulstick.release.settings import ReleaseSettings
from maulstick.release.shipped import shipped_steps
from maulstick.release.step_release import step_release
from tests.end_to_end.projects import Project

PLUGIN = """
from maulstick import Outcome, Step, hookimpl

@hookimpl
def maulstick_steps():
    yield Step("{}", run=lambda release: Outcome("done", str(release.subject)), plan=lambda release: "tell")
"""


def plugins_with(folder: Path, step: str) -> Plugins:
    folder.mkdir(exist_ok=True)
    (folder / "telling.py").write_text(PLUGIN.format(step))
    return load(folder, host_kinds, core_steps, shipped_steps)


def test_the_hook_names_our_steps_with_their_options_before_those_of_plugins(tmp_path: Path) -> None:
    steps = plugins_with(tmp_path / "plugins", "tell").steps()
    assert [*steps] == [*CORE_STEPS, *SHIPPED_STEPS, "tell"]
    options = {name: frozenset(step.options) for name, step in steps.items()}
    assert options == {**known_steps(), "tell": frozenset()}


@pytest.mark.parametrize("name", ["upload", "webhook"])
def test_a_plugin_cannot_take_the_place_of_a_step_of_ours(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem, match="is declared by Maulstick itself and by plugins/telling.py"):
        plugins_with(tmp_path / "plugins", name).steps()


def test_a_whole_release_is_the_run_of_each_step(fresh: Project) -> None:
    plugins = load(fresh.folder / "plugins", host_kinds, core_steps, shipped_steps)
    target = inventory.load(fresh.folder / "inventory.toml", plugins.hosts()).target(None)
    with ExitStack() as stack:
        place = place_of(target, fresh.folder, lambda _: None)
        host, steps = open_host(place.target, stack, lambda _: None), plugins.steps()
        playbook = tuple(PlaybookStep(name, {}) for name in CORE_STEPS)
        subject, console, settings = Subject("series", "embodiment"), Console(quiet=True), ReleaseSettings()
        context = ReleaseContext(subject, place, host, plugins, console, settings, playbook)
        progress = Progress(context, steps)
        for name in CORE_STEPS:
            step = steps[name]
            assert isinstance(step, Step)
            with step_release(progress, name) as release:
                assert step.plan(release).strip()
                result = step.run(release)
            assert not isinstance(result, Outcome)
            assert result.failure is None
            progress.earlier = progress.earlier.with_result(name, result).with_outcome(name, result.outcome)
    words = {name: outcome.word for name, outcome in progress.earlier.outcomes.items()}
    assert words == {**dict.fromkeys(CORE_STEPS, "done"), "deploy": "unchanged", "publish": "skipped"}
