"""What the template of the page calls: filters that turn values of a record into text and pictures."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.diffs import Part, word_parts
from maulstick.plan.moved_pages import MovedPage
from maulstick.report.pictures import first_difference
from maulstick.text import at_most
from maulstick.verify.browser import HEIGHTS

if TYPE_CHECKING:
    from maulstick.report.record import Record

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
UNDONE_TITLES = {"update": "Restored", "insert": "Put back", "delete": "Deleted"}
"""The same of a rollback."""

MEDIA_ACTIONS = {
    "upload": ("sent", "to send"),
    "overwrite": ("replaced", "to replace"),
    "repair": ("headers repaired", "headers to repair"),
    "there": ("already there", "already there"),
    "conflict": ("other content there", "other content there"),
    "remove": ("removed from the bucket", "to remove from the bucket"),
    "restore": ("brought back", "to bring back"),
    "keep": ("stays in the bucket", "stays in the bucket"),
}
"""What a page calls the action on a file: after an upload or a rollback, and before it."""

LEAST_SHARE = 0.1
MOST_TITLES = 6
"""Rows of a table that its heading names."""
LONG_NAME = 28
CONTEXT = 160
"""Characters of unchanged text that are shown beside a change."""


def sides(release: Record) -> tuple[str, str]:
    """Return which side of a column is shown as it was, and which as it becomes."""
    return ("local", "production") if release.get("pulled_from") else ("production", "local")


def change_groups(release: Record) -> Iterator[tuple[str, str, list[Record]]]:
    """Yield each action that some rows have, with its heading and those rows."""
    for action, title in (UNDONE_TITLES if release.get("of") else TITLES).items():
        changes = [change for change in release["changes"] if change["action"] == action]
        if changes:
            yield action, title, changes


def date_text(text: str) -> str:
    """Write a moment as `29 November 2026, 14:05 UTC`."""
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def file_title(file: Record) -> str:
    """Name a file by its title, or by its file name, shortened in the middle where it is long."""
    name = str(file["key"]).rpartition("/")[2]
    short = name if len(name) <= LONG_NAME else f"{name[: LONG_NAME - 12]}…{name[-10:]}"
    return file.get("title") or short


def row_titles(changes: list[Record]) -> str:
    """List the titles of some rows, "" where none has one."""
    titles = filter(None, dict.fromkeys(change.get("title", "") for change in changes))
    return ", ".join(at_most(MOST_TITLES, titles, "…"))


def redirect_line(redirect: Record) -> str:
    """Write a redirect as a line of the file `_redirects`."""
    return MovedPage(redirect["old"], redirect["new"]).line


def changed_text(share: float) -> str:
    """Write how many percent of a screenshot have changed."""
    if not share:
        return "unchanged"
    return f"{share:.1f}% changed" if share >= LEAST_SHARE else f"less than {LEAST_SHARE}% changed"


def near_changes(before: str, after: str) -> Iterator[Part]:
    """Compare two texts word by word; of unchanged text only what is near a change is kept."""
    for kind, text in word_parts(before, after):
        if kind == "same" and len(text) > 3 * CONTEXT:
            yield kind, f"{text[:CONTEXT]} […] {text[-CONTEXT:]}"
        else:
            yield kind, text


def page_shots(release: Record, folder: Path) -> Iterator[tuple[str, list[Record]]]:
    """Yield the path of each page with its screenshots."""
    for path in dict.fromkeys(screen["path"] for screen in release["screens"]):
        taken = [_shot(screen, folder) for screen in release["screens"] if screen["path"] == path]
        yield path, [shot for shot in taken if shot["now"]]


def _shot(screen: Record, folder: Path) -> Record:
    """Add the earlier screenshot to one, and how far down they first differ, in percent."""
    now, before = (data_url(folder, screen.get(name)) for name in ("picture", "before"))
    if not (now and before and screen["changed"]):
        return {**screen, "now": now, "before": "", "at": 0}
    pictures, seen = (folder / screen["before"], folder / screen["picture"]), HEIGHTS.get(screen["width"], 0)
    return {**screen, "now": now, "before": before, "at": first_difference(*pictures, seen=seen)}


def media_action(file: Record, release: Record) -> str:
    """Say what an upload did, or would do, with a file."""
    steps = ("upload",) if not release.get("of") else () if release["rehearsed"] else ("rollback",)
    is_sent = any(step["name"] in steps and step["word"] == "done" for step in release["steps"])
    after, before = MEDIA_ACTIONS.get(file["action"], (file["action"], file["action"]))
    return after if is_sent else before


def data_url(folder: Path, name: str | None) -> str:
    """Embed a picture as a `data:` URL; empty where its file is gone."""
    file = folder / (name or "")
    if not file.is_file():
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(file.read_bytes()).decode()


def time_share(seconds: float, release: Record) -> str:
    """Compute the share of a release's time that a step took, in percent."""
    whole = sum(step["seconds"] for step in release["steps"]) or 1.0
    return f"{max(0.5, 100 * seconds / whole):.1f}"
