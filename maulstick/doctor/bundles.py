"""A question about the bundles: does git have what was released."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from maulstick import git
from maulstick.doctor.answer import Answer, ok, places, warn
from maulstick.doctor.context import Patient
from maulstick.errors import Problem
from maulstick.text import amount

FILES = ("manifest.json", "release.sql")


def bundles(patient: Patient) -> Answer:
    """Name the bundles that git does not have as they are."""
    folder = patient.local.bundles
    if patient.target.host == "sandbox":
        return ok("the sandbox's own stay out of git")
    there = [path for path in folder.rglob("*") if path.name in FILES]
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
    return ok(f"git has {amount(len(there) // len(FILES), 'bundle')}")


def _subjects(files: Iterable[Path]) -> list[str]:
    return sorted({"/".join(path.parent.parts[-2:]) for path in files})
