"""The sandbox's database and storage servers: which of them run, where, and how both start at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from maulstick.sandbox import process, programs, storage
from maulstick.sandbox import state as states
from maulstick.sandbox.postgres import Postgres
from maulstick.sandbox.process import Process
from maulstick.sandbox.state import State
from maulstick.sandbox.storage import SeaweedFS

PORTS: Mapping[str, Collection[str]] = {"postgres": ("postgres",), "storage": storage.PORTS}
TRIES = 3
PUBLIC_BUCKET = "sandbox"
"""The bucket of an author's own sandbox: no site stands before it, so everybody may read it."""


class Server(Protocol):
    """What both have in common."""

    def up(self) -> Process:
        """Start the server and wait until it answers."""

    def down(self, running: Process | None) -> None:
        """Stop the server and whatever a killed one left behind."""


def postgres_of(folder: Path, state: State) -> Postgres:
    """Return the database server of a sandbox."""
    home, log = Path(state.home), folder / "postgres.log"
    return Postgres(home, log, state.ports["postgres"], state.secrets["postgres"], programs.unprivileged())


def storage_of(folder: Path, state: State) -> SeaweedFS:
    """Return the storage server of a sandbox."""
    home, log, secrets = folder / "storage", folder / "storage.log", state.secrets
    ports = {name: state.ports[name] for name in storage.PORTS}
    public = PUBLIC_BUCKET if state.content else ""
    return SeaweedFS(home, log, ports, secrets["access_key"], secrets["secret_key"], public)


def up(folder: Path, state: State, say: Callable[[str], None]) -> State:
    """Start the servers that do not run, both at once; return and save the state with their processes.

    A port that somebody else took before a server listened on it is given up for another.
    """
    for left in reversed(range(TRIES)):
        state, failure = _started(folder, state, say)
        if failure is None:
            break
        ports = [state.ports[name] for server in _missing(state) for name in PORTS[server]]
        if not left or all(map(process.is_free, ports)):
            raise failure
    return state


def _started(folder: Path, state: State, say: Callable[[str], None]) -> tuple[State, BaseException | None]:
    """Start what does not run; return what went wrong, after the other server's process was recorded."""
    missing = _missing(state)
    if not missing:
        return state, None
    if state.ports:
        _end(folder, state, missing)
    state = _placed(state, missing)
    states.save(folder, state)
    with ThreadPoolExecutor() as pool:
        both = _servers(folder, state)
        starting = {pool.submit(both[name].up): name for name in missing}
        for done in as_completed(starting):
            if done.exception() is None:
                state = state.runs(starting[done], done.result())
                states.save(folder, state)
                say(f"{starting[done]}: started, port {state.ports[starting[done]]}")
    return state, next((found for done in starting if (found := done.exception())), None)


def _missing(state: State) -> list[str]:
    return [name for name in PORTS if not _runs(state, name)]


def down(folder: Path, state: State) -> State:
    """Stop both servers; return and save the state without them."""
    if state.ports:
        _end(folder, state, PORTS)
    state = replace(state, processes={})
    states.save(folder, state)
    return state


def with_port(state: State, name: str) -> State:
    """Return the state with a port under this name: the known one, unless another program has taken it."""
    known = state.ports.get(name)
    if known and process.is_free(known):
        return state
    others = {port for other, port in state.ports.items() if other != name}
    port = next(port for port in iter(process.free_port, 0) if port not in others)
    return replace(state, ports={**state.ports, name: port})


def _placed(state: State, missing: Iterable[str]) -> State:
    # A sandbox that starts for the first time needs all ports, because they describe its servers.
    needed = {name for server in missing for name in PORTS[server]}
    unknown = {name for names in PORTS.values() for name in names} - set(state.ports)
    for name in sorted(needed | unknown):
        state = with_port(state, name)
    return state


def _runs(state: State, name: str) -> bool:
    running = state.processes.get(name)
    return running is not None and process.alive(running) and process.answers(state.ports[name])


def _end(folder: Path, state: State, names: Iterable[str]) -> None:
    both = _servers(folder, state)
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(both[name].down, state.processes.get(name)) for name in names]:
            done.result()


def _servers(folder: Path, state: State) -> Mapping[str, Server]:
    return {"postgres": postgres_of(folder, state), "storage": storage_of(folder, state)}
