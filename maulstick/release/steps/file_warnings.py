"""What a plan says about files: which it would replace, which rows say otherwise, how full the bucket is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from maulstick.media.columns import doubts, require_reachable
from maulstick.media.compare import Item
from maulstick.media.quota import quota
from maulstick.release.context import ReleaseContext
from maulstick.release.step_results import Earlier

CASE = "upper and lower case"
MARKS = (b"//", b"\\/", b"\\\\", b"http:", b"https:")
"""What stands in each address, as JSON may write it and as browsers read it."""


def about_files(context: ReleaseContext, earlier: Earlier, items: Sequence[Item]) -> tuple[str, ...]:
    """List the warnings about a plan's files; a bucket without room for them is refused (exit 3).

    So are rows that name files out of visitors' reach (exit 5), where no export has looked at them just now.
    """
    site = context.place.target.site
    if site and earlier.word("export") not in ("done", "unchanged"):
        _require_reachable(context, site)
    if not items:
        return ()
    sent = any(item.action in ("upload", "overwrite") for item in items)
    limit = context.place.target.storage_quota
    problem, nearly_full = quota(context.open_bucket(), items, limit) if sent else (None, "")
    if problem is not None:
        raise problem
    almost_same = alike(item.file.key for item in items)
    return (*replaced(items), *almost_same, *_doubts(context), *([nearly_full] if nearly_full else []))


def replaced(items: Iterable[Item]) -> Iterator[str]:
    """Yield which objects will be replaced, and why they differ."""
    for item in items:
        if item.action == "overwrite":
            yield f"{item.file.key} will be replaced: {item.why}; what is there will be kept"


def alike(keys: Iterable[str]) -> Iterator[str]:
    """Yield warnings of keys that a person, or the disk of another machine, takes for one."""
    groups: dict[str, list[str]] = {}
    for key in sorted(set(keys)):
        groups.setdefault(_composed(key).casefold(), []).append(key)
    for first, *others in groups.values():
        for other in others:
            form = "the Unicode form of their accents" if _composed(first) == _composed(other) else CASE
            yield f"{first} and {other} differ in {form} only: some machines keep but one of them"


def _composed(key: str) -> str:
    return unicodedata.normalize("NFC", key)


def _require_reachable(context: ReleaseContext, site: str) -> None:
    bundle = context.load_bundle()
    specs, rows = bundle.manifest.specs, bundle.rows()
    tables = [one for one in context.plugins.tables(context.subject) if one.media and one.name in rows]
    naming = [table for table in tables if bundle.mentions(table.name, MARKS)]
    require_reachable(naming, specs, rows, site)


def _doubts(context: ReleaseContext) -> Iterator[str]:
    rows, files = (
        context.load_bundle().rows(),
        {file.key: file for file in context.load_bundle().manifest.media},
    )
    for table in context.plugins.tables(context.subject):
        if table.name in rows and any(medium.says for medium in table.media):
            yield from doubts(table, rows[table.name], files)
