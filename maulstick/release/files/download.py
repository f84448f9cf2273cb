"""The step of a pull that brings the files that its rows name, before the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from maulstick.errors import Problem
from maulstick.hosts.environment import bucket_address
from maulstick.hosts.host import PulledFrom
from maulstick.media import ledger
from maulstick.media.columns import named_by
from maulstick.media.fetch import Fetches, fetch, fetches
from maulstick.media.ledger import BroughtFiles
from maulstick.plan.changes import Change
from maulstick.project.declarations import Outcome, Step, Table
from maulstick.release.context import ReleaseContext
from maulstick.release.step_release import StepRelease
from maulstick.release.step_results import Earlier
from maulstick.s3.bucket import Bucket, open_bucket
from maulstick.text import amount, size_text

NAME = "download"
ELSEWHERE = "the source keeps its files in a bucket: nothing is brought there"


def run(release: StepRelease, **options: Any) -> Outcome:
    """Bring what the media folder lacks; a local file of other content stops the pull (exit 3)."""
    context = release.context
    home, values = _home(context), _named(context, release.earlier)
    if not values:
        return Outcome("unchanged", "no row that comes home names a file")
    if home is None:
        return Outcome("skipped", ELSEWHERE)
    bucket = _bucket(context)
    wanted = fetches(bucket, home, values)
    if wanted.files:
        _note(context, wanted)
    for file in wanted.files:
        fetch(bucket, file)
    warnings = tuple(f"{context.origin} names {value}, which its bucket lacks" for value in wanted.lacking)
    if not wanted.files:
        return Outcome("unchanged", f"{amount(len(values) - len(wanted.lacking), 'file')} there", warnings)
    size = sum(file.bytes for file in wanted.files)
    return Outcome("done", f"{amount(len(wanted.files), 'file')}, {size_text(size)}", warnings)


def plan(release: StepRelease, **options: Any) -> str:
    """Return which files would come home."""
    home, values = _home(release.context), _named(release.context, release.earlier)
    if home is None or not values:
        return "bring no files"
    try:
        files = fetches(_bucket(release.context), home, values).files
    except Problem as problem:
        return f"stop: {problem.what}"
    return f"bring {', '.join(file.key for file in files) or 'no files'}"


STEP = Step(NAME, run=run, plan=plan)


def _pulled(context: ReleaseContext) -> PulledFrom:
    if context.place.pulled is None:
        raise AssertionError("only a pull downloads")
    return context.place.pulled


def _home(context: ReleaseContext) -> Path | None:
    media = _pulled(context).source.media
    return media if isinstance(media, Path) else None


def _bucket(context: ReleaseContext) -> Bucket:
    pulled = _pulled(context)
    return open_bucket(bucket_address(pulled.target, pulled.host.environment))


def _named(context: ReleaseContext, earlier: Earlier) -> Sequence[str]:
    """List the media paths that rows will name which did not before."""
    tables = {table.name: table for table in context.plugins.tables(context.subject) if table.media}
    changes = earlier.plan.changes if earlier.plan else ()
    return sorted({value for one in changes for value in _values(one, tables.get(one.table))})


def _values(change: Change, table: Table | None) -> Iterator[str]:
    if table is None or change.action not in ("insert", "update"):
        return
    comes = {
        name: cell.get("production")
        for name, cell in change.columns.items()
        if cell["action"] in ("insert", "update")
    }
    yield from named_by(table, [{**{one.column: None for one in table.media}, **comes}])


def _note(context: ReleaseContext, wanted: Fetches) -> None:
    """Write down in the local ledger what is about to be brought, so that the pull can be undone."""
    target = context.place.target.name
    with context.production() as database:
        if not ledger.require_target(database, target):
            ledger.make(database, target)
        files = {file.key: file.sha256 for file in wanted.files}
        ledger.begin(database, BroughtFiles(str(context.subject), files, {}, {}))
