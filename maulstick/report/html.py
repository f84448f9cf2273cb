"""A record as one HTML page that loads nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader

from maulstick.diffs import Part, word_parts
from maulstick.report.pictures import first_difference
from maulstick.report.record import Record
from maulstick.report.verdict import changes_line, check_word, checks_line, key_line, undone_line, verdict
from maulstick.text import at_most, printable, size_text
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

MEDIA_ACTIONS = {
    "upload": ("sent", "to send"),
    "overwrite": ("replaced", "to replace"),
    "repair": ("headers repaired", "headers to repair"),
    "there": ("already there", "already there"),
    "conflict": ("other content there", "other content there"),
}
"""What a page calls the action on a file: after an upload, and before it."""

LEAST_SHARE = 0.1
MOST_TITLES = 6
"""Rows of a table that its heading names."""
LONG_NAME = 28
CONTEXT = 160
"""Characters of unchanged text that are shown beside a change."""


def html(record: Record, folder: Path) -> str:
    """Return a record as a page that can be mailed, kept and read without a network.

    `folder` holds the pictures that the record names.
    """
    pages = Environment(
        loader=PackageLoader("maulstick.report", "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if isinstance(value, str) else value,
    )
    pages.filters.update(size=size_text, when=_when, key=key_line, share=_share, media_action=_media_action)
    pages.filters.update(file_title=_file_title, row_titles=_row_titles, changed=_changed)
    pages.filters["picture"] = lambda name: _picture(folder, name)
    pages.filters["shots"] = lambda release: _shots(release, folder)
    pages.globals.update(verdict=verdict, changes_line=changes_line, checks_line=checks_line)
    pages.globals.update(check_word=check_word, undone_line=undone_line)
    pages.globals.update(word_parts=_word_parts, groups=_groups)
    return pages.get_template("report.html").render(record=record)


def _groups(release: Record) -> Iterator[tuple[str, str, list[Record]]]:
    for action, title in TITLES.items():
        changes = [change for change in release["changes"] if change["action"] == action]
        if changes:
            yield action, title, changes


def _when(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _file_title(file: Record) -> str:
    """Return the title of a file, or its name, shortened in the middle where it is long."""
    name = str(file["key"]).rpartition("/")[2]
    short = name if len(name) <= LONG_NAME else f"{name[: LONG_NAME - 12]}…{name[-10:]}"
    return file.get("title") or short


def _row_titles(changes: list[Record]) -> str:
    """Return the titles of some rows, "" where none has one."""
    titles = filter(None, dict.fromkeys(change.get("title", "") for change in changes))
    return ", ".join(at_most(MOST_TITLES, titles, "…"))


def _changed(share: float) -> str:
    if not share:
        return "unchanged"
    return f"{share:.1f}% changed" if share >= LEAST_SHARE else f"less than {LEAST_SHARE}% changed"


def _word_parts(before: str, after: str) -> Iterator[Part]:
    """Return the difference of two texts; of unchanged text only what is near a change."""
    for kind, text in word_parts(before, after):
        if kind == "same" and len(text) > 3 * CONTEXT:
            yield kind, f"{text[:CONTEXT]} […] {text[-CONTEXT:]}"
        else:
            yield kind, text


def _shots(release: Record, folder: Path) -> Iterator[tuple[str, list[Record]]]:
    """Return the path of each page with its screenshots."""
    for path in dict.fromkeys(screen["path"] for screen in release["screens"]):
        taken = [_shot(screen, folder) for screen in release["screens"] if screen["path"] == path]
        yield path, [shot for shot in taken if shot["now"]]


def _shot(screen: Record, folder: Path) -> Record:
    """Return a screenshot with the one before it, and how far down they first differ, in percent."""
    now, before = (_picture(folder, screen.get(name)) for name in ("picture", "before"))
    if not (now and before and screen["changed"]):
        return {**screen, "now": now, "before": "", "at": 0}
    pictures, seen = (folder / screen["before"], folder / screen["picture"]), HEIGHTS.get(screen["width"], 0)
    return {**screen, "now": now, "before": before, "at": first_difference(*pictures, seen=seen)}


def _media_action(file: Record, release: Record) -> str:
    """Return what an upload did, or would do, with a file."""
    is_sent = any(step["name"] == "upload" and step["word"] == "done" for step in release["steps"])
    after, before = MEDIA_ACTIONS.get(file["action"], (file["action"], file["action"]))
    return after if is_sent else before


def _picture(folder: Path, name: str | None) -> str:
    """Return a picture as a `data:` address; empty where its file is gone."""
    file = folder / (name or "")
    if not file.is_file():
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(file.read_bytes()).decode()


def _share(seconds: float, release: Record) -> str:
    """Return the share of a release's time that a step took, in percent."""
    whole = sum(step["seconds"] for step in release["steps"]) or 1.0
    return f"{max(0.5, 100 * seconds / whole):.1f}"
