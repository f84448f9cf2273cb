"""The one question before anything is changed."""

from __future__ import annotations

from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage


def require_yes(console: Console, question: str, *, where: str, step: str, hint: str = "pass --yes") -> None:
    """Ask before anything is changed: a no stops the command, and nobody to answer is a usage problem."""
    if not console.interactive:
        raise usage(where, "asks before it is changed, and nobody is there to answer", hint)
    if not console.ask(question):
        raise Problem(step, "stopped at your word; nothing was changed", code=Exit.INTERRUPTED)
