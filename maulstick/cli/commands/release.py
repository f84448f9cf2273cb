"""The command that takes subjects through every step of a playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import named_bundles, require_one_naming, typed_option
from maulstick.cli.options import (
    ExitCode,
    NamedSubjects,
    PlannedOptions,
    require_limit,
)
from maulstick.cli.performing.perform import perform
from maulstick.cli.performing.typed_work import sealed_plans
from maulstick.cli.play import ChosenPlay, ChosenSteps, chosen_play, listed, step_lines
from maulstick.errors import Exit, usage
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import (
    BrowserOptions,
    ConfirmEach,
    Hidden,
    Rehearse,
    UndoIfWrong,
    WithoutMedia,
    option,
)


@dataclass(frozen=True)
class ReleaseOptions(
    PlannedOptions,
    NamedSubjects,
    ChosenSteps,
    BrowserOptions,
    UndoIfWrong,
    WithoutMedia,
    Hidden,
    Rehearse,
    ExitCode,
    ConfirmEach,
):
    """Which steps of which playbook, for which subjects."""

    dump: bool = option(False, "first keep a dump of the tables as they are in production")


def release(command: Command[ReleaseOptions]) -> int:
    """Release each subject by every step of the playbook, or by those that were asked for."""
    options, play = command.options, chosen_play(command)
    if options.list_steps:
        return _list(command, play)
    for those in play.steps.values():
        _require_together(command, those)
    targets = command.targets()
    bundles = named_bundles(command, targets)
    seals = sealed_plans(options, targets)
    done = perform(
        command, play.steps, targets, bundles=bundles, seals=seals, every=options.all, left_out=play.left_out
    )
    return Exit.CHANGES if options.exit_code and done.changes and not done.code else done.code


def _list(command: Command[ReleaseOptions], play: ChosenPlay) -> int:
    """Say which steps would be performed; nothing is asked of any target."""
    console = command.console()
    if command.options.json:
        console.data({"version": 1, "records": listed(play)})
        return Exit.DONE
    for target, those in play.steps.items():
        console.result(f"{command.options.playbook} to {target}")
        if rows := play.without[target]:
            console.result_line(f"  without {', '.join(rows)}")
        for line in step_lines(those):
            console.result_line(line)
    return Exit.DONE


def _require_together(command: Command[ReleaseOptions], steps: Sequence[PlaybookStep]) -> None:
    """Refuse options that do not go together (exit 2)."""
    options, bundles = command.options, typed_option(command.options)
    require_limit(options)
    if options.dump and (options.rehearse or options.json):
        other = "--check" if options.rehearse else "--json"
        raise usage("--dump", f"does not go with {other}", "leave one of them out")
    if options.exit_code and not options.rehearse:
        raise usage("--exit-code", "needs --check", "a release without it leaves nothing to release")
    if options.confirm_each:
        _require_answers(command)
    require_one_naming(command)
    if bundles and "plan" not in [step.name for step in steps if not step.left_out]:
        hint = "what came from elsewhere is looked at before it is released"
        raise usage(bundles, "needs the step plan", hint)


def _require_answers(command: Command[ReleaseOptions]) -> None:
    """Refuse questions before each step where they have no use, or where nobody answers (exit 2)."""
    if command.options.yes:
        raise usage("--confirm-each", "does not go with --yes", "leave one of them out")
    if not command.console().interactive:
        what = "asks before each step, and nobody is there to answer"
        raise usage("--confirm-each", what, "type it on a terminal, or leave it out")


COMMANDS = (Definition("release", "Release a subject: every step of a playbook.", ReleaseOptions, release),)
