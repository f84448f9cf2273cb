"""What git knows of a checkout, without changing or fetching anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from maulstick.errors import Problem

# Set inside a git hook, these would point us at another repository.
POINTERS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
RENAMED = frozenset("RC")


def head(path: Path) -> str:
    """Return the commit that is checked out, in full."""
    return _git(path, "rev-parse", "--verify", "HEAD^{commit}").strip()


def dirty(path: Path) -> list[str]:
    """Return the files that differ from that commit or that git does not know, ignored ones left out."""
    told = iter(_git(path, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ".").split("\0"))
    names = []
    for entry in told:
        if not entry:
            continue
        names.append(entry[3:])
        if set(entry[:2]) & RENAMED:
            next(told, None)  # the name before
    return sorted(names)


def pushed(path: Path) -> bool:
    """Tell whether a remote branch, as last fetched, holds the commit that is checked out."""
    return bool(_git(path, "branch", "--remotes", "--contains", "HEAD").strip())


def _git(path: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in POINTERS}
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=path,
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise Problem(
            str(path), f"git cannot be run here: {error.strerror}", "install git, or name the checkout"
        ) from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        what = lines[0].removeprefix("fatal: ") if lines else f"git ended with {done.returncode}"
        raise Problem(str(path), what, "inventory.toml/source/checkout names a git repository with a commit")
    return done.stdout.decode(errors="surrogateescape")
