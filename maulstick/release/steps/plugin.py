"""A plugin's own step: planned, rehearsed and performed like one of the core's."""

from __future__ import annotations

from maulstick.project.declarations import Outcome
from maulstick.project.playbook import PlaybookStep
from maulstick.release.context import ReleaseContext
from maulstick.release.live_site import live_of
from maulstick.release.step_results import PlainResult


def run(context: ReleaseContext, step: PlaybookStep) -> PlainResult:
    """Perform a plugin's step; a rehearsal only says what it would do."""
    if context.settings.rehearse:
        return PlainResult(Outcome("skipped", f"would {plan(context, step)}"))
    with live_of(context) as release:
        return PlainResult(context.plugins.steps()[step.name].run(release, **step.options))


def plan(context: ReleaseContext, step: PlaybookStep) -> str:
    """Return what a plugin's step would do."""
    with live_of(context) as release:
        return context.plugins.steps()[step.name].plan(release, **step.options)
