"""A question about the checkout's scripts: would one of them destroy production's data?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from maulstick import git
from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, ok, places, warn
from maulstick.hosts.fly_host import FlyKeys
from maulstick.opened import read_file
from maulstick.text import amount

LARGEST = 1 << 20
# The rebuild of the hand-made procedure, whatever stands in it.
REBUILD = "scripts/deploy_to_fly.sh"
RULES = ("Makefile", "makefile", "GNUmakefile", "justfile")
COMMENTS = ("#", "--", "//", "%%")
DESTROYS = re.compile(
    r"""\b(
      drop\s+(database|schema|table)\s+["'\w] | truncate\s+(table\s+)?["'\w] | dropdb\s
    | ecto\.(drop|reset) | db:(drop|reset) | migrate:fresh | manage\.py\s+flush | prisma\s+migrate\s+reset
    | pg_restore\s[^|;]*(--clean|\s-c\b)
    | fly(ctl)?\s+(apps?|postgres|pg|mpg|volumes?)\s+destroy
    )""",
    re.IGNORECASE | re.VERBOSE,
)
THERE = re.compile(r"\bfly(ctl)?\s|DATABASE_URL|(?<![a-z])prod(uction)?(?![a-z])", re.IGNORECASE)
HINT = (
    "a release never needs it: users, enquiries and edits of production would be lost; take it out of reach"
)


def scripts(context: DoctorContext) -> Finding:
    """Look for tracked scripts of the checkout that would destroy production's data."""
    folder = context.local.checkout
    names = [] if folder is None else [name for name in git.tracked(folder) if is_script(name)]
    keys = context.target.keys
    own = (keys.app, keys.database_app) if isinstance(keys, FlyKeys) else ()
    lines = [line for name in names for line in _in_file(Path(folder or ""), name, own)]
    if lines:
        return warn(
            f"{amount(len(lines), 'place')} that would destroy production's data{places(lines)}", HINT
        )
    return ok(f"{amount(len(names), 'script')} of the checkout, none destroys production's data")


def is_script(name: str) -> bool:
    """Return whether a tracked file is one that people run by hand."""
    path = PurePosixPath(name)
    return path.suffix == ".sh" or "scripts" in path.parts[:-1] or path.name in (*RULES, "mix.exs")


def destructive(name: str, text: str, own: Iterable[str] = ()) -> Iterator[tuple[int, str]]:
    """Yield the numbers of the lines that destroy data of production, each with the words that do so.

    The whole of a shell script shows whether a line means production, in a Makefile its rule and in mix.exs
    its alias: every Phoenix project has an `ecto.reset` for its own machine. `own` are this target's names
    for production.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if not _comment(line)]
    for piece in _pieces(PurePosixPath(name).name, lines):
        whole = "\n".join(line for _, line in piece)
        if THERE.search(whole) or any(word and word in whole for word in own):
            yield from ((number, match[0]) for number, line in piece if (match := DESTROYS.search(line)))


def _in_file(folder: Path, name: str, own: Iterable[str]) -> Iterator[str]:
    if name == REBUILD:
        yield f"{name}: rebuilds production, which destroys what it holds"
        return
    path = folder / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
        return
    text = read_file(path).decode(errors="replace")
    for number, says in destructive(name, text, own):
        yield f"{name}:{number}: {' '.join(says.split())}"


def _pieces(name: str, lines: list[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    if name == "mix.exs":
        yield from ([line] for line in lines)
        return
    piece: list[tuple[int, str]] = []
    for number, line in lines:
        if name in RULES and line[:1].strip():
            yield piece
            piece = []
        piece.append((number, line))
    yield piece


def _comment(line: str) -> bool:
    return line.lstrip().startswith(COMMENTS)
