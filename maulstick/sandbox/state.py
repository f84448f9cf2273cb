"""What a sandbox remembers between two commands."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from maulstick.errors import Problem
from maulstick.sandbox.process import Process, write_private

FILE = "state.json"
Say = Callable[[str], None]
SECRETS = (
    "postgres",
    "olivia",
    "olivia_art_portfolio",
    "access_key",
    "secret_key",
    "token",
    "secret_key_base",
    "resend_api_key",
    "swell_secret_key",
)


@dataclass(frozen=True, slots=True)
class State:
    """One sandbox: its place, ports, secrets and processes; `ready` once its first day is complete.

    `content` is a digest of the author's own files that it was made from, "" for the gallery; `site` is one
    of what their site was started with.
    """

    folder: str
    home: str
    ports: Mapping[str, int] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    processes: Mapping[str, Process] = field(default_factory=dict)
    ready: bool = False
    content: str = ""
    site: str = ""

    def runs(self, name: str, process: Process | None) -> State:
        """Return this state with another process, or none, under a server's name."""
        others = {known: kept for known, kept in self.processes.items() if known != name}
        return replace(self, processes=others if process is None else {**others, name: process})


def fresh(folder: Path, home: Path) -> State:
    """Return the state of a sandbox that has not been started yet, with secrets of its own."""
    return State(str(folder), str(home), secrets={name: secrets.token_urlsafe(24) for name in SECRETS})


def load(folder: Path) -> State | None:
    """Read the saved state, None if there is none."""
    path = folder / FILE
    try:
        saved = json.loads(path.read_text("utf-8"))
        processes = {name: Process(**process) for name, process in saved.pop("processes").items()}
        return State(**saved, processes=processes)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        hint = f"delete {folder}; the next start makes a new sandbox"
        raise Problem(str(path), "is not a sandbox's state", hint) from error


def save(folder: Path, state: State) -> None:
    """Replace the saved state atomically; only its owner can read it."""
    write_private(folder / FILE, json.dumps(asdict(state), indent=2))
