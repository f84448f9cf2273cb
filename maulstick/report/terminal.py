"""A record as lines for a terminal: those that the run printed, and its failed checks."""

from __future__ import annotations

from collections.abc import Iterator

from maulstick.console import WIDTH
from maulstick.report.record import Record
from maulstick.report.verdict import (
    changes_line,
    check_word,
    checks_line,
    left_out_line,
    number_line,
    undone_line,
    verdict,
)


def text(record: Record) -> str:
    """Write a record as lines."""
    return "\n".join(line for release in record["releases"] for line in _release(release)) + "\n"


def _release(release: Record) -> Iterator[str]:
    yield f"{release['subject']} to {release['target']}"
    for step in release["steps"]:
        dots = "." * max(1, WIDTH - len(step["name"]))
        yield f"  {step['name']} {dots} {step['word']:<10} {step['says']}".rstrip()
        yield from (f"    warning: {warning}" for warning in step["warnings"])
    for check in release["checks"]:
        if check["ok"] is not True:
            yield f"    {check_word(check)}: {check['name']}: {check['answer']}"
    number = f" {number_line(release)}" if number_line(release) else ""
    says = ", ".join(filter(None, (changes_line(release), checks_line(release))))
    yield f"{verdict(release)}{number}{says and ': '}{says} ({release['seconds']:.1f} s)"
    yield from filter(
        None, (release["problem"], release["state"], undone_line(release), left_out_line(release))
    )
    if release["undo"]:
        yield f"undo: {release['undo']}"
