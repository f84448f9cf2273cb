"""The command that takes subjects through every step of a playbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import named_bundles, typed_option
from maulstick.cli.options import PlannedOptions, SealedPlan, require_limit, require_undecided
from maulstick.cli.perform import NO_SEALS, Seals, perform
from maulstick.errors import did_you_mean, usage
from maulstick.project import playbook as playbooks
from maulstick.project.inventory import Target
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import Browser, Rehearse, UndoIfWrong, WithoutMedia, option


@dataclass(frozen=True)
class Release(PlannedOptions, Browser, UndoIfWrong, WithoutMedia, SealedPlan, Rehearse):
    """Which steps of which playbook, for which subjects."""

    all: bool = option(False, "every subject of every kind in the source")
    playbook: str = option("release", "the playbook to follow, a file of playbooks/")
    only: tuple[str, ...] = option((), "perform only this step; may be repeated")
    skip: tuple[str, ...] = option((), "leave this step out; may be repeated")
    start_at: str | None = option(None, "begin with this step")


def release(command: Command[Release]) -> int:
    """Release each subject by every step of the playbook, or by those that were asked for."""
    options, targets = command.options, command.targets()
    steps = _chosen_steps(command)
    _require_together(command, steps)
    bundles = named_bundles(command, targets)
    seals = sealed_plans(options, targets)
    return perform(command, steps, targets, bundles=bundles, seals=seals, every=options.all).code


def sealed_plans(options: SealedPlan, targets: Sequence[Target]) -> Mapping[str, Seals]:
    """Return the sealed plans that were typed, by target; one that has none is a usage problem."""
    from maulstick.plan.seal import of_target, read

    if not options.plan:
        return NO_SEALS
    plans = read(Path(options.plan))
    return {target.name: of_target(plans, target.name) for target in targets}


def _chosen_steps(command: Command[Release]) -> list[PlaybookStep]:
    options, plugins = command.options, command.plugins
    plugins.require_all()
    known = playbooks.known_steps(plugins.steps().values())
    steps = playbooks.load(command.project / "playbooks", options.playbook, known).steps
    names = [step.name for step in steps]
    start = (options.start_at,) if options.start_at else ()
    for flag, typed in (("--start-at", start), ("--only", options.only), ("--skip", options.skip)):
        for name in typed:
            if name not in names:
                raise usage(f"{flag} {name}", "is not a step of this playbook", did_you_mean(name, names))
    first = names.index(start[0]) if start else 0
    only = options.only or names
    chosen = [step for step in steps[first:] if step.name in only and step.name not in options.skip]
    if not chosen:
        raise usage("release", "no step is left to perform", "leave out --only or --skip")
    return chosen


def _require_together(command: Command[Release], steps: Sequence[PlaybookStep]) -> None:
    """Refuse options that do not go together (exit 2)."""
    options, bundles = command.options, typed_option(command.options)
    require_limit(options)
    if options.plan:
        if options.all:
            raise usage("--all", "does not go with --plan", "a sealed plan names its subjects")
        require_undecided(options)
    if bundles and options.all:
        raise usage("--all", f"does not go with {bundles}", "a bundle names its own subject")
    if bundles and "plan" not in [step.name for step in steps]:
        hint = "what came from elsewhere is looked at before it is released"
        raise usage(bundles, "needs the step plan", hint)
    if options.all and command.named():
        raise usage("--all", "names every subject already", "leave it out, or name none")


COMMANDS = (Definition("release", "Release a subject: every step of a playbook.", Release, release),)
