"""What the machines of an app wrote, as far as Fly shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maulstick.errors import Problem
from maulstick.hosts.fly.cli import Fly

SECONDS = 10.0
LAST_LINES = 8
SERIOUS = ("error", "critical", "alert", "emergency", "fatal", "panic")
# Fly calls most of what an app writes "info": the app's own words tell more.
TROUBLE = re.compile(
    rf"\[({'|'.join(SERIOUS)})\]|^\*\* \(|\b(ERROR|FATAL)\b|^Traceback|^\w*(Error|Exception):|panic:"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a machine's output."""

    at: datetime
    machine: str
    level: str
    message: str

    @property
    def is_trouble(self) -> bool:
        """Return whether the app or Fly calls it an error."""
        return self.level.lower() in SERIOUS or TROUBLE.search(self.message) is not None

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.machine} [{self.level}] {self.message}"


def last_entries(fly: Fly) -> Sequence[Entry]:
    """Find the last page of the app's log, nothing where Fly shows none."""
    try:
        # With nothing to show it waits for ever; a token may not read logs (docs/fly-facts.md, "Deploys").
        told = fly.expect("logs", "--no-tail", "--json", timeout=SECONDS)
        return [_entry(one) for one in _objects(told)]
    except (Problem, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()


def last_lines(fly: Fly) -> Sequence[str]:
    """Find the last lines of the app's log as text."""
    return [str(entry) for entry in last_entries(fly)][-LAST_LINES:]


def troubles_since(fly: Fly, moment: str) -> Sequence[str]:
    """Return the errors that the app wrote from a moment of Fly's time on, each text once."""
    if not moment:
        return ()
    began = datetime.fromisoformat(moment)
    found = (entry.message for entry in last_entries(fly) if entry.is_trouble and entry.at >= began)
    return list(dict.fromkeys(found))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    # Pretty objects one after another, and not a line each (docs/fly-facts.md, "Deploys").
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        found, end = decoder.raw_decode(text)
        yield found
        text = text[end:]


def _entry(told: dict[str, Any]) -> Entry:
    return Entry(
        at=datetime.fromisoformat(str(told["timestamp"])),
        machine=str(told.get("instance", "")),
        level=str(told.get("level", "")),
        message=str(told.get("message", "")).rstrip(),
    )
