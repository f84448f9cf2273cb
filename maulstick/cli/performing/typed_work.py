"""What was typed, as what is to be done on each target: subjects, settings, sealed plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from maulstick.cli.arguments import Command
from maulstick.cli.bundles import Bundles
from maulstick.cli.options import SealedPlanOptions, StepOptions
from maulstick.cli.performing.work import Way, Work
from maulstick.project.declarations import Subject
from maulstick.project.inventory import Target
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import ReleaseSettings, read

if TYPE_CHECKING:
    from maulstick.plan.seal import Seal

Seals = Mapping[str, "Seal"]
"""Sealed plans by their subject."""
NO_SEALS: Mapping[str, Seals] = MappingProxyType({})


def work_of(
    command: Command[StepOptions],
    steps: Sequence[PlaybookStep],
    bundles: Bundles | None,
    seals: Seals,
    every: bool,
    way: Way,
) -> Work:
    """Return what is to be done on one target."""
    decides = not {step.kind for step in steps}.isdisjoint(("plan", "apply"))
    pulls, options = way == "pull", command.options
    subjects, settings = _subjects(command, bundles, seals, every=every, pulls=pulls, decides=decides)
    theirs, keep = getattr(options, "theirs", False), getattr(options, "keep", False)
    return Work(steps, subjects, settings, way=way, theirs=theirs, keep=keep)


def _subjects(
    command: Command[StepOptions],
    bundles: Bundles | None,
    seals: Seals,
    *,
    every: bool,
    pulls: bool,
    decides: bool,
) -> tuple[Sequence[Subject], ReleaseSettings]:
    """List the subjects of a target, and what steps read of what was typed."""
    from maulstick.plan import seal as sealed
    from maulstick.plan.decisions.file import read_for

    subjects = list(bundles) if bundles else [] if every else command.subjects(seals)
    if seals:
        sealed.each_has_one(seals, [str(subject) for subject in subjects])
    folders = {str(subject): folder for subject, folder in (bundles or {}).items()}
    typed = read(ReleaseSettings, vars(command.options))
    if pulls:  # what production says now is never too old, and its files are not sent there
        typed = replace(typed, older=True, without_media=True)
    # A sealed plan holds what was decided, and a pull goes the other way.
    decisions = read_for(command.project, subjects) if decides and not (seals or pulls) else {}
    return subjects, replace(typed, seals=seals, bundles=folders, decisions=decisions)


def sealed_plans(options: SealedPlanOptions, targets: Sequence[Target]) -> Mapping[str, Seals]:
    """Return the sealed plans that were typed, by target; one that has none is a usage problem."""
    from maulstick.plan.seal import of_target, read

    if not options.plan:
        return NO_SEALS
    plans = read(Path(options.plan))
    return {target.name: of_target(plans, target.name) for target in targets}
