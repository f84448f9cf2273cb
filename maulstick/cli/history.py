"""The commands that look at the ledger of each target and at what its rows are now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import Json, Targets, Verbose
from maulstick.cli.targets import Answer, reach, require_one, show_each
from maulstick.errors import usage
from maulstick.project.inventory import Target
from maulstick.release.settings import option
from maulstick.text import amount

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place
    from maulstick.postgres.connection import Database

Record = dict[str, Any]


@dataclass(frozen=True)
class History(Targets, Json):
    """Which releases are listed."""

    release: str | None = option(None, "show each change of this release")


@dataclass(frozen=True)
class Why(Targets, Json):
    """Which row is asked about."""

    row: str | None = option(None, "the row, as TABLE:KEY")


@dataclass(frozen=True)
class Status(Targets, Json, Verbose):
    """Whose subjects are compared."""


def history(command: Command[History]) -> int:
    """List the releases of each target, or each change of one release."""
    from maulstick.plan import history as ledger

    if command.options.release:
        number = release_number(command.options.release)
        require_one(command, f"--release {number}")
        nothing = f"release {number}: changed no row"
        return _show_changes(command, lambda database: ledger.changes_of(database, number), nothing)

    def ask(target: Target) -> Answer:
        with _reading(command, target) as (_, _, database):
            releases = ledger.releases(database)
        lines = [ledger.release_line(one) for one in releases]
        nothing = f"{target.name}: nothing was released yet"
        return Answer(releases, lines or [nothing], amount(len(releases), "release"))

    return show_each(command, ask, json=command.options.json)


def why(command: Command[Why]) -> int:
    """Show which releases touched a row and what they changed."""
    from maulstick.plan import choices
    from maulstick.plan import history as ledger

    if not command.options.row:
        raise usage("--row", "is missing", "for example --row artworks:she-lays-down")
    row = choices.rows("--row", [command.options.row])[0]
    return _show_changes(command, lambda database: ledger.why(database, row), f"{row}: no release touched it")


def status(command: Command[Status]) -> int:
    """Show how every subject stands between local and production."""
    from maulstick.bundle.slice.every_subject import every_subject
    from maulstick.hosts.media import media_of
    from maulstick.release.status import standings

    plugins = command.plugins
    plugins.require_all()

    def ask(target: Target) -> Answer:
        with _reading(command, target, read_only=False) as (place, host, database):
            subjects = every_subject(place.source, plugins)
            standing = standings(subjects, place, media_of(place, host), plugins, database)
        records = [one.to_json() for one in standing]
        return Answer(records, [*map(str, standing)], amount(len(records), "subject"))

    return show_each(command, ask, json=command.options.json)


def release_number(text: str) -> int:
    """Return the number of a release as it was typed."""
    if not text.isdecimal():
        raise usage(f"--release {text}", "is not a number", "invoke history lists them")
    return int(text)


def _show_changes(
    command: Command[History] | Command[Why], read: Callable[[Database], Sequence[Record]], nothing: str
) -> int:
    from maulstick.plan.history import change_lines

    def ask(target: Target) -> Answer:
        with _reading(command, target) as (_, _, database):
            changes = read(database)
        lines = [line for change in changes for line in change_lines(change)]
        return Answer(changes, lines or [nothing], amount(len(changes), "change"))

    return show_each(command, ask, json=command.options.json)


@contextmanager
def _reading(
    command: Command[Targets], target: Target, *, read_only: bool = True
) -> Iterator[tuple[Place, Host, Database]]:
    from maulstick.hosts import database as login

    with ExitStack() as stack:
        place, host = reach(target, command.project, stack, command.console())
        yield place, host, stack.enter_context(login.reading(place.target, host, read_only=read_only))


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("status", "Show how every subject stands on both sides.", Status, status),
    Definition("why", "Show which releases touched a row.", Why, why),
    Definition("history", "List a target's releases, or each change of one.", History, history),
)
