"""Where a bundle's files are, as far as whoever plans may know."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from maulstick.errors import Problem
from maulstick.media.compare import Item
from maulstick.media.ledger import proven
from maulstick.postgres.connection import Database
from maulstick.release.context import Run
from maulstick.text import amount, at_most

NAMED = 3


def whereabouts(run: Run, database: Database) -> tuple[list[Item], list[str]]:
    """Return what each file needs, and warnings where nobody here may ask the bucket.

    Whoever has an address to plan by, and no more, gets what the ledger knows: a release will ask anew.
    """
    try:
        return run.compared(database), []
    except Problem as problem:
        if run.steps != ("plan",) or run.place.target.plan_database is None:
            raise
        says = f"the bucket was not asked: {problem.where}: {problem.what}"
        return _as_known(run, database, says)


def nowhere(run: Run, items: Sequence[Item]) -> list[str]:
    """Return the files that must be sent and cannot be: from the bundle's pack or from the media folder."""
    wanted = [item.file for item in items if item.action in ("upload", "overwrite")]
    places = run.places
    with ThreadPoolExecutor(places.media.at_once) as pool:
        why = zip(wanted, pool.map(places.wrong, wanted), strict=True)
        return [f"{file.key}: the bucket lacks it, and {wrong}" for file, wrong in why if wrong]


def _as_known(run: Run, database: Database, says: str) -> tuple[list[Item], list[str]]:
    files = run.bundle.manifest.media
    known = proven(database, [file.key for file in files])
    there = [file for file in files if file.key in known and known[file.key].sha256 == file.sha256]
    unknown = [file.key for file in files if file not in there]
    warnings = [says]
    if unknown:
        named = ", ".join(at_most(NAMED, unknown))
        warnings.append(f"{amount(len(unknown), 'file')} may have to be uploaded first: {named}")
    return [Item(file, "there", "as the ledger has it") for file in there], warnings
