"""Bundles as somebody may write them by hand, whole and with digests that fit, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from maulstick.bundle.folder import MANIFEST, SQL, load
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.script import render
from maulstick.postgres.tables.specs import KeyCondition, Pointing, TableSpec
from maulstick.project.declarations import Query, Subject

Change = Callable[[Manifest], Manifest]


def forge(folder: Path, change: Change, source: str = "studio") -> None:
    """Write a bundle anew with another manifest; its rows stay."""
    old = load(folder, source=source)
    copies = [part for section in old.script.sections.values() for part in section.copies]
    rows = {part.rows: b"".join(part.blocks()) for part in copies}
    manifest = change(old.manifest).sealed()
    (folder / SQL).write_bytes(b"".join(render(manifest, lambda part: iter([rows.get(part, b"")]))))
    (folder / MANIFEST).write_bytes(b"".join([*manifest.blocks()]))


def lie(folder: Path, change: Change) -> None:
    """Write another manifest, with a digest that fits it and no rows that do."""
    manifest = change(load(folder, source="studio").manifest).sealed()
    (folder / MANIFEST).write_bytes(b"".join([*manifest.blocks()]))


def of_another(kind: str, key: str) -> Change:
    return lambda found: replace(found, subject=Subject(kind, key))


def with_file(**changed: str) -> Change:
    return lambda found: replace(found, media=(replace(found.media[0], **changed), *found.media[1:]))


def with_page(path: str) -> Change:
    return lambda found: replace(found, pages=(replace(found.pages[0], path=path), *found.pages[1:]))


def with_queries(*queries: Query) -> Change:
    return lambda found: replace(found, queries=queries)


def with_table(name: str, change: Callable[[TableSpec], TableSpec]) -> Change:
    """Change how one table travels."""

    def changed(found: Manifest) -> Manifest:
        table = found.tables[name]
        return replace(found, tables={**found.tables, name: replace(table, spec=change(table.spec))})

    return changed


def with_numbers(**numbers: object) -> Change:
    """Say of a table's rows what is no number: it would stand in SQL as it is."""

    def changed(found: Manifest) -> Manifest:
        return replace(found, tables=found.tables | {"series": replace(found.tables["series"], **numbers)})

    return changed


def with_users(found: Manifest) -> Manifest:
    """Add a table that no plugin declares."""
    series = found.tables["series"]
    users = replace(series, spec=replace(series.spec, name="users"), rows=0, sha256=sha256().hexdigest())
    return replace(found, tables={**found.tables, "users": users})


def linked(path: Path) -> None:
    """Put a link in a file's or a folder's place."""
    away = path.with_name(f"{path.name}-away")
    path.rename(away)
    path.symlink_to(away)


FORGED: dict[str, Change] = {
    "its manifest is of series other": of_another("series", "other"),
    "its manifest is of artwork embodiment": of_another("artwork", "embodiment"),
    "its file '../inventory.toml' goes through . or ..": with_file(
        key="../inventory.toml", path="../inventory.toml"
    ),
    "its file '/etc/hostname' is not where its key says": with_file(path="/etc/hostname"),
    "has headers that its name does not give it": with_file(type="text/html"),
    "its page 'http://127.0.0.1:1/' is an address": with_page("http://127.0.0.1:1/"),
    "users: the table": with_users,
    "series: key is ('title',)": with_table("series", lambda spec: replace(spec, key=("title",))),
    'the query "mine"': with_queries(Query("mine", "delete from users returning 1", "1")),
    'not the query "artworks with a picture and no analysis"': with_queries(),
    "series.title: is character varying(255) in production and text) or (true here": with_table(
        "series", lambda spec: replace(spec, types={**spec.types, "title": "text) or (true"})
    ),
    "series.title: points at nothing where pg_sleep(9) is null": with_table(
        "series",
        lambda spec: replace(spec, pointers=(Pointing("title", "", "pg_sleep(9) is null"),)),
    ),
    "series: its keys are not unique where (select pg_sleep(1)) is null": with_table(
        "series",
        lambda spec: replace(spec, key_condition=KeyCondition("(select pg_sleep(1)) is null", ())),
    ),
    "series: its ids are not in position": with_table(
        "series", lambda spec: replace(spec, surrogate="position")
    ),
    "series.updated_at: is not text); drop table users; (": with_table(
        "series",
        lambda spec: replace(spec, times={**spec.times, "updated_at": "text); drop table users; ("}),
    ),
}
"""Forged bundles, by what is said of each."""
DAMAGED: dict[str, Callable[[Path], object]] = {
    "releases/series/embodiment: is a link": linked,
    "releases/series: is a link": lambda folder: linked(folder.parent),
    "embodiment/release.sql: is a link": lambda folder: linked(folder / SQL),
    "embodiment/manifest.json: is a link": lambda folder: linked(folder / MANIFEST),
    "holds no release.sql": lambda folder: (folder / SQL).unlink(),
    "manifest.json: is not a manifest": lambda folder: (folder / MANIFEST).write_bytes(b"\xff"),
    "is not whole (artworks is users)": lambda folder: lie(
        folder, with_table("artworks", lambda spec: replace(spec, name="users"))
    ),
    "is not whole (artworks refers to users)": lambda folder: lie(
        folder, with_table("artworks", lambda spec: replace(spec, parents=(*spec.parents, "users")))
    ),
    "is not whole (rows or hash are not numbers)": lambda folder: lie(
        folder, with_numbers(hash="0); drop table users; --")
    ),
    "is not whole (rows holds something else)": lambda folder: lie(folder, with_numbers(rows="1")),
    "is not whole (types holds something else)": lambda folder: lie(
        folder, with_table("series", lambda spec: replace(spec, types={"title": 1}))
    ),
    "holds more than Maulstick wrote": lambda folder: (folder / SQL).write_bytes(
        (folder / SQL).read_bytes() + b"drop table users;\n"
    ),
}
"""Bundles that are not whole, by what is said of each."""
