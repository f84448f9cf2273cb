"""What people see: the name first, the word after; progress on stderr, results on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

WIDTH = 14
GREEN, CYAN, YELLOW, RED = "32", "36", "33", "31"
COLOURS = {
    **dict.fromkeys(("done", "ok"), GREEN),
    **dict.fromkeys(("skipped", "warn"), YELLOW),
    **dict.fromkeys(("failed", "fail"), RED),
    "unchanged": CYAN,
}
CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}
Moved = Callable[[int], None]


class Console:
    """A terminal, or whatever stands in its place; progress goes to `stream`, stderr if left out."""

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None, width: int = WIDTH) -> None:
        self.quiet = quiet
        self.width = width
        self._stream = stream
        self._open = False

    @property
    def interactive(self) -> bool:
        """Tell whether a person is there to see progress."""
        return (self._stream or sys.stderr).isatty() and not self.quiet

    def result(self, text: str) -> None:
        """Print a result to stdout."""
        _write(sys.stdout, plain(text) + "\n")

    def blocks(self, blocks: Iterable[bytes]) -> None:
        """Print a result to stdout as it is, until nobody reads on."""
        try:
            sys.stdout.buffer.writelines(blocks)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            _close(sys.stdout)

    def line(self, text: str) -> None:
        """Print a line of progress to stderr."""
        if self._open:
            self._write("\n")
            self._open = False
        self._write(plain(text) + "\n")

    def begin(self, name: str) -> None:
        """Print a step's name; its word follows with `end`."""
        self._write(f"  {name} {'.' * (self.width - len(name))} ")
        self._open = True

    def end(self, name: str, word: str, says: str) -> None:
        """Print how a step ended, behind its name if that is still the last thing on the line."""
        if not self._open:
            self.begin(name)
        self._write(f"{self._coloured(word)}{' ' * max(1, 11 - len(word))}{plain(says)}".rstrip() + "\n")
        self._open = False

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Moved]:
        """Show a bar that moves by bytes while the block runs; nothing where nobody watches."""
        if not self.interactive or total == 0:
            yield lambda _: None
            return
        from rich.console import Console as Terminal
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self.line("")
        columns = (TextColumn("    {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(
            *columns, TimeRemainingColumn(), console=Terminal(stderr=True), transient=True
        ) as progress:
            task = progress.add_task(title, total=total)
            yield lambda amount: progress.advance(task, amount)

    def ask(self, question: str) -> bool:
        """Ask a person yes or no."""
        self._write(f"{question} [y/N] ")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def choose(self, question: str, answers: Sequence[str]) -> str:
        """Ask a person for one of the answers, again until it is one; its first letter will do."""
        while True:
            self._write(f"{question} [{'/'.join(answers)}] ")
            typed = sys.stdin.readline()
            if not typed:
                raise KeyboardInterrupt
            for answer in answers:
                if typed.strip() and answer.startswith(typed.strip().lower()):
                    return answer

    def _coloured(self, word: str) -> str:
        if not self.interactive or "NO_COLOR" in os.environ:
            return word
        return f"\x1b[{COLOURS.get(word, '0')}m{word}\x1b[0m"

    def _write(self, text: str) -> None:
        if not self.quiet:
            _write(self._stream or sys.stderr, text)


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _close(stream)


def _close(stream: TextIO) -> None:
    # `| head` reads no more of it: what was begun goes to its end all the same, and quietly.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def amount(count: int, noun: str) -> str:
    """Return a count with its noun: `1 file`, `4 files`; table names stand as they are."""
    return f"{count} {noun}" if count == 1 or noun.endswith("s") else f"{count} {noun}s"


def plain(text: str) -> str:
    """Return a text without the control characters that would move a terminal."""
    return text.translate(CONTROLS)
