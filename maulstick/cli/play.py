"""The steps that a release performs: chosen from its playbook, and prepared for each target."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from maulstick.cli.arguments import Command
from maulstick.cli.options import StepOptions
from maulstick.errors import did_you_mean, usage
from maulstick.project import playbook as playbooks
from maulstick.project.inventory import Target
from maulstick.project.playbook import Playbook, PlaybookStep, Steps
from maulstick.release.settings import LeftOutByPlaybook, option


@dataclass(frozen=True)
class ChosenSteps(StepOptions):
    """Which steps of which playbook."""

    playbook: str = option("release", "the playbook to follow, a file of playbooks/")
    only: tuple[str, ...] = option((), "perform only this step; may be repeated")
    skip: tuple[str, ...] = option((), "leave this step out; may be repeated")
    start_at: str | None = option(None, "begin with this step")
    tags: tuple[str, ...] = option((), "perform only steps with one of these tags, with commas between them")
    skip_tags: tuple[str, ...] = option((), "leave out steps with one of these tags")
    set: tuple[str, ...] = option((), "a variable of the playbook, as NAME=VALUE; may be repeated")
    list_steps: bool = option(False, "say which steps would be performed, and do nothing")


@dataclass(frozen=True, slots=True)
class ChosenPlay:
    """The steps that were chosen for each target, and which rows the playbook `where` leaves out there."""

    steps: Steps
    without: Mapping[str, tuple[str, ...]]
    where: str

    def left_out(self, target: str) -> LeftOutByPlaybook:
        """Return the rows that are left out on a target, and where that is written."""
        return LeftOutByPlaybook(self.where, self.without[target])


def chosen_play(command: Command[ChosenSteps]) -> ChosenPlay:
    """List the steps that were chosen, as they are for each target; nothing is asked of a target."""
    from maulstick.project.play.prepared import Play, prepared, rows_left_out

    options, plugins, targets = command.options, command.plugins, command.targets()
    plugins.require_all()
    known = playbooks.known_steps(plugins.steps().values())
    book = playbooks.load(command.project / "playbooks", options.playbook, known)
    steps = _chosen(book, options)
    environment = None if options.list_steps else os.environ
    play = Play(f"playbooks/{book.name}.toml", known, _members(command, steps), environment)
    variables = {target.name: _variables(book, target, options.set) for target in targets}
    return ChosenPlay(
        {target: prepared(play, steps, target, known) for target, known in variables.items()},
        {target: rows_left_out(play, book.without, target, known) for target, known in variables.items()},
        f"{play.where}/without",
    )


def _chosen(book: Playbook, options: ChosenSteps) -> list[PlaybookStep]:
    """List the steps that were chosen by name and by tag, in the order of the playbook."""
    names = [step.name for step in book.steps]
    start = (options.start_at,) if options.start_at else ()
    for flag, words in (("--start-at", start), ("--only", options.only), ("--skip", options.skip)):
        _require_known(flag, words, names, "a step")
    tags, skipped = _words(options.tags), _words(options.skip_tags)
    known = {tag for step in book.steps for tag in step.tags}
    _require_known("--tags", tags, known, "a tag")
    _require_known("--skip-tags", skipped, known, "a tag")
    chosen = [
        step
        for step in book.steps[names.index(start[0]) if start else 0 :]
        if step.name in (options.only or names) and step.name not in options.skip
        if (not tags or {*step.tags} & {*tags}) and not {*step.tags} & {*skipped}
    ]
    if all(step.on_failure for step in chosen):
        raise usage("release", "no step is left to perform", "leave out --only, --skip or --tags")
    return chosen


def _require_known(flag: str, words: Iterable[str], known: Iterable[str], what: str) -> None:
    for word in words:
        if word not in known:
            hint = did_you_mean(word, known) or "it has none"
            raise usage(f"{flag} {word}", f"is not {what} of this playbook", hint)


def _words(texts: Iterable[str]) -> list[str]:
    return [word.strip() for text in texts for word in text.split(",")]


def _members(command: Command[ChosenSteps], steps: Iterable[PlaybookStep]) -> Mapping[str, Sequence[str]]:
    """Return which targets each name stands for, if a step names any."""
    if not any(step.targets for step in steps):
        return {}
    inventory = command.inventory()
    return {**{name: (name,) for name in inventory.targets}, **inventory.groups}


def _variables(book: Playbook, target: Target, texts: Sequence[str]) -> Mapping[str, int | str | bool]:
    """List the variables of a target: the playbook's, the inventory's, the target's, and those typed."""
    from maulstick.project.play.prepared import names_used
    from maulstick.project.play.variables import typed

    declared = {**book.vars, **target.vars}
    return {**declared, **typed(texts, declared, names_used(book.steps, book.without))}


def listed(play: ChosenPlay) -> list[Mapping[str, object]]:
    """Return which steps would be performed on which target, with what decides about each."""
    return [
        {
            "target": target,
            "without": [*play.without[target]],
            "steps": [
                {
                    "name": step.name,
                    "step": step.kind,
                    "left_out": step.left_out,
                    "when": step.when,
                    "targets": [*step.targets],
                    "tags": [*step.tags],
                    "always": step.always,
                    "on_failure": step.on_failure,
                }
                for step in those
            ],
        }
        for target, those in play.steps.items()
    ]


def step_lines(steps: Sequence[PlaybookStep]) -> Iterable[str]:
    """Yield a line for each step: its name, and what decides whether it is performed."""
    for step in steps:
        said = [
            step.kind if step.kind != step.name else "",
            f"skipped, {step.left_out}" if step.left_out else f"when {step.when}" if step.when else "",
            "after a failure" if step.on_failure else "after a failure too" if step.always else "",
            f"only for {', '.join(step.targets)}" if step.targets and not step.left_out else "",
            f"tags {', '.join(step.tags)}" if step.tags else "",
        ]
        yield f"  {step.name:<14} {'; '.join(filter(None, said))}".rstrip()
