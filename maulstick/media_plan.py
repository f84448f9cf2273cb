"""What a plan says about files: which it would replace, which rows say otherwise, how full the bucket is."""

from __future__ import annotations

from collections.abc import Iterator

from maulstick.media import Item, quota
from maulstick.media_columns import doubts
from maulstick.run import Run


def about_files(run: Run) -> tuple[str, ...]:
    """Return the warnings about a plan's files; a bucket without room for them is refused (exit 3)."""
    media = run.media or []
    if not media:
        return ()
    sent = any(item.action in ("upload", "overwrite") for item in media)
    limit = run.place.target.storage_quota
    problem, nearly_full = quota(run.bucket(), media, limit) if sent else (None, "")
    if problem is not None:
        raise problem
    return (*_replaced(media), *_doubts(run), *([nearly_full] if nearly_full else []))


def _replaced(media: list[Item]) -> Iterator[str]:
    for item in media:
        if item.action == "overwrite":
            yield f"{item.file.key} will be replaced: {item.why}; what is there will be kept"


def _doubts(run: Run) -> Iterator[str]:
    rows, files = run.bundle.rows(), {file.key: file for file in run.bundle.manifest.media}
    for table in run.plugins.tables(run.subject):
        if table.name in rows and any(medium.says for medium in table.media):
            yield from doubts(table, rows[table.name], files)
