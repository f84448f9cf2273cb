"""Commands of ours as children of the desk: each is asked in the background, and its last answer is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from maulstick.cli.assistant.answer import PROGRAM
from maulstick.errors import Exit
from maulstick.files import make_folders, write_whole
from maulstick.processes import ROOT, end

AT_ONCE = 2
"""Commands that run side by side."""
FOLDER = Path(".maulstick") / "desk"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said: `result` is its JSON, None if it printed none; `said` are the lines beside it."""

    when: str
    code: int
    result: Any
    said: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of a command that prints a list of them."""
        return list(self.result.get("records", ())) if isinstance(self.result, dict) else []


@dataclass(slots=True)
class Children:
    """The commands of one project, each known by a name; the same is never asked twice at once.

    `forget` deletes the record of a run.
    """

    project: Path
    forget: Callable[[str], None]
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))
    _asked: dict[str, Future[Answer]] = field(default_factory=dict)
    _answers: dict[str, Answer] = field(default_factory=dict)
    _outdated: set[str] = field(default_factory=set)
    _running: list[subprocess.Popen[str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _is_closed: bool = False

    def ask(self, name: str, words: Sequence[str], *, again: bool = True, keep: bool = False) -> None:
        """Begin to ask; not `again` what is being asked, or has been answered before.

        With `keep` the next desk begins with this one's answer.
        """
        with self._lock:
            if self._is_closed or (not again and (name in self._asked or name in self._answers)):
                return
            if name in self._asked:  # what is being asked may not have seen what has just changed
                self._outdated.add(name)
                return
            self._asked[name] = self._pool.submit(self._ask, name, words, keep=keep)

    def is_asked(self, name: str) -> bool:
        """Return whether an answer is on its way."""
        with self._lock:
            return name in self._asked

    def answer(self, name: str, *, wait: float = 0) -> Answer | None:
        """Return the last answer, waiting up to so many seconds for one that is on its way."""
        with self._lock:
            coming = self._asked.get(name)
        if coming is not None and wait:
            wait_for([coming], wait)
        with self._lock:
            return self._answers.get(name)

    def remember(self, name: str) -> None:
        """Take the answer of an earlier desk, where one was kept."""
        try:
            kept = json.loads(self._file(name).read_text(encoding="utf-8"))
            self._answers[name] = Answer(**kept)
        except (OSError, ValueError, TypeError):
            return

    def close(self) -> None:
        """End what still runs; nothing is asked any more."""
        with self._lock:
            self._is_closed, running = True, [*self._running]
        for process in running:
            end(process)  # type: ignore[arg-type]
        self._pool.shutdown(cancel_futures=True)

    def _ask(self, name: str, words: Sequence[str], *, keep: bool) -> Answer:
        try:
            answer = self._ran(words)
        except OSError as error:
            answer = Answer(_now(), 1, None, str(error))
        if isinstance(answer.result, dict) and "releases" in answer.result:
            self.forget(str(answer.result.get("id")))  # or looking would push releases out
        if keep and answer.records:
            self._keep(name, answer)
        with self._lock:
            is_outdated = name in self._outdated
            self._outdated.discard(name)
            if not is_outdated or self._is_closed:
                self._answers[name] = answer
                del self._asked[name]
                return answer
        return self._ask(name, words, keep=keep)

    def _ran(self, words: Sequence[str]) -> Answer:
        with self._lock:
            if self._is_closed:
                return Answer(_now(), Exit.INTERRUPTED, None, "the desk was closed")
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM, ROOT, *words],
                cwd=self.project,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            self._running.append(process)
        try:
            out, said = process.communicate()
        finally:
            with self._lock:
                self._running.remove(process)
        try:
            result = json.loads(out)
        except ValueError:
            result = None
        return Answer(_now(), process.returncode, result, said)

    def _keep(self, name: str, answer: Answer) -> None:
        file = self._file(name)
        with suppress(OSError):  # the next desk asks by itself
            make_folders(file.parent, 0o700)
            write_whole(self.project / ".maulstick" / ".gitignore", iter([b"*\n"]))
            write_whole(file, iter([json.dumps(asdict(answer)).encode()]))

    def _file(self, name: str) -> Path:
        return self.project / FOLDER / f"{name}.json"


def _now() -> str:
    return datetime.now(UTC).isoformat("T", "seconds")
