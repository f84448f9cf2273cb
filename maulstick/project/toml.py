"""Reading TOML files; what is not TOML is reported with its line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from maulstick.errors import Problem, usage
from maulstick.opened import read_file

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_DOTTED = re.compile(r"\('(.*?)',?\)")
_PLACE = re.compile(r"(.*) \(at (.*)\)", re.DOTALL)


def read(path: Path, where: str, hint: str) -> dict[str, Any]:
    """Read the values of a file, called `where` in errors; `hint` is for a file that does not exist."""
    raw = _bytes(path, where, hint)
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise usage(where, f"is not UTF-8 text, line {line}", "save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _syntax(where, str(error), lines=raw.rstrip().count(b"\n") + 1) from error


def _bytes(path: Path, where: str, hint: str) -> bytes:
    try:
        return read_file(path)
    except FileNotFoundError as error:
        raise usage(where, "does not exist", hint) from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise usage(where, f"cannot be read: {reason}", f"it is looked for at {path.absolute()}") from error


def _syntax(where: str, message: str, *, lines: int) -> Problem:
    parts = _PLACE.fullmatch(message)
    if parts is None:
        return usage(
            where, "has a number that is too long, or lists that are nested too deep", "fix that value"
        )
    what, place = _DOTTED.sub(lambda names: names[1].replace("', '", "."), parts[1]), parts[2]
    if place == "end of document":
        place = f"line {lines}, the last"
    hint = 'text goes in quotes: key = "value"' if what == "Invalid value" else "fix that line"
    return usage(where, f"{what[0].lower()}{what[1:]}, {place}", hint)
