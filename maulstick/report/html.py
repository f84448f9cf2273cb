"""A record as one page that needs nothing but itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader

from maulstick.console import plain
from maulstick.report.differences import Part, words
from maulstick.report.pictures import first_difference
from maulstick.report.record import Record
from maulstick.report.verdict import answered, counted, key_line, right, undone, verdict
from maulstick.text import size_text
from maulstick.verify.browser import HEIGHTS

TITLES = {
    "conflict": "Conflicts",
    "update": "Changed",
    "insert": "New",
    "kept": "Kept as edited there",
    "removed": "Deleted there",
    "gone": "Gone from the source",
    "left": "No longer part of it",
}
"""The actions that a report shows, in its order, with their headings."""

FATES = {
    "upload": ("sent", "to send"),
    "overwrite": ("replaced", "to replace"),
    "repair": ("headers repaired", "headers to repair"),
    "there": ("already there", "already there"),
    "conflict": ("other content there", "other content there"),
}
"""What becomes of files: after an upload, and before it."""

LEAST = 0.1
NAMED = 6
"""Rows of a table that its heading names."""
LONG_NAME = 28
AROUND = 160
"""Characters of what stayed the same that are shown beside a change."""


def html(record: Record, folder: Path) -> str:
    """Return a record as a page; it loads nothing, so it can be mailed, kept and read without network.

    `folder` holds the pictures that the record names.
    """
    pages = Environment(
        loader=PackageLoader("maulstick.report", "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda shown: plain(shown) if isinstance(shown, str) else shown,
    )
    pages.filters.update(size=size_text, when=_when, key=key_line, share=_share, fate=_fate)
    pages.filters.update(called=_called, names=_names, changed=_changed)
    pages.filters["picture"] = lambda name: _picture(folder, name)
    pages.filters["shots"] = lambda release: _shots(release, folder)
    pages.globals.update(counted=counted, right=right, verdict=verdict, undone=undone, answered=answered)
    pages.globals.update(words=_words, groups=_groups)
    return pages.get_template("report.html").render(record=record)


def _groups(release: Record) -> Iterator[tuple[str, str, list[Record]]]:
    for action, title in TITLES.items():
        found = [change for change in release["changes"] if change["action"] == action]
        if found:
            yield action, title, found


def _when(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _called(file: Record) -> str:
    """Return the title of a file, or its name; the middle of a long one says nothing to people."""
    name = str(file["key"]).rpartition("/")[2]
    short = name if len(name) <= LONG_NAME else f"{name[: LONG_NAME - 12]}…{name[-10:]}"
    return file.get("title") or short


def _names(changes: list[Record]) -> str:
    """Return the titles of some rows; where none has one, their keys are seen when they are opened."""
    found = [title for title in dict.fromkeys(change.get("title", "") for change in changes) if title]
    return ", ".join([*found[:NAMED], *(["…"] if len(found) > NAMED else [])])


def _changed(share: float) -> str:
    if not share:
        return "unchanged"
    return f"{share:.1f}% changed" if share >= LEAST else f"less than {LEAST}% changed"


def _words(before: str, after: str) -> Iterator[Part]:
    """Return the difference of two texts; of what stayed the same only what is near to a change."""
    for kind, text in words(before, after):
        if kind == "same" and len(text) > 3 * AROUND:
            yield kind, f"{text[:AROUND]} […] {text[-AROUND:]}"
        else:
            yield kind, text


def _shots(release: Record, folder: Path) -> Iterator[tuple[str, list[Record]]]:
    """Return the screenshots by the page that they show."""
    for path in dict.fromkeys(screen["path"] for screen in release["screens"]):
        taken = [_shot(screen, folder) for screen in release["screens"] if screen["path"] == path]
        yield path, [shot for shot in taken if shot["now"]]


def _shot(screen: Record, folder: Path) -> Record:
    """Return a screenshot with the one before it, and how far down they first differ, in per cent."""
    now, before = (_picture(folder, screen.get(name)) for name in ("picture", "before"))
    if not (now and before and screen["changed"]):
        return {**screen, "now": now, "before": "", "at": 0}
    pictures, seen = (folder / screen["before"], folder / screen["picture"]), HEIGHTS.get(screen["width"], 0)
    return {**screen, "now": now, "before": before, "at": first_difference(*pictures, seen=seen)}


def _fate(file: Record, release: Record) -> str:
    """Return what became, or will become, of a file."""
    sent = any(step["name"] == "upload" and step["word"] == "done" for step in release["steps"])
    after, before = FATES.get(file["action"], (file["action"], file["action"]))
    return after if sent else before


def _picture(folder: Path, name: str | None) -> str:
    """Return a picture as a `data:` address; empty where there is none any more."""
    file = folder / (name or "")
    if not file.is_file():
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(file.read_bytes()).decode()


def _share(seconds: float, release: Record) -> str:
    """Return which part of a release's time a step took, in per cent."""
    whole = sum(step["seconds"] for step in release["steps"]) or 1.0
    return f"{max(0.5, 100 * seconds / whole):.1f}"
