"""What holds after each round, whatever was broken in it: each function says one promise."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.faults.edits import Edit
from tests.faults.evidence import Slice, Snapshot
from tests.faults.kinds import KINDS
from tests.faults.pictures import etag
from tests.faults.rounds import Evidence

Invariant = Callable[[Evidence], Iterator[str]]
IN_STEP = re.compile(r"^release (\d+): live is in step", re.MULTILINE)
UNDID = re.compile(r"^release (\d+): release \d+ of series", re.MULTILINE)
IS_THERE = re.compile(r"(?:live:|but) release (\d+) (?:is there, its rows are live|was written|undid)")
WRITTEN = re.compile(r"^  apply \.+ done", re.MULTILINE)
UNKNOWN = "it is not known yet whether the rows were written"
UNCHANGED = re.compile(r"nothing was changed|rows are unchanged|live: unchanged")
NOTHING_AT_ALL = re.compile(r"^live: unchanged$", re.MULTILINE)


def _spared(evidence: Evidence, rows: Slice) -> Slice:
    """Return rows without the cells that the fault itself wrote."""
    spares = KINDS[evidence.round.fault.kind].spares
    return {
        (table, key): {column: value for column, value in row.items() if (table, key, column) not in spares}
        for (table, key), row in rows.items()
    }


def _same(evidence: Evidence, one: Snapshot, other: Snapshot) -> bool:
    return _spared(evidence, one.slice) == _spared(evidence, other.slice)


def _is_new(evidence: Evidence) -> bool:
    return KINDS[evidence.round.fault.kind].is_new


def rows_outside_are_untouched(evidence: Evidence) -> Iterator[str]:
    """Rows outside the subject are as before to the byte, and were not even written with their own values."""
    for name, moment in (("", evidence.left), ("again: ", evidence.again), ("undone: ", evidence.undone)):
        if moment is not None and moment.outside != evidence.before.outside:
            differ = {*moment.outside} ^ {*evidence.before.outside}
            yield f"{name}rows outside the subject differ: {sorted(differ)}"


def the_subject_is_whole(evidence: Evidence) -> Iterator[str]:
    """The subject's rows are exactly as before the command, or as the undisturbed command leaves them."""
    if not any(_same(evidence, evidence.left, one) for one in (evidence.before, evidence.after)):
        yield f"the rows are neither those before nor those after: {_difference(evidence)}"


def ledger_and_rows_agree(evidence: Evidence) -> Iterator[str]:
    """A release is in the ledger if and only if its rows are there, with its changes and its base."""
    before, after, left = evidence.before, evidence.after, evidence.left
    if left.releases == before.releases:
        if not _same(evidence, left, before):
            yield "the rows have changed without a release in the ledger"
        if (left.changes, left.base) != (before.changes, before.base):
            yield "the ledger holds changes or a base of no release"
        return
    if _is_new(evidence):
        return
    if not _same(evidence, left, after):
        yield f"the ledger has release {left.newest}, and its rows are not there"
    if (left.releases, left.base) != (after.releases, after.base):
        yield "the ledger differs from that of an undisturbed run"
    if [change[:4] for change in left.changes] != [change[:4] for change in after.changes]:
        yield "the ledger's changes differ from those of an undisturbed run"


def named_files_are_in_the_bucket(evidence: Evidence) -> Iterator[str]:
    """Each file that a row of the subject names is in the bucket, with its bytes."""
    for moment in filter(None, (evidence.left, evidence.again, evidence.undone)):
        for key in sorted(_named(moment)):
            if moment.objects.get(key, "").strip('"') != etag(Path(key).stem):
                yield f"{key} is named by a row, and in the bucket is {moment.objects.get(key)}"


def _named(moment: Snapshot) -> Iterator[str]:
    for row in moment.slice.values():
        yield from (str(row[name]).lstrip("/") for name in ("cover", "picture") if row.get(name))


def no_edit_is_lost(evidence: Evidence) -> Iterator[str]:
    """What somebody edited in production stays, or a line has named its row and column, and that it goes."""
    said = "".join(one.said for one in (evidence.ended, *evidence.others))
    yield from _lost(evidence, evidence.cells, said)
    if evidence.ended_again is not None:
        again = _lost(evidence, evidence.cells_again, said + evidence.ended_again.said)
        yield from (f"again: {edit}" for edit in again)


def _lost(evidence: Evidence, cells: Sequence[tuple[Edit, str | None]], said: str) -> Iterator[str]:
    spares = KINDS[evidence.round.fault.kind].spares
    for edit, found in cells:
        if found == edit.wrote or (edit.row is not None and (*edit.row, edit.column) in spares):
            continue
        if edit.row is None or not re.search(_goes(*edit.row, edit.column), said, re.MULTILINE):
            yield f"an edit of production is lost: {edit.text}"


def _goes(table: str, key: str, column: str) -> str:
    """Return the pattern of a line that says what becomes of an edit that is not kept."""
    row = rf"^ +warning: {re.escape(table)}[ :]{re.escape(key)}"
    if not column:
        return rf"{row}: was deleted in live and will come back$"
    edited = rf": (\w+, )*{column}(, \w+)*: what was edited in live will be overwritten$"
    pruned = rf" will be deleted in live, with what was edited there: (\w+, )*{column}(, \w+)*$"
    return rf"{row}({edited}|{pruned})"


def no_sequence_is_behind(evidence: Evidence) -> Iterator[str]:
    """The next id that a sequence gives is free."""
    for moment in filter(None, (evidence.left, evidence.again, evidence.undone)):
        yield from (f"the sequence of {column} is behind its rows" for column in moment.behind)


