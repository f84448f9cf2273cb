"""A step that is tried again: only after a failure that may pass, and that left nothing half done."""

from __future__ import annotations

from collections.abc import Callable

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Outcome
from maulstick.project.playbook import PlaybookStep
from maulstick.project.targets import Say
from maulstick.retry import until

IsOpen = Callable[[], bool]
MAY_PASS = (Exit.FAILED, Exit.WRONG, Exit.LOCKED, Exit.UNKNOWN)
"""Exit codes of failures that another try may not have: a refused plan or a plugin's fault comes again."""


def tried(step: PlaybookStep, perform: Callable[[], Outcome], *, say: Say, open_end: IsOpen) -> Outcome:
    """Perform a step, again after a failure as often as the playbook says; each try is said.

    With an `open_end` something may have been written, so that nothing is tried again.
    """
    if not step.retries:
        return perform()
    tries = 1

    def once() -> Outcome | Problem:
        try:
            return perform()
        except Problem as problem:
            return problem

    def say_again(answer: Outcome | Problem) -> None:
        nonlocal tries
        tries += 1
        text = str(answer).replace("\n", "\n    ")
        again = f"{step.name} again in {step.delay} s, try {tries} of {step.retries + 1}"
        say(f"    {text}\n    {again}")

    def is_last(answer: Outcome | Problem) -> bool:
        return isinstance(answer, Outcome) or answer.code not in MAY_PASS or open_end()

    answer = until(is_last, once, attempts=step.retries + 1, pause=step.delay, again=say_again)
    if isinstance(answer, Problem):
        raise answer
    return answer
