"""manifest.json: what a bundle holds, by digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from maulstick.bundle.page_lines import INDENT, lines_in, lines_of, page_of, sha256_of
from maulstick.bundle.slice.known_base import NO_BASES, Bases
from maulstick.bundle.slice.known_base import from_json as bases_from_json
from maulstick.errors import usage
from maulstick.opened import open_file, read_file
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.project.declarations import MediaFile, Page, Query, Subject
from maulstick.project.plain import plain, require_types

VERSION = 2
KEPT = 256
"""Number of specs to cache: many bundles have the same tables."""
WITH_PAGES_INSIDE = 1
"""The version that keeps the pages among the other fields; it is still read, but no longer written."""
HASH = re.compile(r"-?\d+", re.ASCII)
"""A sum of hashes, which stands in SQL as it is."""
PAGES, END = b'  "pages": [\n', b"  ]\n}\n"


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table of the bundle: how many rows travel, how many are only matched, and their SHA-256.

    `hash` is the sum of the hashes of those that travel, as production can compute it of its own rows.
    """

    spec: TableSpec
    rows: int
    matched: int
    sha256: str
    hash: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds; the same content gives the same manifest, byte for byte.

    `bases` is what the source knows of base, empty where nothing was ever pulled into it.
    `sql_sha256` is of its release.sql without the rows and the digest, "" where an old bundle does not say.
    """

    subject: Subject
    source: str
    as_of: str
    tables: Mapping[str, TableRows]
    media: tuple[MediaFile, ...]
    pages: Sequence[Page]
    queries: tuple[Query, ...]
    migrations: tuple[str, ...]
    digest: str = ""
    sql_sha256: str = ""
    bases: Bases = NO_BASES

    @property
    def specs(self) -> TableSpecs:
        """The specs of the tables, parents before children."""
        return {name: table.spec for name, table in self.tables.items()}

    def counts(self) -> dict[str, int]:
        """Count how many rows of each table travel."""
        return {name: table.rows for name, table in self.tables.items() if table.spec.travels}

    @property
    def rows_digest(self) -> str:
        """The SHA-256 of the rows and of how they travel; two bundles may differ in the rest."""
        tables = {name: _table_to_json(table) for name, table in self.tables.items()}
        return hashlib.sha256(_json(tables, sort_keys=True).encode()).hexdigest()

    def sealed(self) -> Manifest:
        """Return the manifest with its digest: SHA-256 of everything else in it."""
        return replace(self, digest=_digest(self._head()))

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes of manifest.json: each file and each page is a line of its own, the pages last."""
        yield b"{\n"
        for name, value in self._head().items():
            yield f"  {_json(name)}: {_shown(value)},\n".encode()
        yield PAGES
        before = b""
        for line in lines_of(self.pages):
            yield before + INDENT + line
            before = b",\n"
        yield (b"\n" if before else b"") + END

    def _head(self) -> dict[str, Any]:
        """Return all but the pages, as JSON holds it."""
        return {
            "version": VERSION,
            "subject": plain(self.subject),
            "source": self.source,
            "as_of": self.as_of,
            "digest": self.digest,
            "tables": {name: _table_to_json(table) for name, table in self.tables.items()},
            "media": plain(self.media),
            "queries": plain(self.queries),
            "migrations": list(self.migrations),
            **({"bases": self.bases.to_json()} if self.bases else {}),
            **({"sql_sha256": self.sql_sha256} if self.sql_sha256 else {}),
            "pages_sha256": sha256_of(self.pages),
        }


