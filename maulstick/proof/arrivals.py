"""Files that have just arrived in the bucket, asked for as visitors do, before a row names them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from maulstick.console import Moved
from maulstick.content import Check, MediaFile
from maulstick.proof.addresses import unfit
from maulstick.proof.files import delivered
from maulstick.proof.pictures import Original, nowhere
from maulstick.web import Web

AT_ONCE = 16
LATE = (1.0, 2.0, 4.0)
"""Seconds after which wrong answers are asked for again: what serves a file from many places may be late."""
FEW = 20
"""Wrong answers that are asked for again at first; the others only if one of these is right by then."""


Otherwise = Callable[[Mapping[str, Check]], dict[str, Check] | None]
"""Told the first answers; returns what is answered otherwise, None where these count."""


def arrivals(
    web: Web,
    files: Sequence[MediaFile],
    public: str,
    *,
    at_once: int = AT_ONCE,
    moved: Moved,
    original: Original = nowhere,
    otherwise: Otherwise = lambda _: None,
) -> dict[str, Check]:
    """Return what visitors get for each file, by its key; `moved` is told of each answer.

    Where nobody answers, nobody is asked any more: what is missing in the result was not asked for.
    """
    if told := unfit(public, web.site):
        return {file.key: Check(f"file {file.key}", False, *told) for file in files[:1]}

    def ask(some: Sequence[MediaFile], moved: Moved = lambda _: None) -> dict[str, Check]:
        return _asked(
            lambda file: delivered(web, file, public, whole=False, original=original), some, at_once, moved
        )

    found = ask(files, moved)
    if (others := otherwise(found)) is not None:
        return others
    for pause in LATE:
        wrong = [file for file in files if file.key in found and found[file.key].ok is False]
        if not wrong:
            break
        time.sleep(pause)
        again = ask(wrong[:FEW])
        if any(check.ok for check in again.values()):
            again |= ask(wrong[FEW:])
        found |= again
    return found


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
