"""--ask on a real terminal: the questions are answered there, and what is printed repeats the answers."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys

import pytest

from tests.end_to_end.projects import SERIES, Project

QUESTION = re.compile(r"artworks ([\w-]+): (\w+): take \[local/production\] $")
AGAIN = re.compile(r"the same answers again: (.+)")
ROW = "select year, medium from artworks where slug = 'in-motion-v'"


@pytest.fixture
def disputed(released: Project) -> Project:
    """Both sides changed two columns of an artwork."""
    row = "where slug = 'in-motion-v'"
    released.local(f"update artworks set year = 1, medium = 'ink' {row}")
    released.rows(f"update artworks set year = 2, medium = 'chalk' {row}")
    assert released.invoke("export", *SERIES).code == 0
    return released


def on_a_terminal(project: Project, answers: dict[str, str], *words: str) -> tuple[int, str]:
    """Type a command on a terminal, answer each question by its column, and return what was seen."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "invoke", *words],
        cwd=project.folder, stdin=there, stdout=there, stderr=there, close_fds=True,
    )  # fmt: skip
    os.close(there)
    seen = ""
    while block := _read(here):
        seen += block
        if question := QUESTION.search(seen):
            os.write(here, f"{answers[question[2]]}\n".encode())
            seen += "answered\n"
    os.close(here)
    return process.wait(timeout=600), seen


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 4096).decode()
    except OSError:  # Linux says so when the last one at the other end has left
        return ""


def test_the_printed_options_repeat_the_answers(disputed: Project) -> None:
    code, seen = on_a_terminal(disputed, {"year": "l", "medium": "production"}, "plan", *SERIES, "--ask")
    assert code == 0, seen
    assert len(re.findall("answered", seen)) == 2
    again = AGAIN.search(seen)
    assert again
    ran = disputed.release("--playbook", "content", *shlex.split(again[1]))
    assert ran.code == 0, ran.err
    assert disputed.rows(ROW) == [(1, "chalk")]


def test_who_hangs_up_in_the_middle_changes_nothing(disputed: Project) -> None:
    end = {"medium": "maybe\nl", "year": "\x04"}
    code, seen = on_a_terminal(disputed, end, "release", "--playbook", "content", *SERIES, "--ask")
    assert (code, disputed.rows(ROW)) == (130, [(2, "chalk")]), seen
