"""Questions about what git has: is the site's checkout clean, is its commit pushed, are bundles committed?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from maulstick import git
from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, places, skipped, warn
from maulstick.errors import Problem
from maulstick.text import amount

SHORT = 7
BUNDLE_FILES = ("manifest.json", "release.sql")


def checkout(context: DoctorContext) -> Finding:
    """Check that the checkout is clean, as a deploy needs it."""
    folder = context.local.checkout
    if folder is None:
        return skipped("the inventory names none, so nothing is deployed")
    commit, changed = git.head(folder)[:SHORT], git.dirty(folder)
    if changed:
        says = f"{amount(len(changed), 'change')} that no commit holds{places(changed)}"
        return fail(says, "commit or stash them, or use --playbook content, which deploys nothing")
    return ok(f"clean, at {commit}")


def pushed(context: DoctorContext) -> Finding:
    """Check that a remote branch has the commit that a deploy would ship."""
    folder = context.local.checkout
    if folder is None:
        return skipped("the inventory names no checkout")
    commit = git.head(folder)[:SHORT]
    if git.pushed(folder):
        return ok(f"a remote branch has {commit}")
    if context.target.host == "sandbox":
        return ok("the sandbox's checkout has nobody to push to")
    return warn(f"no remote branch has {commit}: nobody else has what would be deployed", "git push")


def bundles(context: DoctorContext) -> Finding:
    """Check that git has the bundles as they are."""
    folder = context.local.bundles
    if context.target.host == "sandbox":
        return ok("the sandbox's own stay out of git")
    there = [path for path in folder.rglob("*") if path.name in BUNDLE_FILES]
    if not there:
        return ok("there is none yet")
    try:
        known, changed = set(git.tracked(folder)), git.dirty(folder)
    except Problem as problem:
        says = f"{folder} is not in git: {problem.what}"
        return warn(says, "in git one sees what changed between two releases, row by row")
    unknown = [path for path in there if str(path.relative_to(folder)) not in known]
    lacking = _subjects([*unknown, *map(Path, changed)])
    if lacking:
        hint = f"git add {folder.name} && git commit"
        return warn(f"git does not have {amount(len(lacking), 'bundle')} as released{places(lacking)}", hint)
    return ok(f"git has {amount(len(there) // len(BUNDLE_FILES), 'bundle')}")


def _subjects(files: Iterable[Path]) -> list[str]:
    return sorted({"/".join(path.parent.parts[-2:]) for path in files})
