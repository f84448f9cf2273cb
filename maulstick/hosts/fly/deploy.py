"""`fly deploy`, believed by the release and the machines and not by its exit code."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from maulstick.errors import Problem
from maulstick.hosts.fly.cli import Fly
from maulstick.hosts.fly.logs import last_lines
from maulstick.hosts.fly.machines import FlyRelease, FlyStatus, newest_release, status
from maulstick.retry import until

DEPLOY_SECONDS = 1800.0
HEALTHY_SECONDS = 120.0
LAST_LINES = 8
TICK = 0.5
ENDED_BADLY = ("failed", "interrupted")
SHORT = 7
RELEASE_COMMAND = re.compile(r"release_command failed running on machine (\S+) with exit code (\d+)")

Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deploy came to: the release it made, and the app that runs it."""

    release: FlyRelease
    status: FlyStatus


@dataclass(frozen=True, slots=True)
class Ended:
    """How `fly deploy` ended, in words where it is not well, and the last lines that it said."""

    how: str
    lines: Sequence[str]

    def problem(self, what: str, hint: str, *more: str) -> Problem:
        """Describe a problem that shows the last lines."""
        shown = "".join(f"\n  | {line}" for line in (*self.lines, *more))
        return Problem("fly deploy", what + shown, hint)


def deploy(
    fly: Fly,
    checkout: Path,
    *,
    commit: str,
    line: Callable[[str], None],
    hide: Hide = str,
    timeout: float = DEPLOY_SECONDS,
) -> Deployed:
    """Ship the checkout as a release labelled with its commit, and wait until its machines are healthy.

    Each line of output goes to `line`, as `hide` leaves it. The exit code is wrong both ways at times
    (docs/fly-facts.md, "Deploys"): what counts is a new release that is complete and machines that run it.
    """

    def seen(text: str) -> str:
        text = hide(text)
        line(text)
        return text

    before = _before(fly)
    arguments = ("deploy", "--label", f"GIT_SHA={commit}", "--yes")
    ended = _streamed(fly, arguments, checkout, seen, timeout)
    made = newest_release(fly)
    if made.version <= before.version:
        raise _nothing_made(fly, arguments, ended)
    # Nobody finishes a release whose `fly deploy` has ended.
    if made.status in ENDED_BADLY or (ended.how and made.status != "complete"):
        logs = [hide(text) for text in last_lines(fly)]
        what = f"release {made.version} is {made.status} ({ended.how or 'exit 0'})"
        raise ended.problem(what, _more(fly), *logs)
    now = wait_healthy(fly, known=made, hide=hide)
    return Deployed(made, _expect_commit(fly.app, now, commit))


def wait_healthy(
    fly: Fly, *, known: FlyRelease | None = None, hide: Hide = str, timeout: float = HEALTHY_SECONDS
) -> FlyStatus:
    """Wait until the newest release is complete and every machine runs it and is well; return the status.

    `known` saves the first question.
    """

    def ask() -> tuple[FlyStatus, Sequence[str]]:
        nonlocal known
        release, now = known or newest_release(fly), status(fly)
        known = None
        if release.status in ENDED_BADLY:
            raise _failed(fly, f"release {release.version} is {release.status}", hide)
        return now, _troubles(release, now)

    now, troubles = until(lambda found: not found[1], ask, seconds=timeout, pause=TICK)
    if troubles:
        raise _failed(fly, f"not healthy after {timeout:g} s: {'; '.join(troubles)}", hide)
    return now


def _before(fly: Fly) -> FlyRelease:
    try:
        return newest_release(fly)
    except Problem as problem:
        problem.harmless = True
        raise


def _troubles(release: FlyRelease, now: FlyStatus) -> Sequence[str]:
    if release.status != "complete":
        return [f"release {release.version} is {release.status}"]
    return now.troubles


def _expect_commit(app: str, now: FlyStatus, commit: str) -> FlyStatus:
    """Refuse an app that runs another commit; one without labels tells nothing."""
    other = now.running_commit
    if other and other != commit:
        what = f"{app} runs {other[:SHORT]}, not {commit[:SHORT]}: another deploy came after"
        raise Problem("fly deploy", what, "see who it was: `fly releases`; then run the same again")
    return now


def _streamed(
    fly: Fly, arguments: Sequence[str], checkout: Path, line: Callable[[str], str], timeout: float
) -> Ended:
    last: deque[str] = deque(maxlen=LAST_LINES)
    failures: list[re.Match[str]] = []

    def keep(text: str) -> None:
        failures.extend(RELEASE_COMMAND.finditer(text))
        if seen := line(text).strip():
            last.append(seen)

    code = fly.stream(*arguments, cwd=checkout, line=keep, timeout=timeout)
    ended = Ended(_how(code, timeout), last)
    if failures and code:
        what = f"the release_command failed with exit code {failures[-1][2]}: no machine was updated"
        hint = f"it runs the migrations; `fly logs -a {fly.app} --machine {failures[-1][1]}` tells more"
        raise ended.problem(what, hint)
    return ended


def _how(code: int, timeout: float) -> str:
    if code < 0:
        return f"stopped after {timeout:g} s"
    return f"exit {code}" if code else ""


def _nothing_made(fly: Fly, arguments: Sequence[str], ended: Ended) -> Problem:
    known = fly.problem(arguments, "\n".join(ended.lines))
    if known.kind == "other":
        problem = ended.problem(f"made no release ({ended.how or 'exit 0'})", _more(fly))
    else:
        problem = ended.problem(known.what, known.hint)
    problem.harmless = True
    return problem


def _failed(fly: Fly, what: str, hide: Hide) -> Problem:
    return Ended("", [hide(text) for text in last_lines(fly)]).problem(what, _more(fly))


def _more(fly: Fly) -> str:
    return f"`fly logs -a {fly.app}` and `fly releases -a {fly.app}` tell more"
