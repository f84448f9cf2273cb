"""The record of a run: everything that a report shows, as JSON, and its pictures."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from maulstick.claims import operator
from maulstick.errors import Problem
from maulstick.plan.view import plan_json
from maulstick.project.declarations import Page
from maulstick.release.progress import Progress, Report
from maulstick.report.pictures import thumbnail
from maulstick.report.recap import RecapLine
from maulstick.report.titles import Titles, titles_of

if TYPE_CHECKING:
    from maulstick.media.compare import Item

VERSION = 1
MOST = 1000
"""Rows of each action in a record, whose summary counts them all; pages that say how files are ordered."""
Record = dict[str, Any]
"""A run, or a part of one, as docs/report.schema.json describes it."""


@dataclass(frozen=True, slots=True)
class RecordedReleases:
    """The releases to one target as they are recorded; `pictures` are JPEGs by their names.

    `undone` are the numbers of the target's releases that were undone.
    """

    target: str
    releases: Sequence[Record]
    pictures: Mapping[str, bytes] = field(repr=False)
    undone: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """The record of a run that has ended, before it is kept; `pictures` are JPEGs by their names in it.

    `undone` are the numbers of each target's releases that were undone.
    """

    record: Record
    pictures: Mapping[str, bytes] = field(repr=False)
    undone: Mapping[str, Collection[int]] = field(default_factory=dict)


def releases_of(ended: Sequence[tuple[Progress, int]], *, prefix: str) -> RecordedReleases:
    """Record the releases to a target, each with its exit code; the names of pictures begin with `prefix`."""
    pictures: dict[str, bytes] = {}
    releases = [_release(progress, code, _Album(pictures, prefix)) for progress, code in ended]
    last = ended[-1][0].report()
    return RecordedReleases(last.target, releases, pictures, last.undone)


def record_of(
    recorded: Sequence[RecordedReleases],
    recap: Sequence[RecapLine],
    *,
    command: str,
    code: int,
    seconds: float,
) -> RecordDraft:
    """Make the record of a command from the releases to each target; `seconds` is the wall time of it all."""
    record = {
        "version": VERSION,
        "command": command,
        "started": (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat("T", "seconds"),
        "seconds": round(seconds, 3),
        "exit": int(code),
        "operator": operator(),
        "recap": [line.to_json() for line in recap],
        "releases": [release for one in recorded for release in one.releases],
    }
    pictures = {name: picture for one in recorded for name, picture in one.pictures.items()}
    return RecordDraft(record, pictures, {one.target: one.undone for one in recorded})


@dataclass(frozen=True, slots=True)
class _Album:
    """The pictures of a record, each with a name of its own."""

    pictures: dict[str, bytes]
    prefix: str

    def add(self, kind: str, picture: bytes) -> str:
        """Keep a picture and return its name."""
        name = f"{self.prefix}{kind}-{len(self.pictures) + 1}.jpg"
        self.pictures[name] = picture
        return name


def _release(progress: Progress, code: int, album: _Album) -> Record:
    plans = plan_json(progress.planned, most=MOST)["plans"]
    planned = plans[0] if plans else {"changes": [], "summary": {}}
    report, titles = progress.report(), titles_of(progress)
    pulled, is_copy = progress.context.place.pulled, progress.context.place.is_copy
    return {
        **report.to_json(),
        "of": None,
        "pulled_from": pulled.target.name if pulled else None,
        "exit": int(code),
        "rehearsed": progress.context.settings.rehearse or is_copy,
        "on_copy": is_copy,
        "would_be": progress.number if is_copy else None,
        "undo": undo_of(report, is_pull=pulled is not None),
        "digest": planned.get("digest", ""),
        "changes": list(_changes(progress, planned["changes"], titles)),
        "summary": planned["summary"],
        "media": _media(progress, titles, album),
        "screens": [
            {"path": screen.path, "width": screen.width, "picture": album.add("screen", screen.image)}
            for screen in report.screens
        ],
    }


def undo_of(report: Report, *, is_pull: bool = False) -> str:
    """Return the command that undoes what was done, "" where there is nothing to undo, or nothing left."""
    if report.number is None or report.undone_by is not None:
        return ""
    if is_pull:
        return f"invoke rollback --local --release {report.number}"
    return f"invoke rollback --release {report.number} --target {report.target}"


def _changes(progress: Progress, planned: Iterable[Record], titles: Titles) -> Iterator[Record]:
    first = progress.plan.first(MOST) if progress.plan else ()
    # `planned` comes first: it ends sooner, and a plan may hold a million rows.
    for entry, change in zip(planned, first, strict=False):
        yield {**entry, "title": titles.of_row((change.table, change.key))}


def _media(progress: Progress, titles: Titles, album: _Album) -> list[Record]:
    """List the files in the pages' order, a thumbnail with those that the bucket lacks or has otherwise."""
    files: list[Record] = []
    for item in page_order(progress.files or (), _pages(progress)):
        file = item.file
        is_shown = item.action != "there" and file.type.startswith("image/")
        here = progress.context.open_places().here(file) if is_shown else None
        small = thumbnail(here) if here else b""
        picture = album.add("thumbnail", small) if small else None
        entry = {"key": file.key, "bytes": file.bytes, "type": file.type, "action": item.action, "why": ""}
        title, alt = titles.of_file(file.key)
        files.append({**entry, "picture": picture, "title": title, "alt": alt})
    return files


def page_order(items: Iterable[Item], pages: Iterable[Page]) -> list[Item]:
    """List files in the order in which pages show them; those that no page shows come last."""
    order: dict[str, int] = {}
    for image in (image for page in pages for image in page.images):
        path = re.split("[?#]", image)[0]
        for parts in (path.split("/"), unquote(path).split("/")):
            for at in range(len(parts)):  # a key is the end of an address
                order.setdefault("/".join(parts[at:]), len(order))
    return sorted(items, key=lambda item: order.get(item.file.key, len(order)))


def _pages(progress: Progress) -> Sequence[Page]:
    try:
        pages = progress.context.load_bundle().manifest.pages if progress.files else ()
        return [*islice(pages, MOST)]
    except (Problem, OSError):  # the bundle is another by now; that of a rehearsal is gone
        return ()
