"""When something is asked again: one policy for whatever answers late."""

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

    Between two questions lie `pause` seconds; with `longest` about twice as many each time, up to so many,
    and not the same for all who ask at once. `again` is called before each of these pauses. What `ask` raises
    is not asked again.
    """
    answer = ask()
    if good(answer):
        return answer
    # Not imported before something is late, which it seldom is.
    from tenacity import (
        Retrying,
        retry_if_not_result,
        stop_after_attempt,
        stop_before_delay,
        wait_exponential,
        wait_fixed,
        wait_random,
    )

    def last(state: RetryCallState) -> T:
        assert state.outcome is not None  # noqa: S101 - it was asked
        return cast("T", state.outcome.result())

    def say(state: RetryCallState) -> None:
        again(last(state))

    growing = wait_exponential(multiplier=pause, max=longest) + wait_random(0, pause)
    answers = chain([answer], iter(ask, object()))
    return Retrying(
        retry=retry_if_not_result(lambda answer: bool(good(answer))),
        stop=stop_after_attempt(attempts) if attempts else stop_before_delay(seconds),
        wait=growing if longest else wait_fixed(pause),
        before_sleep=say,
        retry_error_callback=last,
    )(lambda: next(answers))
