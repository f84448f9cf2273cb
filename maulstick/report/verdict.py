"""A release in one word, and in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from maulstick.errors import Exit
from maulstick.report.record import Record
from maulstick.text import amount

VERDICTS = {
    Exit.REFUSED: "refused",
    Exit.WRONG: "wrong",
    Exit.UNKNOWN: "could not be told",
    Exit.LOCKED: "locked out",
    Exit.INTERRUPTED: "interrupted",
}

ROWS = {
    "insert": "new",
    "update": "changed",
    "conflict": "in conflict",
    "kept": "kept as edited in {}",
    "removed": "deleted in {}",
    "gone": "gone from the source",
    "left": "no longer part of it",
}
"""What becomes of rows, in the words of a summary."""


def verdict(release: Record) -> str:
    """Return how a release ended: released, in step, planned, rehearsed, or why not."""
    code = release["exit"]
    if code == Exit.UNKNOWN and release["number"]:
        return "not verified"
    if code:
        return VERDICTS.get(code, "failed")
    if release["rehearsed"]:
        return "rehearsed"
    words = {step["name"]: step["word"] for step in release["steps"]}
    if "apply" not in words:
        return "planned" if "plan" in words else "done"
    return "released" if release["number"] else "in step"


def counted(release: Record) -> str:
    """Return what changes in a release, in one line; empty where nothing was planned."""
    if not release["summary"]:
        return ""
    summary: Counter[str] = Counter(release["summary"])
    said = [
        f"{summary[action]} {word.format(release['target'])}"
        for action, word in ROWS.items()
        if summary[action]
    ]
    if summary["upload_files"]:
        said.append(f"{amount(summary['upload_files'], 'new file')}")
    return ", ".join(said) or "nothing changes"


def right(release: Record) -> str:
    """Return how many checks are right, in one line; empty where none was made."""
    checks = release["checks"]
    good = sum(check["ok"] is True for check in checks)
    return f"{good} of {amount(len(checks), 'check')} right" if checks else ""


def answered(check: Record) -> str:
    """Return how a check was answered, in a word or two."""
    return {True: "right", False: "wrong", None: "could not be told"}[check["ok"]]


def undone(release: Record) -> str:
    """Return which rollback undid a release by itself, in words; empty where none did."""
    number = release.get("undone_by")
    return f"undone by release {number}" if number else ""


def key_line(key: Mapping[str, Any]) -> str:
    """Return the parts of a row's key that say something, those of rows that it refers to among them."""
    return ", ".join(_parts(key)) or "null"


def _parts(key: Mapping[str, Any]) -> Iterator[str]:
    for part in key.values():
        if isinstance(part, dict):
            yield from _parts(part)
        elif part is not None:
            yield str(part)
