"""Files that have just arrived in the bucket, asked for as visitors do, before a row names them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from maulstick.console import Moved
from maulstick.content import Check, MediaFile
from maulstick.proof.files import delivered
from maulstick.web import Web

MOST_AT_ONCE = 16
LATE = (1.0, 2.0, 4.0)
"""Seconds after which a wrong answer is asked for again: what serves a file from many places may be late."""


def arrivals(
    web: Web, files: Sequence[MediaFile], public: str, *, concurrency: int, moved: Moved
) -> dict[str, Check]:
    """Return what visitors get for each file, by its key; `moved` is told of each that has answered.

    Where nobody answers, nobody is asked any more: what is missing in the answer was not asked for.
    """
    found = _asked(web, files, public, concurrency, moved)
    for pause in LATE:
        wrong = [file for file in files if file.key in found and found[file.key].ok is False]
        if not wrong:
            break
        time.sleep(pause)
        found |= _asked(web, wrong, public, concurrency, lambda _: None)
    return found


def _asked(
    web: Web, files: Sequence[MediaFile], public: str, concurrency: int, moved: Moved
) -> dict[str, Check]:
    silent = Event()

    def ask(file: MediaFile) -> Check | None:
        if silent.is_set():
            return None
        check = delivered(web, file, public, whole=False)
        if check.ok is None:
            silent.set()
        moved(1)
        return check

    with ThreadPoolExecutor(min(concurrency, MOST_AT_ONCE)) as pool:
        answers = zip(files, pool.map(ask, files), strict=True)
        return {file.key: check for file, check in answers if check is not None}
