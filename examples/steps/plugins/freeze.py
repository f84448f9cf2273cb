"""Freeze: while there is a file FROZEN in the project, nothing in production is changed."""

from collections.abc import Generator
from pathlib import Path

from maulstick import Outcome, Problem, hookimpl

FROZEN = Path("FROZEN")


@hookimpl(wrapper=True)
def maulstick_step(step: str) -> Generator[None, Outcome, Outcome]:
    """Refuse what changes production, with the reason that the file gives."""
    if step in ("deploy", "upload", "apply") and FROZEN.is_file():
        raise Problem(str(FROZEN), FROZEN.read_text().strip(), "release again when the file is gone")
    return (yield)
