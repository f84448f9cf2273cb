"""What follows a rollback: a look at its pages, the record of the run, and what is shown of both."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command
from maulstick.cli.options import Json, OfPulls, TargetsOptions
from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Check, Page, Subject, Word
from maulstick.release.settings import Diff, Rehearse, Yes, option
from maulstick.signals import is_said
from maulstick.text import amount, lines

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place
    from maulstick.media.restore import Undoing
    from maulstick.plan.undone import Undone
    from maulstick.postgres.connection import Database
    from maulstick.release.progress import Report

NO_CHANGES = "rehearsed, so no page has changed"


@dataclass(frozen=True)
class Rollback(Rehearse, Diff, TargetsOptions, OfPulls, Yes, Json):
    """Which release is undone, and how much of it."""

    release: str | None = option(None, "the number of the release to undo")
    last: bool = option(False, "undo the last release; a rollback is one too: typed twice, it undoes itself")
    except_: tuple[str, ...] = option((), "leave this row as it is, as TABLE:KEY; may be repeated")
    media: bool = option(
        False, "remove the files that only it brought, and bring back those that it replaced"
    )


@dataclass(frozen=True, slots=True)
class RollbackRun:
    """A rollback on its way: where, and the pages that showed its subject before; `began` is monotonic."""

    command: Command[Rollback]
    place: Place
    host: Host
    database: Database
    subject: Subject | None
    shown: Sequence[Page]
    began: float

    @property
    def target(self) -> str:
        """The target's name."""
        return self.place.target.name


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback did: rows, None where another had put them back before, and files; `says` is its end.

    `stopped` is what kept it from going on with the files, and `state` what that leaves.
    """

    of: int
    rows: Undone | None
    says: str
    files: Sequence[Undoing] = ()
    stopped: Problem | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class _Look:
    """How a look at the pages ended."""

    word: Word
    says: str
    checks: Sequence[Check] = ()
    problem: Problem | None = None
    seconds: float = 0.0


def begun(
    command: Command[Rollback], place: Place, host: Host, database: Database, number: int | None
) -> RollbackRun:
    """Look which pages show the subject of a release before it is undone, where a site is to be asked."""
    from maulstick.plan.rollback import subject_of
    from maulstick.verify.proof.after_rollback import pages_shown

    began, name = time.monotonic(), subject_of(database, number)
    subject = Subject(*name.split(" ", 1)) if name and " " in name else None
    asks = subject is not None and place.target.site and not command.options.rehearse
    shown = pages_shown(database, subject, command.plugins, place.target.name) if asks and subject else ()
    return RollbackRun(command, place, host, database, subject, shown, began)


def ended(run: RollbackRun, done: RolledBack) -> int:
    """Look at the pages, keep the record of the rollback and show it; return the exit code."""
    with stopped_with_its_rows_back(run, done.rows):
        return _ended(run, done, seconds=time.monotonic() - run.began)


@contextmanager
def stopped_with_its_rows_back(run: RollbackRun, rows: Undone | None) -> Iterator[None]:
    """Say that the rows are back, whatever stops the block."""
    try:
        yield
    except BaseException:
        if rows is not None and rows.number is not None:
            run.command.console().trouble(f"{run.target}: {_did(rows.of, rows.number)}")
        raise


def _ended(run: RollbackRun, done: RolledBack, *, seconds: float) -> int:
    console = run.command.console()
    look = _looked(run, done)
    is_said()
    problem = done.stopped or look.problem
    code = problem.code if problem else Exit.DONE
    record = _kept(run, done, look, code=code, seconds=seconds)
    if run.command.options.json:
        console.data(_json(run, done, record))
    elif done.stopped is None:
        console.result(done.says)
    if problem is not None:
        console.problem(problem)
        console.trouble(f"{run.target}: {_state(done, look)}")
    return code


def _did(of: int, number: int | None) -> str:
    did = f"release {number} undid release {of}" if number else f"release {of} was undone before"
    return f"{did}, its rows are as before"


def _state(done: RolledBack, look: _Look) -> str:
    """Return in one line what is there after a rollback that was stopped, or whose pages are not right."""
    if done.state:
        return done.state
    if look.problem is None:
        return ""
    wrong = "its pages are wrong" if look.problem.code == Exit.WRONG else "its pages are not verified"
    return f"{_did(done.of, done.rows.number if done.rows else None)}; {wrong}"


def _looked(run: RollbackRun, done: RolledBack) -> _Look:
    """Ask the site for the pages; what is wrong there leaves the rollback as it is."""
    if done.stopped is not None:
        return _Look("skipped", "the rollback was stopped")
    if run.command.options.rehearse:
        return _Look("skipped", NO_CHANGES)
    if not run.place.target.site:
        return _Look("skipped", f"{run.target} has no site")
    if run.subject is None:
        return _Look("skipped", "nobody knows its subject")
    console, began = run.command.console(), time.monotonic()
    console.begin("verify")
    try:
        look = _asked(run, run.subject)
    except KeyboardInterrupt:
        stopped = Problem("verify", "interrupted", code=Exit.INTERRUPTED)
        look = _Look("failed", stopped.what, problem=stopped)
    console.end("verify", look.word, look.says)
    return replace(look, seconds=time.monotonic() - began)


def _asked(run: RollbackRun, subject: Subject) -> _Look:
    from maulstick.hosts.environment import bucket_address
    from maulstick.release.steps.live_site import target_site
    from maulstick.verify.proof.after_rollback import nobody_listens, pages_after

    target = run.place.target
    web = target_site(target, run.host, run.command.console())
    if nobody_listens(web):
        return _Look("skipped", f"nobody answers at {target.site}: no page was looked at")
    try:
        public = bucket_address(target, run.host.environment).public_url
    except Problem:  # a site may have no bucket: its pages are asked for all the same
        public = None
    checks = pages_after(
        run.database,
        subject,
        run.command.plugins,
        target.name,
        web=web,
        machine=lambda: run.host.machine,
        shown=run.shown,
        public=public,
        local=run.place.source.site or "",
    )
    return _verdict(checks)


def _verdict(checks: Sequence[Check]) -> _Look:
    """Return what the checks come to: a wrong answer is exit 5, none is exit 8, as for a release."""
    for ok, word, code in ((False, "wrong", Exit.WRONG), (None, "could not be answered", Exit.UNKNOWN)):
        refused = [check for check in checks if check.ok is ok]
        if refused:
            says = f"{len(refused)} of {amount(len(checks), 'check')} {word}"
            problem = Problem("verify", f"{says}{lines(map(str, refused))}", code=code)
            return _Look("failed", says, checks, problem)
    if not checks:
        return _Look("done", "no page shows it, as before")
    names = [check.name for check in checks]
    pages = sum(name.startswith("page ") and " shows " not in name for name in names)
    images = sum(name.startswith("image ") for name in names)
    counted = (amount(pages, "page"), amount(images, "image"), amount(len(checks), "check"))
    return _Look("done", ", ".join(counted), checks)


def _kept(run: RollbackRun, done: RolledBack, look: _Look, *, code: int, seconds: float) -> dict[str, Any]:
    """Leave the record of a rollback; what was done stands even if the record cannot be kept."""
    from maulstick.report.rollbacks import RollbackReport, rollback_record
    from maulstick.report.store import keep

    draft = rollback_record(
        RollbackReport(
            of=done.of,
            report=_report(run, done, look, seconds),
            rows=done.rows,
            changes=_changes(run, done),
            files=done.files,
            code=code,
            rehearsed=run.command.options.rehearse,
            is_pull=run.place.pulled is not None,
            seconds=time.monotonic() - run.began,
        ),
        done.says,
    )
    try:
        return keep(run.command.project, draft)
    except Problem as problem:
        run.command.console().line(str(problem))
        return draft.record


def _changes(run: RollbackRun, done: RolledBack) -> list[dict[str, Any]]:
    """Return what the undone release had changed, nothing where the database does not tell any more."""
    from maulstick.plan.history import changes_of
    from maulstick.report.record import MOST

    try:
        return changes_of(run.database, done.of, most=3 * MOST) if done.rows else []
    except Problem as problem:
        run.command.console().line(f"the record lacks the rows: {problem.where}: {problem.what}")
        return []


def _report(run: RollbackRun, done: RolledBack, look: _Look, seconds: float) -> Report:
    from maulstick.bundle.page_lines import first_shown
    from maulstick.release.progress import Report, StepRecord

    site, problem = run.place.target.site, done.stopped or look.problem
    word: Word = "failed" if done.stopped else "done"
    steps = (
        StepRecord("rollback", word, done.says, round(seconds, 3), step="rollback"),
        StepRecord("verify", look.word, look.says, round(look.seconds, 3), step="verify"),
    )
    return Report(
        subject=str(run.subject or ""),
        target=run.target,
        site=site,
        number=done.rows.number if done.rows else None,
        page=f"{site}{first_shown(run.shown)}".replace(" ", "%20") if site else "",
        steps=steps,
        checks=look.checks,
        seconds=round(time.monotonic() - run.began, 3),
        problem=str(problem) if problem else "",
        state=f"{run.target}: {_state(done, look)}" if problem else "",
    )


def _json(run: RollbackRun, done: RolledBack, record: dict[str, Any]) -> dict[str, Any]:
    """Return what was put back as data: each row with its action, as `history` has it."""
    return {
        "version": 1,
        "run": record.get("id"),
        "target": run.target,
        "of": done.of,
        "number": done.rows.number if done.rows else None,
        "subject": str(run.subject) if run.subject else None,
        "rehearsed": run.command.options.rehearse,
        "exit": record["exit"],
        "rows": [
            {"table": table, "key": key, "action": action}
            for table, key, action in (done.rows.rows if done.rows else ())
        ],
        "files": [{"key": one.file.key, "action": one.action, "why": one.why} for one in done.files],
        "pages": record["releases"][0]["checks"],
    }
