"""The command that undoes a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.commands.history import release_number
from maulstick.cli.rolled_back import (
    Rollback,
    RollbackRun,
    RolledBack,
    begun,
    ended,
    stopped_with_its_rows_back,
)
from maulstick.cli.targets import reach, reach_local, require_one
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.project.inventory import Target

if TYPE_CHECKING:
    from maulstick.plan.choices import RowName
    from maulstick.plan.undone import Undone
    from maulstick.s3.bucket import Bucket


def rollback(command: Command[Rollback]) -> int:
    """Put a release's rows back to what they were before it, and its files where that was asked for."""
    from maulstick.hosts import database as login
    from maulstick.hosts.environment import bucket_address
    from maulstick.plan import choices
    from maulstick.s3.bucket import open_bucket

    options = command.options
    if bool(options.release) == options.last:
        raise usage("rollback", "takes either --release N or --last", "invoke history lists them")
    number = release_number(options.release) if options.release else None
    target = require_one(command, "rollback")
    left_out = choices.rows("--except", options.except_)
    with ExitStack() as stack:
        if options.media:
            command.plugins.require_all()
        way = reach_local if options.local else reach
        place, host = way(target, command.project, stack, command.console())
        database = stack.enter_context(login.releasing(place.target, host, read_only=False))
        run = begun(command, place, host, database, number)
        if options.local:
            return ended(run, _pull(run, number, left_out))
        if not options.media:
            return ended(run, _rows(run, number, left_out))
        bucket = open_bucket(bucket_address(place.target, host.environment))
        return ended(run, _rows_and_files(run, bucket, number, left_out))


def _rows(run: RollbackRun, number: int | None, left_out: Sequence[RowName]) -> RolledBack:
    from maulstick.plan import rollback as rows

    console, options, target = run.command.console(), run.command.options, run.place.target
    undo = partial(
        rows.rollback,
        run.database,
        target=target.name,
        left_out=left_out,
        although_read_only=target.although_read_only,
    )
    if options.rehearse or (target.confirm and not options.yes):
        looked = undo(number, rehearse=True)
        _list(console, looked.of, target, _lines(run, looked))
        if options.rehearse:
            return RolledBack(looked.of, looked, str(looked))
        _confirm(console, looked.of, target)
        done = undo(looked.of, rehearse=False)
    else:
        done = undo(number, rehearse=False)
        with stopped_with_its_rows_back(run, done):
            _list(console, done.of, target, _lines(run, done))
    return RolledBack(done.of, done, f"release {done.number}: {done}")


def _pull(run: RollbackRun, number: int | None, left_out: Sequence[RowName]) -> RolledBack:
    """Undo a pull in the local database, and take out the files that it brought where that was typed."""
    from maulstick.release.files.download import REPLACED
    from maulstick.release.files.undo_download import take_back

    done, options, pulled = _rows(run, number, left_out), run.command.options, run.place.pulled
    media = pulled.source.media if pulled else None
    undone = done.rows.number if done.rows else None
    if options.media and undone and isinstance(media, Path):
        keep_in = run.place.folder.joinpath(*REPLACED)
        lines = take_back(run.database, media, run.command.plugins, keep_in, pull=done.of, undone=undone)
        for line in lines:
            run.command.console().line(line)
    return done


def _rows_and_files(
    run: RollbackRun, bucket: Bucket, number: int | None, left_out: Sequence[RowName]
) -> RolledBack:
    from maulstick.media.restore import carry_out
    from maulstick.plan.rollback import last
    from maulstick.release import rollback as both

    console, options, target = run.command.console(), run.command.options, run.place.target
    database, allowed = run.database, target.although_read_only
    number = last(database) if number is None else number
    looked = both.look(
        database,
        bucket,
        run.command.plugins,
        number,
        target=target.name,
        left_out=left_out,
        although_read_only=allowed,
    )
    rows_lines = _lines(run, looked.rows) if looked.rows else ()
    _list(console, number, target, (*rows_lines, *map(str, looked.files)))
    if options.rehearse:
        says = f"{looked.rows or f'release {number}'}; {both.summary(looked.files)}"
        return RolledBack(number, looked.rows, says, looked.files)
    if target.confirm and not options.yes:
        _confirm(console, number, target)
    rows, undone, files = both.act(
        database, bucket, looked, target=target.name, left_out=left_out, although_read_only=allowed
    )
    says = f"release {rows.number}: {rows}" if rows else f"release {number}"
    if stopped := _stopped(partial(carry_out, bucket, database, files, undone=undone)):
        state = f"release {undone} undid release {number}, its rows are as before"
        rest = f"{state}; files of it may still be there: run the same again"
        return RolledBack(number, rows, says, files, stopped, rest)
    return RolledBack(number, rows, f"{says}; {both.summary(files)}", files)


def _stopped(act: Callable[[], None]) -> Problem | None:
    """Act, and return what stopped it."""
    try:
        act()
    except Problem as problem:
        return problem
    except KeyboardInterrupt:
        return Problem("rollback", "interrupted", code=Exit.INTERRUPTED)
    return None


def _lines(run: RollbackRun, undone: Undone) -> Iterable[str]:
    """Return what is done to each row, with every column where that was asked for."""
    from maulstick.plan.history import changes_of
    from maulstick.plan.undone import undone_lines

    if not run.command.options.diff:
        return undone.lines()
    return undone_lines(undone, changes_of(run.database, undone.of), run.target)


def _list(console: Console, number: int, target: Target, lines: Iterable[str]) -> None:
    console.line(f"rollback of release {number} on {target.name}")
    for line in lines:
        console.line(line)


def _confirm(console: Console, number: int, target: Target) -> None:
    from maulstick.release.confirmation import require_yes

    question = f"undo release {number} on {target.name}?"
    require_yes(console, question, where=f"targets/{target.name}", step="rollback")


COMMANDS = (Definition("rollback", "Put a release's rows back as they were.", Rollback, rollback),)
