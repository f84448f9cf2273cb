"""A dump of the tables of a first release: offered, and kept beside the records of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from maulstick.cli.arguments import Command
from maulstick.cli.options import StepOptions
from maulstick.cli.performing.work import Work
from maulstick.console import Console
from maulstick.project.declarations import Subject
from maulstick.project.plugins.registry import Plugins
from maulstick.text import amount, size_text

if TYPE_CHECKING:
    from maulstick.hosts.host import Host, Place
    from maulstick.release.all_subjects import Before
    from maulstick.release.progress import Progress

FOLDER = ".maulstick", "dumps"


@dataclass(frozen=True, slots=True)
class DumpOffer:
    """A dump of what subjects travel in: `wanted` whatever happened before, or offered by a question."""

    place: Place
    host: Host
    subjects: Sequence[Subject]
    plugins: Plugins
    wanted: bool
    asks: bool

    @property
    def tables(self) -> list[str]:
        """The tables, each once."""
        return list(dict.fromkeys(table.name for one in self.subjects for table in self.plugins.tables(one)))


def keep_dump(offer: DumpOffer, console: Console, releases: Sequence[Progress]) -> None:
    """Keep a dump where one is wanted; before a first release offer one, by a question or by a line.

    Nothing is offered for a sandbox, a target with a ledger, or one of which there is a dump.
    """
    from maulstick.release.step_results import PlanResult

    target, folder = offer.place.target, offer.place.folder.joinpath(*FOLDER)
    if not offer.wanted:
        plans = [one.earlier.last(PlanResult) for one in releases]
        is_first = any(plan.is_first for plan in plans if plan is not None)
        if target.host == "sandbox" or not is_first or any(folder.glob(f"{target.name}-*.dump")):
            return
        first = f"    this is the first release to {target.name}: "
        if not offer.asks:
            console.line(f"{first}--dump keeps a dump of its tables first")
            return
        if not console.ask(f"{first}keep a dump of its tables first?"):
            return
    _dump(offer, folder / f"{target.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump", console)


def dump_offer(
    command: Command[StepOptions],
    work: Work,
    place: Place,
    host: Host,
    subjects: Sequence[Subject],
) -> Before:
    """Return what offers a dump before rows are written; a check or a sealed plan is not asked about it."""
    settings, console = work.settings, command.console()
    wanted = getattr(command.options, "dump", False)
    is_first = {"plan", "apply"} <= {*work.kinds} and not (settings.rehearse or settings.seals)
    if work.way != "release" or not (wanted or is_first):
        return lambda _: None
    asks = place.target.confirm and console.interactive and not settings.yes
    offer = DumpOffer(place, host, subjects, command.plugins, wanted=wanted, asks=asks)
    return partial(keep_dump, offer, console)


def _dump(offer: DumpOffer, file: Path, console: Console) -> None:
    from maulstick.hosts import database as login
    from maulstick.hosts.local_server import own_programs
    from maulstick.rehearsal.programs import programs_for, server_version
    from maulstick.rehearsal.table_dump import dump_tables

    place, host, tables, target = offer.place, offer.host, offer.tables, offer.place.target
    with login.reading(target, host) as database:
        version, where = server_version(database), database.where
    role = None if target.plan_database else target.database_user
    programs = programs_for(version, own_programs())
    size = dump_tables(programs, host.plan_database, tables, file, where=where, role=role)
    shown = quote(str(file.relative_to(place.folder)))
    console.line(f"    dump of {amount(len(tables), 'table')} of {target.name}: {size_text(size)} in {shown}")
    console.line(f"    pg_restore --data-only --dbname ADDRESS {shown}   brings rows back into empty tables")
