"""A plugin's own step: planned, rehearsed and performed like one of the core's."""

from __future__ import annotations

from maulstick.project.declarations import Outcome
from maulstick.project.playbook import PlaybookStep
from maulstick.release.context import Run
from maulstick.release.site import live_of


def own(run: Run, step: PlaybookStep) -> Outcome:
    """Perform a plugin's step; a rehearsal only says what it would do."""
    if run.settings.rehearse:
        return Outcome("skipped", f"would {planned(run, step)}")
    with live_of(run) as release:
        return run.plugins.steps()[step.name].run(release, **step.options)


def planned(run: Run, step: PlaybookStep) -> str:
    """Return what a plugin's step would do."""
    with live_of(run) as release:
        return run.plugins.steps()[step.name].plan(release, **step.options)
