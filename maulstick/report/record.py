"""The record of a run: everything that a report shows, as JSON, and its pictures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from maulstick.claims import operator
from maulstick.plan.view import plan_json
from maulstick.release.progress import Progress, Report
from maulstick.report.pictures import thumbnail
from maulstick.report.titles import Titles, titles_of

VERSION = 1
MOST = 1000
"""Rows of each action in a record; its summary counts them all."""
Record = dict[str, Any]
"""A run, or a part of one, as docs/report.schema.json describes it."""


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """The record of a run that has ended, before it is kept; `pictures` are JPEGs by their names in it.

    `undone` are the numbers of each target's releases that were undone.
    """

    record: Record
    pictures: Mapping[str, bytes] = field(repr=False)
    undone: Mapping[str, Collection[int]] = field(default_factory=dict)


def record_of(
    ended: Sequence[tuple[Progress, int]], *, command: str, code: int, seconds: float
) -> RecordDraft:
    """Make the record of runs, each with its exit code; `seconds` is the wall time of all of them."""
    pictures: dict[str, bytes] = {}
    record = {
        "version": VERSION,
        "command": command,
        "started": (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat("T", "seconds"),
        "seconds": round(seconds, 3),
        "exit": int(code),
        "operator": operator(),
        "releases": [_release(progress, code, pictures) for progress, code in ended],
    }
    reports = [progress.report() for progress, _ in ended]
    return RecordDraft(record, pictures, {report.target: report.undone for report in reports})


def _release(progress: Progress, code: int, pictures: dict[str, bytes]) -> Record:
    plans = plan_json(progress.planned, most=MOST)["plans"]
    planned = plans[0] if plans else {"changes": [], "summary": {}}
    report, titles = progress.report(), titles_of(progress)
    return {
        **report.to_json(),
        "exit": int(code),
        "rehearsed": progress.context.settings.rehearse,
        "undo": _undo(report),
        "digest": planned.get("digest", ""),
        "changes": list(_changes(progress, planned["changes"], titles)),
        "summary": planned["summary"],
        "media": _media(progress, titles, pictures),
        "screens": [
            {"path": screen.path, "width": screen.width, "picture": _add(pictures, "screen", screen.image)}
            for screen in report.screens
        ],
    }


def _undo(report: Report) -> str:
    if report.number is None or report.undone_by is not None:
        return ""
    return f"invoke rollback --release {report.number} --target {report.target}"


def _changes(progress: Progress, planned: Iterable[Record], titles: Titles) -> Iterator[Record]:
    first = progress.plan.first(MOST) if progress.plan else ()
    # `planned` comes first: it ends sooner, and a plan may hold a million rows.
    for entry, change in zip(planned, first, strict=False):
        yield {**entry, "title": titles.of_row((change.table, change.key))}


def _media(progress: Progress, titles: Titles, pictures: dict[str, bytes]) -> list[Record]:
    """Return each file, with a thumbnail of those that the bucket lacks or has otherwise."""
    files: list[Record] = []
    for item in progress.files or ():
        file = item.file
        is_shown = item.action != "there" and file.type.startswith("image/")
        here = progress.context.open_places().here(file) if is_shown else None
        small = thumbnail(here) if here else b""
        picture = _add(pictures, "thumbnail", small) if small else None
        entry = {"key": file.key, "bytes": file.bytes, "type": file.type, "action": item.action}
        title, alt = titles.of_file(file.key)
        files.append({**entry, "picture": picture, "title": title, "alt": alt})
    return files


def _add(pictures: dict[str, bytes], kind: str, picture: bytes) -> str:
    name = f"{kind}-{len(pictures) + 1}.jpg"
    pictures[name] = picture
    return name
