"""Plugins: found in files and entry points, asked one by one, and named when they break a promise."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, cast

import pluggy

from maulstick import hookspecs
from maulstick.content import (
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
from maulstick.culprit import blamed, culprit, expect, file_of, guarded
from maulstick.errors import Exit, Problem, did_you_mean, usage
from maulstick.hookspecs import PROJECT, Release, Source
from maulstick.playbook import CORE_STEPS

Opened = AbstractContextManager[Release]


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that was found; `failure` says why it could not be loaded, empty where it was."""

    name: str
    where: str
    hooks: tuple[str, ...] = ()
    failure: str = ""


class Plugins:
    """All plugins of a project."""

    def __init__(self, manager: pluggy.PluginManager, found: Iterable[Plugin]) -> None:
        self._manager = manager
        self.found = tuple(found)
        self._kinds: dict[str, Kind] = {}

    def kinds(self) -> dict[str, Kind]:
        """Return the kinds of subject by name; a kind named twice is a problem (exit 6)."""
        if not self._kinds:  # asked of every subject of a large site
            self._kinds = self._asked_kinds()
        return self._kinds

    def _asked_kinds(self) -> dict[str, Kind]:
        kinds: dict[str, Kind] = {}
        owners: dict[str, str] = {}
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
            raise usage(name, "is no kind of subject", did_you_mean(name, kinds))
        return kinds[name]

    def tables(self, subject: Subject) -> list[Table]:
        """Return the tables that travel with a subject, extras added; declared twice is a problem."""
        self.require_all()
        tables: dict[str, Table] = {}
        owners: dict[str, str] = {}
        extras: list[tuple[str, TableExtra]] = []
        for owner, one in self._ask("maulstick_tables", Table | TableExtra, subject=subject):
            if isinstance(one, TableExtra):
                extras.append((owner, one))
            elif one.name in tables:
                raise _twice(f"table {one.name} for {subject}", owners[one.name], owner)
            else:
                tables[one.name], owners[one.name] = one, owner
        for owner, extra in extras:
            if extra.name not in tables:
                raise Problem(owner, f"adds to {extra.name}, which no plugin declares", code=Exit.PLUGIN)
            tables[extra.name] = _joined(tables[extra.name], extra)
        return list(tables.values())

    def files(self, subject: Subject, rows: Rows) -> list[File]:
        """Return files of the media folder that no media column names."""
        return [file for _, file in self._ask("maulstick_files", File, subject=subject, rows=rows)]

    def made(self, subject: Subject, source: Source) -> list[File]:
        """Return files that the plugins made for the bundle."""
        return [file for _, file in self._ask("maulstick_export", File, subject=subject, source=source)]

    def pages(self, subject: Subject, rows: Rows) -> Iterator[Page]:
        """Return the pages that show a subject, each as it is answered: there may be very many."""
        for answers in self._each("maulstick_pages", Page, subject=subject, rows=rows):
            yield from (page for _, page in answers)

    def queries(self, subject: Subject) -> list[Query]:
        """Return what must hold inside the transaction."""
        return [query for _, query in self._ask("maulstick_queries", Query, subject=subject)]

    def owner_of(self, hook: str, name: str, subject: Subject) -> str:
        """Return the plugin and hook that answers with something of that name, the hook alone for none."""
        found = self._ask(hook, object, subject=subject)
        return next((owner for owner, one in found if getattr(one, "name", None) == name), hook)

    def checks(self, release: Release) -> list[Check]:
        """Return the plugins' answers about the live site.

        A plugin that meets a page which cannot be told, or is wrong, loses only what it had not yet asked.
        """
        found: list[Check] = []
        for answers in self._each("maulstick_verify", Check, release=release):
            try:
                for _, check in answers:
                    found.append(check)
            except Problem as problem:
                if problem.code not in (Exit.WRONG, Exit.UNKNOWN):
                    raise
                ok = False if problem.code == Exit.WRONG else None
                found.append(Check(f"page {problem.where}", ok, problem.what, problem.hint))
        return found

    def steps(self) -> dict[str, Step]:
        """Return the plugins' own steps by name; one that has two owners is a problem (exit 6)."""
        steps: dict[str, Step] = {}
        owners = dict.fromkeys(CORE_STEPS, "Maulstick itself")
        for owner, step in self._ask("maulstick_steps", Step):
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
        caller = self._manager.hook.maulstick_step
        if not caller.get_hookimpls():
            return perform()
        inside = _Inside(perform)
        with release() as seen:
            try:
                answer = caller.call_extra([inside.perform], {"step": step, "release": seen})
            except Exception as error:
                if error is inside.failure:
                    raise
                problem = blamed(error, self._manager.get_plugins(), "maulstick_step")
                problem.harmless = problem.harmless or not inside.begun
                raise problem from error
        expect("maulstick_step", answer, Outcome, "maulstick_step")
        return cast(Outcome, answer)

    def finished(self, report: Mapping[str, Any]) -> None:
        """Tell all plugins how a release went."""
        for _ in self._ask("maulstick_finished", object, report=report):
            pass

    def require_all(self) -> None:
        """Raise a problem (exit 6) for a plugin that could not be loaded."""
        for plugin in self.found:
            if plugin.failure:
                raise Problem(plugin.where, f"could not be loaded: {plugin.failure}", code=Exit.PLUGIN)

    def _ask(self, hook: str, kind: type | UnionType, **arguments: object) -> Iterator[tuple[str, Any]]:
        """Ask each plugin alone, exhaust its answer here, so that what breaks has a culprit."""
        for answers in self._each(hook, kind, **arguments):
            yield from list(answers)

    def _each(
        self, hook: str, kind: type | UnionType, **arguments: object
    ) -> Iterator[Iterator[tuple[str, Any]]]:
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            owner = f"{file_of(implementation.plugin)} {hook}"
            wanted = {name: arguments[name] for name in implementation.argnames}
            yield _answers(owner, partial(implementation.function, **wanted), kind, hook)


