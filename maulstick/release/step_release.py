"""A release as its steps see it: by the plugins' door, with what the core's own steps need behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.bundle.page_lines import first_shown
from maulstick.project.declarations import Page, Rows, Subject
from maulstick.project.plugins.hookspecs import Browser, Machine, Response
from maulstick.redact import hide
from maulstick.release.context import ReleaseContext
from maulstick.release.known_secrets import known_secrets
from maulstick.release.progress import Progress
from maulstick.release.step_results import Earlier

if TYPE_CHECKING:
    from maulstick.verify.live import Live


@dataclass(frozen=True, slots=True)
class StepRelease:
    """The `RunningRelease` that a step gets; `progress` and `live` are not part of the plugins' door.

    Whatever is asked of the live site or database opens it first.
    """

    name: str
    progress: Progress
    live: Callable[[], Live]

    @property
    def context(self) -> ReleaseContext:
        """What the core's own steps need."""
        return self.progress.context

    @property
    def earlier(self) -> Earlier:
        """What the steps before have returned."""
        return self.progress.earlier

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.context.place.folder

    @property
    def report(self) -> Mapping[str, Any]:
        """The record so far."""
        return {**self.progress.report().to_json(), "page": page_of(self.context)}

    def say(self, text: str) -> None:
        """Show a line of what the step does; secrets in it are hidden."""
        self.context.console.streamed(self.hide(text))

    def hide(self, text: str) -> str:
        """Return a text without the secrets of source, target and environment."""
        return hide(text, *known_secrets(self.context.place, self.context.host))

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
def step_release(progress: Progress, name: str) -> Iterator[StepRelease]:
    """Yield the release as a step sees it for the block; nothing is opened before it is asked for."""
    with ExitStack() as stack:

        @cache
        def live() -> Live:
            from maulstick.release.steps.live_site import live_of

            return stack.enter_context(live_of(progress.context))

        yield StepRelease(name, progress, live)


def page_of(context: ReleaseContext) -> str:
    """Return the address of the subject's page, that of the site where the bundle names none."""
    has_bundle = (context.folder / "manifest.json").is_file()
    pages = context.load_bundle().manifest.pages if has_bundle else ()
    path = first_shown(pages).replace(" ", "%20")
    return f"{context.place.target.site}{path}" if context.place.target.site else ""
