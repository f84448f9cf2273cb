"""Recordings of the documents, typed again in a project with a sandbox of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests import forked
from tests.commands import SHELL, begin_forking
from tests.docs.documents import ROOT, Block, Typed, blocks, typed

VARIES = (
    (re.compile(r"\(\d+\.\d s\)"), "(SECONDS)"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\bline \d+$", re.MULTILINE), "line N"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"), "TIME UTC"),
    (re.compile(r"\b(runs|at|commit) [0-9a-f]{7}\b"), r"\1 COMMIT"),
    (re.compile(r"\b[0-9a-f]{14}\b"), "MACHINE"),
    (re.compile(r"^(claimed: \w+ on) \S+,", re.MULTILINE), r"\1 HOST,"),
    (re.compile(r"Maulstick \d+\.\d+\.\d+"), "Maulstick VERSION"),
    (re.compile(r"PostgreSQL \d+(\.\d+)?"), "PostgreSQL VERSION"),
)
"""What differs between two runs, and nothing else may."""
INSTALLS = ("python3 -m venv", "pip install")
"""Commands that take too long to be typed in each run: benchmarks/from_nothing.py types them."""
TOOK = re.compile(r" +# \d+\.\d s$")
"""How long a command took, where its recording says that."""
STARTING = re.compile(r"^(postgres|storage|site): .*\n", re.MULTILINE)
"""What is said depends on what runs already, and the servers start side by side."""
WAITING = re.compile(r"^  \w+ \.+ \n(?:    waiting for .*\n)+", re.MULTILINE)
"""A busy machine's site needs some seconds now and then, and the step's line is begun again."""


def made(folder: Path) -> Path:
    """Make a project of the checkout's own files."""
    for name in ("tasks.py", "inventory.toml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "plugins", folder / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def replayed(path: Path, project: Path) -> Iterator[tuple[Typed, str]]:
    """Do what a page says, in its order: save its files, type its commands; give what each printed."""
    for block in blocks(path, "python", "sql", "console"):
        if block.language == "console":
            for one in typed(block):
                if not one.command.startswith(INSTALLS):
                    yield one, printed(one.command, project)
        elif block.saved_as:
            save(block, project)


def bare(command: str) -> str:
    """Return a command without the comment that says how long it took."""
    return TOOK.sub("", command)


def save(block: Block, project: Path) -> None:
    """Save a block as the file that its page names."""
    (project / block.saved_as).write_text(block.text, encoding="utf-8")


def printed(command: str, project: Path) -> str:
    """Return what a command prints, as a person sees it: both streams in one."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    environment = {**here, "NO_COLOR": "1", "LOGNAME": "studio", forked.LINK: str(begin_forking())}
    done = subprocess.run(
        ["bash", "-c", SHELL + command],
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
        check=False,
    )
    return done.stdout.decode().replace(f"{project}/", "")


def settled(text: str) -> str:
    """Return a recording without what may differ between two runs."""
    text = WAITING.sub("", STARTING.sub("", text))
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return text
