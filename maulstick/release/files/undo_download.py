"""The files that a pull brought, taken out of the media folder again once no local row names them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from maulstick.media.fetch import kept_path, take_out
from maulstick.media.paths import is_address, keys_of
from maulstick.media.references import all_named, naming_columns, shown
from maulstick.media.restore import sent_by
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal
from maulstick.project.plugins.registry import Plugins


def take_back(
    database: Database, root: Path, plugins: Plugins, keep_in: Path, *, pull: int, undone: int
) -> Iterator[str]:
    """Remove the files of a pull that was undone, and yield a line about each.

    One that a row names, that another pull brought too or that was changed since stays. What a file has
    replaced comes back from `keep_in`, whoever names it.
    """
    named = _named(database, plugins)
    for file in sent_by(database, pull):
        before = kept_path(file.key, file.before, keep_in) if file.before else None
        why = "" if before else named.get(file.key, "")
        why = why or file.other or take_out(root, file.key, file.sha256, before)
        if why:
            yield f"    stays in the media folder: {shown(file.key)} ({why})"
            continue
        key = literal(file.key)
        database.run(
            f"update maulstick.upload set undone = {literal(undone)} where key = {key} and undone is null"
            f" and release = {literal(pull)}"
        )
        done = "brought back in" if before else "removed from"
        yield f"    {done} the media folder: {shown(file.key)}"


def _named(database: Database, plugins: Plugins) -> dict[str, str]:
    """Return the keys that local rows name, each with what does."""
    answers = database.query(all_named(naming_columns(plugins, read_schema(database))))
    return {
        key: f"{column} names it"
        for value, column in answers
        if value and not is_address(value)
        for key in _keys(value)
    }


def _keys(value: str) -> tuple[str, ...]:
    return keys_of(value) if value.strip("/") and not value.endswith("/") else ()
