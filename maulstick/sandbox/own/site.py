"""The author's site: a command of theirs, started on loopback and looked after."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from maulstick.errors import Problem
from maulstick.sandbox import process, servers
from maulstick.sandbox import state as states
from maulstick.sandbox.own import command
from maulstick.sandbox.own.files import OwnFiles, environment
from maulstick.sandbox.state import Say, State

NAME = "site"


def up(folder: Path, files: OwnFiles, state: State, say: Say) -> State:
    """Start the site's command where it does not run as it is to; return and save the state with it."""
    wanted = _digest(folder, files, state) if files.site else ""
    running = state.processes.get(NAME)
    if running is not None:
        if state.site == wanted and process.alive(running) and process.answers(state.ports[NAME]):
            return state
        if not process.alive(running):
            say(f"site: {command.ended(_log(folder))}")
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
    """Find where visitors find the site, "" where there is none."""
    return f"http://127.0.0.1:{state.ports[NAME]}" if NAME in state.processes else ""


def look(folder: Path) -> str:
    """Return "site" where it runs, "" where there is none; a problem says that it has ended."""
    state = states.load(folder)
    running = state.processes.get(NAME) if state else None
    if running is not None and not process.alive(running):
        says = command.ended(_log(folder))
        raise Problem(command.WHERE, says, f"all that it printed is in {_log(folder)}")
    return NAME if running else ""


def _started(folder: Path, files: OwnFiles, state: State, say: Say) -> State:
    state, log = servers.with_port(state, NAME), _log(folder)
    port, given = state.ports[NAME], environment(folder, state)
    running = command.begin(files.site, port, given, log=log, folder=files.project)
    # Recorded before it answers: a command that is killed now leaves no stranger behind.
    state = replace(state.runs(NAME, running), site=_digest(folder, files, state))
    states.save(folder, state)
    if (problem := command.failure(files.site, running, port, log)) is not None:
        down(folder, state)
        raise problem
    say(f"site: started, {address(state)}")
    return state


def _digest(folder: Path, files: OwnFiles, state: State) -> str:
    """Return what the site depends on, in short: its command, and where database and bucket are."""
    parts = (files.site, str(files.project), *environment(folder, state).values())
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def _log(folder: Path) -> Path:
    return folder / "site.log"
