"""Asking again until an answer is good: one policy for everything that may be late."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")


def until(
    good: Callable[[T], object],
    ask: Callable[[], T],
    *,
    seconds: float = 0.0,
    attempts: int = 0,
    pause: float,
    longest: float = 0.0,
    again: Callable[[T], object] = lambda _: None,
) -> T:
    """Ask until an answer is good, or there is no time or attempt left; return the last answer, good or not.

    There are `pause` seconds between questions; with `longest`, each pause is about twice the last one, up to
    that, and not the same for all who ask at once. `again` is called before each pause. An exception of `ask`
    ends it.
    """
    answer = ask()
    if good(answer):
        return answer
    # Imported only when something is late, which is rare.
    import tenacity

    def last(state: RetryCallState) -> T:
        assert state.outcome is not None  # noqa: S101 - it has been asked
        return cast("T", state.outcome.result())

    def say(state: RetryCallState) -> None:
        again(last(state))

    growing = tenacity.wait_exponential(multiplier=pause, max=longest) + tenacity.wait_random(0, pause)
    answers = chain([answer], iter(ask, object()))
    return tenacity.Retrying(
        retry=tenacity.retry_if_not_result(lambda answer: bool(good(answer))),
        stop=tenacity.stop_after_attempt(attempts) if attempts else tenacity.stop_before_delay(seconds),
        wait=growing if longest else tenacity.wait_fixed(pause),
        before_sleep=say,
        retry_error_callback=last,
    )(lambda: next(answers))
