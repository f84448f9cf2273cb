"""The targets that a command names: reached, visited one after the other, and recapped at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command
from maulstick.cli.options import TargetsOptions
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.project.inventory import Target
from maulstick.signals import heed

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place
    from maulstick.report.recap import RecapLine


@dataclass(frozen=True, slots=True)
class TargetEnding:
    """How a command ended on one target: its exit code, and what there is to say, of each subject alone.

    Without a code its turn did not come.
    """

    target: str
    code: int | None
    says: str = ""
    recap: Sequence[RecapLine] = ()


@dataclass(frozen=True, slots=True)
class TargetAnswer:
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


def reach_local(target: Target, project: Path, stack: ExitStack, console: Console) -> tuple[Place, Host]:
    """Return the local database as a place, and the way there, from a target that pulls come from."""
    from maulstick.hosts.local_host import homewards

    place, host = reach(target, project, stack, console)
    return homewards(place, host, theirs=False, say=console.line)


def require_one(command: Command[TargetsOptions], where: str) -> Target:
    """Find the one target that was named; several are a usage problem, since each has its own numbers."""
    target, *more = command.targets()
    if more:
        raise usage(where, "takes one target: each counts releases of its own", f"--target {target.name}")
    return target


def visit_each(
    targets: Sequence[Target], visit: Callable[[Target], TargetEnding], console: Console, *, keep_going: bool
) -> int:
    """Do the same on each target in order and return the exit code; with several, recap them at the end."""
    ended = visited(targets, visit, console, keep_going=keep_going)
    show_recap(ended, console)
    return first_code(ended)


def visited(
    targets: Sequence[Target], visit: Callable[[Target], TargetEnding], console: Console, *, keep_going: bool
) -> list[TargetEnding]:
    """Do the same on each target in order and return how each ended.

    A failure leaves the rest alone unless it keeps going; an interruption always does.
    """
    ended: list[TargetEnding] = []
    stopped = ""
    for target in targets:
        if stopped:
            ended.append(TargetEnding(target.name, None, f"{stopped} failed"))
            continue
        ended.append(_ended(target, visit, console))
        code = ended[-1].code
        if code == Exit.INTERRUPTED or (code and not keep_going):
            stopped = target.name
    return ended


def first_code(ended: Sequence[TargetEnding]) -> int:
    """Return the exit code of all targets: the first that is not 0."""
    return next((one.code for one in ended if one.code), Exit.DONE)


def show_recap(ended: Sequence[TargetEnding], console: Console) -> None:
    """Say how each target ended, or each subject on it; one of one target has said so itself."""
    rows = [row for one in ended for row in _recap_rows(one)]
    if len(rows) < 2:
        return
    console.line("recap")
    beside = Console(quiet=console.quiet, width=max(len(name) for name, _, _ in rows) + 2)
    for name, word, says in rows:
        if word == "failed" and console.quiet:
            console.trouble(f"{name}: failed, {says}")
        else:
            beside.end(name, word, says)


def _recap_rows(ended: TargetEnding) -> list[tuple[str, str, str]]:
    if ended.recap:
        return [(line.name, line.word, str(line)) for line in ended.recap]
    if ended.code is None:
        return [(ended.target, "skipped", ended.says)]
    failed = f"{ended.says} (exit {ended.code})"
    return [(ended.target, "failed", failed) if ended.code else (ended.target, "done", ended.says)]


def show_each(
    command: Command[TargetsOptions],
    ask: Callable[[Target], TargetAnswer],
    *,
    json: bool,
    keep_going: bool = True,
) -> int:
    """Show what each target answers: its lines as they come, or the records of all of them as JSON."""
    console, targets = command.console(), command.targets()
    records: list[Mapping[str, Any]] = []

    def visit(target: Target) -> TargetEnding:
        answer = ask(target)
        records.extend({"target": target.name, **record} for record in answer.records)
        if not json and answer.lines:
            console.result("\n".join(prefixed(line, target.name, targets) for line in answer.lines))
        return TargetEnding(target.name, answer.code, answer.says)

    code = visit_each(targets, visit, console, keep_going=keep_going)
    if json and (records or not code):
        console.data({"version": 1, "records": records})
    return code


def prefixed(line: str, target: str, targets: Sequence[Target]) -> str:
    """Return a line of a target's result behind its name, where there are several targets."""
    return f"{target}: {line}" if len(targets) > 1 else line


def _ended(target: Target, visit: Callable[[Target], TargetEnding], console: Console) -> TargetEnding:
    try:
        heed()
        return visit(target)
    except Problem as problem:
        console.problem(problem)
        return TargetEnding(target.name, problem.code, f"{problem.where}: {problem.what}".splitlines()[0])
    except KeyboardInterrupt:
        console.trouble("interrupted")
        return TargetEnding(target.name, Exit.INTERRUPTED, "interrupted")
