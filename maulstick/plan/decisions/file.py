"""decisions/KIND/KEY.toml: what was decided about one subject's conflicts, read whole and written whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from maulstick.bundle.names import file_name
from maulstick.errors import usage
from maulstick.files import make_folders, write_whole, writing
from maulstick.plan.decisions.decision import Decision, Seen
from maulstick.project import toml
from maulstick.project.declarations import Subject
from maulstick.project.mistakes import Mistake, should_be, shown
from maulstick.project.models import Mistakes, StrictTable, checked
from maulstick.project.models import key as named

FOLDER = "decisions"
VERSION = 1
HEAD = """\
# Which side wins where local and production both changed a value. Read by plan, release and apply;
# written by the desk. A decision ends as soon as one of its two values changes.
"""
SIDES = ("local", "production")
SIDE = 'take = "local" or take = "production"'
REPAIR = "git has the file as it was; or delete the file and decide again"
Decisions = tuple[Decision, ...]


class DecisionTable(StrictTable):
    """One decision; a side with none of its three keys was not there."""

    target: str = named("the target whose releases it is for")
    table: str = named("the table")
    key: str = named("the row's key, as a plan shows it")
    column: str = named("the column")
    take: Literal["local", "production"] = named("the side that wins", missing=SIDE)
    local: str | None = named("the local value that it was made about", None)
    local_sha256: str | None = named("the SHA-256 of that value, where it is long", None)
    local_is_null: bool = named("`true` where that value was null", False)
    production: str | None = named("production's value that it was made about", None)
    production_sha256: str | None = named("the SHA-256 of that value, where it is long", None)
    production_is_null: bool = named("`true` where that value was null", False)

    def together(self) -> Mistakes:
        """Yield sides that are said twice, and a decision between nothing and nothing."""
        for side in SIDES:
            if sum(map(bool, self._said(side))) > 1:
                what = f"is said twice, as {side}, {side}_sha256 or {side}_is_null"
                yield (side,), Mistake(what, "leave one of them out")
            digest = getattr(self, f"{side}_sha256")
            if digest is not None and not _is_digest(digest):
                yield (f"{side}_sha256",), should_be("a SHA-256", "64 digits and letters a to f")
        if not any(any(self._said(side)) for side in SIDES):
            yield ("local",), Mistake("is missing, and so is production", "the values that it was made about")

    def decision(self) -> Decision:
        """Return what it says."""
        words = (self.target, self.table, self.key, self.column, self.take)
        return Decision(*words, *(self._seen(side) for side in SIDES))

    def _said(self, side: str) -> tuple[bool, bool, bool]:
        value, digest = getattr(self, side), getattr(self, f"{side}_sha256")
        return value is not None, digest is not None, getattr(self, f"{side}_is_null")

    def _seen(self, side: str) -> Seen:
        if not any(self._said(side)):
            return Seen(there=False)
        return Seen(getattr(self, side), getattr(self, f"{side}_sha256") or "")


class DecisionsFile(StrictTable):
    """The decisions about one subject."""

    version: int = named("the version of the file's form")
    subject: str = named("the subject, as KIND KEY")
    decision: list[DecisionTable] = named("the decisions", [], of="tables", hint="[[decision]]")

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Yield another version, and another subject than the file's name says."""
        if "version" in values and values["version"] != VERSION:
            what = f"is {shown(values['version'])}; known here is {VERSION}"
            yield ("version",), Mistake(what, "update Maulstick")
        if "subject" in values and values["subject"] != context["subject"]:
            hint = "the file's name is its subject's: move it, or mend this line"
            yield ("subject",), should_be(f'"{context["subject"]}", by the name of the file', hint)

    def together(self) -> Mistakes:
        """Yield decisions about what was decided above."""
        places = [one.decision().place for one in self.decision]
        for n, place in enumerate(places):
            if place in places[:n]:
                hint = "leave one of them out"
                yield ("decision", n, "column"), Mistake("is decided above already", hint)


def path_of(project: Path, subject: Subject) -> Path:
    """Return the file of a subject, whether it is there or not."""
    return project / FOLDER / subject.kind / f"{file_name(subject)}.toml"


def read(project: Path, subject: Subject) -> Decisions:
    """Read what was decided about a subject; what is wrong with the file is one problem (exit 2)."""
    path = path_of(project, subject)
    if not path.is_file():
        return ()
    where = path.relative_to(project).as_posix()
    values = toml.read(path, where, REPAIR)
    file = checked(DecisionsFile, values, where, {"subject": str(subject)})
    return tuple(one.decision() for one in file.decision)


def read_for(project: Path, subjects: Sequence[Subject]) -> dict[str, Decisions]:
    """Read what was decided about some subjects, or about all where none is named; by the subject."""
    return {str(one): read(project, one) for one in subjects or _subjects(project)}


def _subjects(project: Path) -> Iterator[Subject]:
    """Yield every subject that something was decided about."""
    for path in sorted((project / FOLDER).glob("*/*.toml")):
        where = path.relative_to(project).as_posix()
        kind, _, name = str(toml.read(path, where, REPAIR).get("subject", "")).partition(" ")
        subject = Subject(kind, name)
        if not name or path_of(project, subject) != path:
            hint = f"write the subject that the file is of, or move it to {FOLDER}/KIND/KEY.toml"
            raise usage(f"{where}/subject", "is not the one whose decisions are looked for here", hint)
        yield subject


def write(project: Path, subject: Subject, decisions: Iterable[Decision]) -> Path:
    """Write all decisions about a subject in place of those that were there; without any there is no file."""
    path = path_of(project, subject)
    ordered = sorted(decisions, key=lambda one: one.place)
    with writing(path):
        if ordered:
            make_folders(path.parent)
            write_whole(path, iter([_text(subject, ordered).encode()]))
        else:
            with suppress(FileNotFoundError):
                path.unlink()
    return path


def _text(subject: Subject, decisions: Iterable[Decision]) -> str:
    blocks = ["\n".join(_lines(one)) for one in decisions]
    head = f"{HEAD}version = {VERSION}\nsubject = {_quoted(str(subject))}"
    return "\n\n".join([head, *blocks]) + "\n"


def _lines(decision: Decision) -> Iterator[str]:
    yield "[[decision]]"
    for name in ("target", "table", "key", "column", "take"):
        yield f"{name} = {_quoted(getattr(decision, name))}"
    for side in SIDES:
        kept: Seen = getattr(decision, side)
        if kept.digest:
            yield f"{side}_sha256 = {_quoted(kept.digest)}"
        elif kept.value is not None:
            yield f"{side} = {_quoted(kept.value)}"
        elif kept.there:
            yield f"{side}_is_null = true"


def _quoted(text: str) -> str:
    """Write a text as TOML: as JSON, which leaves one character raw that TOML does not take."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_digest(text: str) -> bool:
    return len(text) == 64 and not {*text} - {*"0123456789abcdef"}
