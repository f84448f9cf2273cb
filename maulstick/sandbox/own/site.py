"""The author's site: a command of theirs, started on loopback and looked after."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from maulstick.errors import Problem
from maulstick.sandbox import process, servers
from maulstick.sandbox import state as states
from maulstick.sandbox.own.files import OwnFiles, environment
from maulstick.sandbox.process import Process
from maulstick.sandbox.state import State

NAME = "site"
WHERE = "sandbox: site"
SECONDS = 60.0
LAST_LINES, LONGEST = 3, 200


def up(folder: Path, files: OwnFiles, state: State, say: states.Say) -> State:
    """Start the site's command where it does not run as it is to; return and save the state with it."""
    wanted = _digest(folder, files, state) if files.site else ""
    running = state.processes.get(NAME)
    if running is not None:
        if state.site == wanted and process.alive(running) and process.answers(state.ports[NAME]):
            return state
        if not process.alive(running):
            say(f"site: {ended(folder)}")
        state = down(folder, state)
    return _started(folder, files, state, say) if files.site else state


def down(folder: Path, state: State) -> State:
    """Stop the site; return and save the state without it."""
    running = state.processes.get(NAME)
    if running is None:
        return state
    process.stop(running)
    state = replace(state.runs(NAME, None), site="")
    states.save(folder, state)
    return state


def address(state: State) -> str:
    """Return where visitors find the site, "" where there is none."""
    return f"http://127.0.0.1:{state.ports[NAME]}" if NAME in state.processes else ""


def look(folder: Path) -> str:
    """Return "site" where it runs, "" where there is none; a problem says that it has ended."""
    state = states.load(folder)
    running = state.processes.get(NAME) if state else None
    if running is not None and not process.alive(running):
        raise Problem(WHERE, ended(folder), f"all it printed is in {_log(folder)}")
    return NAME if running else ""


def ended(folder: Path) -> str:
    """Return that the site has ended, with the last lines that it printed."""
    text = _log(folder).read_text(encoding="utf-8", errors="replace") if _log(folder).is_file() else ""
    lines = [line.strip()[:LONGEST] for line in text.splitlines() if line.strip()][-LAST_LINES:]
    printed = f"; it printed last: {' / '.join(lines)}" if lines else ""
    return f"its command has ended{printed}"


def _started(folder: Path, files: OwnFiles, state: State, say: states.Say) -> State:
    state = servers.with_port(state, NAME)
    port, given = state.ports[NAME], environment(folder, state)
    _log(folder).unlink(missing_ok=True)
    command = ["/bin/sh", "-c", files.site]
    told = {**os.environ, **given, "PORT": str(port), "HOST": "127.0.0.1"}
    running = process.spawn(command, log=_log(folder), env=told, cwd=files.project)
    # Recorded before it answers: a command that is killed now leaves no stranger behind.
    state = replace(state.runs(NAME, running), site=_digest(folder, files, state))
    states.save(folder, state)
    _expect_answer(folder, files, state, running)
    say(f"site: started, {address(state)}")
    return state


def _expect_answer(folder: Path, files: OwnFiles, state: State, running: Process) -> None:
    port = state.ports[NAME]
    process.wait_until(lambda: process.answers(port) or not process.alive(running), seconds=SECONDS)
    if process.alive(running) and process.answers(port):
        return
    is_dead = not process.alive(running)
    says = ended(folder) if is_dead else f"its command does not listen at 127.0.0.1:{port}"
    down(folder, state)
    hint = f'it is told its port by PORT, its database by DATABASE_URL: site = "{files.site}"'
    raise Problem(WHERE, says, hint)


def _digest(folder: Path, files: OwnFiles, state: State) -> str:
    """Return what the site depends on, in short: its command, and where database and bucket are."""
    parts = (files.site, str(files.project), *environment(folder, state).values())
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def _log(folder: Path) -> Path:
    return folder / "site.log"
