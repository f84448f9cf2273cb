"""The same command for several targets, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from maulstick.console import Console
from maulstick.errors import Exit, Problem
from maulstick.project.inventory import Target


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended on one target: its exit code, and what there is to say."""

    code: int
    says: str


Visit = Callable[[Target], Ended]


def everywhere(targets: Sequence[Target], visit: Visit, console: Console, *, keep_going: bool) -> int:
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


def before_lines(target: Target, targets: Sequence[Target]) -> str:
    """Return what stands before each line of a target's result: its name, where there are several."""
    return f"{target.name}: " if len(targets) > 1 else ""


def _ended(target: Target, visit: Visit, console: Console) -> Ended:
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
