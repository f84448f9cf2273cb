"""The groups of options that several commands share, beside those that the steps of a release read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields

from maulstick.errors import usage
from maulstick.release.settings import (
    Ask,
    Choices,
    CommandOptions,
    Diff,
    Overwrite,
    Recheck,
    RowChoices,
    Without,
    Yes,
    option,
)


@dataclass(frozen=True)
class Subjects(CommandOptions):
    """Subjects by kind and key; each kind that a plugin brings is an option beside it."""

    select: tuple[str, ...] = option((), "a subject as KIND=KEY, or a JSON list of them; may be repeated")


@dataclass(frozen=True)
class TraceHooks(CommandOptions):
    """Whether the calls of plugins are shown."""

    trace_hooks: bool = option(False, "say each call of a plugin's hook and its answer, in short")


@dataclass(frozen=True)
class InventoryOptions(TraceHooks):
    """The inventory, by its file."""

    inventory: str = option("inventory.toml", "the inventory to read")


@dataclass(frozen=True)
class TargetNames(CommandOptions):
    """Targets by name."""

    target: tuple[str, ...] = option(
        (), "the target, else the default; a group, or several with commas; may be repeated"
    )


@dataclass(frozen=True)
class TargetsOptions(TargetNames, InventoryOptions):
    """Targets of an inventory."""


@dataclass(frozen=True)
class OfPulls(CommandOptions):
    """Which of both ledgers is meant."""

    local: bool = option(False, "pulls into the local database, in place of releases to the target")


@dataclass(frozen=True)
class Limit(CommandOptions):
    """Which of the targets are meant."""

    limit: tuple[str, ...] = option(
        (), "only these of the targets: names, groups, prod*, !NAME, with commas; may be repeated"
    )


@dataclass(frozen=True)
class KeepGoing(CommandOptions):
    """What becomes of the targets after one that failed."""

    keep_going: bool = option(False, "go on with the next target after one that failed")


@dataclass(frozen=True)
class Forks(CommandOptions):
    """How many targets have their turn at a time."""

    forks: int = option(1, "so many targets side by side, each whatever becomes of the others")


@dataclass(frozen=True)
class Json(CommandOptions):
    """The form of the result."""

    json: bool = option(False, "print the result as JSON")


@dataclass(frozen=True)
class Quiet(CommandOptions):
    """How little is said."""

    quiet: bool = option(False, "say only what went wrong, and results")


@dataclass(frozen=True)
class Verbose(CommandOptions):
    """How much is said."""

    verbose: bool = option(False, "say every detail, and the trace of a plugin that failed", short="v")


@dataclass(frozen=True)
class StepOptions(Subjects, TargetsOptions, Limit, KeepGoing, Yes, Json, Quiet, Verbose):
    """What `release` and each of its steps take."""


@dataclass(frozen=True)
class NamedBundles(CommandOptions):
    """Bundles that are named themselves, in place of subjects."""

    bundle: tuple[str, ...] = option(
        (),
        "this bundle, by its folder or manifest.json, instead of the source; or a JSON list; may be repeated",
    )
    changed_since: str | None = option(
        None, "the bundles that have changed in git since this commit, instead of the source"
    )


@dataclass(frozen=True)
class SubjectsOrBundles(Subjects, NamedBundles):
    """What is released, as its source has it, or as bundles hold it."""


@dataclass(frozen=True)
class SealedPlanOptions(CommandOptions):
    """A plan that was decided before."""

    plan: str | None = option(None, "a sealed plan to carry out exactly, from plan --out")


@dataclass(frozen=True)
class NamedSubjects(SubjectsOrBundles, SealedPlanOptions, Choices, Ask):
    """Subjects by name, all of them, those of bundles or those of sealed plans."""

    all: bool = option(False, "every subject of every kind in the source")


@dataclass(frozen=True)
class PlannedOptions(StepOptions, Forks, SubjectsOrBundles, Choices, Ask, Overwrite, Diff):
    """What a command takes that plans from the source, or from bundles as they are."""


@dataclass(frozen=True)
class ExitCode(CommandOptions):
    """Whether programs hear of changes by the exit code."""

    exit_code: bool = option(False, "exit 10 if there is something to release")


@dataclass(frozen=True)
class UploadOptions(StepOptions, Overwrite, Recheck, Without):
    """What is sent to the bucket."""

    file: tuple[str, ...] = option((), "a file of the media folder instead of a subject; may be repeated")


def listed(option: str, texts: Iterable[str]) -> list[str]:
    """List the texts of an option that may be repeated; a JSON list stands for all texts in it."""
    every: list[str] = []
    for text in texts:
        if not text.startswith("["):
            every.append(text)
            continue
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise usage(f"{option} {text}", "is not a JSON list of texts", f'{option} \'["a", "b"]\'')
        every += found
    return every


def require_limit(choices: RowChoices) -> None:
    """Refuse a limit below zero (exit 2)."""
    if choices.prune_limit < 0:
        raise usage("--prune-limit", f"{choices.prune_limit} is not a number of rows", "20, or 0 for none")


def require_undecided(options: Choices) -> None:
    """Refuse choices typed beside a sealed plan, which holds its own (exit 2)."""
    for choice in (*fields(Choices), *fields(Ask)):
        if getattr(options, choice.name, choice.default) != choice.default:
            name = choice.name.replace("_", "-")
            hint = f"a sealed plan holds what was decided; make a new one: invoke plan --{name} --out FILE"
            raise usage(f"--{name}", "does not go with --plan", hint)
