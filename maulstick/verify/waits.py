"""Waits that a person hears of when they last long; one thread watches all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread


class Waits:
    """Waits of which each is announced once, where it lasts longer than so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waits: dict[object, tuple[float, Callable[[], None]]] = {}
        self._lock = Lock()
        self._listens = False

    @contextmanager
    def announced(self, say: Callable[[], None]) -> Iterator[None]:
        """Call `say` if the block is not done in time, while it goes on."""
        wait = object()
        with self._lock:
            self._waits[wait] = (time.monotonic() + self._seconds, say)
            begins, self._listens = not self._listens, True
        if begins:
            Thread(target=self._listen, daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._waits.pop(wait, None)

    def _listen(self) -> None:
        while (pause := self._next()) is not None:
            time.sleep(pause)

    def _next(self) -> float | None:
        """Announce the waits that are due; return the seconds until the next, None where none is left."""
        with self._lock:
            now = time.monotonic()
            due = [wait for wait, (end, _) in self._waits.items() if end <= now]
            saying = [self._waits.pop(wait)[1] for wait in due]
            first = next(iter(self._waits.values()), None)  # they end in the order in which they begin
            self._listens = first is not None or bool(saying)
        for say in saying:
            with suppress(Exception):  # the others are announced all the same
                say()
        if first is None:
            return 0.0 if saying else None
        return max(0.0, first[0] - now)
