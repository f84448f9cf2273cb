"""A page in a real browser: what a visitor clicks on and sees there, and what goes wrong meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from maulstick.verify.barriers import GONE, hint_of, refusal
from maulstick.verify.response import LOGS, Unreachable, Wrong

OPENS = 60.0
"""Seconds that a page may take to load."""
SETTLE = 5.0
"""Seconds in which a page that has loaded comes to rest; one that never does is looked at as it is."""
CLICK = 10.0
"""Seconds in which an element lets itself be clicked."""
HEARD, HEARINGS = 0.3, 5
"""Seconds in which Chromium reports what has happened to a request, and how often we wait for so long."""
TALLEST = 12_000
"""Pixels of the tallest screenshot."""
PAINTED = """async () => {
  const images = [...document.images].filter(image => image.currentSrc || image.src);
  images.forEach(image => { image.loading = 'eager' });
  const late = new Promise(done => setTimeout(done, 10000));
  await Promise.race([late, Promise.all(images.map(image => image.decode().catch(() => 0)))]);
  const left = images.filter(image => !image.naturalWidth);
  return left.map(image => [image.currentSrc || image.src, image.complete]);
}"""
"""Answers the addresses of images that were not painted, and whether each has ended."""
PLAYABLE = """async sounds => {
  const ended = sound => Boolean(sound.error) || sound.networkState === 3;
  const end = Date.now() + 10000, silent = [];
  for (const sound of sounds.filter(one => one.matches('audio, video'))) {
    if (!sound.readyState && sound.preload === 'none') { sound.preload = 'metadata'; sound.load(); }
    do await new Promise(done => setTimeout(done, 50));  // while it begins to load it has no source
    while (!sound.readyState && !ended(sound) && Date.now() < end);
    if (!sound.readyState) silent.push([sound.currentSrc || sound.src, ended(sound)]);
  }
  return silent;
}"""
"""Answers the same of sounds and films that do not begin; a networkState of 3 is "no source"."""


@dataclass(slots=True)
class Interrupt:
    """Ctrl-C while the browser's library is at work, which loses it or makes noise of it.

    It is heard of at the next thing that is asked of a page; typed again, at once.
    """

    came: bool = False

    def __call__(self, *_: object) -> None:
        """Take the signal."""
        again, self.came = self.came, True
        if again:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise what came."""
        if self.came:
            raise KeyboardInterrupt


