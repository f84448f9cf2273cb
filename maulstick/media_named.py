"""The bucket held against all that names its objects: production's rows, the ledger and the bundles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maulstick.bucket import Bucket, Listed
from maulstick.bundle import MANIFEST, read_manifest
from maulstick.content import MediaFile
from maulstick.ledger import require_ledger
from maulstick.media_names import all_named, keys_of, naming_columns
from maulstick.media_root import is_address
from maulstick.plugins import Plugins
from maulstick.postgres import Database
from maulstick.schema import read_schema
from maulstick.sizes import size_text

OURS = "maulstick/"
"""The folder of the bucket that holds what releases keep there; nothing in it is an orphan."""
LEDGER = """
select key from maulstick.object
union select key from maulstick.upload where undone is null
union select before from maulstick.upload where undone is null and before is not null
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A value of production's rows that names a file, with the column that holds it."""

    value: str
    column: str


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object that nothing names."""

    key: str
    listed: Listed

    def __str__(self) -> str:
        return f"{self.key:<50} {size_text(self.listed.size):>10}  {self.listed.modified:%Y-%m-%d %H:%M}"

    def to_json(self) -> dict[str, Any]:
        """Return the orphan as JSON."""
        return {
            "key": self.key,
            "bytes": self.listed.size,
            "modified": self.listed.modified.isoformat(),
        }


def named_by_rows(database: Database, plugins: Plugins) -> list[Named]:
    """Return all that production's rows say in any media column that any plugin declares."""
    question = all_named(naming_columns(plugins, read_schema(database.query)))
    return [Named(value, column) for value, column in database.query(question)]


def lacking(bucket: Bucket, named: Iterable[Named]) -> list[Named]:
    """Return what rows name of the bucket and the bucket lacks; addresses elsewhere are not ours to have."""
    public = f"{bucket.address.public_url.rstrip('/')}/"
    ours = [one for one in named if not is_address(one.value) or one.value.startswith(public)]
    listed = bucket.list([""]) if ours else {}
    missing = [one for one in ours if not any(key in listed for key in keys_of(one.value, bucket.address))]
    # A storage may fold doubled slashes in its listing.
    doubled = [one for one in missing if "//" in one.value.removeprefix(public)]
    there = {one for one in doubled if bucket.head(next(keys_of(one.value, bucket.address)))}
    return [one for one in missing if one not in there]


def orphans(bucket: Bucket, database: Database, plugins: Plugins, bundles: Path) -> list[Orphan]:
    """Return the objects that no row of production, no ledger and no bundle names, by key.

    A bundle that cannot be read is a problem: what it names cannot be told.
    """
    wanted = {key for one in named_by_rows(database, plugins) for key in keys_of(one.value, bucket.address)}
    wanted |= {str(key) for (key,) in (database.query(LEDGER) if require_ledger(database) else ())}
    wanted |= {file.key for files in files_of_bundles(bundles).values() for file in files}
    # What a storage lists with folded slashes may be named with all of them.
    wanted |= {"/".join(filter(None, key.split("/"))) for key in wanted if "//" in key}
    found = bucket.list([""])
    return [Orphan(key, found[key]) for key in sorted(found) if key not in wanted and not _is_ours(key)]


def files_of_bundles(bundles: Path) -> Mapping[Path, tuple[MediaFile, ...]]:
    """Return the files of all bundles, by the bundle's folder."""
    folders = sorted(path.parent for path in bundles.glob(f"*/*/{MANIFEST}"))
    return {folder: read_manifest(folder).media for folder in folders}


def _is_ours(key: str) -> bool:
    return key.startswith(OURS) or key.endswith("/")
