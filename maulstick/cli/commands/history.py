"""The commands that look at the ledger of each target and at what its rows are now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import Json, Limit, OfPulls, TargetsOptions, Verbose
from maulstick.cli.targets import TargetAnswer, reach, reach_local, require_one, show_each
from maulstick.errors import usage
from maulstick.project.inventory import Target
from maulstick.release.settings import option
from maulstick.text import amount

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place
    from maulstick.plan.history import HistoryFilter
    from maulstick.postgres.connection import Database

PAST = {"release": "released", "pull": "pulled"}


@dataclass(frozen=True)
class History(TargetsOptions, OfPulls, Json):
    """Which releases are listed."""

    release: str | None = option(None, "show who made this release, and each change of it")
    subject: tuple[str, ...] = option((), "list only releases of this subject, as KIND=KEY; may be repeated")
    since: str | None = option(
        None, "list only releases from this number or date on, as 12, 2026-11-30 or 2026-11-30T08:15 (UTC)"
    )
    limit: str | None = option(None, "list only this many of each target, the newest")


@dataclass(frozen=True)
class Why(TargetsOptions, OfPulls, Json):
    """Which row is asked about."""

    row: str | None = option(None, "the row, as TABLE:KEY")


@dataclass(frozen=True)
class StatusOptions(TargetsOptions, Limit, Json, Verbose):
    """Whose subjects are compared."""


def history(command: Command[History]) -> int:
    """List the releases of each target, or each change of one release."""
    from maulstick.plan import history as ledger

    if command.options.release:
        return _one_release(command, command.options.release)
    wanted, made = _wanted(command.options), _made(command.options)

    def ask(target: Target) -> TargetAnswer:
        with _reading(command, target) as (_, _, database):
            releases = ledger.releases(database, wanted)
        lines = [ledger.release_line(one, made) for one in releases]
        nothing = f"nothing was {PAST[made]} yet" if wanted == ledger.ALL else f"no such {made}"
        return TargetAnswer(releases, lines or [f"{target.name}: {nothing}"], amount(len(releases), made))

    return show_each(command, ask, json=command.options.json)


def _one_release(command: Command[History], typed: str) -> int:
    from maulstick.plan import history as ledger

    number, options, made = release_number(typed), command.options, _made(command.options)
    for name in ("subject", "since", "limit"):
        if getattr(options, name):
            raise usage(f"--{name}", "does not go with --release", "--release shows one release")
    require_one(command, f"--release {number}")

    def ask(target: Target) -> TargetAnswer:
        with _reading(command, target) as (_, _, database):
            changes = ledger.changes_of(database, number)
            [release] = ledger.releases(database, ledger.HistoryFilter(number=number))
        lines = [line for change in changes for line in ledger.change_lines(change, made)]
        nothing = f"{made} {number}: changed no row"
        lines = [*ledger.who_lines(release), *(lines or [nothing])]
        return TargetAnswer(changes, lines, amount(len(changes), "change"))

    return show_each(command, ask, json=options.json)


def _made(options: OfPulls) -> str:
    """Return what the ledger that is asked for holds, in a word."""
    return "pull" if options.local else "release"


def _wanted(options: History) -> HistoryFilter:
    from maulstick.plan.history import HistoryFilter

    since, limit = options.since or "", options.limit
    first = int(since) if since.isdecimal() else None
    if limit is not None and not (limit.isdecimal() and int(limit)):
        raise usage(f"--limit {limit}", "is not a number of releases", "--limit 10")
    return HistoryFilter(
        first=first,
        since=_moment(since) if since and first is None else None,
        subjects=[_subject(text) for text in options.subject] or None,
        limit=int(limit) if limit else None,
    )


def _subject(text: str) -> str:
    """Return a subject as the ledger names it; its kind may be one that no plugin brings any more."""
    kind, _, key = text.partition("=")
    if not (kind and key):
        raise usage(f"--subject {text}", "is not KIND=KEY", "for example --subject series=embodiment")
    return f"{kind} {key}"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        hint = "for example --since 12, or --since 2026-11-30"
        raise usage(f"--since {text}", "is neither a date nor a release's number", hint) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def why(command: Command[Why]) -> int:
    """Show which releases touched a row and what they changed."""
    from maulstick.plan import choices
    from maulstick.plan import history as ledger

    if not command.options.row:
        raise usage("--row", "is missing", "for example --row artworks:she-lays-down")
    row, made = choices.rows("--row", [command.options.row])[0], _made(command.options)

    def ask(target: Target) -> TargetAnswer:
        with _reading(command, target) as (_, _, database):
            changes = ledger.why(database, row)
        lines = [line for change in changes for line in ledger.change_lines(change, made)]
        return TargetAnswer(
            changes, lines or [f"{row}: no {made} touched it"], amount(len(changes), "change")
        )

    return show_each(command, ask, json=command.options.json)


def status(command: Command[StatusOptions]) -> int:
    """Show how every subject stands between local and production."""
    from maulstick.bundle.slice.every_subject import every_subject
    from maulstick.hosts.media import media_of
    from maulstick.plan.decisions.file import read as read_decisions
    from maulstick.release.status import standings

    plugins = command.plugins
    plugins.require_all()

    def ask(target: Target) -> TargetAnswer:
        with _reading(command, target, read_only=False) as (place, host, database):
            subjects = every_subject(place.source, plugins)
            decisions = partial(read_decisions, command.project)
            standing = standings(subjects, place, media_of(place, host), plugins, database, decisions)
        records = [one.to_json() for one in standing]
        return TargetAnswer(records, [*map(str, standing)], amount(len(records), "subject"))

    return show_each(command, ask, json=command.options.json)


def release_number(text: str) -> int:
    """Return the number of a release as it was typed."""
    if not text.isdecimal():
        raise usage(f"--release {text}", "is not a number", "invoke history lists them")
    return int(text)


@contextmanager
def _reading(
    command: Command[TargetsOptions], target: Target, *, read_only: bool = True
) -> Iterator[tuple[Place, Host, Database]]:
    from maulstick.hosts import database as login

    pulls = isinstance(command.options, OfPulls) and command.options.local
    with ExitStack() as stack:
        place, host = (reach_local if pulls else reach)(target, command.project, stack, command.console())
        yield place, host, stack.enter_context(login.reading(place.target, host, read_only=read_only))


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("status", "Show how every subject stands on both sides.", StatusOptions, status),
    Definition("why", "Show which releases touched a row.", Why, why),
    Definition("history", "List a target's releases, or each change of one.", History, history),
)
