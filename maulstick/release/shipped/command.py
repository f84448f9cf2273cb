"""Command: a command of the user's own, on this machine."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from subprocess import DEVNULL, PIPE, STDOUT, Popen

from maulstick.errors import Problem
from maulstick.processes import stream
from maulstick.project.declarations import Outcome
from maulstick.project.plugins.hookspecs import RunningRelease
from maulstick.text import lines, printable

SECONDS = 600
LAST_LINES = 8
LONGEST = 100
"""Characters of the last line that stand beside the step."""


def would(release: RunningRelease, run: str, timeout: int = SECONDS) -> str:
    """Say what is run."""
    return f"run {release.hide(' '.join(run.split()))}"


def perform(release: RunningRelease, run: str, timeout: int = SECONDS) -> Outcome:
    """Run the command in the project's folder, show what it prints, and expect exit code 0."""
    last: deque[str] = deque(maxlen=LAST_LINES)

    def line(text: str) -> None:
        seen = release.hide(printable(text))
        release.say(seen)
        last.append(seen)

    code = stream(_started(release, run), line, timeout=timeout)
    shown = lines(f"| {text}" for text in last)
    if code is None:
        raise Problem(release.name, f"took longer than {timeout} s and was ended{shown}", "timeout = …")
    if code:
        raise Problem(release.name, f"failed with exit code {code}{shown}", f"it runs: {release.hide(run)}")
    said = next((text.strip() for text in reversed(last) if text.strip()), "")
    return Outcome("done", said[:LONGEST])


def _started(release: RunningRelease, run: str) -> Popen[bytes]:
    """Start it in a session of its own: Ctrl-C is ours to answer."""
    return Popen(
        ["sh", "-c", run],
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        cwd=release.folder,
        env={**os.environ, **_told(release)},
        start_new_session=True,
    )


def _told(release: RunningRelease) -> Mapping[str, str]:
    """Return what the command may read of the release, in variables of its environment."""
    report, subject = release.report, release.subject
    number = report["number"]
    return {
        "MAULSTICK_KIND": subject.kind,
        "MAULSTICK_KEY": subject.key,
        "MAULSTICK_TARGET": report["target"],
        "MAULSTICK_SITE": report["site"],
        "MAULSTICK_PAGE": report["page"],
        "MAULSTICK_RELEASE": "" if number is None else str(number),
        "MAULSTICK_PROBLEM": report["problem"],
        "MAULSTICK_STATE": report["state"],
    }
