"""A release of nothing but steps that the test gives, which is enough to see how they are performed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from maulstick.console import Console
from maulstick.hosts.host import Place
from maulstick.project.declarations import Outcome, Step, Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.project.plugins.registry import load
from maulstick.project.targets import HostKind, LocalSource
from maulstick.redact import Secret
from maulstick.release.context import ReleaseContext
from maulstick.release.progress import Progress
from maulstick.release.settings import ReleaseSettings
from maulstick.release.shipped import shipped_steps
from tests.databases.places import NOBODY, a_target

STAGING = a_target("staging", kind=HostKind("sandbox", "a sandbox", open=NOBODY), site="https://a.test")


class Silent:
    """A host that has told nothing of itself."""

    environment: dict[str, Secret] = {}  # noqa: RUF012 - a host's environment is not changed
    code = None


def steps_of(
    folder: Path, *steps: PlaybookStep, settings: ReleaseSettings | None = None, **runs: Callable[..., Any]
) -> Progress:
    """Return a release with these steps; `runs` are what the steps do that are not our own."""
    source = LocalSource("local", Secret("postgresql://u:local-password@h/x"), folder, None, None, folder)
    context = ReleaseContext(
        Subject("series", "a"),
        Place(STAGING, source, folder),
        Silent(),  # type: ignore[arg-type] - nothing else is asked of it
        load(folder / "plugins"),
        Console(),
        settings or ReleaseSettings(),
        playbook=steps,
    )
    known = {name: Step(name, run=run, plan=lambda release: "act") for name, run in runs.items()}
    return Progress(context, known | {step.name: step for step in shipped_steps.maulstick_steps()})


def done(release: Any) -> Outcome:
    """Do nothing, well."""
    return Outcome("done", "")
