"""The one door to a browser: a real Chromium that looks at pages as visitors do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from maulstick.errors import usage
from maulstick.web import Unreachable, Wrong

DESKTOP, PHONE = 1280, 390
"""Widths in pixels."""
HEIGHTS = {DESKTOP: 900, PHONE: 844}
SETTLE = 5.0
"""Seconds in which a page that has loaded comes to rest; one that never does is looked at as it is."""
TALLEST = 12_000
"""Pixels of the tallest screenshot."""
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
# Not for security: without them Chromium talks to its maker's hosts while it looks at a page.
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
INSTALL = "pip install 'maulstick[browser]'; Chromium by apt install chromium or playwright install chromium"

PAINTED = """async () => {
  const images = [...document.images].filter(image => image.currentSrc || image.src);
  images.forEach(image => { image.loading = 'eager' });
  const late = new Promise(done => setTimeout(done, 10000));
  await Promise.race([late, Promise.all(images.map(image => image.decode().catch(() => 0)))]);
  return images.filter(image => !image.naturalWidth).map(image => image.currentSrc || image.src);
}"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A page as it was seen at a width; `image` is a JPEG."""

    path: str
    width: int
    image: bytes


@dataclass(slots=True)
class Tab:
    """A page of the site in a browser; `faults` are its script errors and failed requests so far."""

    page: Any
    path: str
    width: int
    faults: list[str] = field(default_factory=list)

    def click(self, selector: str) -> None:
        """Click on the first element that a CSS selector names; one that cannot be clicked is a problem."""
        with self._said(selector):
            self.page.locator(selector).first.click(timeout=SETTLE * 1000)

    def press(self, key: str) -> None:
        """Press a key: `Escape`, `Tab`, `Enter`."""
        self.page.keyboard.press(key)

    def visible(self, selector: str) -> bool:
        """Tell whether an element is to be seen, now or within five seconds."""
        with suppress(self._error()):
            self.page.locator(selector).first.wait_for(state="visible", timeout=SETTLE * 1000)
            return True
        return False

    def text(self, selector: str) -> str:
        """Return the words that can be seen in an element, blanks folded; "" where there is none."""
        if not self.visible(selector):
            return ""
        return " ".join(str(self.page.locator(selector).first.inner_text()).split())

    def count(self, selector: str) -> int:
        """Return how many elements a selector names."""
        return int(self.page.locator(selector).count())

    def evaluate(self, script: str) -> Any:
        """Return what a script answers in the page."""
        return self.page.evaluate(script)

    def unpainted(self) -> list[str]:
        """Return the addresses of the images that were not painted."""
        return [str(address) for address in self.page.evaluate(PAINTED)]

    def screenshot(self) -> bytes:
        """Return the whole page as a JPEG."""
        tall = min(int(self.page.evaluate("document.documentElement.scrollHeight")), TALLEST)
        area = {"x": 0, "y": 0, "width": self.width, "height": tall}
        return bytes(self.page.screenshot(type="jpeg", quality=80, full_page=True, clip=area))

    def watch(self) -> None:
        """Write down from now on what goes wrong in the page."""
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        # No bound methods: Playwright would write into the object behind them, which has slots.
        self.page.on("console", lambda message: self._heard(message))
        self.page.on("requestfailed", lambda request: self._failed(request))
        self.page.on("response", lambda response: self._answered(response))

    def _heard(self, message: Any) -> None:
        # What could not be loaded is said better by the request itself.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # a sound that is not played to its end
            self.faults.append(f"{_path(request.url)}: {request.failure}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"{_path(response.url)}: answers {response.status}")
        if self.page.url.startswith("https:") and response.url.startswith("http:"):
            self.faults.append(f"{response.url}: not encrypted on an encrypted page")

    @contextmanager
    def _said(self, selector: str) -> Iterator[None]:
        try:
            yield
        except self._error() as error:
            what = f"{selector} cannot be clicked at {self.width} px"
            raise Wrong(self.path, what, "is it there, and not covered?") from error

    def _error(self) -> type[Exception]:
        from playwright.sync_api import Error

        return Error


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that visits one site."""

    site: str
    program: Any

    @contextmanager
    def open(self, path: str, *, width: int = DESKTOP) -> Iterator[Tab]:
        """Yield a page of the site, `width` pixels wide, once it has come to rest; it has no history."""
        from playwright.sync_api import Error, TimeoutError

        size = {"width": width, "height": HEIGHTS.get(width, HEIGHTS[DESKTOP])}
        context = self.program.new_context(viewport=size, reduced_motion="reduce")
        try:
            tab = Tab(context.new_page(), path, width)
            tab.watch()
            try:
                tab.page.goto(f"{self.site.rstrip('/')}/{path.removeprefix('/')}", timeout=60_000)
            except Error as error:
                says = f"cannot be opened: {error.message.splitlines()[0]}"
                raise Unreachable(path, says) from error
            with suppress(TimeoutError):
                tab.page.wait_for_load_state("networkidle", timeout=SETTLE * 1000)
            yield tab
        finally:
            context.close()


@contextmanager
def browser(site: str) -> Iterator[Browser]:
    """Yield a browser for the block; where none can be started, a usage problem says what to install."""
    require_browser()
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        try:
            program = playwright.chromium.launch(executable_path=_program(), args=arguments)
        except Error as error:
            says = error.message.splitlines()[0]
            raise usage("--browser", f"Chromium does not start: {says}", INSTALL) from error
        try:
            yield Browser(site, program)
        finally:
            program.close()


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
    named = os.environ.get("MAULSTICK_CHROMIUM")
    if named:
        return named
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def _path(address: str) -> str:
    return unquote(urlsplit(address).path)
