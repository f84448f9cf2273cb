"""A step inside what plugins put around it by `maulstick_step`, and who is to blame where that fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

import pluggy

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Outcome
from maulstick.project.plugins.blame import Owner, blamed, owner_among
from maulstick.project.plugins.hookspecs import Release
from maulstick.project.plugins.promise import BrokenPromise, held
from maulstick.project.plugins.trace import Trace, answer_text
from maulstick.streams import plugin_prints

HOOK = "maulstick_step"


@dataclass(slots=True)
class _Inside:
    """A step among its wrappers: whether it began, and what made it fail."""

    body: Callable[[], Outcome]
    begun: bool = False
    failure: BaseException | None = None

    def perform(self, step: str, release: Release) -> Outcome:
        self.begun = True
        try:
            with plugin_prints(False):
                return self.body()
        except BaseException as error:
            self.failure = error
            raise


def around(
    manager: pluggy.PluginManager,
    step: str,
    release: Callable[[], AbstractContextManager[Release]],
    perform: Callable[[], Outcome],
    trace: Trace | None,
) -> Outcome:
    """Perform a step inside its wrappers; nobody is asked where no plugin has one."""
    caller, answer = manager.hook.maulstick_step, "failed"
    if not caller.get_hookimpls():
        return perform()
    inside = _Inside(perform)
    with release() as seen:
        given = {"step": step, "release": seen}
        try:
            with plugin_prints():
                outcome = cast(Outcome, held(caller.call_extra([inside.perform], given), Outcome))
            answer = answer_text(outcome)
        except BrokenPromise as broken:
            raise Problem(HOOK, broken.what, broken.hint, code=Exit.PLUGIN) from None
        except (Exception, SystemExit) as error:
            if error is inside.failure or isinstance(error, Problem):
                raise _harmless(error, not inside.begun) from error.__cause__
            owner = owner_among(manager.get_plugins(), error, HOOK)
            raise _harmless(blamed(error, owner), not inside.begun) from error
        finally:
            if trace is not None:
                for implementation in caller.get_hookimpls():
                    trace.tell(Owner(implementation.plugin, HOOK), given, answer)
        return outcome


def _harmless(error: BaseException, harmless: bool) -> BaseException:
    if isinstance(error, Problem):
        error.harmless = error.harmless or harmless
    return error
