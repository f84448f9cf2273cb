"""Faults of plugins as problems that name the plugin's file, line and hook."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import walk_tb
from types import FrameType, GeneratorType
from typing import Any, cast

from maulstick.errors import Exit, Problem
from maulstick.files import no_room
from maulstick.project.declarations import Outcome, Step
from maulstick.project.plugins.limits import TooLong, limited
from maulstick.project.plugins.promise import MOST, BrokenPromise, each, held
from maulstick.streams import plugin_prints

TRACE = "-v shows its trace"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose code is running: a plugin, its hook, and its step if it is one."""

    plugin: object
    hook: str
    step: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (file_of(self.plugin), self.hook, self.step)))

    def place(self, error: BaseException) -> str:
        """Find the last line of the plugin's own code in an error's trace, as `, at FILE:LINE`."""
        lines = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        return next((_at(file, line) for file, line in reversed(lines) if self._wrote(file)), "")

    def _wrote(self, file: str) -> bool:
        own = getattr(self.plugin, "__file__", None) or ""
        beside = bool(getattr(self.plugin, "__package__", "")) and Path(file).parent == Path(own).parent
        return file == own or beside


@contextmanager
def culprit(owner: Owner) -> Iterator[None]:
    """Turn an error in the block into a problem of its owner (exit 6); a problem passes as it is.

    What the plugin prints goes to stderr: stdout is for results only.
    """
    try:
        with plugin_prints(), limited(owner.step or owner.hook):
            yield
    except Problem:
        raise
    except BrokenPromise as broken:
        hint = broken.hint or f"see docs: {owner.hook}"
        raise Problem(str(owner), broken.what, hint, code=Exit.PLUGIN) from None
    except TooLong as error:
        raise Problem(str(owner), f"{error}{owner.place(error)}", code=Exit.PLUGIN) from error
    except MemoryError as error:
        # Without its cause, whose frames would keep the memory.
        what = f"takes more memory than it may have{owner.place(error)}"
        raise Problem(str(owner), what, code=Exit.PLUGIN) from None
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # as of a test library whose failures are not an Exception
        raise blamed(error, owner) from error


def blamed(error: BaseException, owner: Owner) -> Problem:
    """Return an error as a problem of the plugin that it came from; a full disk is nobody's fault."""
    if (full := no_room(error, str(owner))) is not None:
        return full
    return Problem(str(owner), f"failed: {error!r}{owner.place(error)}", TRACE, code=Exit.PLUGIN)


def answers(owner: Owner, asked: Callable[..., object], kind: Any, **arguments: object) -> Iterator[Any]:
    """Yield a hook's answers one by one, each checked against its type."""
    with culprit(owner):
        many = asked(**arguments)
        try:
            for number, answer in enumerate(each(many), 1):
                if number > MOST:
                    raise BrokenPromise(f"does not end: more than {MOST} answers")
                yield held(answer, kind)
        except BrokenPromise as broken:
            raise BrokenPromise(f"{broken.what}{_line_of(asked, many)}", broken.hint) from None


def guarded(owner: Owner, step: Step) -> Step:
    """Return a plugin's step that blames its owner for any fault."""
    named = replace(owner, step=step.name)

    def run(release: object, **options: object) -> Outcome:
        return cast(Outcome, one_answer(named, step.run, Outcome, release, **options))

    def plan(release: object, **options: object) -> str:
        return cast(str, one_answer(named, step.plan, str, release, **options))

    return replace(step, run=run, plan=plan)


def one_answer(
    owner: Owner, asked: Callable[..., object], kind: Any, *given: object, **arguments: object
) -> object:
    """Return the answer of a step's function, checked against its type."""
    with culprit(owner):
        answer = asked(*given, **arguments)
        try:
            return held(answer, kind)
        except BrokenPromise as broken:
            raise BrokenPromise(f"{broken.what}{_line_of(asked, answer)}", broken.hint) from None


def file_of(plugin: object) -> str:
    """Return a plugin's file as its author knows it, or its name."""
    path = Path(getattr(plugin, "__file__", "") or getattr(plugin, "__name__", "plugins"))
    return f"{path.parent.name}/{path.name}" if path.suffix else str(path)


def owner_among(plugins: Iterable[object], error: BaseException, hook: str) -> Owner:
    """Return the plugin whose code is last in an error's trace."""
    owner: object = plugins
    files = {getattr(plugin, "__file__", None): plugin for plugin in plugins}
    for frame, _ in walk_tb(error.__traceback__):
        owner = files.get(frame.f_code.co_filename, owner)
    return Owner(owner, hook)


def _line_of(asked: Callable[..., object], many: object) -> str:
    """Return the line of the last `yield`, or else of the function."""
    frame: FrameType | None = None
    while isinstance(many, GeneratorType):
        frame, many = many.gi_frame or frame, many.gi_yieldfrom
    if frame is not None:
        return _at(frame.f_code.co_filename, frame.f_lineno)
    code = getattr(inspect.unwrap(asked), "__code__", None)
    return _at(code.co_filename, code.co_firstlineno) if code else ""


def _at(file: str, line: int | None) -> str:
    path = Path(file)
    return f", at {path.parent.name}/{path.name}:{line}"
