"""The commands that perform one step alone, on the bundle that is there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.bundles import named_bundles
from maulstick.cli.commands.media import upload_files
from maulstick.cli.options import (
    ExitCode,
    PlannedOptions,
    SealedPlanOptions,
    StepOptions,
    UploadOptions,
    require_limit,
    require_undecided,
)
from maulstick.cli.performing.perform import perform
from maulstick.cli.performing.typed_work import sealed_plans
from maulstick.cli.targets import reach
from maulstick.errors import Exit, usage
from maulstick.project.playbook import PlaybookStep
from maulstick.release.settings import (
    BrowserOptions,
    Choices,
    Diff,
    LocalSite,
    OldAddresses,
    Pack,
    Rehearse,
    Without,
    WithoutMedia,
    option,
)


@dataclass(frozen=True)
class Export(StepOptions, Pack):
    """Where the bundle goes."""

    out: str | None = option(None, "write the SQL there instead of the bundle; - is standard output")


@dataclass(frozen=True)
class PlanOptions(PlannedOptions, ExitCode):
    """What becomes of the plan."""

    out: str | None = option(None, "seal the plan in this file")


@dataclass(frozen=True)
class Apply(StepOptions, WithoutMedia, Choices, SealedPlanOptions, Rehearse, Diff):
    """How rows are written."""


@dataclass(frozen=True)
class Publish(StepOptions, Without):
    """Which rows become public."""


@dataclass(frozen=True)
class Verify(StepOptions, LocalSite, BrowserOptions, Without, OldAddresses):
    """Which site is asked, and how."""


def export(command: Command[Export]) -> int:
    """Write the bundle of each subject, or the SQL of one where it was asked for."""
    out = command.options.out
    return _export_to(command, out) if out else _single("export")(command)


def plan(command: Command[PlanOptions]) -> int:
    """Plan each subject, and seal the plans where that was asked for."""
    from maulstick.plan import seal

    options, targets = command.options, command.targets()
    require_limit(options)
    bundles = named_bundles(command, targets)
    done = perform(command, [PlaybookStep("plan", {})], targets, bundles=bundles)
    if done.code:
        return done.code
    seals = [one for result in done.results for one in result.seals]
    if options.out and seals:
        seal.write(Path(options.out), seals)
    return Exit.CHANGES if options.exit_code and done.changes else Exit.DONE


def upload(command: Command[UploadOptions]) -> int:
    """Send the files of each subject's bundle, or the files that were named."""
    return upload_files(command) if command.options.file else _single("upload")(command)


def apply(command: Command[Apply]) -> int:
    """Write the rows of each subject's bundle."""
    options, targets = command.options, command.targets()
    require_limit(options)
    if options.plan:
        require_undecided(options)
    seals = sealed_plans(options, targets)
    return perform(command, [PlaybookStep("apply", {})], targets, seals=seals).code


def _single(step: str) -> Callable[[Command[StepOptions]], int]:
    def act(command: Command[StepOptions]) -> int:
        return perform(command, [PlaybookStep(step, {})], command.targets()).code

    return act


def _export_to(command: Command[Export], out: str) -> int:
    from maulstick.bundle.export import exported
    from maulstick.files import write_whole
    from maulstick.hosts.media import media_of

    subjects, targets, console = command.subjects(), command.targets(), command.console()
    for several, noun in ((subjects, "subject"), (targets, "target")):
        if len(several) > 1:
            raise usage("--out", f"takes one {noun}", "name one, or leave --out out")
    with ExitStack() as stack:
        place, host = reach(targets[0], command.project, stack, console)
        media, site = media_of(place, host), place.target.site
        slice_ = stack.enter_context(exported(subjects[0], place.source, command.plugins, media, site=site))
        if out == "-":
            console.blocks(slice_.sql())
            return Exit.DONE
        try:
            write_whole(Path(out), slice_.sql())
        except OSError as error:
            raise usage("--out", f'"{out}" cannot be written: {(error.strerror or "").lower()}') from error
    return Exit.DONE


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("check", "Check that everything needed answers; only reads.", StepOptions, _single("check")),
    Definition("export", "Read the subject and write its bundle.", Export, export),
    Definition("plan", "Show what a release would change; only reads.", PlanOptions, plan),
    Definition(
        "deploy", "Ship the site's code, unless it runs there already.", StepOptions, _single("deploy")
    ),
    Definition("upload", "Send the bundle's pictures and sounds to the bucket.", UploadOptions, upload),
    Definition("apply", "Write the bundle's rows, all in one transaction.", Apply, apply),
    Definition("publish", "Make rows public that went in hidden.", Publish, _single("publish")),
    Definition("verify", "Prove that the live pages show what was released.", Verify, _single("verify")),
)
