"""manifest.json: what a bundle holds, by digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from maulstick.content import MediaFile, Page, Query, Subject
from maulstick.errors import usage
from maulstick.shapes import Shape, Shapes

VERSION = 1


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table of the bundle: how many rows travel, how many are only matched, and their SHA-256.

    `hash` is the sum of the hashes of those that travel, as production can compute it of its own rows.
    """

    shape: Shape
    rows: int
    matched: int
    sha256: str
    hash: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds; the same content gives the same manifest, byte for byte."""

    subject: Subject
    source: str
    as_of: str
    tables: Mapping[str, TableRows]
    media: tuple[MediaFile, ...]
    pages: tuple[Page, ...]
    queries: tuple[Query, ...]
    migrations: tuple[str, ...]
    digest: str = ""

    @property
    def shapes(self) -> Shapes:
        """Return the shapes of the tables, parents before children."""
        return {name: table.shape for name, table in self.tables.items()}

    def counts(self) -> dict[str, int]:
        """Return how many rows of each table travel."""
        return {name: table.rows for name, table in self.tables.items() if table.shape.travels}

    @property
    def rows_digest(self) -> str:
        """Return the SHA-256 of the rows and of how they travel; two bundles may differ in the rest."""
        tables = {name: _table_to_json(table) for name, table in self.tables.items()}
        return hashlib.sha256(json.dumps(tables, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def sealed(self) -> Manifest:
        """Return the manifest with its digest: SHA-256 of everything else in it."""
        bare = json.dumps(replace(self, digest="").to_json(), sort_keys=True, ensure_ascii=False)
        return replace(self, digest=hashlib.sha256(bare.encode()).hexdigest())

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON holds it."""
        return {
            "version": VERSION,
            "subject": asdict(self.subject),
            "source": self.source,
            "as_of": self.as_of,
            "digest": self.digest,
            "tables": {name: _table_to_json(table) for name, table in self.tables.items()},
            "media": [_file_to_json(file) for file in self.media],
            "pages": [_page_to_json(page) for page in self.pages],
            "queries": [asdict(query) for query in self.queries],
            "migrations": list(self.migrations),
        }

    def text(self) -> str:
        """Return the text of manifest.json."""
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n"


def parse(text: str, where: str) -> Manifest:
    """Return the manifest of a text; a problem (exit 2) where it is none, is newer, or was edited."""
    try:
        found = json.loads(text)
        version = found["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise usage(where, "is not a manifest", "export again") from error
    if version != VERSION:
        raise usage(f"{where}/version", f"is {version!r}; known here is {VERSION}", "update Maulstick")
    try:
        manifest = _manifest(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise usage(where, f"is not whole ({error})", "export again") from error
    if lost := _lost(manifest.shapes):
        raise usage(where, f"is not whole ({lost})", "export again")
    if manifest.sealed().digest != manifest.digest:
        raise usage(f"{where}/digest", "does not fit the rest: the file was edited", "export again")
    return manifest


def _table_to_json(table: TableRows) -> dict[str, Any]:
    shape = table.shape.to_json()
    rows = {"rows": table.rows, "matched": table.matched, "sha256": table.sha256, "hash": table.hash}
    return rows | shape


def _manifest(found: Mapping[str, Any]) -> Manifest:
    return Manifest(
        subject=Subject(**found["subject"]),
        source=found["source"],
        as_of=found["as_of"],
        tables={name: _table(table) for name, table in found["tables"].items()},
        media=tuple(MediaFile(**file) for file in found["media"]),
        pages=tuple(_page(page) for page in found["pages"]),
        queries=tuple(Query(**query) for query in found["queries"]),
        migrations=tuple(found["migrations"]),
        digest=found["digest"],
    )


def _table(found: Mapping[str, Any]) -> TableRows:
    rows = ("rows", "matched", "sha256", "hash")
    shape = Shape.from_json({key: value for key, value in found.items() if key not in rows})
    return TableRows(shape, *(found[key] for key in rows))


def _lost(shapes: Shapes) -> str:
    """Return what refers to a table that is not there, "" where nothing does."""
    for name, shape in shapes.items():
        if name != shape.label:
            return f"{name} is {shape.label}"
        near = {*shape.parents, *(to.table for to in shape.references.values())}
        near |= {to.table for to in shape.json_references} | {link.table for link in shape.links}
        if lost := near - shapes.keys():
            return f"{name} refers to {min(lost)}"
    return ""


def _file_to_json(file: MediaFile) -> dict[str, Any]:
    """Return a file as JSON holds it; one that replaces nothing is what it was before any did."""
    return {key: value for key, value in asdict(file).items() if key != "replace" or value}


def _page(found: Mapping[str, Any]) -> Page:
    lists = {key: tuple(found[key]) for key in ("texts", "images", "absent")}
    pairs = tuple((text, image) for text, image in found.get("pairs", ()))
    return Page(path=found["path"], **lists, pairs=pairs)


def _page_to_json(page: Page) -> dict[str, Any]:
    """Return a page as JSON holds it; without pairs it is what it was before there were any."""
    return {key: value for key, value in asdict(page).items() if key != "pairs" or value}
