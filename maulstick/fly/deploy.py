"""`fly deploy`, believed by the release and the machines and not by its exit code."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from maulstick.errors import Problem
from maulstick.fly.cli import Fly
from maulstick.fly.machines import Release, Status, newest_release, status

DEPLOY_SECONDS = 1800.0
HEALTHY_SECONDS = 120.0
LOG_SECONDS = 10.0
LAST_LINES = 8
TICK = 0.5
ENDED_BADLY = ("failed", "interrupted")


def deploy(
    fly: Fly, checkout: Path, *, commit: str, line: Callable[[str], None], timeout: float = DEPLOY_SECONDS
) -> Status:
    """Ship the checkout as a release labelled with its commit, and wait until its machines are healthy.

    Each line of output goes to `line`. The exit code is wrong both ways at times (fly.md §6): what counts is
    a new release that is complete and machines that run it.
    """
    before = newest_release(fly)
    last: deque[str] = deque(maxlen=LAST_LINES)

    def keep(text: str) -> None:
        line(text)
        if text.strip():
            last.append(text)

    arguments = ("deploy", "--label", f"GIT_SHA={commit}", "--yes")
    code = fly.stream(*arguments, cwd=checkout, line=keep, timeout=timeout)
    ended = f"exit {code}" if code >= 0 else f"stopped after {timeout:g} s"
    made = newest_release(fly)
    if made.version <= before.version:
        raise _failed(fly, f"made no release ({ended})", last)
    # Nobody finishes a release whose `fly deploy` has ended.
    if code and made.status != "complete":
        raise _failed(fly, f"release {made.version} is {made.status} ({ended})", last)
    return wait_healthy(fly)


def wait_healthy(fly: Fly, *, timeout: float = HEALTHY_SECONDS) -> Status:
    """Wait until the newest release is complete and every machine runs it and is well; return the status."""
    limit = time.monotonic() + timeout
    while True:
        release, now = newest_release(fly), status(fly)
        if release.status in ENDED_BADLY:
            raise _failed(fly, f"release {release.version} is {release.status}", last_log_lines(fly))
        troubles = _troubles(release, now)
        if not troubles:
            return now
        if time.monotonic() > limit:
            what = f"not healthy after {timeout:g} s: {'; '.join(troubles)}"
            raise _failed(fly, what, last_log_lines(fly))
        time.sleep(TICK)


def last_log_lines(fly: Fly) -> Sequence[str]:
    """Return the last lines that the app's machines wrote, none where Fly shows none."""
    try:
        # With nothing to show it waits for ever; some tokens may not read logs (fly.md §6, §8).
        told = fly.expect("logs", "--no-tail", timeout=LOG_SECONDS)
    except Problem:
        return ()
    return told.splitlines()[-LAST_LINES:]


def _troubles(release: Release, now: Status) -> Sequence[str]:
    if release.status != "complete":
        return [f"release {release.version} is {release.status}"]
    return now.troubles


def _failed(fly: Fly, what: str, lines: Sequence[str] | deque[str]) -> Problem:
    shown = "".join(f"\n  | {line}" for line in lines)
    return Problem(
        "fly deploy", f"{what}{shown}", f"`fly logs -a {fly.app}` and `fly releases -a {fly.app}` tell more"
    )