@dataclass(slots=True)
class BrowserTab:
    """A page of the site in a browser, and what went wrong in it so far.

    `faults` are certain: requests that were refused, what is not encrypted. `errors` are what scripts say,
    which may come of a file that did not load. `doubts` are requests that got no answer.
    """

    page: Any
    path: str
    width: int
    faults: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    interrupt: Interrupt = field(default_factory=Interrupt)

    def load(self, address: str) -> None:
        """Open an address and wait until the page has come to rest; Unreachable where it does not answer."""
        from playwright.sync_api import TimeoutError

        self._watch()
        with self._answering("cannot be opened"):
            answer = self.page.goto(address, timeout=OPENS * 1000)
        if answer is not None and (says := refusal(answer.status, answer.headers)):
            hint = hint_of(answer.status) or LOGS
            raise Unreachable(self.path, says, hint)
        with self._answering("does not come to rest"), suppress(TimeoutError):
            self.page.wait_for_load_state("networkidle", timeout=SETTLE * 1000)
        self.unpainted()

    def click(self, selector: str) -> None:
        """Click on the first element that a CSS selector names; one that cannot be clicked is a problem."""
        from playwright.sync_api import TimeoutError

        with self._answering(f"{selector} cannot be clicked"):
            try:
                self.page.locator(selector).first.click(timeout=CLICK * 1000)
            except TimeoutError as error:
                kind = Unreachable if self.doubts else Wrong
                what = f"{selector} cannot be clicked at {self.width} px"
                raise kind(self.path, what, "is it there, and not covered?") from error

    def press(self, key: str) -> None:
        """Press a key: `Escape`, `Tab`, `Enter`."""
        with self._answering(f"{key} cannot be pressed"):
            self.page.keyboard.press(key)

    def visible(self, selector: str) -> bool:
        """Return whether an element can be seen, now or within five seconds."""
        from playwright.sync_api import TimeoutError

        with self._answering(f"{selector} cannot be looked for"), suppress(TimeoutError):
            self.page.locator(selector).first.wait_for(state="visible", timeout=SETTLE * 1000)
            return True
        return False

    def text(self, selector: str) -> str:
        """Return the words that can be seen in an element, blanks folded; "" where there is none."""
        if not self.visible(selector):
            return ""
        with self._answering(f"{selector} cannot be read"):
            return " ".join(str(self.page.locator(selector).first.inner_text(timeout=SETTLE * 1000)).split())

    def count(self, selector: str) -> int:
        """Count how many elements a selector names."""
        with self._answering(f"{selector} cannot be counted"):
            return int(self.page.locator(selector).count())

    def evaluate(self, script: str) -> Any:
        """Return what a script answers in the page."""
        with self._answering("a script gets no answer"):
            return self.page.evaluate(script)

    def unplayable(self, selector: str) -> list[str]:
        """List the addresses of the sounds and films that a selector names and that do not load."""
        with self._answering(f"{selector} cannot be played"):
            silent = self.page.locator(selector).evaluate_all(PLAYABLE)
        return self._missed(silent)

    def unpainted(self) -> list[str]:
        """List the addresses of the images that were not painted."""
        with self._answering("does not come to rest"):
            left = self.page.evaluate(PAINTED)
        return self._missed(left)

    def screenshot(self) -> bytes:
        """Return the whole page as a JPEG."""
        with self._answering("cannot be pictured"):
            tall = int(self.page.evaluate("document.documentElement.scrollHeight"))
            area = {"x": 0, "y": 0, "width": self.width, "height": min(max(tall, 1), TALLEST)}
            return bytes(self.page.screenshot(type="jpeg", quality=80, full_page=True, clip=area))

    def ok(self, right: bool) -> bool | None:
        """Return what was found as a check says it: None where it may be wrong for want of an answer."""
        return True if right else None if self.doubts else False

    def rest(self) -> None:
        """Wait a moment for what is still to be heard of requests."""
        with self._answering("does not come to rest"):
            self.page.wait_for_timeout(HEARD * 1000)

    def close(self) -> None:
        """Forget the page with all that it has stored."""
        with suppress(self._error()):  # it may have died
            self.page.context.close()

    def _missed(self, files: Sequence[tuple[str, bool]]) -> list[str]:
        """List the addresses of files that are missed; one that has not ended may still come."""
        self.doubts += [f"{path_of(address)}: does not load in time" for address, ended in files if not ended]
        self._hear_of([address for address, ended in files if ended])
        return [address for address, _ in files]

    def _hear_of(self, addresses: Sequence[str]) -> None:
        """Wait until we know of failed requests what the page knows already; there may be nothing to know."""
        for _ in range(HEARINGS):
            heard = [says.partition(": ")[0] for says in (*self.faults, *self.doubts)]
            if all(path_of(address) in heard for address in addresses):
                return
            self.rest()

    def _watch(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(f"script error: {error}"))
        # No bound methods: Playwright would write into the object behind them, which has slots.
        self.page.on("console", lambda message: self._heard(message))
        self.page.on("requestfailed", lambda request: self._failed(request))
        self.page.on("response", lambda response: self._answered(response))

    def _heard(self, message: Any) -> None:
        if message.text.startswith("Mixed Content:"):  # a warning where Chromium mends it by itself
            self.faults.append(message.text)
        # What could not be loaded is said better by the request itself.
        elif message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(f"console: {message.text}")

    def _failed(self, request: Any) -> None:
        says, path = str(request.failure), path_of(request.url)
        refused = any(said.startswith(f"{path}: answers ") for said in (*self.faults, *self.doubts))
        if refused or says == "net::ERR_ABORTED":  # a sound that is not played to its end
            return
        # What Chromium itself blocks stays blocked; the network's failures pass.
        passes = says.startswith("net::") and not says.startswith("net::ERR_BLOCKED")
        (self.doubts if passes else self.faults).append(f"{path}: {says}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            # Others than these say nothing of what is there: they depend on who asks, or on the moment.
            faults = self.faults if response.status in GONE else self.doubts
            faults.append(f"{path_of(response.url)}: answers {response.status}")
        if self.page.url.startswith("https:") and response.url.startswith("http:"):
            self.faults.append(f"{response.url}: not encrypted on an encrypted page")

    @contextmanager
    def _answering(self, what: str) -> Iterator[None]:
        self.interrupt.check()
        try:
            yield
        except self._error() as error:
            self.interrupt.check()
            raise Unreachable(self.path, f"{what} at {self.width} px: {said(error)}") from error

    def _error(self) -> type[Exception]:
        from playwright.sync_api import Error

        return Error


def said(error: Exception) -> str:
    """Return what a browser's error says, without the name of the call that it came of."""
    return re.sub(r"^\w+\.\w+: ", "", str(error).strip().partition("\n")[0])


def path_of(address: str) -> str:
    """Find the path of an address as a person reads it."""
    return unquote(urlsplit(address).path)
