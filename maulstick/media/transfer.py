"""What a comparison found is sent and mended, several files at once, and each object proven after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock

from maulstick.errors import Problem, refused
from maulstick.media.compare import AT_ONCE, Comparison, Item, Proof, listing, proof_of, wrong_headers
from maulstick.media.content_types import is_right
from maulstick.media.sources import Places
from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import Bucket, Listed, Stored
from maulstick.s3.copy import acl_of, keep, repair, set_acl
from maulstick.s3.memory import SharedMemory
from maulstick.s3.multipart import PART, Progress

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Work:
    """What all items need on their way, and the new ETag of each that was sent.

    `kept` says where the object under a key goes that is replaced.
    """

    bucket: Bucket
    places: Places
    kept: Mapping[str, str]
    progress: Progress
    arrived: Callable[[MediaFile], None]
    etags: dict[str, str | None] = field(default_factory=dict)
    memory: SharedMemory = field(default_factory=SharedMemory)
    lock: Lock = field(default_factory=Lock)

    def bring(self, item: Item) -> None:
        """Send or mend one file."""
        file, there = item.file, item.there
        self.etags[file.key] = None
        if isinstance(there, Stored) and item.action == "repair":
            repair(self.bucket, _as_right_as(file, there), there)
            return
        if item.action == "overwrite" and there is not None:
            self.etags[file.key] = self._replace(file, there)
        else:
            self.etags[file.key] = self.places.bring(self.bucket, file, self._count, memory=self.memory)
        with self.lock:
            self.arrived(file)

    def _count(self, size: int) -> None:
        with self.lock:
            self.progress(size)

    def _replace(self, file: MediaFile, there: Stored | Listed) -> str | None:
        """Send a file in place of the object that is there, which is kept; it stays public if it was."""
        acl = acl_of(self.bucket, file.key)
        keep(self.bucket, file.key, there, self.kept[file.key])
        etag = self.places.bring(self.bucket, file, self._count, memory=self.memory, instead_of=there.etag)
        set_acl(self.bucket, file.key, acl)
        return etag


def upload(
    bucket: Bucket,
    items: Sequence[Item],
    *,
    places: Places,
    kept: Mapping[str, str] = NOTHING,
    concurrency: int = AT_ONCE,
    progress: Progress,
    arrived: Callable[[MediaFile], None] = lambda _: None,
) -> dict[str, Proof]:
    """Send and mend what `compare` found, several at once; return what each object proved to be after.

    `progress` gets the bytes of files as they arrive, and `arrived` each file that has, neither by two
    threads at once. Nothing is sent while any content differs (exit 3). The first failure stops what has not
    begun.
    """
    different = [item for item in items if item.action == "conflict"]
    if different:
        names = "".join(f"\n    {item.file.key}: {item.why}" for item in different)
        what = f"the bucket holds other content under the same names{names}"
        hint = (
            "give the changed file a name of its own; visitors' browsers keep what they got under the old one"
        )
        raise refused("upload", what, hint)
    waiting = [item for item in items if item.action != "there"]
    work = Work(bucket, places, kept, progress, arrived)
    _each([item for item in waiting if not _in_parts(item)], concurrency, work.bring)
    for item in waiting:  # one after the other: their parts go side by side
        if _in_parts(item):
            work.bring(item)
    proofs = _prove(bucket, waiting, work.etags, concurrency)
    with suppress(Problem):  # what was sent is there, whatever becomes of what nobody finished
        bucket.throw_away(item.file.key for item in items)
    return proofs


def _in_parts(item: Item) -> bool:
    return item.action != "repair" and item.file.bytes > PART


def _prove(
    bucket: Bucket, items: Sequence[Item], etags: Mapping[str, str | None], concurrency: int
) -> dict[str, Proof]:
    """Hold every object against what arrived: by its listing, and where that is not enough by its headers."""
    with ThreadPoolExecutor(concurrency) as pool:
        against = Comparison(bucket, listing(bucket, [item.file.key for item in items], pool), {})
        # One of each kind is asked for anyway; all of them if the storage has forgotten its headers.
        samples = {str(bucket.headers(item.file)): item.file for item in items}
        doubtful = [
            item.file
            for item in items
            if _in_parts(item) or not _as_sent(item.file, against, etags[item.file.key])
        ]
        asked = {file.key: file for file in (*samples.values(), *doubtful)}
        if any([*pool.map(lambda file: _ask_again(bucket, file, etags[file.key]), asked.values())]):
            others = [item.file for item in items if item.file.key not in asked]
            list(pool.map(lambda file: _ask_again(bucket, file, etags[file.key]), others))
    proofs = {item.file.key: proof_of(against, item.file) for item in items}
    return {key: proof for key, proof in proofs.items() if proof is not None}


def _as_sent(file: MediaFile, against: Comparison, etag: str | None) -> bool:
    listed = against.listed.get(file.key)
    return listed is not None and (listed.size, listed.etag) == (file.bytes, etag)


def _ask_again(bucket: Bucket, file: MediaFile, etag: str | None) -> bool:
    """Ask for the headers of what was sent, mend them if need be, and return whether it was.

    Parts that an earlier run began may have brought its headers, and a storage may forget ours.
    """
    stored = bucket.head(file.key)
    wrong = _wrong(bucket, stored, file)
    mended = wrong != "" and stored is not None and stored.etag == etag
    if mended and stored is not None:
        repair(bucket, _as_right_as(file, stored), stored)
        wrong = _wrong(bucket, bucket.head(file.key), file)
    if wrong:
        where = f"bucket {bucket.address.name}/{file.key}"
        raise Problem(where, f"was sent, but afterwards: {wrong}", "upload again")
    return mended


def _as_right_as(file: MediaFile, stored: Stored) -> MediaFile:
    """Return a file with the type that its object has, where that is as good as its own."""
    return replace(file, type=stored.type) if is_right(stored.type, file.key, file.type) else file


def _wrong(bucket: Bucket, stored: Stored | None, file: MediaFile) -> str:
    if stored is None:
        return "nothing is there"
    if stored.size != file.bytes:
        return f"{stored.size} bytes are there, and {file.bytes} were sent"
    return wrong_headers(bucket, stored, file)


def _each(items: Sequence[Item], concurrency: int, act: Callable[[Item], None]) -> None:
    """Act on each item in so many threads; the first failure is raised, and nothing new begins after it."""
    waiting, lock = iter(items), Lock()
    failed: list[BaseException] = []

    def work() -> None:
        while not failed:
            with lock:
                item = next(waiting, None)
            if item is None:
                return
            try:
                act(item)
            except BaseException as error:
                failed.append(error)

    threads = min(concurrency, len(items)) or 1
    with ThreadPoolExecutor(threads) as pool:
        try:
            for thread in [pool.submit(work) for _ in range(threads)]:
                thread.result()
        except BaseException as error:  # Ctrl-C while we wait for them
            failed.append(error)
            raise
    if failed:
        raise failed[0]
