"""The targets that a command names: reached, and visited one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command
from maulstick.cli.options import Targets
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.project.inventory import Target

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended on one target: its exit code, and what there is to say."""

    code: int
    says: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to show of one target, as records and as lines, and how it ended there in short."""

    records: Sequence[Mapping[str, Any]]
    lines: Sequence[str]
    says: str
    code: int = Exit.DONE


def reach(target: Target, project: Path, stack: ExitStack, console: Console) -> tuple[Place, Host]:
    """Return the place that a release goes to and the way there; a sandbox is started."""
    from maulstick.hosts.host import open_host, place_of

    place = place_of(target, project, console.line)
    return place, open_host(place.target, stack, console.line)


def require_one(command: Command[Targets], where: str) -> Target:
    """Return the one target that was named; several are a usage problem, since each has its own numbers."""
    target, *more = command.targets()
    if more:
        raise usage(where, "takes one target: each counts releases of its own", f"--target {target.name}")
    return target


def visit_each(
    targets: Sequence[Target], visit: Callable[[Target], Ended], console: Console, *, keep_going: bool
) -> int:
    """Do the same on each target in order and return the exit code: the first that is not 0.

    A failure leaves the rest alone unless it keeps going; an interruption always does. With more than one
    target, a line for each comes at the end.
    """
    ended: list[Ended] = []
    for target in targets:
        ended.append(_ended(target, visit, console))
        code = ended[-1].code
        if code == Exit.INTERRUPTED or (code and not keep_going):
            break
    if len(targets) > 1:
        _recap(targets, ended, console)
    return next((one.code for one in ended if one.code), Exit.DONE)


def show_each(
    command: Command[Targets], ask: Callable[[Target], Answer], *, json: bool, keep_going: bool = True
) -> int:
    """Show what each target answers: its lines as they come, or the records of all of them as JSON."""
    console, targets = command.console(), command.targets()
    records: list[Mapping[str, Any]] = []

    def visit(target: Target) -> Ended:
        answer = ask(target)
        records.extend({"target": target.name, **record} for record in answer.records)
        if not json and answer.lines:
            console.result("\n".join(prefixed(line, target, targets) for line in answer.lines))
        return Ended(answer.code, answer.says)

    code = visit_each(targets, visit, console, keep_going=keep_going)
    if json and (records or not code):
        console.data({"version": 1, "records": records})
    return code


def prefixed(line: str, target: Target, targets: Sequence[Target]) -> str:
    """Return a line of a target's result behind its name, where there are several targets."""
    return f"{target.name}: {line}" if len(targets) > 1 else line


def _ended(target: Target, visit: Callable[[Target], Ended], console: Console) -> Ended:
    try:
        return visit(target)
    except Problem as problem:
        console.problem(problem)
        return Ended(problem.code, f"{problem.where}: {problem.what}".splitlines()[0])
    except KeyboardInterrupt:
        console.trouble("interrupted")
        return Ended(Exit.INTERRUPTED, "interrupted")


def _recap(targets: Sequence[Target], ended: Sequence[Ended], console: Console) -> None:
    console.line("recap")
    for target, one in zip(targets, ended, strict=False):
        if not one.code:
            console.end(target.name, "done", one.says)
        elif console.quiet:
            console.trouble(f"{target.name}: failed, {one.says} (exit {one.code})")
        else:
            console.end(target.name, "failed", f"{one.says} (exit {one.code})")
    for target in targets[len(ended) :]:
        console.end(target.name, "skipped", f"{targets[len(ended) - 1].name} failed")
