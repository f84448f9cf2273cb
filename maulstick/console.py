"""The terminal: results go to stdout, progress to stderr, a step's name before its outcome."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

from maulstick.errors import Exit, Problem
from maulstick.streams import columns_of, lost, ours, writable, write
from maulstick.text import amount, hanging, printable

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

WIDTH = 14
GREEN, CYAN, YELLOW, RED = "32", "36", "33", "31"
COLOURS = {
    **dict.fromkeys(("done", "ok"), GREEN),
    **dict.fromkeys(("skipped", "warn"), YELLOW),
    **dict.fromkeys(("failed", "fail"), RED),
    "unchanged": CYAN,
}
ROOM = 30
"""Columns that a step's outcome needs to be wrapped below itself, and not below the step's name."""
BAR = 16
"""Columns of a progress bar."""
CLEAR = "\r\x1b[K"
"""Clears the line of a terminal."""
Moved = Callable[[int], None]
Arrived = Callable[[], None]


class Console:
    """A terminal, or a file in its place; progress goes to `stream`, by default stderr.

    A quiet console prints only what went wrong; a verbose one prints every detail. Long lines are wrapped
    with a hanging indent on a terminal, and nowhere else.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        verbose: bool = False,
        stream: TextIO | None = None,
        width: int = WIDTH,
    ) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self.width = width
        self._name = "stdout" if stream is sys.stdout else "stderr"
        self._stream = None if stream is sys.stdout else stream
        self._begun = ""
        self._open = False

    @property
    def _out(self) -> TextIO:
        return self._stream or ours(self._name)

    @property
    def interactive(self) -> bool:
        """Return whether a person is there to see progress."""
        return self._out.isatty() and not self.quiet

    @property
    def _draws(self) -> bool:
        """Return whether a line can be overwritten and coloured."""
        return self.interactive and os.environ.get("TERM") != "dumb"

    def result(self, text: str) -> None:
        """Print a result to stdout."""
        write(ours("stdout"), printable(text) + "\n")

    def result_line(self, text: str) -> None:
        """Print a line of a result to stdout, wrapped on a terminal."""
        self.result(hanging(printable(text), columns_of(ours("stdout"))))

    def data(self, record: Mapping[str, Any]) -> None:
        """Print a result as JSON, escaped if stdout cannot encode it."""
        text = json.dumps(record, indent=2, ensure_ascii=False)
        self.result(text if text == writable(text, ours("stdout")) else json.dumps(record, indent=2))

    def blocks(self, blocks: Iterable[bytes]) -> None:
        """Print bytes to stdout as they are, until nobody reads them."""
        try:
            ours("stdout").buffer.writelines(blocks)
            ours("stdout").buffer.flush()
        except OSError as error:
            lost(sys.stdout, error)

    def line(self, text: str) -> None:
        """Print a line of progress to stderr."""
        if self._open:
            self._write(f"{CLEAR}{self._begun}\n" if self._draws else "\n")
            self._open = False
        self._write(hanging(printable(text), self._columns) + "\n")

    def trouble(self, text: str) -> None:
        """Print what went wrong, even on a quiet console."""
        if self.quiet:
            write(self._out, printable(text) + "\n")
        self.line(text)

    def problem(self, problem: Problem) -> None:
        """Print a problem; if a plugin caused it, a verbose console shows the trace."""
        self.trouble(str(problem))
        if problem.code == Exit.PLUGIN:
            self.trace(problem.__cause__)

    def trace(self, error: BaseException | None) -> None:
        """Print the trace of an error on a verbose console."""
        if self.verbose and error is not None:
            self.line("".join(traceback.format_exception(error)).rstrip())

    def detail(self, text: str) -> None:
        """Print a line on a verbose console."""
        if self.verbose:
            self.line(f"    {text}")

    def passing(self, text: str) -> None:
        """Show on a terminal what a step is doing, until the next such text or its end."""
        if self.verbose:
            self.detail(text)
        elif self._open and self._draws:
            room = max(0, get_terminal_size().columns - len(self._begun) - 1)
            self._write(f"{CLEAR}{self._begun}{printable(' '.join(text.split()))[:room]}")

    def streamed(self, text: str) -> None:
        """Show the output of a program, line by line: on a terminal only the last line."""
        if self._draws and not self.verbose:
            self.passing(text)
        else:
            self.line(f"    {text}")

    def begin(self, name: str) -> None:
        """Print a step's name; `end` prints its outcome."""
        self._begun = f"  {name} {'.' * (self.width - len(name))} "
        self._write(self._begun)
        self._open = True

    def end(self, name: str, word: str, says: str) -> None:
        """Print how a step ended, on the line of its name unless something was printed since."""
        if not self._open:
            self.begin(name)
        elif self._draws:
            self._write(CLEAR + self._begun)
        space, columns = " " * max(1, 11 - len(word)), self._columns
        at = len(self._begun + word + space)
        indent = at if columns - at >= ROOM else 4
        says = hanging(printable(says), columns, at=at, indent=indent)
        self._write(f"{self._coloured(word)}{space}{says}".rstrip() + "\n")
        self._open = False

    @contextmanager
    def bar(self, title: str, total: int, *, unit: str) -> Iterator[Moved]:
        """Show a progress bar on a terminal while the block runs; it counts in `unit`."""
        if not self._draws or total == 0:
            yield lambda _: None
            return
        with self._progress(*_counted(f"{self._before_bar}{{task.description}}", unit)) as progress:
            task = progress.add_task(title, total=total)
            yield lambda amount: progress.advance(task, amount)

    @contextmanager
    def transfers(self, files: int, size: int) -> Iterator[tuple[Moved, Arrived]]:
        """Show a progress bar of files; the block reports bytes as they move, and each file that is done."""
        if not self._draws or size == 0:
            yield lambda _: None, lambda: None
            return
        ended = count(1)
        title = f"{self._before_bar}{{task.fields[ended]}} of {{task.description}}"
        with self._progress(*_transferred(title)) as progress:
            task = progress.add_task(amount(files, "file"), total=size, ended=0)
            yield (
                lambda moved: progress.advance(task, moved),
                lambda: progress.update(task, ended=next(ended)),
            )

    @property
    def _columns(self) -> int:
        return columns_of(self._out)

    @property
    def _before_bar(self) -> str:
        """What stands before a progress bar: the name of the step that has begun on this line."""
        return self._begun if self._open else "    "

    def _progress(self, *columns: ProgressColumn) -> Progress:
        """Return a progress bar in the place of the line that was begun; `end` prints that line anew."""
        from rich.console import Console as Terminal
        from rich.progress import Progress

        if self._open:
            self._write(CLEAR)
            self._open = False
        return Progress(*columns, console=Terminal(stderr=True), transient=True)

    def ask(self, question: str) -> bool:
        """Ask a person yes or no."""
        self._write(f"{question} [y/N] ")
        return ours("stdin").readline().strip().lower() in ("y", "yes")

    def answer(self, question: str, proposal: str) -> str:
        """Ask a person for a text; an empty answer takes the proposal."""
        self._write(f"{question}{f' [{proposal}]' if proposal else ''}: ")
        typed = ours("stdin").readline()
        if not typed:
            raise KeyboardInterrupt
        return typed.strip() or proposal

    def choose(self, question: str, answers: Sequence[str]) -> str:
        """Ask a person for one of the answers until it is one of them; the first letter is enough."""
        while True:
            self._write(f"{question} [{'/'.join(answers)}] ")
            typed = ours("stdin").readline()
            if not typed:
                raise KeyboardInterrupt
            for answer in answers:
                if typed.strip() and answer.startswith(typed.strip().lower()):
                    return answer

    def _coloured(self, word: str) -> str:
        if not self._draws or os.environ.get("NO_COLOR"):  # empty means not set, see no-color.org
            return word
        return f"\x1b[{COLOURS.get(word, '0')}m{word}\x1b[0m"

    def _write(self, text: str) -> None:
        if not self.quiet:
            write(self._out, text)


def _counted(title: str, unit: str) -> Sequence[ProgressColumn]:
    from rich import progress

    counted = progress.TextColumn("{task.completed:.0f} of {task.total:.0f} " + unit)
    bar = progress.BarColumn(BAR)
    return (progress.TextColumn(title), bar, counted, progress.TimeRemainingColumn())


def _transferred(title: str) -> Sequence[ProgressColumn]:
    from rich import progress

    moved = (progress.DownloadColumn(), progress.TransferSpeedColumn())
    return (progress.TextColumn(title), progress.BarColumn(BAR), *moved, progress.TimeRemainingColumn())