def read(path: Path, where: str) -> Manifest:
    """Read the manifest of a file; raise a problem (exit 2) if it is not one, is newer, or was edited.

    Its pages stay in the file: their lines are held against the digest, and read when they are asked for.
    """
    try:
        head, start = _before_pages(path)
        found = json.loads(head)
        version = found["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise usage(where, "is not a manifest", "export again") from error
    if version not in (VERSION, WITH_PAGES_INSIDE):
        raise usage(f"{where}/version", f"is {version!r}; known here is {VERSION}", "update Maulstick")
    try:
        pages: Sequence[Page]
        if version == WITH_PAGES_INSIDE:
            found = json.loads(read_file(path).decode())
            pages = tuple(page_of(page) for page in found["pages"])
        else:
            del found["pages"]
            pages = lines_in(path, start, END)
        manifest = _manifest(found, pages)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise usage(where, f"is not whole ({error})", "export again") from error
    if lost := _lost(manifest.specs):
        raise usage(where, f"is not whole ({lost})", "export again")
    same = version == WITH_PAGES_INSIDE or found.get("pages_sha256") == sha256_of(pages)
    if not same or _digest(found) != manifest.digest:
        raise usage(f"{where}/digest", "does not fit the rest: the file was edited", "export again")
    return manifest


def _before_pages(path: Path) -> tuple[str, int]:
    """Return a manifest without its pages, as JSON, and the offset at which the pages begin."""
    head: list[bytes] = []
    with open_file(path) as file:
        for line in file:
            if line == PAGES:
                return b"".join([*head, b'  "pages": []\n}']).decode(), file.tell()
            head.append(line)
    return b"".join(head).decode(), 0


def _digest(found: Mapping[str, Any]) -> str:
    """Compute the SHA-256 of a manifest as it is in its file, including fields that we do not know."""
    return hashlib.sha256(_json({**found, "digest": ""}, sort_keys=True).encode()).hexdigest()


def _shown(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n    " + ",\n    ".join(map(_json, value)) + "\n  ]"
    return _json(value, indent=2).replace("\n", "\n  ") if isinstance(value, dict) else _json(value)


def _json(value: Any, **how: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **how)


def _table_to_json(table: TableRows) -> dict[str, Any]:
    spec = _spec_to_json(_This(table.spec))
    rows = {"rows": table.rows, "matched": table.matched, "sha256": table.sha256, "hash": table.hash}
    return rows | spec


def _manifest(found: Mapping[str, Any], pages: Sequence[Page]) -> Manifest:
    manifest = Manifest(
        subject=Subject(**found["subject"]),
        source=found["source"],
        as_of=found["as_of"],
        tables={name: _table(table) for name, table in found["tables"].items()},
        media=tuple(MediaFile(**file) for file in found["media"]),
        pages=pages,
        queries=tuple(Query(**query) for query in found["queries"]),
        migrations=tuple(found["migrations"]),
        digest=found["digest"],
        sql_sha256=found.get("sql_sha256", ""),
        bases=bases_from_json(found["bases"]) if "bases" in found else NO_BASES,
    )
    require_types(replace(manifest, tables={}, pages=()))
    return manifest


def _table(found: Mapping[str, Any]) -> TableRows:
    rows = ("rows", "matched", "sha256", "hash")
    spec = _spec(_json({key: value for key, value in found.items() if key not in rows}))
    table = TableRows(spec, *(found[key] for key in rows))
    require_types(table)
    if min(table.rows, table.matched) < 0 or not HASH.fullmatch(table.hash):
        raise ValueError("rows or hash are not numbers")
    return table


@lru_cache(KEPT)
def _spec(text: str) -> TableSpec:
    """Return the spec in JSON; bundles with equal specs share one object."""
    return TableSpec.from_json(json.loads(text))


@dataclass(frozen=True, slots=True)
class _This:
    """A spec as a cache key, compared by identity: parts of it cannot be hashed."""

    spec: TableSpec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and self.spec is other.spec

    def __hash__(self) -> int:
        return id(self.spec)


@lru_cache(KEPT)
def _spec_to_json(this: _This) -> dict[str, Any]:
    return this.spec.to_json()


def _lost(specs: TableSpecs) -> str:
    """Find the first reference to a table that the manifest lacks, "" if there is none."""
    for name, spec in specs.items():
        if name != spec.label:
            return f"{name} is {spec.label}"
        near = {*spec.parents, *(to.table for to in spec.references.values())}
        near |= {to.table for to in spec.pointers if to.table}
        near |= {to.table for to in spec.json_references} | {link.table for link in spec.links}
        if lost := near - specs.keys():
            return f"{name} refers to {min(lost)}"
    return ""
