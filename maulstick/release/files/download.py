"""The step of a pull that brings the files that its rows name, before the rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from maulstick.errors import Problem, did_you_mean, usage
from maulstick.hosts.environment import bucket_address
from maulstick.hosts.host import PulledFrom
from maulstick.media import ledger
from maulstick.media.columns import named_by
from maulstick.media.fetch import Fetches, fetch, fetches, is_there
from maulstick.media.ledger import BroughtFiles
from maulstick.media.paths import keys_of
from maulstick.media.references import shown
from maulstick.plan.changes import Change
from maulstick.plan.choices import OF_FILE, SIDES, FileTake, Take, file_takes
from maulstick.plan.choices import takes as row_takes
from maulstick.project.declarations import Outcome, Step, Table
from maulstick.release.context import ReleaseContext
from maulstick.release.decisions import takes_of_rows
from maulstick.release.step_release import StepRelease
from maulstick.release.step_results import Earlier
from maulstick.s3.bucket import Bucket, open_bucket
from maulstick.text import amount, size_text

NAME = "download"
REPLACED = ".maulstick", "replaced"
"""The folder of local files that pulls have replaced."""
ELSEWHERE = "the source keeps its files in a bucket: nothing is brought there"


def run(release: StepRelease, **options: Any) -> Outcome:
    """Bring what the media folder lacks; a local file of other content stops the pull (exit 3).

    Unless a side is taken of it: what production's replaces is kept.
    """
    context = release.context
    home, values = _home(context), _named(context, release.earlier)
    takes = file_takes(context.settings.take)
    if home is None or not values:
        _require_used(context, takes, ())
        says = "no row that comes home names a file" if not values else ELSEWHERE
        return Outcome("skipped" if values else "unchanged", says)
    _require_used(context, takes, [key for value in values for key in keys_of(value)])
    bucket, asked = _bucket(context), _Sides(context, takes, values)
    wanted = fetches(bucket, home, values, asked.side)
    asked.tell()
    if wanted.files:
        _note(context, wanted)
    warnings = [f"{context.origin} names {value}, which its bucket lacks" for value in wanted.lacking]
    warnings += [f"{shown(key)} stays as it is here, and differs in the bucket" for key in wanted.kept]
    for file in wanted.files:
        if kept := fetch(bucket, file, context.place.folder.joinpath(*REPLACED)):
            warnings.append(f"{shown(file.key)} was replaced; what was here is {kept}")
    if not wanted.files:
        there = len(values) - len(wanted.lacking)
        return Outcome("unchanged", f"{amount(there, 'file')} there", tuple(warnings))
    size = sum(file.bytes for file in wanted.files)
    return Outcome("done", f"{amount(len(wanted.files), 'file')}, {size_text(size)}", tuple(warnings))


def plan(release: StepRelease, **options: Any) -> str:
    """Return which files would come home."""
    context = release.context
    home, values = _home(context), _named(context, release.earlier)
    if home is None or not values:
        return "bring no files"
    takes = file_takes(context.settings.take)
    try:  # what has to be asked is asked here, before anything is done
        files = fetches(_bucket(context), home, values, _Sides(context, takes, values).side).files
    except Problem as problem:
        return f"stop: {problem.what}"
    return f"bring {', '.join(shown(file.key) for file in files) or 'no files'}"


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


@dataclass(slots=True)
class _Sides:
    """Which side is taken of a file: its own, that of a row that names it, that of all, or asked for."""

    context: ReleaseContext
    takes: Sequence[FileTake]
    named: Mapping[str, Collection[tuple[str, str]]]

    def side(self, value: str, key: str) -> str:
        """Return the side of a file whose content differs, "" where nobody has decided."""
        own = [take.side for take in self.takes if take.key == key]
        context, rows = self.context, self.named[value]
        typed = [take for text in takes_of_rows(context) for take in _if_fitting(context, text)]
        of_rows = [take for take in typed if take.table_name is not None and _is_of(take, rows)]
        of_all = [take.side for take in typed if take.table_name is None]
        sides = own or list({take.side for take in of_rows}) or of_all
        if len(sides) == 1:
            return sides[0]
        return self._asked(key) if context.settings.ask else ""

    def tell(self) -> None:
        """Print the options that repeat the answers."""
        if answers := self.context.opened.answers:
            again = " ".join(f"--take {quote(f'{side}:{OF_FILE}{key}')}" for key, side in answers.items())
            self.context.console.line(f"    the same answers again: {again}")

    def _asked(self, key: str) -> str:
        console, answers = self.context.console, self.context.opened.answers
        if key in answers:
            return answers[key]
        if not console.interactive:
            raise usage("--ask", "nobody is there to answer", "use --take, or answer on a terminal")
        answers[key] = console.choose(f"{shown(key)}: the media folder and the bucket differ: take", SIDES)
        return answers[key]


def _if_fitting(context: ReleaseContext, text: str) -> Sequence[Take]:
    """Return a side that was taken, unless it is of a row of another subject."""
    try:
        return row_takes([text], context.known_rows())
    except Problem:
        return ()


def _is_of(take: Take, rows: Collection[tuple[str, str]]) -> bool:
    return any(take.table_name == table and take.key in (None, key) for table, key in rows)


def _require_used(context: ReleaseContext, takes: Sequence[FileTake], keys: Collection[str]) -> None:
    """Refuse a side of a file that no row names which comes home (exit 2); it may be another subject's."""
    home = _home(context)
    for take in takes if not context.settings.several else ():
        if take.key not in keys and (home is None or not is_there(home, take.key)):
            what = "decides nothing: no row that comes home names this file"
            raise usage(f"--take {take}", what, did_you_mean(take.key, keys))


def _named(context: ReleaseContext, earlier: Earlier) -> Mapping[str, Collection[tuple[str, str]]]:
    """List the media paths that rows will name which did not before, each with those rows."""
    tables = {table.name: table for table in context.plugins.tables(context.subject) if table.media}
    found: dict[str, set[tuple[str, str]]] = {}
    for one in earlier.plan.changes if earlier.plan else ():
        for value in _values(one, tables.get(one.table)):
            found.setdefault(value, set()).add((one.table, one.key))
    return dict(sorted(found.items()))


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
        before: dict[str, str | None] = {file.key: file.replaces for file in wanted.files if file.replaces}
        ledger.begin(database, BroughtFiles(str(context.subject), files, {}, before))