def nothing_is_left_behind(evidence: Evidence) -> Iterator[str]:
    """No process, session, lock, prepared transaction, temporary or half file, or upload in parts is left.

    What is killed by SIGKILL cannot clear up after itself: its files go with the next run. Parts that have
    arrived are kept until then on purpose: the next run sends the rest.
    """
    is_killed = evidence.ended.code == -signal.SIGKILL
    kept = ("parts", *(("temporary", "halves") if is_killed else ()))
    for moment, left in (("", evidence.traces), ("again: ", evidence.traces_again)):
        for name in ("temporary", "halves", "processes", "sessions", "locks", "prepared", "parts"):
            found = getattr(left, name)
            if found and (moment or name not in kept):
                yield f"{moment}left behind: {name} {found}"


def the_command_ends(evidence: Evidence) -> Iterator[str]:
    """The command ends by itself."""
    for one in filter(None, (evidence.ended, *evidence.others, evidence.ended_again, evidence.ended_undone)):
        if one.is_late:
            yield f"{' '.join(one.words)} did not end"


def it_says_the_truth(evidence: Evidence) -> Iterator[str]:
    """Exit code, last line and record say what is: done, unchanged, there, or unknown; never a trace."""
    ended, left, before = evidence.ended, evidence.left, evidence.before
    if "Traceback" in ended.said or "Exception ignored" in ended.said:
        yield f"a trace: {ended.said[-1500:]}"
    if ended.code < 0 or evidence.others:
        return
    made = left.newest if left.newest > before.newest else None
    yield from _truth(evidence, made)
    state = ((evidence.record or {}).get("releases") or [{}])[0].get("state")
    if ended.code and state and state != ended.last:
        yield f"the record says {state!r}, the last line {ended.last!r}"


def _truth(evidence: Evidence, made: int | None) -> Iterator[str]:
    ended, said = evidence.ended, evidence.ended.said
    claimed = [int(one) for one in IN_STEP.findall(said) + UNDID.findall(said)]
    claimed += map(int, IS_THERE.findall(said))
    if ended.code == 0 and not _is_new(evidence) and not _same(evidence, evidence.left, evidence.after):
        yield f"exit 0, and the rows are not as after: {ended.last}"
    if claimed and claimed[-1] != made:
        yield f"it says that release {claimed[-1]} is there; the ledger's is {made}: {ended.last}"
    if UNKNOWN in said:
        if ended.code not in (8, 130):
            yield f"it does not know, and ends with {ended.code}"
        return
    if ended.code == 0 and made is not None and WRITTEN.search(said):  # apply alone gives no number
        return
    if not claimed and made is not None:
        yield f"release {made} is there, and it does not say so: exit {ended.code}, {ended.last}"
    if UNCHANGED.search(said) and made is not None and not claimed:
        yield f"it says that nothing was changed, and release {made} is there: {ended.last}"
    if NOTHING_AT_ALL.search(said) and evidence.left.objects != evidence.before.objects:
        yield f"it says unchanged, and the bucket has changed: {ended.last}"
    if ended.code == 1:
        yield f"a bug: {said[-800:]}"


def the_next_run_finishes(evidence: Evidence) -> Iterator[str]:
    """The same command again ends as an undisturbed run does: rows, ledger's base, bucket, exit code."""
    again, ended, wanted = evidence.again, evidence.ended_again, evidence.undisturbed.ended
    if again is None or ended is None:
        return
    is_done = evidence.typed.of in ("sealed", "rollback") and evidence.left.newest > evidence.before.newest
    if ended.code != wanted.code and not (is_done and ended.code == 3):
        if not (_is_new(evidence) and ended.code in (0, 2, 3, 4)):
            yield f"again it ends with {ended.code}, undisturbed {wanted.code}: {ended.said[-600:]}"
        return
    if _is_new(evidence):
        return
    if not _same(evidence, again, evidence.after):
        yield f"again: other rows than undisturbed: {_difference(evidence, again)}"
    if again.objects != evidence.after.objects:
        yield f"again: other objects than undisturbed: {sorted({*again.objects} ^ {*evidence.after.objects})}"
    if again.base != evidence.after.base or len(again.releases) != len(evidence.after.releases):
        yield "again: another ledger than undisturbed"


def rollback_restores(evidence: Evidence) -> Iterator[str]:
    """A rollback of the release puts the subject's rows back as they were before it."""
    undone, ended = evidence.undone, evidence.ended_undone
    if undone is None or ended is None or _is_new(evidence):
        return
    if ended.code != 0:
        yield f"the rollback ends with {ended.code}: {ended.said[-600:]}"
    elif undone.slice != evidence.before.slice:
        yield f"the rollback leaves other rows: {_difference(evidence, undone)}"


def _difference(evidence: Evidence, moment: Snapshot | None = None) -> Mapping[str, object]:
    rows, after = (moment or evidence.left).slice, evidence.after.slice
    keys = {*rows, *after}
    return {str(key): (rows.get(key), after.get(key)) for key in keys if rows.get(key) != after.get(key)}


INVARIANTS: tuple[Invariant, ...] = (
    rows_outside_are_untouched,
    the_subject_is_whole,
    ledger_and_rows_agree,
    named_files_are_in_the_bucket,
    no_edit_is_lost,
    no_sequence_is_behind,
    nothing_is_left_behind,
    the_command_ends,
    it_says_the_truth,
    the_next_run_finishes,
    rollback_restores,
)


def broken(evidence: Evidence) -> list[str]:
    """Return the promises that a round broke, with what was found."""
    return [f"{one.__name__}: {says}" for one in INVARIANTS for says in one(evidence)]
