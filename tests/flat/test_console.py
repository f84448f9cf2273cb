"""What people see: the same words on a terminal and in a log, and what moves only where somebody watches."""

from __future__ import annotations

import io
import json
import os
import pty
import termios
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


def _watched(use: Callable[[Console], None], *, columns: int = 0) -> str:
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (40, columns))
    with os.fdopen(follower, "w") as stream, redirect_stderr(stream), redirect_stdout(stream):
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
    assert "\x1b[K    " not in seen
    assert "    3 of 4 files" in seen
    assert "1.5/2.0 kB" in seen


def test_a_bar_stands_in_the_line_of_its_step_and_leaves_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")

    def use(console: Console) -> None:
        console.begin("upload")
        with console.transfers(4, 2000) as (moved, arrived):
            moved(2000)
            arrived()
        console.end("upload", "done", "4 files")

    seen = _watched(use)
    assert "\x1b[2K  upload ........ 1 of 4 files ━" in seen
    assert "…" not in seen
    during, _, after = seen.replace("\r", "").partition("\x1b[?25h")
    assert during.count("\n") == 1  # below the bar, and the cursor goes up again
    assert after == "\x1b[1A\x1b[2K  upload ........ done       4 files\n"


LONG = "a line that is longer than the terminal is wide"


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (LONG, "a line that is longer\n  than the terminal is\n  wide\n"),
        (f"    {LONG}", "    a line that is\n      longer than the\n      terminal is wide\n"),
        ("run invoke rollback --release 12", "run invoke rollback --release 12\n"),
        ("at http://127.0.0.1:8000/series/embodiment", "at\n  http://127.0.0.1:8000/series/embodiment\n"),
    ],
)
def test_a_long_line_hangs_below_its_beginning_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, line: str, seen: str
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert _watched(lambda console: console.line(line), columns=24) == seen
    assert _watched(lambda console: console.result_line(line), columns=24) == seen
    assert _watched(lambda console: console.result(line), columns=24) == f"{line}\n"
    assert _logged(lambda console: console.line(line)) == f"{line}\n"


def test_a_long_outcome_hangs_below_itself_or_below_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TERM", "dumb")

    def use(console: Console) -> None:
        console.begin("plan")
        console.end("plan", "done", "1 to update, 1 kept (artworks salt: status)")

    begun = "  plan .......... done       "
    assert _watched(use, columns=60) == f"{begun}1 to update, 1 kept (artworks\n{' ' * 29}salt: status)\n"
    assert _watched(use, columns=50) == f"{begun}1 to update, 1 kept\n    (artworks salt: status)\n"


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
