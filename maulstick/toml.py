"""TOML files read table by table: every value has a type, every mistake a path."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from maulstick.errors import Problem, did_you_mean, usage
from maulstick.redact import HIDDEN

Word = TypeVar("Word", bound=str)

LONGEST = 120
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_REFERENCE = re.compile(r"\$\{([^}]*)(\}?)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIALS = re.compile(r":.*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DOTTED = re.compile(r"\('(.*?)',?\)")
_PLACE = re.compile(r"(.*) \(at (.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a TOML file and its path; with an `environment`, `${NAME}` in a text reads it."""

    where: str
    values: Mapping[str, object]
    environment: Mapping[str, str] | None = None

    def at(self, key: str) -> str:
        """Return the path of a key."""
        return f"{self.where}/{_visible(key)}"

    def only(self, known: Iterable[str]) -> None:
        """Refuse keys that are not among `known`."""
        names = list(known)
        for key in self.values:
            if key not in names:
                raise usage(self.at(key), "is not known", did_you_mean(key, names))

    def missing(self, key: str, hint: str) -> Problem:
        """Return the problem of a key that must be there."""
        return usage(self.at(key), "is required", hint)

    def wrong(self, key: str, should: str, hint: str = "") -> Problem:
        """Return the problem of a value, shown as the file has it: an expanded `${NAME}` may be secret."""
        return usage(self.at(key), f"should be {should}, not {shown(self.values[key])}", hint)

    def text(self, key: str) -> str | None:
        """Return a text of one line, None where the key is absent."""
        if key not in self.values:
            return None
        value = self.values[key]
        if not isinstance(value, str):
            raise self.wrong(key, "text", f'text stands in quotes: {key} = "…"')
        value = self._expanded(key, value)
        if not value.strip():
            raise usage(self.at(key), "is empty", "give it a value or take the line out")
        if _CONTROL.search(value):
            raise usage(self.at(key), "holds a line break or a control character", "write it on one line")
        return value

    def needed(self, key: str, hint: str) -> str:
        """Return a text that must be there."""
        value = self.text(key)
        if value is None:
            raise self.missing(key, hint)
        return value

    def choice(self, key: str, known: Sequence[Word]) -> Word | None:
        """Return the one of the `known` words that the key holds, None where it is absent."""
        value = self.text(key)
        if value is None:
            return None
        for word in known:
            if word == value:
                return word
        raise self.wrong(key, either(known), did_you_mean(value, known))

    def flag(self, key: str, *, absent: bool = False) -> bool:
        """Return true or false; `absent` where the key is."""
        value = self.values.get(key, absent)
        if isinstance(value, bool):
            return value
        raise self.wrong(key, "true or false", f"without quotes: {key} = true")

    def table(self, key: str, hint: str) -> Section:
        """Return the table under a key that is there."""
        value = self.values[key]
        if not isinstance(value, dict):
            raise self.wrong(key, "a table", hint)
        return Section(self.at(key), value, self.environment)

    def tables(self, key: str, hint: str) -> list[Section]:
        """Return the list of tables under a key, each with its place in it, counted from 1, as path."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "a list of tables", hint)
        places = Section(self.at(key), {str(n): one for n, one in enumerate(value, 1)}, self.environment)
        return [places.table(place, hint) for place in places.values]

    def texts(self, key: str, hint: str) -> list[str]:
        """Return the list of texts under a key that is there."""
        value = self.values[key]
        if not isinstance(value, list):
            raise self.wrong(key, "a list of texts", hint)
        places = Section(self.at(key), {str(n): one for n, one in enumerate(value, 1)}, self.environment)
        return [places.needed(place, hint) for place in places.values]

    def _expanded(self, key: str, text: str) -> str:
        if self.environment is None:
            return text
        for name, closed in _REFERENCE.findall(text):
            if not closed or not _VARIABLE.fullmatch(name):
                raise usage(self.at(key), 'holds "${" without a name and "}"', "write it as ${NAME}")
            if name not in self.environment:
                what = f"needs ${{{name}}}, which the environment does not hold"
                raise usage(self.at(key), what, f"set it first: export {name}=…")
        environment = self.environment
        return _REFERENCE.sub(lambda found: environment[found[1]], text)


def read(path: Path, where: str, hint: str, *, environment: Mapping[str, str] | None = None) -> Section:
    """Return the whole file, called `where` in errors; `hint` is for one that is not there."""
    raw = _bytes(path, where, hint)
    try:
        values = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise usage(where, f"is not UTF-8 text, line {line}", "save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _syntax(where, str(error), lines=raw.rstrip().count(b"\n") + 1) from error
    return Section(where, values, environment)


def shown(value: object) -> str:
    """Return a value as an error shows it; an address that holds a user or a password stays hidden."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return HIDDEN if _CREDENTIALS.search(value) else f'"{_visible(value)}"'
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else "a date or a time"


def either(words: Sequence[str]) -> str:
    """Return quoted words as a choice: `"a", "b" or "c"`."""
    quoted = [f'"{word}"' for word in words]
    return " or ".join([part for part in (", ".join(quoted[:-1]), quoted[-1]) if part])


def _visible(text: str) -> str:
    # What a file holds may not steer the terminal that shows it.
    line = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _bytes(path: Path, where: str, hint: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise usage(where, "is not there", hint) from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise usage(where, f"cannot be read: {reason}", f"it is looked for at {path.absolute()}") from error


def _syntax(where: str, message: str, *, lines: int) -> Problem:
    found = _PLACE.fullmatch(message)
    if found is None:
        return usage(where, "holds a number too long, or lists too deep, to be read", "mend that value")
    what, place = _DOTTED.sub(lambda parts: parts[1].replace("', '", "."), found[1]), found[2]
    if place == "end of document":
        place = f"line {lines}, the last"
    hint = 'text stands in quotes: key = "value"' if what == "Invalid value" else "mend that line"
    return usage(where, f"{what[0].lower()}{what[1:]}, {place}", hint)
