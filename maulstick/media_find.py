"""The files that rows name, found under the media folder: each one proven and looked at, several at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from maulstick.content import MediaFile
from maulstick.errors import Problem, refused
from maulstick.media_look import look
from maulstick.media_root import describe, resolve

AT_ONCE = min(8, os.cpu_count() or 1)


def find(root: Path, paths: Iterable[str], known: Iterable[MediaFile] = ()) -> tuple[MediaFile, ...]:
    """Return the files of media paths, one for each key, in the order of their paths.

    Pictures that are among the `known` files with the same content were decoded before. All files that are
    not fit to be released are named in one problem (exit 3).
    """
    decoded = {file.sha256: file for file in known if file.width is not None}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda path: _found(root, path, decoded), sorted(set(paths))))
    problems = [one for one in found if isinstance(one, Problem)]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        lines = "".join(f"\n    {problem.where}: {problem.what}" for problem in problems)
        raise refused("media", f"{len(problems)} files cannot be released{lines}", problems[0].hint)
    files = [one for one in found if isinstance(one, MediaFile)]
    return tuple({file.key: file for file in files}.values())


def _found(root: Path, path: str, decoded: Mapping[str, MediaFile]) -> MediaFile | Problem:
    try:
        file = describe(root, path)
        before = decoded.get(file.sha256)
        if before is not None and before.type == file.type:
            return replace(file, width=before.width, height=before.height)
        return look(resolve(root, path)[1], file)
    except Problem as problem:
        return problem
