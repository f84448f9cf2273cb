"""What a plan says about files: which it would replace, which rows say otherwise, how full the bucket is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from maulstick.media.columns import doubts, require_reachable
from maulstick.media.compare import Item
from maulstick.media.quota import quota
from maulstick.release.context import Run

CASE = "upper and lower case"
MARKS = (b"//", b"\\/", b"\\\\", b"http:", b"https:")
"""What stands in each address, as JSON may write it and as browsers read it."""


def about_files(run: Run) -> tuple[str, ...]:
    """Return the warnings about a plan's files; a bucket without room for them is refused (exit 3).

    So are rows that name files out of visitors' reach (exit 5), where no export has looked at them just now.
    """
    site = run.place.target.site
    if site and run.report.word("export") not in ("done", "unchanged"):
        _require_reachable(run, site)
    media = run.media or []
    if not media:
        return ()
    sent = any(item.action in ("upload", "overwrite") for item in media)
    limit = run.place.target.storage_quota
    problem, nearly_full = quota(run.bucket(), media, limit) if sent else (None, "")
    if problem is not None:
        raise problem
    almost_same = alike(item.file.key for item in media)
    return (*_replaced(media), *almost_same, *_doubts(run), *([nearly_full] if nearly_full else []))


def alike(keys: Iterable[str]) -> Iterator[str]:
    """Return warnings of keys that a person, or the disk of another machine, takes for one."""
    groups: dict[str, list[str]] = {}
    for key in sorted(set(keys)):
        groups.setdefault(_composed(key).casefold(), []).append(key)
    for first, *others in groups.values():
        for other in others:
            form = "the Unicode form of their accents" if _composed(first) == _composed(other) else CASE
            yield f"{first} and {other} differ in {form} only: some machines keep but one of them"


def _composed(key: str) -> str:
    return unicodedata.normalize("NFC", key)


def _replaced(media: list[Item]) -> Iterator[str]:
    for item in media:
        if item.action == "overwrite":
            yield f"{item.file.key} will be replaced: {item.why}; what is there will be kept"


def _require_reachable(run: Run, site: str) -> None:
    bundle = run.bundle
    specs, rows = bundle.manifest.specs, bundle.rows()
    tables = [one for one in run.plugins.tables(run.subject) if one.media and one.name in rows]
    naming = [table for table in tables if bundle.mentions(table.name, MARKS)]
    require_reachable(naming, specs, rows, site)


def _doubts(run: Run) -> Iterator[str]:
    rows, files = run.bundle.rows(), {file.key: file for file in run.bundle.manifest.media}
    for table in run.plugins.tables(run.subject):
        if table.name in rows and any(medium.says for medium in table.media):
            yield from doubts(table, rows[table.name], files)
