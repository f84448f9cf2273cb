"""Questions to git about a checkout; nothing is changed or fetched."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from maulstick.errors import Problem
from maulstick.processes import environment

# Set inside a git hook, these would point us at another repository.
POINTERS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
RENAMED = frozenset("RC")
# The user's own settings may add colours and columns.
GREP = ("grep", "-I", "-n", "-z", "-E", "--no-color", "--no-column")
MATCH = re.compile(r"([^\0]+)\0(\d+)[\0:](.*)")
LOG = ("log", "--no-color", "--no-show-signature", "--format=%m%h %s")
CHECKOUT = "inventory.toml/source/checkout must name a git repository with a commit"
COMMIT = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a tracked file; its text may hold a secret."""

    file: str
    number: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Drift:
    """The commits that only one of two revisions has, newest first, a line each: ours, and theirs."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def head(path: Path) -> str:
    """Return the full hash of the commit that is checked out."""
    return _git(path, "rev-parse", "--verify", "HEAD^{commit}").strip()


def dirty(path: Path) -> list[str]:
    """List the files that differ from that commit and those that are untracked, without ignored ones."""
    status = _git(path, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ".")
    entries = iter(status.split("\0"))
    names = []
    for entry in entries:
        if not entry:
            continue
        names.append(entry[3:])
        if set(entry[:2]) & RENAMED:
            next(entries, None)  # its former name
    return sorted(names)


def pushed(path: Path) -> bool:
    """Return whether a remote branch, as last fetched, has the commit that is checked out."""
    return bool(_git(path, "branch", "--remotes", "--contains", "HEAD").strip())


def drift(path: Path, commit: str) -> Drift | None:
    """Return what only HEAD has and what only another commit has; None for a commit that is unknown here."""
    if not COMMIT.fullmatch(commit):
        return None
    if not _git(path, "rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}", expected=(0, 1, 128)):
        return None
    lines = _git(path, *LOG, f"{commit}...HEAD", "--").splitlines()
    return Drift(
        ours=tuple(line[1:] for line in lines if line.startswith(">")),
        theirs=tuple(line[1:] for line in lines if line.startswith("<")),
    )


def changed_since(folder: Path, revision: str) -> list[str] | None:
    """List the files in a folder that differ from those of a revision, deleted and new ones included.

    Their names begin with the folder's own. They are taken literally: nothing in them is a pattern, an option
    or a quote. None where the revision is not a commit that is known here.
    """
    wanted = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = _git(folder.parent, "rev-parse", *wanted, expected=(0, 1, 128)).strip()
    if not commit:
        return None
    known = ("diff", "--name-only", "-z", "--no-renames", "--relative", commit, "--", folder.name)
    new = ("ls-files", "--others", "--exclude-standard", "-z", "--", folder.name)
    lists = [_git(folder.parent, "--literal-pathspecs", *words) for words in (known, new)]
    return sorted({name for names in lists for name in names.split("\0") if name})


def tracked(path: Path) -> list[str]:
    """List the tracked files in a folder and below it, relative to it."""
    return [name for name in _git(path, "ls-files", "-z", "--", ".").split("\0") if name]


def grep(path: Path, pattern: str) -> Iterator[Line]:
    """Yield the lines of tracked text files that match an extended regular expression."""
    output = _git(path, *GREP, "-e", pattern, "--", ".", expected=(0, 1))
    for match in MATCH.finditer(output):
        yield Line(match[1].removeprefix("\n"), int(match[2]), match[3])


def _git(path: Path, *arguments: str, expected: Sequence[int] = (0,)) -> str:
    if not path.is_dir():
        what = "it is not a folder" if path.exists() else "the folder does not exist"
        raise Problem(str(path), f"git cannot be run here: {what}", CHECKOUT)
    ours = {name: value for name, value in environment("GIT_.*").items() if name not in POINTERS}
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=path,
            env={**ours, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        hint = "install git" if isinstance(error, FileNotFoundError) else "check who may read the folder"
        raise Problem(str(path), f"git cannot be run here: {(error.strerror or '').lower()}", hint) from error
    if done.returncode not in expected:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        what = lines[0].removeprefix("fatal: ") if lines else f"git ended with {done.returncode}"
        raise Problem(str(path), what, CHECKOUT)
    return done.stdout.decode(errors="surrogateescape")
