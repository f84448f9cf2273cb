"""A release, or a part of its record, in a word or a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from maulstick.errors import Exit
from maulstick.text import amount, at_most

if TYPE_CHECKING:
    from maulstick.report.record import Record

VERDICTS = {
    Exit.REFUSED: "refused",
    Exit.WRONG: "wrong",
    Exit.UNKNOWN: "unknown",
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
"""What becomes of rows, as a summary says it."""
LEFT_OUT = 20
"""Rows that are left out and are named."""
UNDONE = {
    "update": ("row", "restored"),
    "insert": ("row", "put back"),
    "delete": ("row", "deleted"),
    "remove_files": ("file", "removed"),
    "restore_files": ("file", "brought back"),
    "keep_files": ("file", "left in the bucket"),
}
"""What became of the rows and files of a release that was undone."""


def verdict(release: Record) -> str:
    """Return how a release ended: released, in step, planned, rehearsed, or why it was not.

    One whose rows are live, and of which another step failed, is incomplete.
    """
    code = release["exit"]
    if code == Exit.UNKNOWN and release["number"]:
        return "not verified"
    if code:
        is_live = release["number"] is not None and release.get("undone_by") is None
        return VERDICTS.get(code, "incomplete" if is_live else "failed")
    if release["rehearsed"]:
        return "rehearsed on a copy" if release.get("on_copy") else "rehearsed"
    if release.get("of"):
        return "rolled back"
    words = {step["name"]: step["word"] for step in release["steps"]}
    if "apply" not in words:
        return "planned" if "plan" in words else "done"
    return "released" if release["number"] else "in step"


def changes_line(release: Record) -> str:
    """Return what a release changes; empty where nothing was planned."""
    if not release["summary"]:
        return ""
    summary: Counter[str] = Counter(release["summary"])
    if release.get("of"):
        said = (
            f"{amount(summary[what], noun)} {word}" for what, (noun, word) in UNDONE.items() if summary[what]
        )
        return ", ".join(said) or "nothing to undo"
    target = release["target"]
    parts = [f"{summary[action]} {says.format(target)}" for action, says in ROWS.items() if summary[action]]
    if summary["upload_files"]:
        parts.append(amount(summary["upload_files"], "new file"))
    return ", ".join(parts) or "nothing changes"


def checks_line(release: Record) -> str:
    """Count how many checks passed; empty where none was made."""
    checks = release["checks"]
    good = sum(check["ok"] is True for check in checks)
    return f"{good} of {amount(len(checks), 'check')} right" if checks else ""


def check_word(check: Record) -> str:
    """Return the result of a check."""
    return {True: "right", False: "wrong", None: "unknown"}[check["ok"]]


def undone_line(release: Record) -> str:
    """Return which rollback `--undo-if-wrong` made; empty where it made none."""
    number = release.get("undone_by")
    return f"undone by release {number}" if number else ""


def number_line(release: Record) -> str:
    """Return under which number a release, or a rollback of one, stands in the ledger; empty for none."""
    of = f" of release {release['of']}" if release.get("of") else ""
    if would_be := release.get("would_be"):
        return f"as what would be release {would_be}"
    if not release["number"]:
        return of.strip()
    return f"as release {release['number']}" + (f", the rollback{of}" if of else "")


def left_out_line(release: Record) -> str:
    """Return which rows were left out of a release; empty where none was."""
    rows = release.get("left_out", ())
    return f"left out: {', '.join(at_most(LEFT_OUT, rows, '{} more'))}" if rows else ""


def key_line(key: Mapping[str, Any]) -> str:
    """Return the values of a row's key, nested keys of rows that it refers to included, without nulls."""
    return ", ".join(_parts(key)) or "null"


def _parts(key: Mapping[str, Any]) -> Iterator[str]:
    for part in key.values():
        if isinstance(part, dict):
            yield from _parts(part)
        elif part is not None:
            yield str(part)
