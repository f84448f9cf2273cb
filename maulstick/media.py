"""A release's media files against the bucket: what is there, what is sent, and the proof of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from maulstick.bucket import Bucket, Listed, Progress, Stored
from maulstick.content import MediaFile
from maulstick.errors import Problem, refused
from maulstick.media_columns import addresses_in as addresses_in
from maulstick.media_columns import named_by as named_by
from maulstick.media_root import describe as describe
from maulstick.media_root import resolve as resolve
from maulstick.sizes import size_text

ASKING = 8
"""Objects that are looked at, or files that are sent, at once unless somebody says otherwise."""

Action = Literal["upload", "there", "repair", "conflict"]


@dataclass(frozen=True, slots=True)
class Item:
    """What a file needs: `why` says it to a person; `stored` is what is under its key."""

    file: MediaFile
    action: Action
    why: str
    stored: Stored | None = None


def compare(bucket: Bucket, files: Sequence[MediaFile], *, concurrency: int = ASKING) -> list[Item]:
    """Say what each file needs, in the order given; nothing is changed.

    A listing tells most of it. A key that it lacks is asked for once more, since a storage may list a key in
    another form than it serves it; an object without our digest is read.
    """
    wanted = _one_for_each_key(files)
    listed = bucket.list(_prefixes([file.key for file in wanted]))
    with ThreadPoolExecutor(concurrency) as pool:
        return list(pool.map(lambda file: _item(bucket, file, listed.get(file.key)), wanted))


def quota(bucket: Bucket, items: Sequence[Item], limit: int | None) -> Problem | None:
    """Return the problem of a bucket that would grow beyond `limit` bytes; it is measured only if needed."""
    new = sum(item.file.bytes for item in items if item.action == "upload")
    if limit is None or new == 0:
        return None
    used = bucket.used_bytes()
    if used + new <= limit:
        return None
    what = f"{size_text(used)} are there and {size_text(new)} would come; the limit is {size_text(limit)}"
    return refused("storage quota", what, "make room in the bucket, or raise storage_quota in the inventory")


def upload(
    bucket: Bucket, items: Sequence[Item], *, media_root: Path, concurrency: int = ASKING, progress: Progress
) -> None:
    """Send and repair what `compare` found, several at once, and prove each object after.

    `progress` is told the bytes of files as they arrive, never by two threads at once. Nothing is sent while
    any content differs (exit 3). The first failure stops what has not begun.
    """
    different = [item for item in items if item.action == "conflict"]
    if different:
        raise _conflicts(different)
    work = [item for item in items if item.action != "there"]
    told = _one_at_a_time(progress)
    _each(work, concurrency, lambda item: _bring(bucket, item, media_root, told))


def _item(bucket: Bucket, file: MediaFile, listed: Listed | None) -> Item:
    if listed is not None and listed.size != file.bytes:
        return Item(file, "conflict", _sizes(listed.size, file))
    stored = bucket.head(file.key)
    if stored is None:
        return Item(file, "upload", "not there")
    if stored.size != file.bytes:
        return Item(file, "conflict", _sizes(stored.size, file), stored)
    if (stored.sha256 or bucket.digest(file.key)) != file.sha256:
        why = f"different content, of {size_text(file.bytes)} both there and here"
        return Item(file, "conflict", why, stored)
    wrong = _wrong_headers(stored, file)
    return Item(file, "repair" if wrong else "there", wrong or "the same content", stored)


def _bring(bucket: Bucket, item: Item, media_root: Path, progress: Progress) -> None:
    if item.action == "repair" and item.stored is not None:
        bucket.repair(item.file, item.stored)
    else:
        # A manifest is a file that anyone can edit: its paths are trusted no more than a row's.
        _, path = resolve(media_root, item.file.path)
        bucket.put(path, item.file, progress)
    _prove(bucket, item.file)


def _prove(bucket: Bucket, file: MediaFile) -> None:
    stored = bucket.head(file.key)
    if stored is None:
        wrong = "nothing is there"
    else:
        wrong = _wrong_headers(stored, file) or (
            "" if stored.size == file.bytes else _sizes(stored.size, file)
        )
    if wrong:
        where = f"bucket {bucket.address.name}/{file.key}"
        raise Problem(where, f"was sent, but afterwards: {wrong}", "upload again")


def _wrong_headers(stored: Stored, file: MediaFile) -> str:
    """Return which headers differ, in words; "" where none does."""
    pairs = (
        ("type", stored.type, file.type),
        ("cache control", stored.cache_control, file.cache_control),
        ("digest", stored.sha256 or "", file.sha256),
    )
    named = [
        f'{name} is "{there}"' if there else f"no {name}" for name, there, here in pairs if there != here
    ]
    return ", ".join(named)


def _sizes(there: int, file: MediaFile) -> str:
    return f"different content: {size_text(there)} there, {size_text(file.bytes)} here"


def _conflicts(items: Sequence[Item]) -> Problem:
    lines = "".join(f"\n    {item.file.key}: {item.why}" for item in items)
    hint = "give the changed file a name of its own; visitors' browsers keep what they got under the old one"
    return refused("upload", f"the bucket holds other content under the same names{lines}", hint)


def _one_for_each_key(files: Iterable[MediaFile]) -> list[MediaFile]:
    found: dict[str, MediaFile] = {}
    for file in files:
        same = found.setdefault(file.key, file)
        if same.sha256 != file.sha256:
            raise refused(f"media {file.key}", f"two files want this key: {same.path} and {file.path}")
    return list(found.values())


def _prefixes(keys: Iterable[str]) -> list[str]:
    """Return the folders of the keys but those inside another; a key without a folder stands for itself."""
    folders = sorted({key[: key.rfind("/") + 1] or key for key in keys})
    kept: list[str] = []
    for folder in folders:
        if not kept or not folder.startswith(kept[-1]):
            kept.append(folder)
    return kept


def _one_at_a_time(progress: Progress) -> Progress:
    lock = Lock()

    def told(count: int) -> None:
        with lock:
            progress(count)

    return told


def _each(items: Sequence[Item], concurrency: int, act: Callable[[Item], None]) -> None:
    pool = ThreadPoolExecutor(concurrency)
    try:
        for done in as_completed([pool.submit(act, item) for item in items]):
            done.result()
    finally:
        pool.shutdown(cancel_futures=True)
