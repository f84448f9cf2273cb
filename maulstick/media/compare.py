"""A release's media files compared with the bucket: what is there, what is missing, what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from maulstick.errors import Problem, refused
from maulstick.media.content_types import is_right
from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import Bucket, Listed, Stored
from maulstick.s3.listing import by_folder
from maulstick.text import size_text

AT_ONCE = 64
"""How many objects are looked at, or files sent, at once unless somebody says otherwise."""
KEPT = "maulstick/before/"
"""The folder of objects that were replaced, one folder in it for each run that replaced any."""

Sent = Mapping[str, frozenset[str]]
"""Keys, each with the SHA-256 of what releases have sent under it."""
NOTHING: Sent = {}
Dated = Callable[[str], datetime | None]
"""When the file of a path was last changed, as far as that is known."""
Action = Literal["upload", "overwrite", "there", "repair", "conflict"]
"""`there`: nothing to do; `repair`: only headers differ; `conflict`: other content, and the release stops."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What an object proved to be; a listing that shows the same size, ETag and time needs no question."""

    sha256: str
    size: int
    etag: str
    modified: datetime
    headers: Mapping[str, str]

    def shows(self, listed: Listed) -> bool:
        """Return whether a listing shows the object as it was proven."""
        return (listed.size, listed.etag, listed.modified) == (self.size, self.etag, self.modified)


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be done about a file, and `why` in words; `there` is the object under its key, if any.

    `known`: the ledger knows the object as it is; else `proof` is what the ledger may learn about it.
    """

    file: MediaFile
    action: Action
    why: str
    there: Stored | Listed | None = None
    proof: Proof | None = None
    known: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """What files are compared with: the bucket as listed and as proven before, and what may be replaced."""

    bucket: Bucket
    listed: Mapping[str, Listed]
    known: Mapping[str, Proof]
    overwrite: bool = False
    dated: Dated | None = None
    sent: Sent = field(default_factory=dict)

    def may_replace(self, file: MediaFile, there: Stored | Listed) -> bool:
        """Return whether a file may take the place of what is there: its plugin says so, and it was ours."""
        if self.overwrite or not file.replace:
            return self.overwrite
        if isinstance(there, Stored):
            digest = there.sha256
        else:
            stored = self.bucket.head(file.key)
            digest = stored.sha256 if stored else None
        return digest in self.sent.get(file.key, frozenset())


def compare(
    bucket: Bucket,
    files: Sequence[MediaFile],
    *,
    known: Mapping[str, Proof] | None = None,
    overwrite: bool = False,
    dated: Dated | None = None,
    sent: Sent = NOTHING,
    concurrency: int = AT_ONCE,
) -> list[Item]:
    """Return what is to be done about each file, in the order given; nothing is changed.

    First the listing is held against `known`. An object that this does not settle is asked for its headers,
    and only one without our digest is read. `dated` returns when a file was changed. `sent` are the contents
    that were sent from here before: a file that may replace its own older one replaces only these.
    """
    wanted = _one_for_each_key(files)
    with ThreadPoolExecutor(concurrency) as pool:
        listed = listing(bucket, [file.key for file in wanted], pool)
        comparison = Comparison(bucket, listed, known or {}, overwrite, dated, sent)
        settled = {file.key: _by_listing(comparison, file) for file in wanted}
        unsettled = [file for file in wanted if settled[file.key] is None]
        asked = pool.map(lambda file: _by_headers(comparison, file), unsettled)
        return [settled[file.key] or next(asked) for file in wanted]


def listing(bucket: Bucket, keys: Iterable[str], pool: ThreadPoolExecutor) -> dict[str, Listed]:
    """Return those of the keys that the bucket lists, several folders at a time."""
    folders = by_folder(keys)
    parts = pool.map(bucket.among, folders.keys(), folders.values())
    return {key: listed for part in parts for key, listed in part.items()}


def wrong_headers(bucket: Bucket, stored: Stored, file: MediaFile) -> str:
    """Return which headers of an object differ from its file's, in words, "" if none does."""
    pairs = (
        ("type", stored.type, stored.type if is_right(stored.type, file.key, file.type) else file.type),
        ("cache control", stored.cache_control, file.cache_control),
        ("disposition", stored.disposition, ""),
        ("encoding", stored.encoding, ""),
        ("digest", stored.sha256 or "", file.sha256),
        ("ACL", *_acls(bucket, file.key)),
    )
    differences = [
        f'{name} is "{there}"' if there else f"no {name}" for name, there, here in pairs if there != here
    ]
    return ", ".join(differences)


def _acls(bucket: Bucket, key: str) -> tuple[str, str]:
    """Return an object's ACL and the wanted one; twice "" if none is wanted or the storage has none."""
    wanted = bucket.address.acl
    public = bucket.is_public(key) if wanted else None
    if wanted is None or public is None:
        return "", ""
    return "public-read" if public else "private", wanted


def _by_listing(comparison: Comparison, file: MediaFile) -> Item | None:
    """Return what the listing and earlier proofs tell of a file, None if its object must be asked for."""
    listed, proof = comparison.listed.get(file.key), comparison.known.get(file.key)
    if listed is None:
        # A storage may fold doubled slashes in its listing; otherwise it lists what it has.
        return None if "//" in f"/{file.key}" else Item(file, "upload", "not there")
    if listed.size != file.bytes:
        return _different(comparison, file, listed)
    if proof is None or not proof.shows(listed):
        return None
    if proof.sha256 != file.sha256:
        return _different(comparison, file, listed)
    if proof.headers != comparison.bucket.headers(file):
        return None
    return Item(file, "there", "as proven before", listed, known=True)


def _by_headers(comparison: Comparison, file: MediaFile) -> Item:
    bucket = comparison.bucket
    stored = bucket.head(file.key)
    if stored is None:
        return Item(file, "upload", "not there")
    # One that claims another digest is read before it is called different.
    if stored.size != file.bytes or (stored.sha256 != file.sha256 and bucket.digest(file.key) != file.sha256):
        return _different(comparison, file, stored)
    wrong = wrong_headers(bucket, stored, file)
    if wrong:
        return Item(file, "repair", wrong, stored)
    return Item(file, "there", "the same content", stored, proof_of(comparison, file))


def proof_of(comparison: Comparison, file: MediaFile) -> Proof | None:
    """Return what an object proved to be, None if the listing does not show it."""
    listed = comparison.listed.get(file.key)
    if listed is None:
        return None
    headers = comparison.bucket.headers(file)
    return Proof(file.sha256, listed.size, listed.etag, listed.modified, headers)


def _different(comparison: Comparison, file: MediaFile, there: Stored | Listed) -> Item:
    changed = None
    with suppress(Problem, OSError):
        changed = comparison.dated(file.path) if comparison.dated else None
    here = _dated(file.bytes, changed)
    why = f"different content: {_dated(there.size, there.modified)} there, {here} here"
    if comparison.may_replace(file, there):
        return Item(file, "overwrite", why, there)
    return Item(file, "conflict", f"{why}, not sent from here" if file.replace else why, there)


def _dated(size: int, at: datetime | None) -> str:
    return f"{size_text(size)} of {at:%Y-%m-%d %H:%M}" if at else size_text(size)


def _one_for_each_key(files: Iterable[MediaFile]) -> list[MediaFile]:
    by_key: dict[str, MediaFile] = {}
    for file in files:
        first = by_key.setdefault(file.key, file)
        if first.sha256 != file.sha256:
            raise refused(f"media {file.key}", f"two files want this key: {first.path} and {file.path}")
    return list(by_key.values())
