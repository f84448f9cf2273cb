"""Plugins: found in files and entry points, asked one by one, and named when they break a promise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from types import GeneratorType, UnionType
from typing import Any

import pluggy

from maulstick.errors import Exit, Problem, did_you_mean, usage
from maulstick.project.declarations import (
    Check,
    File,
    Kind,
    Outcome,
    Page,
    Query,
    Rows,
    Step,
    Subject,
    Table,
    TableExtra,
    names,
)
from maulstick.project.play.names import CORE_STEPS, SHIPPED_STEPS
from maulstick.project.plugins.blame import Owner, answers, culprit, file_of, guarded
from maulstick.project.plugins.discovery import Plugin, discovered
from maulstick.project.plugins.hookspecs import Release, Source
from maulstick.project.plugins.page_paths import quoted_pages
from maulstick.project.plugins.trace import Trace
from maulstick.project.plugins.wrappers import around
from maulstick.project.targets import HostKind

KEPT = 2000
"""Subjects whose tables are remembered."""


class Plugins:
    """All plugins of a project."""

    def __init__(
        self, manager: pluggy.PluginManager, found: Iterable[Plugin], ours: Collection[object] = ()
    ) -> None:
        self._manager = manager
        self.found = tuple(found)
        self._ours = ours
        self._kinds: dict[str, Kind] = {}
        self._tables: dict[Subject, list[Table]] = {}
        self._trace: Trace | None = None

    @contextmanager
    def traced(self, say: Callable[[str], None]) -> Iterator[None]:
        """Say each call of a hook in the block, and at its end which hooks were not called."""
        self._trace = trace = Trace(say)
        self._kinds, self._tables = {}, {}  # what was asked before is asked again, and said
        for plugin in self.found:
            if plugin.failure:
                say(f"plugin {plugin.problem()}")
        try:
            yield
        finally:
            self._trace = None
            others = [one for one in self._manager.get_plugins() if one not in self._ours]
            trace.silent(self._manager, sorted(others, key=file_of))

    def kinds(self) -> dict[str, Kind]:
        """List the kinds of subject by name; a kind named twice is a problem (exit 6)."""
        if not self._kinds:  # asked of every subject of a large site
            self._kinds = self._asked_kinds()
        return self._kinds

    def _asked_kinds(self) -> dict[str, Kind]:
        kinds: dict[str, Kind] = {}
        owners: dict[str, Owner] = {}
        for owner, kind in self._ask("maulstick_kinds", Kind):
            if kind.name in kinds:
                raise _twice(f"kind {kind.name}", owners[kind.name], owner)
            kinds[kind.name], owners[kind.name] = kind, owner
        return kinds

    def kind(self, name: str) -> Kind:
        """Return a kind by name; an unknown one is a usage problem with the nearest."""
        kinds = self.kinds()
        if name not in kinds:
            self.require_all()
            raise usage(name, "is not a kind of subject", did_you_mean(name, kinds))
        return kinds[name]

    def hosts(self) -> dict[str, HostKind]:
        """List the kinds of host by name; one that is named twice is a problem (exit 6)."""
        from maulstick.project.host_table import table_of

        kinds: dict[str, HostKind] = {}
        owners: dict[str, Owner] = {}
        for owner, kind in self._ask("maulstick_hosts", HostKind):
            if kind.name in kinds:
                raise _twice(f"host {kind.name}", owners[kind.name], owner)
            with culprit(owner):
                table_of(kind)
            kinds[kind.name], owners[kind.name] = kind, owner
        return kinds

    def tables(self, subject: Subject) -> list[Table]:
        """List the tables that travel with a subject, extras added; declared twice is a problem."""
        self.require_all()
        if subject not in self._tables:  # asked in each step
            if len(self._tables) == KEPT:
                self._tables.clear()
            self._tables[subject] = self._asked_tables(subject)
        return [*self._tables[subject]]

    def _asked_tables(self, subject: Subject) -> list[Table]:
        tables: dict[str, Table] = {}
        owners: dict[str, Owner] = {}
        extras: list[tuple[Owner, TableExtra]] = []
        for owner, one in self._ask("maulstick_tables", Table | TableExtra, subject=subject):
            if isinstance(one, TableExtra):
                extras.append((owner, one))
            elif one.name in tables:
                raise _twice(f"table {one.name} for {subject}", owners[one.name], owner)
            else:
                tables[one.name], owners[one.name] = one, owner
        for owner, extra in extras:
            if extra.name not in tables:
                raise Problem(str(owner), f"adds to {extra.name}, which no plugin declares", code=Exit.PLUGIN)
            tables[extra.name] = _joined(tables[extra.name], extra)
        return list(tables.values())

    def files(self, subject: Subject, rows: Rows) -> list[File]:
        """List files of the media folder that no media column names."""
        return [file for _, file in self._ask("maulstick_files", File, subject=subject, rows=rows)]

    def made(self, subject: Subject, source: Source) -> list[File]:
        """List files that the plugins made for the bundle."""
        return [file for _, file in self._ask("maulstick_export", File, subject=subject, source=source)]

    def pages(self, subject: Subject, rows: Rows) -> Iterator[Page]:
        """Yield the pages that show a subject, each as it is answered: there may be very many."""
        for _, given in self._each("maulstick_pages", Page, subject=subject, rows=rows):
            yield from quoted_pages(given, subject, rows)

    def queries(self, subject: Subject) -> list[Query]:
        """Return what must hold inside the transaction."""
        return [query for _, query in self._ask("maulstick_queries", Query, subject=subject)]

    def owner_of(self, hook: str, name: str, subject: Subject) -> str:
        """Return the plugin and hook that answers with something of that name, the hook alone for none."""
        found = self._ask(hook, object, subject=subject)
        return next((str(owner) for owner, one in found if getattr(one, "name", None) == name), hook)

    def before(self, release: Release, steps: Sequence[str]) -> list[Check]:
        """Return what the plugins say of a release before anything of it is read."""
        return self._checks("maulstick_check", release=release, steps=tuple(steps))

    def checks(self, release: Release) -> list[Check]:
        """List the plugins' answers about the live site."""
        return self._checks("maulstick_verify", release=release)

    def _checks(self, hook: str, **arguments: object) -> list[Check]:
        """List checks; a plugin that meets a wrong page, or no answer, loses only what it had not asked."""
        found: list[Check] = []
        for _, given in self._each(hook, Check, **arguments):
            try:
                for check in given:
                    found.append(check)
            except Problem as problem:
                if problem.code not in (Exit.WRONG, Exit.UNKNOWN):
                    raise
                ok = False if problem.code == Exit.WRONG else None
                found.append(Check(f"page {problem.where}", ok, problem.what, problem.hint))
        return found

    def steps(self) -> dict[str, Step]:
        """List all steps by name, the core's own first; one with two owners is a problem (exit 6).

        What fails in a plugin's step is that plugin's fault; a mistake in the core's is ours.
        """
        steps: dict[str, Step] = {}
        owners: dict[str, object] = dict.fromkeys((*CORE_STEPS, *SHIPPED_STEPS), "Maulstick itself")
        for owner, step in self._ask("maulstick_steps", Step):
            if owner.plugin in self._ours:
                steps[step.name] = step
                continue
            if step.name in owners:
                raise _twice(f"step {step.name}", owners[step.name], owner)
            steps[step.name], owners[step.name] = guarded(owner, step), owner
        return steps

    def around(
        self,
        step: str,
        release: Callable[[], AbstractContextManager[Release]],
        perform: Callable[[], Outcome],
    ) -> Outcome:
        """Perform a step inside what the plugins put around it; nobody is asked where none does."""
        return around(self._manager, step, release, perform, self._trace)

    def finished(self, report: Mapping[str, Any]) -> None:
        """Tell all plugins how a release went."""
        for implementation in self._manager.hook.maulstick_finished.get_hookimpls():
            owner = Owner(implementation.plugin, "maulstick_finished")
            if self._trace is not None:
                self._trace.tell(owner, dict.fromkeys(implementation.argnames, report), "told")
            with culprit(owner):
                answer = implementation.function(*[report for _ in implementation.argnames])
                if isinstance(answer, GeneratorType):
                    list(answer)

    def require_all(self) -> None:
        """Raise a problem (exit 6) for a plugin that could not be loaded."""
        for plugin in self.found:
            if plugin.failure:
                raise plugin.problem() from plugin.error

    def _ask(self, hook: str, kind: type | UnionType, **arguments: object) -> Iterator[tuple[Owner, Any]]:
        """Ask each plugin alone, exhaust its answer here, so that what breaks has a culprit."""
        for owner, given in self._each(hook, kind, **arguments):
            for answer in list(given):
                yield owner, answer

    def _each(
        self, hook: str, kind: type | UnionType, **arguments: object
    ) -> Iterator[tuple[Owner, Iterator[Any]]]:
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            owner = Owner(implementation.plugin, hook)
            wanted = {name: arguments[name] for name in implementation.argnames}
            given = answers(owner, implementation.function, kind, **wanted)
            is_traced = self._trace is not None and implementation.plugin not in self._ours
            yield owner, self._trace.heard(owner, wanted, given) if self._trace and is_traced else given


def load(folder: Path, *ours: object) -> Plugins:
    """Load the plugins of `folder` and of the entry point group `maulstick`, after those that are `ours`.

    One that cannot be imported is kept with its failure, so that the tasks can still be listed.
    """
    return Plugins(*discovered(folder, *ours), ours)


def _twice(what: str, one: object, other: object) -> Problem:
    return Problem(what, f"is declared by {one} and by {other}", "keep one of them", code=Exit.PLUGIN)


def _joined(table: Table, extra: TableExtra) -> Table:
    theirs = (*names(table.theirs), *names(extra.theirs))
    return replace(table, media=(*table.media, *extra.media), theirs=theirs)
