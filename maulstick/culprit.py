"""Who broke a promise: whatever a plugin does wrong is a problem that names its file and hook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import UnionType

from maulstick.content import Outcome, Step
from maulstick.errors import Exit, Problem


@contextmanager
def culprit(owner: str) -> Iterator[None]:
    """Turn what fails in the block into a problem of its owner (exit 6); a problem passes as it is."""
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        raise Problem(owner, f"failed: {error!r}", code=Exit.PLUGIN) from error


def expect(owner: str, answer: object, kind: type | UnionType, hook: str) -> None:
    """Raise a problem of its owner (exit 6) for an answer of another type than was promised."""
    if not isinstance(answer, kind):
        raise Problem(owner, f"answered {answer!r}", f"see docs: {hook}", code=Exit.PLUGIN)


def guarded(owner: str, step: Step) -> Step:
    """Return a plugin's step that keeps its promises or names its owner."""
    named = f"{owner} {step.name}"

    def run(release: object, **options: object) -> Outcome:
        with culprit(named):
            outcome = step.run(release, **options)
        expect(named, outcome, Outcome, "maulstick_steps")
        return outcome

    def plan(release: object, **options: object) -> str:
        with culprit(named):
            says = step.plan(release, **options)
        expect(named, says, str, "maulstick_steps")
        return says

    return replace(step, run=run, plan=plan)


@cache
def file_of(plugin: object) -> str:
    """Return a plugin's file as its author knows it, or its name."""
    path = Path(getattr(plugin, "__file__", "") or getattr(plugin, "__name__", "plugin"))
    return f"{path.parent.name}/{path.name}" if path.suffix else str(path)


def blamed(error: Exception, plugins: Iterable[object], hook: str) -> Problem:
    """Return an error as a problem of the plugin that its trace names; a problem is returned as it is."""
    if isinstance(error, Problem):
        return error
    owner = f"{_who_failed(error, plugins)} {hook}"
    return Problem(owner, f"failed: {error!r}", code=Exit.PLUGIN)


def _who_failed(error: Exception, plugins: Iterable[object]) -> str:
    files = {getattr(plugin, "__file__", None): file_of(plugin) for plugin in plugins}
    trace, found = error.__traceback__, "plugins"
    while trace is not None:
        found = files.get(trace.tb_frame.f_code.co_filename, found)
        trace = trace.tb_next
    return found
