"""The commands that look at the ledger, and the one that undoes a release."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.reaching import reach
from maulstick.typed import Typed

if TYPE_CHECKING:
    from maulstick.host import Place
    from maulstick.postgres import Database


def history(typed: Typed) -> int:
    """List the releases of a target, or each change of one."""
    from maulstick import history as ledger

    with _production(typed, read_only=True) as (place, database):
        if typed.given["release"]:
            found = ledger.changes_of(database, _number(typed.given["release"]))
            return _show(typed, found, [line for one in found for line in ledger.change_lines(one)])
        found = ledger.releases(database)
        lines = [ledger.release_line(one) for one in found]
        return _show(typed, found, lines or [f"{place.target.name}: nothing was released yet"])


def why(typed: Typed) -> int:
    """Tell which releases touched a row and what they changed."""
    from maulstick import choices
    from maulstick import history as ledger

    if not typed.given["row"]:
        raise usage("--row", "is missing", "for example --row artworks:she-lays-down")
    row = choices.rows("--row", [typed.given["row"]])[0]
    with _production(typed, read_only=True) as (_, database):
        found = ledger.why(database, row)
        lines = [line for one in found for line in ledger.change_lines(one)]
        return _show(typed, found, lines or [f"{row}: no release touched it"])


def status(typed: Typed) -> int:
    """Say how every subject stands between local and production."""
    from maulstick.everything import every_subject
    from maulstick.status import standings

    typed.plugins.require_all()
    with _production(typed, read_only=False) as (place, database):
        subjects = every_subject(place.source, typed.plugins)
        found = standings(subjects, place, typed.plugins, database)
        return _show(typed, [one.to_json() for one in found], [str(one) for one in found])


def rollback(typed: Typed) -> int:
    """Put a release's rows back to what they were before it."""
    from maulstick import choices
    from maulstick.rollback import rollback as undo

    given = typed.given
    if bool(given["release"]) == bool(given["last"]):
        raise usage("rollback", "takes either --release N or --last", "invoke history lists them")
    number = None if given["last"] else _number(given["release"])
    left_out = choices.rows("--except", given["except_"] or ())
    console = Console()
    with _production(typed, read_only=False) as (place, database):
        seen = undo(database, number, target=place.target.name, left_out=left_out, rehearse=True)
        for line in [f"rollback of release {seen.of} on {place.target.name}", *seen.lines()]:
            console.line(line)
        if given["check"]:
            console.result(str(seen))
            return Exit.DONE
        if place.target.confirm and not given["yes"]:
            _confirm(console, seen.of, place.target.name)
        done = undo(database, seen.of, target=place.target.name, left_out=left_out, rehearse=False)
        console.result(f"release {done.number}: {done}")
        return Exit.DONE


def _confirm(console: Console, number: int, target: str) -> None:
    if not console.interactive:
        where = f"targets/{target}"
        raise usage(where, "asks before it is changed, and nobody is there to answer", "pass --yes")
    if not console.ask(f"undo release {number} on {target}?"):
        raise Problem("rollback", "stopped at your word; nothing was changed", code=Exit.INTERRUPTED)


@contextmanager
def _production(typed: Typed, *, read_only: bool) -> Iterator[tuple[Place, Database]]:
    from maulstick.postgres import connect

    with ExitStack() as stack:
        place, host = reach(typed, stack, Console())
        name = f"database of {place.target.name}"
        with connect(host.database, name, read_only=read_only) as database:
            yield place, database


def _number(text: str) -> int:
    if not str(text).isdecimal():
        raise usage(f"--release {text}", "is no number", "invoke history lists them")
    return int(text)


def _show(typed: Typed, records: Sequence[Any], lines: Sequence[str]) -> int:
    console = Console()
    if typed.given["json"]:
        console.result(json.dumps({"version": 1, "records": records}, indent=2, ensure_ascii=False))
    else:
        console.result("\n".join(lines))
    return Exit.DONE
