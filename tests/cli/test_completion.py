"""What a shell is offered, and that it arrives as one word."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maulstick.cli.completion import BASH, CACHE
from maulstick.cli.shell_words import for_bash, split
from tests.cli.test_begin import PLUGIN, write

VALUES = ("she lays", "it's", "a:b c", "$HOME", 'kö"x', "a:d", "two\nlines")


@pytest.mark.parametrize(
    ("line", "words", "typed"),
    [
        ("maulstick release --series ", ["maulstick", "release", "--series"], ""),
        ("maulstick release --series 'she l", ["maulstick", "release", "--series"], "'she l"),
        ('release --series "a b" --target sa', ["release", "--series", "a b", "--target"], "sa"),
        ("maulstick release she\\ l", ["maulstick", "release"], "she\\ l"),
        ("x 'a b' c", ["x", "a b"], "c"),
        ("x it\\'s \\", ["x", "it's"], "\\"),
    ],
)
def test_a_line_is_read_while_it_is_typed(line: str, words: list[str], typed: str) -> None:
    assert split(line) == (words, typed)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("she\\ l", ["she\\ lays"]),
        ("'it", ["it'\\''s"]),
        ('"$', ["\\$HOME"]),
        ("\\$", ["\\$HOME"]),
        ("a:", ["b\\ c", "d"]),
        ("a", ["a:b\\ c", "a:d"]),
        ("k", ['kö\\"x']),
        ("two", []),
    ],
)
def test_bash_is_given_what_it_is_to_put_in_place(typed: str, offered: list[str]) -> None:
    assert [*for_bash(typed, VALUES)] == offered


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_values_arrive_as_one_word_in_bash(tmp_path: Path) -> None:
    write(
        tmp_path, {"plugins/post.py": PLUGIN, str(CACHE): json.dumps({"post": ["she's: $HOME ö", "plain"]})}
    )
    os.utime(tmp_path / CACHE, (time.time() + 3600, time.time() + 3600))  # remembered to the end of the test
    program = f"'{sys.executable}' -c 'from maulstick.cli.program import main; main()'"
    (tmp_path / "rc").write_text(
        f'{BASH}\nPS1=; maulstick() {{ {program} "$@"; }}\n'
        "show() { printf '<%s>' \"$@\"; echo; }\ncomplete -o default -F _complete_maulstick show\n"
    )
    ours, its = pty.openpty()
    command = ["bash", "--noprofile", "--rcfile", "rc", "-i"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=its, stdout=its, stderr=its, start_new_session=True
    ) as shell:
        os.close(its)
        for begun in ("she\t", "'she\t", "she\\'s:\t"):
            os.write(ours, f"show --post {begun}\n".encode())
            said = ""
            while "\n<" not in said or not said.endswith(">\r\n"):
                assert select.select([ours], [], [], 600)[0], said
                said += os.read(ours, 1024).decode(errors="replace")
            assert said.splitlines()[-1] == "<--post><she's: $HOME ö>", said
        os.write(ours, b"exit\n")
        shell.wait(120)
    os.close(ours)
