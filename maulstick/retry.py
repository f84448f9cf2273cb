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
    seconds: float,
    pause: float,
    longest: float = 0.0,
    again: Callable[[T], object] = lambda _: None,
) -> T:
    """Ask until an answer is good or `seconds` would be over; return the last answer, good or not.

    Between two questions lie `pause` seconds; with `longest` twice as many each time, up to so many. `again`
    is called before each of these pauses. What `ask` raises is not asked again.
    """
    answer = ask()
    if good(answer):
        return answer
    # Not imported before something is late, which it seldom is.
    from tenacity import Retrying, retry_if_not_result, stop_before_delay, wait_exponential, wait_fixed

    def last(state: RetryCallState) -> T:
        assert state.outcome is not None  # noqa: S101 - it was asked
        return cast("T", state.outcome.result())

    def say(state: RetryCallState) -> None:
        again(last(state))

    answers = chain([answer], iter(ask, object()))
    return Retrying(
        retry=retry_if_not_result(lambda found: bool(good(found))),
        stop=stop_before_delay(seconds),
        wait=wait_exponential(multiplier=pause, max=longest) if longest else wait_fixed(pause),
        before_sleep=say,
        retry_error_callback=last,
    )(lambda: next(answers))
