"""What people see: the same words on a terminal and in a log, and what moves only where somebody watches."""

from __future__ import annotations

import io
import json
import os
import pty
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress

import pytest

from maulstick.console import Console
from maulstick.errors import Problem
from maulstick.text import one_line, printable


def _logged(use: Callable[[Console], None], **options: bool) -> str:
    stream = io.StringIO()
    use(Console(stream=stream, **options))
    return stream.getvalue()


def _watched(use: Callable[[Console], None]) -> str:
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as stream, redirect_stderr(stream):
        use(Console())
    seen = b""
    with suppress(OSError):  # how a pseudo-terminal tells its end
        while block := os.read(leader, 1 << 16):
            seen += block
    return seen.decode().replace("\r\n", "\n")


def _step(console: Console) -> None:
    console.begin("deploy")
    console.passing("> [1/2] Updating\x1b[31m 3d8d9d16f14683")
    console.passing("> [2/2] Updating")
    console.end("deploy", "done", "production runs 3f9c2e1")


def test_a_log_holds_one_line_for_a_step() -> None:
    assert _logged(_step) == "  deploy ........ done       production runs 3f9c2e1\n"


def test_a_terminal_shows_what_goes_on_and_then_only_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    seen = _watched(_step)
    assert "\r\x1b[K  deploy ........ > [1/2] Updating[31m 3d8d9d16f14683" in seen
    assert seen.rpartition("\x1b[K")[2] == "  deploy ........ done       production runs 3f9c2e1\n"


def test_a_verbose_console_says_each_detail() -> None:
    assert "\n    > [2/2] Updating\n" in _logged(_step, verbose=True)


def test_a_quiet_console_says_only_what_went_wrong() -> None:
    def use(console: Console) -> None:
        _step(console)
        console.line("a word")
        console.trouble("deploy: failed")

    assert _logged(use, quiet=True) == "deploy: failed\n"


def test_a_bar_is_nothing_in_a_log() -> None:
    def use(console: Console) -> None:
        with console.bar("pages", 30, unit="pages") as moved:
            moved(1)

    assert _logged(use) == ""


def test_a_bar_of_files_counts_those_that_have_ended_beside_the_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")

    def use(console: Console) -> None:
        with console.transfers(4, 2000) as (moved, arrived):
            for _ in range(3):
                moved(500)
                arrived()

    seen = _watched(use)
    assert "3 of 4 files" in seen
    assert "1.5/2.0 kB" in seen


@pytest.mark.parametrize(
    ("variables", "coloured", "drawn"),
    [
        ({"NO_COLOR": "", "TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, True, True),
        ({"NO_COLOR": "1", "TERM": "xterm"}, False, True),
        ({"NO_COLOR": "0", "TERM": "xterm"}, False, True),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_colours_and_drawing_are_as_the_terminal_wants_them(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], coloured: bool, drawn: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    seen = _watched(_step)
    assert ("\x1b[32mdone\x1b[0m" in seen) == coloured
    assert ("\x1b[K" in seen) == drawn
    assert "deploy ........ " in seen


@pytest.mark.parametrize(("text", "seen"), [("ñ – 裸", "? ? ?"), ("\udc80", "?"), ("printable", "printable")])
def test_letters_that_a_stream_cannot_take_are_replaced(text: str, seen: str) -> None:
    taken = io.BytesIO()
    stream = io.TextIOWrapper(taken, encoding="ascii")
    Console(stream=stream).line(text)
    assert taken.getvalue().decode() == f"{seen}\n"


def test_json_on_a_stream_of_few_letters_is_whole() -> None:
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="ascii")) as stream:
        Console().data({"title": "ñ"})
    assert json.loads(stream.buffer.getvalue()) == {"title": "ñ"}  # type: ignore[attr-defined]


def test_a_full_disk_is_a_problem_of_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full, redirect_stdout(full), pytest.raises(Problem) as caught:  # noqa: PTH123
        Console().result("a line")
    assert str(caught.value) == "stdout: cannot be written: no space left on device"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("nuit à l'aube", "nuit à l'aube"),
        ("two\nlines", "two\\nlines"),
        ("a\u202eb", "a\\u202eb"),
        ("مرحبا", "مرحبا"),
    ],
)
def test_a_name_takes_one_line(name, line):
    assert one_line(name) == line


@pytest.mark.parametrize("odd", ["\x1b[2J", "\x07", "\u202e", "\u2066", "\x9b"])
def test_what_moves_a_terminal_or_turns_its_lines_is_left_out(odd):
    assert printable(f"a{odd}b\n") == f"a{odd[1:]}b\n"