def _answers(
    owner: str, asked: Callable[[], Iterable[Any] | None], kind: type | UnionType, hook: str
) -> Iterator[tuple[str, Any]]:
    """Return a plugin's answers one by one, each of the promised type."""
    with culprit(owner):
        for answer in asked() or ():
            expect(owner, answer, kind, hook)
            yield owner, answer


def load(folder: Path) -> Plugins:
    """Load the plugins of `folder` and of the entry point group `maulstick`.

    One that cannot be imported is kept with its failure, so that the tasks can still be listed.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    found = [_load_file(manager, path) for path in sorted(folder.glob("*.py"))]
    found += [
        _register(manager, point.name, point.value, point.load) for point in entry_points(group=PROJECT)
    ]
    return Plugins(manager, found)


def _load_file(manager: pluggy.PluginManager, path: Path) -> Plugin:
    def load_module() -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"maulstick_plugin_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ImportError(path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return _register(manager, path.stem, f"{path.parent.name}/{path.name}", load_module)


def _register(manager: pluggy.PluginManager, name: str, where: str, load_module: Callable[[], Any]) -> Plugin:
    try:
        module = load_module()
        manager.register(module, name)
        manager.check_pending()
        _only_wrappers(manager, module)
    except pluggy.PluginValidationError as error:
        manager.unregister(name=name)
        return Plugin(name, where, failure=_misspelt(error))
    except Exception as error:
        return Plugin(name, where, failure=f"{type(error).__name__}: {error}")
    hooks = tuple(hook.name for hook in manager.get_hookcallers(module) or ())
    return Plugin(name, where, hooks)


def _only_wrappers(manager: pluggy.PluginManager, module: object) -> None:
    # Another implementation would be performed in the place of the step.
    for implementation in manager.hook.maulstick_step.get_hookimpls():
        if implementation.plugin is module and not implementation.wrapper:
            manager.unregister(module)
            raise TypeError("maulstick_step stands around a step: @hookimpl(wrapper=True)")


@dataclass(slots=True)
class _Inside:
    """A step among its wrappers: whether it began, and what made it fail."""

    body: Callable[[], Outcome]
    begun: bool = False
    failure: BaseException | None = None

    def perform(self, step: str, release: Release) -> Outcome:
        self.begun = True
        try:
            return self.body()
        except BaseException as error:
            self.failure = error
            raise


def _misspelt(error: pluggy.PluginValidationError) -> str:
    known = [name for name in vars(hookspecs) if name.startswith(f"{PROJECT}_")]
    words = [word.strip("'") for word in str(error).split()]
    hook = next((word for word in words if word.startswith(f"{PROJECT}_")), "")
    return f"{' '.join(words)} ({did_you_mean(hook, known)})"


def _twice(what: str, one: str, other: str) -> Problem:
    return Problem(what, f"is declared by {one} and by {other}", "keep one of them", code=Exit.PLUGIN)


def _joined(table: Table, extra: TableExtra) -> Table:
    theirs = (*names(table.theirs), *extra.theirs)
    return replace(table, media=(*table.media, *extra.media), theirs=theirs)
