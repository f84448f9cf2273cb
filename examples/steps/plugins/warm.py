"""Warm: each released page is asked for once, so that the first visitor does not wait."""

from collections.abc import Iterable

from maulstick import Outcome, Problem, Release, Step, hookimpl


@hookimpl
def maulstick_steps() -> Iterable[Step]:
    """Offer the step `warm`; its option `theme` asks for the pages in a theme of their own."""
    yield Step("warm", run=warm, plan=would, options="theme")


def would(release: Release, theme: str = "") -> str:
    """Say which pages are asked for."""
    return f"ask for {' '.join(_paths(release, theme))}"


def warm(release: Release, theme: str = "") -> Outcome:
    """Ask for each page; one that answers with an error fails the step."""
    paths = _paths(release, theme)
    for path in paths:
        status = release.get(path).status
        if status >= 400:
            raise Problem(path, f"answers {status}", "look at the site's log")
    return Outcome("done" if paths else "unchanged", f"{len(paths)} pages are warm")


def _paths(release: Release, theme: str) -> list[str]:
    return [f"{page.path}?theme={theme}" if theme else page.path for page in release.pages]
