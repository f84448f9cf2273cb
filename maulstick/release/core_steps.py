"""The core's steps of a release, which come in by the same hook as a plugin's own."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from maulstick.project.declarations import Step, StepResult
from maulstick.project.playbook import CORE_STEPS, known_steps
from maulstick.project.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from maulstick.release.step_release import StepRelease


@hookimpl
def maulstick_steps() -> Iterable[Step]:
    """Name the steps of every release."""
    known = known_steps()
    return [_step(name, tuple(sorted(known[name]))) for name in CORE_STEPS]


def _step(name: str, options: tuple[str, ...]) -> Step:
    """Return a step whose module is imported only when it is asked for something."""

    def run(release: StepRelease, **options: Any) -> StepResult:
        result: StepResult = _module(name).run(release.context, release.earlier, options)
        return result

    def plan(release: StepRelease, **options: Any) -> str:
        return str(_module(name).plan(release.context, release.earlier, options))

    return Step(name, run=run, plan=plan, options=options)


def _module(name: str) -> Any:
    return import_module(f"maulstick.release.steps.{name}")
