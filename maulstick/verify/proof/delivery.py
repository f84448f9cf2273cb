"""Files that have just arrived in the bucket, asked for as visitors do, before a row names them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event

from maulstick.console import Moved
from maulstick.project.declarations import Check, MediaFile
from maulstick.verify.http import Web
from maulstick.verify.proof.addresses import unfit
from maulstick.verify.proof.files import Original, delivered, nowhere

AT_ONCE = 16
NONE: Mapping[str, Check] = {}
LATE = (1.0, 2.0, 4.0)
"""Seconds after which wrong answers are asked for again: what serves a file from many places may be late."""
FEW = 20
"""Wrong answers that are asked for again at first; the others only if one of these is right by then."""


Otherwise = Callable[[Mapping[str, Check]], dict[str, Check] | None]
"""Gets the first answers; returns what is answered otherwise, None where these count."""


@dataclass(frozen=True, slots=True)
class Early:
    """Questions to files while others are still on their way; only what is right counts.

    Each is put once. After the first answer that is not right none is put any more: `arrivals` asks again,
    with all its patience.
    """

    web: Web
    public: str
    original: Original
    pool: ThreadPoolExecutor
    ended: Event = field(default_factory=Event)
    right: dict[str, Check] = field(default_factory=dict)

    def ask(self, file: MediaFile) -> None:
        """Have a file asked for that has just arrived."""
        if not self.ended.is_set():
            self.pool.submit(self._ask, file)

    def _ask(self, file: MediaFile) -> None:
        if self.ended.is_set():
            return
        check = delivered(self.web, file, self.public, whole=False, original=self.original)
        if check.ok:
            self.right[file.key] = check
        else:
            self.ended.set()


@contextmanager
def early(web: Web, public: str, *, at_once: int = AT_ONCE, original: Original = nowhere) -> Iterator[Early]:
    """Put questions beside the block, so many at once; what was not begun by its end is left out."""
    with ThreadPoolExecutor(at_once) as pool:
        asking = Early(replace(web, patience=0.0), public, original, pool)
        try:
            yield asking
        finally:
            asking.ended.set()


def arrivals(
    web: Web,
    files: Sequence[MediaFile],
    public: str,
    *,
    at_once: int = AT_ONCE,
    moved: Moved,
    original: Original = nowhere,
    otherwise: Otherwise = lambda _: None,
    known: Mapping[str, Check] = NONE,
) -> dict[str, Check]:
    """Return what visitors get for each file, by its key; `moved` hears of each answer.

    Where nobody answers, nobody is asked any more: what is missing in the result was not asked for. What is
    `known` was answered well a moment ago.
    """
    if unfitness := unfit(public, web.site):
        return {file.key: Check(f"file {file.key}", False, *unfitness) for file in files[:1]}

    def ask(some: Sequence[MediaFile], moved: Moved = lambda _: None) -> dict[str, Check]:
        return _asked(
            lambda file: delivered(web, file, public, whole=False, original=original), some, at_once, moved
        )

    moved(len(known))
    answers = {**known, **ask([file for file in files if file.key not in known], moved)}
    if (others := otherwise(answers)) is not None:
        return others
    answers = {file.key: answers[file.key] for file in files if file.key in answers}
    for pause in LATE:
        wrong = [file for file in files if file.key in answers and answers[file.key].ok is False]
        if not wrong:
            break
        time.sleep(pause)
        again = ask(wrong[:FEW])
        if any(check.ok for check in again.values()):
            again |= ask(wrong[FEW:])
        answers |= again
    return answers


def _asked(
    put: Callable[[MediaFile], Check], files: Sequence[MediaFile], at_once: int, moved: Moved
) -> dict[str, Check]:
    ended = Event()

    def ask(file: MediaFile) -> Check | None:
        if ended.is_set():
            return None
        check = put(file)
        if check.ok is None:
            ended.set()
        moved(1)
        return check

    with ThreadPoolExecutor(at_once) as pool:
        try:
            answers = zip(files, pool.map(ask, files), strict=True)
            return {file.key: check for file, check in answers if check is not None}
        finally:  # also of Ctrl-C
            ended.set()
