"""The files that rows name, each one proven and looked at where the source keeps it, several at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from maulstick.errors import Problem, refused
from maulstick.media.sources import Decoded, Media
from maulstick.project.declarations import MediaFile

NOTHING: Mapping[str, str] = {}


def find(
    media: Media,
    paths: Iterable[str],
    known: Iterable[MediaFile] = (),
    said: Mapping[str, str] = NOTHING,
) -> tuple[MediaFile, ...]:
    """Return the files of media paths, one for each key, in the order of their paths.

    Pictures that are among the `known` files with the same content were decoded before. `said` are
    the types that rows give to paths. All files that are not fit to be released are named in one problem
    (exit 3).
    """
    decoded = {file.sha256: file for file in known if file.width is not None}
    with ThreadPoolExecutor(media.at_once) as pool:
        found = list(
            pool.map(lambda path: _found(media, path, decoded, said.get(path, "")), sorted(set(paths)))
        )
    problems = [one for one in found if isinstance(one, Problem)]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        lines = "".join(f"\n    {problem.where}: {problem.what}" for problem in problems)
        raise refused("media", f"{len(problems)} files cannot be released{lines}", problems[0].hint)
    files = [one for one in found if isinstance(one, MediaFile)]
    return tuple({file.key: file for file in files}.values())


def _found(media: Media, path: str, decoded: Decoded, said: str) -> MediaFile | Problem:
    try:
        return media.proven(path, decoded, said)
    except Problem as problem:
        return problem
