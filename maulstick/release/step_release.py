"""A release as its steps see it: by the plugins' door, with what the core's own steps need behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from maulstick.project.declarations import Page, Rows, Subject
from maulstick.project.plugins.hookspecs import Browser, Machine, Response
from maulstick.release.context import ReleaseContext
from maulstick.release.step_results import Earlier

if TYPE_CHECKING:
    from maulstick.verify.live import Live


@dataclass(frozen=True, slots=True)
class StepRelease:
    """The `Release` that a step gets; `context` and `earlier` are not part of the plugins' door.

    Whatever else is asked of it opens the live site or database first.
    """

    context: ReleaseContext
    earlier: Earlier
    live: Callable[[], Live]

    @property
    def subject(self) -> Subject:
        """What is released."""
        return self.context.subject

    @property
    def rows(self) -> Rows:
        """The bundle's rows."""
        return self.live().rows

    @property
    def browser(self) -> Browser | None:
        """No browser: only a verify has one."""
        return None

    @property
    def pages(self) -> Sequence[Page]:
        """The pages that show the subject."""
        return self.live().pages

    @property
    def machine(self) -> Machine:
        """A started machine of the app."""
        return self.live().machine

    def sql(self, query: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """Ask production's database; nothing can be written."""
        return self.live().sql(query, **parameters)

    def get(self, path: str) -> Response:
        """Return what a page of the live site answers."""
        return self.live().get(path)


@contextmanager
def step_release(context: ReleaseContext, earlier: Earlier) -> Iterator[StepRelease]:
    """Yield the release as a step sees it for the block; nothing is opened before it is asked for."""
    with ExitStack() as stack:

        @cache
        def live() -> Live:
            from maulstick.release.steps.live_site import live_of

            return stack.enter_context(live_of(context))

        yield StepRelease(context, earlier, live)
