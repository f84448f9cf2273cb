"""A site that a shell command of its author starts: told its port, and expected to listen there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from maulstick.errors import Problem
from maulstick.sandbox import process
from maulstick.sandbox.process import Process

WHERE = "sandbox: site"
SECONDS = 60.0
LAST_LINES, LONGEST = 3, 200


def begin(command: str, port: int, given: Mapping[str, str], *, log: Path, folder: Path) -> Process:
    """Start a command in a folder, told its port and what else its environment holds; its log is new."""
    log.unlink(missing_ok=True)
    told = {**os.environ, **given, "PORT": str(port), "HOST": "127.0.0.1"}
    return process.spawn(["/bin/sh", "-c", command], log=log, env=told, cwd=folder)


def failure(command: str, running: Process, port: int, log: Path) -> Problem | None:
    """Wait until a command listens; return why it does not, None where it does."""
    process.wait_until(lambda: process.answers(port) or not process.alive(running), seconds=SECONDS)
    if process.alive(running) and process.answers(port):
        return None
    silent = f"its command does not listen at 127.0.0.1:{port}"
    hint = f'it is told its port by PORT, its database by DATABASE_URL: site = "{command}"'
    return Problem(WHERE, silent if process.alive(running) else ended(log), hint)


def ended(log: Path) -> str:
    """Return that a command has ended, with the last lines that it printed."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    lines = [line.strip()[:LONGEST] for line in text.splitlines() if line.strip()][-LAST_LINES:]
    printed = f"; it printed last: {' / '.join(lines)}" if lines else ""
    return f"its command has ended{printed}"
