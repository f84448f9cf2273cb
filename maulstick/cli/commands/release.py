"""The command that takes subjects through every step of a playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import named_bundles, typed_option
from maulstick.cli.options import ExitCode, PlannedOptions, SealedPlan, require_limit, require_undecided
from maulstick.cli.perform import perform, sealed_plans
from maulstick.errors import Exit, did_you_mean, usage
from maulstick.project import playbook as playbooks
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import Browser, Rehearse, UndoIfWrong, WithoutMedia, option


@dataclass(frozen=True)
class Release(PlannedOptions, Browser, UndoIfWrong, WithoutMedia, SealedPlan, Rehearse, ExitCode):
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
    done = perform(command, steps, targets, bundles=bundles, seals=seals, every=options.all)
    return Exit.CHANGES if options.exit_code and done.changes and not done.code else done.code


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
    if options.exit_code and not options.rehearse:
        raise usage("--exit-code", "needs --check", "a release without it leaves nothing to release")
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
