"""The command that undoes a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.commands.history import release_number
from maulstick.cli.options import Json, TargetsOptions
from maulstick.cli.targets import reach, require_one
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.project.inventory import Target
from maulstick.release.settings import Diff, Rehearse, Yes, option

if TYPE_CHECKING:
    from maulstick.media.restore import Undoing
    from maulstick.plan.choices import RowName
    from maulstick.plan.rollback import Undone
    from maulstick.postgres.connection import Database
    from maulstick.s3.bucket import Bucket


@dataclass(frozen=True)
class Rollback(Rehearse, Diff, TargetsOptions, Yes, Json):
    """Which release is undone, and how much of it."""

    release: str | None = option(None, "the number of the release to undo")
    last: bool = option(False, "undo the last release; a rollback is one too: typed twice, it undoes itself")
    except_: tuple[str, ...] = option((), "leave this row as it is, as TABLE:KEY; may be repeated")
    media: bool = option(
        False, "remove the files that only it brought, and bring back those that it replaced"
    )


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
        place, host = reach(target, command.project, stack, command.console())
        database = stack.enter_context(login.releasing(place.target, host, read_only=False))
        if not options.media:
            return _rows(command, place.target, database, number, left_out)
        bucket = open_bucket(bucket_address(place.target, host.environment))
        return _rows_and_files(command, place.target, database, bucket, number, left_out)


def _rows(
    command: Command[Rollback],
    target: Target,
    database: Database,
    number: int | None,
    left_out: Sequence[RowName],
) -> int:
    from maulstick.plan import rollback as rows

    console, options, although = command.console(), command.options, target.although_read_only
    undo = partial(
        rows.rollback, database, target=target.name, left_out=left_out, although_read_only=although
    )
    if options.rehearse or (target.confirm and not options.yes):
        looked = undo(number, rehearse=True)
        _list(console, looked.of, target, _lines(command, database, looked, target))
        if options.rehearse:
            _show(command, target, looked.of, looked, says=str(looked))
            return Exit.DONE
        _confirm(console, looked.of, target)
        done = undo(looked.of, rehearse=False)
    else:
        done = undo(number, rehearse=False)
        _list(console, done.of, target, _lines(command, database, done, target))
    _show(command, target, done.of, done, says=f"release {done.number}: {done}")
    return Exit.DONE


def _rows_and_files(
    command: Command[Rollback],
    target: Target,
    database: Database,
    bucket: Bucket,
    number: int | None,
    left_out: Sequence[RowName],
) -> int:
    from maulstick.media.restore import carry_out
    from maulstick.plan.rollback import last
    from maulstick.release import rollback as both

    console, options, although = command.console(), command.options, target.although_read_only
    number = last(database) if number is None else number
    looked = both.look(
        database,
        bucket,
        command.plugins,
        number,
        target=target.name,
        left_out=left_out,
        although_read_only=although,
    )
    rows_lines = _lines(command, database, looked.rows, target) if looked.rows else ()
    _list(console, number, target, (*rows_lines, *map(str, looked.files)))
    if options.rehearse:
        says = f"{looked.rows or f'release {number}'}; {both.summary(looked.files)}"
        _show(command, target, number, looked.rows, looked.files, says=says)
        return Exit.DONE
    if target.confirm and not options.yes:
        _confirm(console, number, target)
    rows, undone, files = both.act(
        database, bucket, looked, target=target.name, left_out=left_out, although_read_only=although
    )
    stopped = _stopped(partial(carry_out, bucket, database, files, undone=undone), console)
    if stopped:
        state = f"release {undone} undid release {number}, its rows are as before"
        console.trouble(f"{target.name}: {state}; files of it may still be there: run the same again")
        return stopped
    done = f"release {rows.number}: {rows}" if rows else f"release {number}"
    _show(command, target, number, rows, files, says=f"{done}; {both.summary(files)}")
    return Exit.DONE


def _stopped(act: Callable[[], None], console: Console) -> int:
    """Act, and return the exit code of what stopped it, which is said."""
    try:
        act()
    except Problem as problem:
        console.problem(problem)
        return problem.code
    except KeyboardInterrupt:
        console.trouble("interrupted")
        return Exit.INTERRUPTED
    return Exit.DONE


def _lines(command: Command[Rollback], database: Database, undone: Undone, target: Target) -> Iterable[str]:
    """Return what is done to each row, with every column where that was asked for."""
    from maulstick.plan.history import changes_of
    from maulstick.plan.rollback_view import undone_lines

    if not command.options.diff:
        return undone.lines()
    return undone_lines(undone, changes_of(database, undone.of), target.name)


def _list(console: Console, number: int, target: Target, lines: Iterable[str]) -> None:
    console.line(f"rollback of release {number} on {target.name}")
    for line in lines:
        console.line(line)


def _show(
    command: Command[Rollback],
    target: Target,
    of: int,
    rows: Undone | None,
    files: Sequence[Undoing] = (),
    *,
    says: str,
) -> None:
    """Print what was put back as a line, or as JSON: each row with its action, as `history` has it."""
    if not command.options.json:
        command.console().result(says)
        return
    record: dict[str, Any] = {
        "version": 1,
        "target": target.name,
        "of": of,
        "number": rows.number if rows else None,
        "subject": rows.subject if rows else None,
        "rehearsed": command.options.rehearse,
        "rows": [
            {"table": table, "key": key, "action": action}
            for table, key, action in (rows.rows if rows else ())
        ],
        "files": [{"key": one.file.key, "action": one.action, "why": one.why} for one in files],
    }
    command.console().data(record)


def _confirm(console: Console, number: int, target: Target) -> None:
    from maulstick.release.confirmation import require_yes

    question = f"undo release {number} on {target.name}?"
    require_yes(console, question, where=f"targets/{target.name}", step="rollback")


COMMANDS = (Definition("rollback", "Put a release's rows back as they were.", Rollback, rollback),)
