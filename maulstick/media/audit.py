"""The bucket held against all that names its objects: production's rows, the ledger and the bundles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from maulstick.media.paths import is_address
from maulstick.media.references import all_named, keys_of, naming_columns, shown
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import has_ledger, undone
from maulstick.project.declarations import MediaFile
from maulstick.project.plugins.registry import Plugins
from maulstick.s3.bucket import Bucket, Listed
from maulstick.text import size_text

OURS = "maulstick/"
"""The folder of the bucket that holds what releases keep there; nothing in it is an orphan."""
CLAIMED = "select key from maulstick.upload where undone is null and release is null"
"""What was sent and no release has claimed: by `upload --file`, or by a run that is not done yet."""
SENT = "select key, release from maulstick.upload where undone is null and release is not null order by 2"
PROVEN = "select key from maulstick.object"
UNFINISHED = "parts of an upload that never ended"


@dataclass(frozen=True, slots=True)
class Named:
    """A value of production's rows that names a file, with the column that holds it."""

    value: str
    column: str


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object that nothing names, or with `listed` None the parts of an upload that never ended.

    `known` says what the ledger knows of it.
    """

    key: str
    listed: Listed | None
    known: str = ""

    def __str__(self) -> str:
        listed = self.listed
        size = f"{size_text(listed.size):>10}  {listed.modified:%Y-%m-%d %H:%M}" if listed else " " * 28
        return f"{shown(self.key):<50} {size}  {self.known}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """Return the orphan as JSON."""
        return {
            "key": self.key,
            "bytes": self.listed.size if self.listed else None,
            "modified": self.listed.modified.isoformat() if self.listed else None,
            "known": self.known,
        }


def named_by_rows(database: Database, plugins: Plugins) -> list[Named]:
    """Return all that production's rows say in any media column that any plugin declares."""
    question = all_named(naming_columns(plugins, read_schema(database)))
    return [Named(value, column) for value, column in database.query(question)]


def keys_there(bucket: Bucket, named: Iterable[Named]) -> dict[Named, str]:
    """Return under which key the bucket has what rows name of it, "" where it lacks it.

    Addresses elsewhere are not ours to have.
    """
    public = f"{bucket.address.public_url.rstrip('/')}/"
    ours = [name for name in named if not is_address(name.value) or name.value.startswith(public)]
    listed = bucket.list([""]) if ours else {}
    keys: dict[Named, str] = {}
    for name in ours:
        first, *others = keys_of(name.value, bucket.address)
        keys[name] = next((key for key in (first, *others) if key in listed), "")
        # A storage may fold doubled slashes in its listing.
        if not keys[name] and "//" in name.value.removeprefix(public) and bucket.head(first):
            keys[name] = first
    return keys


def lacking(bucket: Bucket, named: Iterable[Named]) -> list[Named]:
    """Return what rows name of the bucket and the bucket lacks."""
    return [name for name, key in keys_there(bucket, named).items() if not key]


def orphans(
    bucket: Bucket, database: Database, plugins: Plugins, bundled: Iterable[MediaFile]
) -> list[Orphan]:
    """List the objects that no row of production and no bundle names, by key, and uploads without an end.

    `bundled` are the files of all bundles.
    """
    knows = has_ledger(database)
    wanted = {key for name in named_by_rows(database, plugins) for key in keys_of(name.value, bucket.address)}
    wanted |= {str(key) for (key,) in (database.query(CLAIMED) if knows else ())}
    wanted |= {file.key for file in bundled}
    # What a storage lists with folded slashes may be named with all of them.
    wanted |= {"/".join(filter(None, key.split("/"))) for key in wanted if "//" in key}
    listed, known = bucket.list([""]), _known(database) if knows else {}
    left = [
        key for key in sorted(listed) if key not in wanted and not key.startswith(OURS) and key[-1] != "/"
    ]
    parts = [Orphan(key, None, UNFINISHED) for key in sorted({*bucket.unfinished()})]
    return [*(Orphan(key, listed[key], known.get(key, "")) for key in left), *parts]


def _known(database: Database) -> dict[str, str]:
    """Return what the ledger knows of keys, in words: who sent what is there, or that it was looked at."""
    gone = undone(database)
    known = {str(key): "looked at by a release" for (key,) in database.query(PROVEN)}
    for key, release in database.query(SENT):
        known[str(key)] = f"sent by release {release}{', undone' if release in gone else ''}"
    return known
