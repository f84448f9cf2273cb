"""Where a bundle's files are, as far as whoever plans may know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from maulstick.errors import Problem
from maulstick.media.compare import Item, compare
from maulstick.media.ledger import proven, sent
from maulstick.postgres.connection import Database
from maulstick.project.declarations import MediaFile
from maulstick.release.context import ReleaseContext
from maulstick.text import amount, at_most

NAMED = 3


def locate_files(context: ReleaseContext, database: Database) -> tuple[list[Item], list[str]]:
    """Return what each file needs, and warnings where nobody here may ask the bucket.

    Whoever has an address to plan by, and no more, gets what the ledger knows: a release will ask anew.
    """
    try:
        return compare_files(context, database), []
    except Problem as problem:
        if context.steps != ("plan",) or context.place.target.plan_database is None:
            raise
        says = f"the bucket was not asked: {problem.where}: {problem.what}"
        return _as_known(context, database, says)


def compare_files(
    context: ReleaseContext, database: Database | None = None, files: Sequence[MediaFile] | None = None
) -> list[Item]:
    """Return what each file needs, those of the bundle if left out; without files no bucket is asked.

    The ledger is asked over `database` where that is open, else over a connection of its own.
    """
    if files is None:
        files = context.load_bundle().manifest.media  # first: a bundle of another source reaches nothing
    if not files:
        return []
    keys = [] if context.settings.recheck else [file.key for file in files]
    with nullcontext(database) if database is not None else context.reading(read_only=True) as opened:
        known, ours = proven(opened, keys), sent(opened, files)
    overwrite, dated = context.settings.overwrite, context.open_originals().dated
    return compare(context.open_bucket(), files, known=known, overwrite=overwrite, dated=dated, sent=ours)


def conflicts(items: Iterable[Item]) -> list[str]:
    """List the files whose key holds other content in the bucket, each with what is there."""
    return [f"{item.file.key}: {item.why}" for item in items if item.action == "conflict"]


def unlocated(context: ReleaseContext, items: Sequence[Item]) -> list[str]:
    """List the files that must be sent and cannot be: from the bundle's pack or from the media folder."""
    wanted = [item.file for item in items if item.action in ("upload", "overwrite")]
    places = context.open_places()
    with ThreadPoolExecutor(places.media.at_once) as pool:
        why = zip(wanted, pool.map(places.wrong, wanted), strict=True)
        return [f"{file.key}: the bucket lacks it, and {wrong}" for file, wrong in why if wrong]


def _as_known(context: ReleaseContext, database: Database, says: str) -> tuple[list[Item], list[str]]:
    files = context.load_bundle().manifest.media
    known = proven(database, [file.key for file in files])
    there = [file for file in files if file.key in known and known[file.key].sha256 == file.sha256]
    unknown = [file.key for file in files if file not in there]
    warnings = [says]
    if unknown:
        named = ", ".join(at_most(NAMED, unknown))
        warnings.append(f"{amount(len(unknown), 'file')} may have to be uploaded first: {named}")
    return [Item(file, "there", "as the ledger has it") for file in there], warnings
