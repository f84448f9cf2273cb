"""How a command on a machine ended."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended; its output may hold a secret, so it is never shown as a whole."""

    code: int
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
