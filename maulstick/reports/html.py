"""A record as one page that needs nothing but itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from maulstick.console import plain
from maulstick.reports.differences import words
from maulstick.reports.record import Record
from maulstick.reports.verdict import counted, parts_of, right, verdict
from maulstick.sizes import size_text

TITLES = {
    "conflict": "Conflicts",
    "update": "Changed",
    "insert": "New",
    "kept": "Kept as edited in production",
    "removed": "Deleted in production",
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


def html(record: Record, folder: Path) -> str:
    """Return a record as a page; it loads nothing, so it can be mailed, kept and read without network.

    `folder` holds the pictures that the record names.
    """
    pages = Environment(
        loader=PackageLoader("maulstick.reports", "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda shown: plain(shown) if isinstance(shown, str) else shown,
    )
    pages.filters.update(
        size=size_text,
        when=_when,
        key=_key,
        name=_name,
        share=_share,
        fate=_fate,
    )
    pages.globals.update(counted=counted, right=right, verdict=verdict, words=words, groups=_groups)
    pages.filters["picture"] = lambda name: _picture(folder / name)
    return pages.get_template("report.html").render(record=record)


def _groups(release: Record) -> Iterator[tuple[str, str, list[Record]]]:
    for action, title in TITLES.items():
        found = [change for change in release["changes"] if change["action"] == action]
        if found:
            yield action, title, found


def _when(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _key(key: dict[str, Any]) -> str:
    return ", ".join(plain(part) for part in parts_of(key))


def _name(path: str) -> str:
    return plain(path.rpartition("/")[2])


def _fate(file: Record, release: Record) -> str:
    """Return what became, or will become, of a file."""
    sent = any(step["name"] == "upload" and step["word"] == "done" for step in release["steps"])
    after, before = FATES.get(file["action"], (file["action"], file["action"]))
    return after if sent else before


def _picture(file: Path) -> str:
    """Return a picture as a `data:` address."""
    return "data:image/jpeg;base64," + base64.b64encode(file.read_bytes()).decode()


def _share(seconds: float, release: Record) -> str:
    """Return which part of a release's time a step took, in per cent."""
    whole = sum(step["seconds"] for step in release["steps"]) or 1.0
    return f"{max(0.5, 100 * seconds / whole):.1f}"
