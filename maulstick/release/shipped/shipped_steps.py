"""The steps `command` and `webhook`, which come in by the same hook as a plugin's own."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from maulstick.project.declarations import Outcome, Step
from maulstick.project.playbook import SHIPPED_STEPS, known_steps
from maulstick.project.plugins.hookspecs import RunningRelease, hookimpl


@hookimpl
def maulstick_steps() -> Iterable[Step]:
    """Name the steps that a playbook may have without any plugin."""
    known = known_steps()
    return [_step(name, tuple(sorted(known[name]))) for name in SHIPPED_STEPS]


def _step(name: str, options: tuple[str, ...]) -> Step:
    """Return a step whose module is imported only when it is asked for something."""

    def run(release: RunningRelease, **options: Any) -> Outcome:
        outcome: Outcome = _module(name).perform(release, **options)
        return outcome

    def plan(release: RunningRelease, **options: Any) -> str:
        return str(_module(name).would(release, **options))

    return Step(name, run=run, plan=plan, options=options)


def _module(name: str) -> Any:
    return import_module(f"maulstick.release.shipped.{name}")
