"""The commands that look at the ledger, and the one that undoes a release."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Typed
from maulstick.cli.each_target import Ended, before_lines, everywhere
from maulstick.cli.targets import reach
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.project.inventory import Target
from maulstick.text import amount

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place
    from maulstick.plan.choices import RowName
    from maulstick.plan.rollback import Undone
    from maulstick.postgres.connection import Database

Record = dict[str, Any]
Found = tuple[Sequence[Record], Sequence[str]]
Look = Callable[["Place", "Host", "Database"], Found]
"""What is asked of a target's database, answered as records and as lines."""


def history(typed: Typed) -> int:
    """List the releases of each target, or each change of one release."""
    from maulstick.plan import history as ledger

    if typed.given["release"]:
        number = _number(typed.given["release"])
        _require_one(typed, f"--release {number}")

        def changes(_: Place, __: Host, database: Database) -> Found:
            found, lines = _changes(ledger.changes_of(database, number))
            return found, lines or [f"release {number}: changed no row"]

        return _each(typed, "change", changes)

    def look(place: Place, _: Host, database: Database) -> Found:
        found = ledger.releases(database)
        lines = [ledger.release_line(one) for one in found]
        return found, lines or [f"{place.target.name}: nothing was released yet"]

    return _each(typed, "release", look)


def why(typed: Typed) -> int:
    """Tell which releases touched a row and what they changed."""
    from maulstick.plan import choices
    from maulstick.plan import history as ledger

    if not typed.given["row"]:
        raise usage("--row", "is missing", "for example --row artworks:she-lays-down")
    row = choices.rows("--row", [typed.given["row"]])[0]

    def look(_: Place, __: Host, database: Database) -> Found:
        found, lines = _changes(ledger.why(database, row))
        return found, lines or [f"{row}: no release touched it"]

    return _each(typed, "change", look)


def status(typed: Typed) -> int:
    """Say how every subject stands between local and production."""
    from maulstick.bundle.slice.every_subject import every_subject
    from maulstick.hosts.media import media_of
    from maulstick.release.status import standings

    typed.plugins.require_all()

    def look(place: Place, host: Host, database: Database) -> Found:
        subjects = every_subject(place.source, typed.plugins)
        found = standings(subjects, place, media_of(place, host), typed.plugins, database)
        return [one.to_json() for one in found], [str(one) for one in found]

    return _each(typed, "subject", look, read_only=False)


def rollback(typed: Typed) -> int:
    """Put a release's rows back to what they were before it."""
    from maulstick.plan import choices
    from maulstick.plan.rollback import rollback as undo

    given = typed.given
    if bool(given["release"]) == bool(given["last"]):
        raise usage("rollback", "takes either --release N or --last", "invoke history lists them")
    number = None if given["last"] else _number(given["release"])
    target = _require_one(typed, "rollback")
    left_out = choices.rows("--except", given["except_"] or ())
    console = Console()
    if given["media"]:
        return _with_media(typed, target, number, left_out)
    with _production(typed, target, read_only=False, releases=True) as (place, _, database):
        same: Any = {
            "target": place.target.name,
            "left_out": left_out,
            "although_read_only": place.target.although_read_only,
        }
        if not (given["check"] or (place.target.confirm and not given["yes"])):
            done = undo(database, number, rehearse=False, **same)
            _listed(console, done, place.target.name)
            console.result(f"release {done.number}: {done}")
            return Exit.DONE
        seen = undo(database, number, rehearse=True, **same)
        _listed(console, seen, place.target.name)
        if given["check"]:
            console.result(str(seen))
            return Exit.DONE
        _confirm(console, seen.of, place.target.name)
        done = undo(database, seen.of, rehearse=False, **same)
        console.result(f"release {done.number}: {done}")
        return Exit.DONE


def _listed(console: Console, undone: Undone, target: str) -> None:
    console.line(f"rollback of release {undone.of} on {target}")
    for line in undone.lines():
        console.line(line)


def _with_media(typed: Typed, target: Target, number: int | None, left_out: Sequence[RowName]) -> int:
    from maulstick.hosts.environment import bucket_address
    from maulstick.plan.rollback import last
    from maulstick.release.rollback import act, look, summary
    from maulstick.s3.bucket import open_bucket

    console, given = Console(), typed.given
    typed.plugins.require_all()
    with _production(typed, target, read_only=False, releases=True) as (place, host, database):
        bucket = open_bucket(bucket_address(place.target, host.environment))
        number = last(database) if number is None else number
        same: Any = {
            "target": place.target.name,
            "left_out": left_out,
            "although_read_only": place.target.although_read_only,
        }
        seen = look(database, bucket, typed.plugins, number, **same)
        console.line(f"rollback of release {number} on {place.target.name}")
        for line in (*(seen.rows.lines() if seen.rows else ()), *map(str, seen.files)):
            console.line(line)
        if given["check"]:
            console.result(f"{seen.rows or f'release {number}'}; {summary(seen.files)}")
            return Exit.DONE
        if place.target.confirm and not given["yes"]:
            _confirm(console, number, place.target.name)
        rows, files = act(database, bucket, seen, **same)
        done = f"release {rows.number}: {rows}" if rows else f"release {number}"
        console.result(f"{done}; {summary(files)}")
        return Exit.DONE


def _confirm(console: Console, number: int, target: str) -> None:
    if not console.interactive:
        where = f"targets/{target}"
        raise usage(where, "asks before it is changed, and nobody is there to answer", "pass --yes")
    if not console.ask(f"undo release {number} on {target}?"):
        raise Problem("rollback", "stopped at your word; nothing was changed", code=Exit.INTERRUPTED)


def _require_one(typed: Typed, where: str) -> Target:
    """Return the one target that was named; several are a usage problem, since each has its own numbers."""
    target, *more = typed.targets()
    if more:
        raise usage(where, "takes one target: each counts releases of its own", f"--target {target.name}")
    return target


def _each(typed: Typed, noun: str, look: Look, *, read_only: bool = True) -> int:
    """Look at each target and show what was found; one that cannot be reached stops none of the others."""
    console, targets = typed.console(), typed.targets()
    records: list[Record] = []

    def visit(target: Target) -> Ended:
        with _production(typed, target, read_only=read_only) as (place, host, database):
            found, lines = look(place, host, database)
        records.extend({"target": target.name, **record} for record in found)
        if not typed.given["json"]:
            name = before_lines(target, targets)
            console.result("\n".join(f"{name}{line}" for line in lines))
        return Ended(Exit.DONE, amount(len(found), noun))

    code = everywhere(targets, visit, console, keep_going=True)
    if typed.given["json"] and (records or not code):
        console.data({"version": 1, "records": records})
    return code


@contextmanager
def _production(
    typed: Typed, target: Target, *, read_only: bool, releases: bool = False
) -> Iterator[tuple[Place, Host, Database]]:
    from maulstick.hosts import database as login

    with ExitStack() as stack:
        place, host = reach(target, typed, stack, Console())
        way = login.releasing if releases else login.reading
        with way(place.target, host, read_only=read_only) as database:
            yield place, host, database


def _changes(found: Sequence[Record]) -> Found:
    from maulstick.plan.history import change_lines

    return found, [line for one in found for line in change_lines(one)]


def _number(text: str) -> int:
    if not str(text).isdecimal():
        raise usage(f"--release {text}", "is no number", "invoke history lists them")
    return int(text)
