"""The record of a rollback: what came back, column by column, and what its pages answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maulstick.media.content_types import type_of
from maulstick.media.restore import Undoing
from maulstick.plan.history import LedgerRecord
from maulstick.plan.undone import Undone
from maulstick.postgres.tables.keys import key_object
from maulstick.release.progress import Report
from maulstick.report.recap import RecapLine
from maulstick.report.record import MOST, Record, RecordDraft, RecordedReleases, record_of, undo_of
from maulstick.report.titles import own_title

Cells = dict[str, dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class RollbackReport:
    """A rollback as it went: of which release, its rows and files, and how it ended.

    `rows` are None where another rollback had put them back before; `changes` are those of the release that
    was undone, as the ledger has them, or as many as a record holds. `is_pull` says that a pull was undone.
    """

    of: int
    report: Report
    rows: Undone | None
    changes: Sequence[LedgerRecord]
    files: Sequence[Undoing]
    code: int
    rehearsed: bool
    seconds: float
    is_pull: bool = False

    @property
    def summary(self) -> dict[str, int]:
        """Count rows and files by what became of them."""
        counted = self.rows.counted if self.rows else {}
        files = Counter(f"{one.action}_files" for one in self.files)
        return {**{action: counted.get(action, 0) for action in ("update", "insert", "delete")}, **files}


def rollback_record(rollback: RollbackReport, says: str) -> RecordDraft:
    """Make the record of a rollback that has ended, in the form of a release's."""
    report = rollback.report
    release: Record = {
        **report.to_json(),
        "pulled_from": None,
        "on_copy": False,
        "would_be": None,
        "of": rollback.of,
        "exit": int(rollback.code),
        "rehearsed": rollback.rehearsed,
        "undo": undo_of(report, is_pull=rollback.is_pull),
        "digest": "",
        "changes": list(_changes(rollback)),
        "summary": rollback.summary,
        "media": [_file(one) for one in rollback.files],
        "screens": [],
    }
    recorded = RecordedReleases(report.target, [release], {})
    return record_of(
        [recorded], [_recap(rollback, says)], command="rollback", code=rollback.code, seconds=rollback.seconds
    )


def _recap(rollback: RollbackReport, says: str) -> RecapLine:
    report, code = rollback.report, rollback.code
    return RecapLine(
        target=report.target,
        subject=report.subject,
        word="failed" if code else "done",
        says=says,
        exit=int(code),
        ok=sum(step.word in ("done", "unchanged") for step in report.steps),
        changed=int(report.number is not None),
        failed=sum(step.word == "failed" for step in report.steps),
    )


def _changes(rollback: RollbackReport) -> Iterator[Record]:
    """Yield the first rows of each action: what production had, and what it has again."""
    known = {(change["table"], change["key"]): change for change in rollback.changes}
    seen: Counter[str] = Counter()
    for row in rollback.rows.rows if rollback.rows else ():
        table, key, action = map(str, row)
        change = known.get((table, key))
        seen[action] += 1
        if rollback.rows is None or change is None or seen[action] > MOST:
            continue
        specs = rollback.rows.specs
        yield {
            "table": table,
            "key": key_object(specs[table], specs, key),
            "action": action,
            "columns": _cells(action, change["before"], change["after"]),
            "title": own_title({**change["after"], **change["before"]}),
        }


def _cells(action: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Cells:
    """Return each column with both sides: `production` is what the release wrote, `local` what came back."""
    cells: Cells = {}
    for name in sorted({*before, *after}):
        cell: dict[str, str | None] = {"action": action}
        if action != "insert" and name in after:
            cell["production"] = after[name]
        if action != "delete" and name in before:
            cell["local"] = before[name]
        cells[name] = cell
    return cells


def _file(one: Undoing) -> Record:
    key = one.file.key
    entry = {"key": key, "bytes": one.bytes, "type": type_of(key), "action": one.action, "why": one.why}
    return {**entry, "picture": None, "title": "", "alt": ""}
