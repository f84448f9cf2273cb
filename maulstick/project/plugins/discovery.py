"""Loading plugins from files and entry points, and why one could not be loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pluggy

from maulstick.errors import Exit, Problem, did_you_mean
from maulstick.project.declarations import Kind
from maulstick.project.plugins import hookspecs
from maulstick.project.plugins import modules as plugin_modules
from maulstick.project.plugins.blame import TRACE, Owner, answers
from maulstick.project.plugins.hookspecs import PROJECT
from maulstick.project.plugins.limits import TooLong, limited
from maulstick.streams import plugin_prints


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that was found; `failure` says why it could not be loaded, empty where it was."""

    name: str
    where: str
    hooks: tuple[str, ...] = ()
    failure: str = ""
    error: BaseException | None = field(default=None, repr=False)

    def problem(self) -> Problem:
        """Say why it could not be loaded as a problem (exit 6)."""
        if isinstance(self.error, Problem):
            return self.error
        return Problem(self.where, f"could not be loaded: {self.failure}", TRACE, code=Exit.PLUGIN)


def discovered(folder: Path, *ours: object) -> tuple[pluggy.PluginManager, list[Plugin]]:
    """Load the plugins of a folder and of the entry point group `maulstick`; failures are kept with them.

    Those that are `ours` come first and are not among what is found. What plugins print while they are
    loaded goes to stderr.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    for plugin in ours:
        manager.register(plugin)
    package = plugin_modules.package(folder)
    found = []
    for path in sorted(folder.glob("*.py")):
        where = f"{path.parent.name}/{path.name}"
        found.append(_register(manager, path.stem, where, partial(package.load, path)))
    for point in entry_points(group=PROJECT):
        found.append(_register(manager, point.name, point.value, point.load))
    return manager, found


def _register(manager: pluggy.PluginManager, name: str, where: str, load: Callable[[], Any]) -> Plugin:
    try:
        with _importing():
            module = load()
        manager.register(module, name)
        manager.check_pending()
        _only_wrappers(manager, module)
        _require_kinds(manager, module)
    except pluggy.PluginValidationError as error:
        manager.unregister(name=name)
        return Plugin(name, where, failure=_misspelt(error))
    except Problem as problem:
        manager.unregister(name=name)
        return Plugin(name, where, failure=f"{problem.where}: {problem.what}", error=problem)
    except (Exception, SystemExit, TooLong) as error:
        return Plugin(name, where, failure=_failure(error, where), error=error)
    hooks = tuple(hook.name for hook in manager.get_hookcallers(module) or ())
    return Plugin(name, where, hooks)


@contextmanager
def _importing() -> Iterator[None]:
    with plugin_prints(), limited("import"):
        yield


def _failure(error: BaseException, where: str) -> str:
    says = str(error) if isinstance(error, TooLong) else f"{type(error).__name__}: {error}"
    return says + plugin_modules.place(error)


def _only_wrappers(manager: pluggy.PluginManager, module: object) -> None:
    # Any other implementation would replace the step.
    for implementation in manager.hook.maulstick_step.get_hookimpls():
        if implementation.plugin is module and not implementation.wrapper:
            manager.unregister(module)
            raise TypeError("maulstick_step stands around a step: @hookimpl(wrapper=True)")


def _require_kinds(manager: pluggy.PluginManager, module: object) -> None:
    # They become options when the tasks load: the kinds of other plugins must not be lost with this one.
    for implementation in manager.hook.maulstick_kinds.get_hookimpls():
        if implementation.plugin is module:
            list(answers(Owner(module, "maulstick_kinds"), implementation.function, Kind))


def _misspelt(error: pluggy.PluginValidationError) -> str:
    known = [name for name in vars(hookspecs) if name.startswith(f"{PROJECT}_")]
    words = [word.strip("'") for word in str(error).split()]
    hook = next((word for word in words if word.startswith(f"{PROJECT}_")), "")
    return f"{' '.join(words)} ({did_you_mean(hook, known)})"
