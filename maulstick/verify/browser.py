"""The one door to a browser: a real Chromium that looks at pages as visitors do."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT, signal
from threading import current_thread, main_thread
from typing import Any

from maulstick.errors import usage
from maulstick.processes import environment
from maulstick.redact import Secret
from maulstick.retry import until
from maulstick.verify.browser_login import let_in
from maulstick.verify.http import FIRST_PAUSE, LONGEST_PAUSE
from maulstick.verify.response import Unreachable
from maulstick.verify.tab import BrowserTab, Interrupt, said

DESKTOP, PHONE = 1280, 390
"""Widths in pixels."""
HEIGHTS = {DESKTOP: 900, PHONE: 844}
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
# Not for security: without them Chromium talks to its maker's hosts while it looks at a page.
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
OPENED = """const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (how) { return attach.call(this, {...how, mode: 'open'}) };"""
"""Lets us read what scripts put into shadow roots that they close."""
INSTALL = "pip install 'maulstick[browser]'; Chromium by apt install chromium or playwright install chromium"


@dataclass(frozen=True, slots=True)
class Screenshot:
    """A page as it was seen at a width; `image` is a JPEG."""

    path: str
    width: int
    image: bytes


@dataclass(slots=True)
class SiteBrowser:
    """A browser that visits one site.

    What fails for want of an answer is opened again, less and less often, until `patience` seconds have gone
    by in all; `say` hears what is opened. `headers` let it into a site behind a login. `looked` are the pages
    as they were when they were left.
    """

    site: str
    program: Any
    patience: float = 60.0
    say: Callable[[str], None] = lambda _: None
    looked: list[BrowserTab] = field(default_factory=list)
    interrupt: Interrupt = field(default_factory=Interrupt)
    headers: Mapping[str, Secret] = field(default_factory=dict)

    @contextmanager
    def open(self, path: str, *, width: int = DESKTOP) -> Iterator[BrowserTab]:
        """Yield a page of the site, `width` pixels wide, once it has come to rest; it has no history."""
        tab = self._patiently(path, width)
        try:
            yield tab
            tab.rest()
        finally:
            self.looked.append(tab)
            tab.close()

    def _patiently(self, path: str, width: int) -> BrowserTab:
        where, began = f"{path} at {width} px", time.monotonic()
        doubts: list[str] = []

        def again(opened: BrowserTab | Unreachable) -> None:
            doubts.append(opened.what if isinstance(opened, Unreachable) else opened.doubts[0])
            if isinstance(opened, BrowserTab):
                opened.close()
            self.say(f"{where}, again: {doubts[-1]}")

        self.say(where)
        opened = until(
            lambda opened: isinstance(opened, BrowserTab) and (not opened.doubts or opened.faults),
            lambda: self._opened(path, width),
            seconds=self.patience,
            pause=FIRST_PAUSE,
            longest=LONGEST_PAUSE,
            again=again,
        )
        if doubts:
            self.patience -= time.monotonic() - began
        if isinstance(opened, Unreachable):
            raise opened
        return opened

    def _opened(self, path: str, width: int) -> BrowserTab | Unreachable:
        self.interrupt.check()
        try:
            return self._tried(path, width)
        except Unreachable as problem:
            return problem

    def _tried(self, path: str, width: int) -> BrowserTab:
        from playwright.sync_api import Error

        size = {"width": width, "height": HEIGHTS.get(width, HEIGHTS[DESKTOP])}
        try:
            context = self.program.new_context(viewport=size, reduced_motion="reduce")
            context.add_init_script(OPENED)
            tab = BrowserTab(context.new_page(), path, width, interrupt=self.interrupt)
            if self.headers:
                let_in(tab.page, self.site, self.headers)
        except Error as error:
            raise Unreachable(path, f"cannot be opened: {said(error)}") from error
        try:
            tab.load(f"{self.site.rstrip('/')}/{path.removeprefix('/')}")
        except Unreachable:
            tab.close()
            raise
        return tab


@contextmanager
def browser(
    site: str,
    *,
    patience: float = 60.0,
    say: Callable[[str], None] = lambda _: None,
    headers: Mapping[str, Secret] | None = None,
) -> Iterator[SiteBrowser]:
    """Yield a browser for the block; where none can be started, a usage problem says what to install."""
    require_browser()
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        try:
            program = playwright.chromium.launch(
                executable_path=_program(), args=arguments, env={**environment()}, handle_sigint=False
            )
        except Error as error:
            raise usage("--browser", f"Chromium does not start: {said(error)}", INSTALL) from error
        try:
            with _heard_of() as interrupt:
                yield SiteBrowser(site, program, patience, say, interrupt=interrupt, headers=headers or {})
                interrupt.check()
        finally:
            program.close()


@contextmanager
def _heard_of() -> Iterator[Interrupt]:
    """Hear of Ctrl-C ourselves for the block; only a main thread may."""
    interrupt = Interrupt()
    if current_thread() is not main_thread():
        yield interrupt
        return
    before = signal(SIGINT, interrupt)
    try:
        yield interrupt
    finally:
        signal(SIGINT, before)


def require_browser() -> None:
    """Raise a usage problem where Playwright or Chromium is missing."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise usage("--browser", "Playwright is not installed", INSTALL) from error
    program = _program()
    if program is not None and not Path(program).is_file():
        raise usage("--browser", f"no Chromium is at {program}", "MAULSTICK_CHROMIUM names it")
    if program is None:
        with sync_playwright() as playwright:
            if not Path(playwright.chromium.executable_path).is_file():
                raise usage("--browser", "no Chromium was found", INSTALL)


def _program() -> str | None:
    """Return the Chromium of this machine, None where Playwright's own must do."""
    wanted = os.environ.get("MAULSTICK_CHROMIUM")
    return wanted or next(filter(None, map(shutil.which, PROGRAMS)), None)
