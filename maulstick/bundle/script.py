"""release.sql: its sections and their contents."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from maulstick.bundle.manifest import Manifest
from maulstick.postgres.search_path import as_ourselves, as_site
from maulstick.postgres.sections import RowsOf
from maulstick.postgres.sql.bases import stage_bases, write_stamps
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.checks import checks
from maulstick.postgres.sql.constraints.hidden_rows import hidden_rows_fit
from maulstick.postgres.sql.constraints.referenced_keys import left_behind
from maulstick.postgres.sql.constraints.unique import FREED, clashes
from maulstick.postgres.sql.diff import diff
from maulstick.postgres.sql.guard import guard
from maulstick.postgres.sql.ledger import write_ledger
from maulstick.postgres.sql.stage import copy_in, lock, mark_matched, settings, stage_tables
from maulstick.postgres.sql.verify import end, verify
from maulstick.postgres.sql.write import write

STOP = "\\set ON_ERROR_STOP on\n"
END_OF_ROWS = b"\\.\n"
ITS_DIGEST = hashlib.sha256(b"the digest of the manifest that says this").hexdigest()
"""A placeholder in SQL for the manifest's own digest, which is known last."""
SUBJECT, AS_OF, ROWS = (hashlib.sha256(word).hexdigest() for word in (b"subject", b"as of", b"rows"))
"""Placeholders in SQL that is made once for subjects with the same tables: what differs between them."""
PLAIN = re.compile(r"[\w :./+-]*")
"""Texts that need no escaping in SQL, wherever they are quoted."""
KEPT = 8
"""Number of layouts to cache: each is rendered and read back, and many subjects have the same tables."""


BlocksOf = Callable[[RowsOf], Iterator[bytes]]
Layout = Mapping[str, list[str | RowsOf]]


@dataclass(frozen=True, slots=True)
class _Rendered:
    """What is rendered, identified by `key`."""

    key: object
    manifest: Manifest = field(compare=False)


def layout(manifest: Manifest) -> Layout:
    """Compose the sections in order, each as texts and placeholders for rows."""
    return {
        name: [part.replace(ITS_DIGEST, manifest.digest) if isinstance(part, str) else part for part in parts]
        for name, parts in _layout(manifest).items()
    }


def sealed(manifest: Manifest) -> Manifest:
    """Return a manifest with its digest, and with that of the SQL that is written for it."""
    digest = hashlib.sha256()
    for part in _pieces(_layout(manifest)):
        digest.update(part if isinstance(part, bytes) else END_OF_ROWS)
    return replace(manifest, sql_sha256=digest.hexdigest()).sealed()


def render(manifest: Manifest, rows: BlocksOf) -> Iterator[bytes]:
    """Yield the bytes of release.sql."""
    for part in _pieces(layout(manifest)):
        if isinstance(part, bytes):
            yield part
        else:
            yield from rows(part)
            yield END_OF_ROWS


def _pieces(sections: Layout) -> Iterator[bytes | RowsOf]:
    yield STOP.encode()
    for name, parts in sections.items():
        yield f"-- maulstick: {name}\n".encode()
        yield from (part.encode() if isinstance(part, str) else part for part in parts)


def _layout(manifest: Manifest) -> Layout:
    tables = [(one.rows, one.matched, one.sha256, one.hash) for one in manifest.tables.values()]
    key = (manifest.subject, manifest.as_of, manifest.queries, repr(manifest.specs), *tables)
    if manifest.bases:
        key += (manifest.bases.pulled_from, manifest.bases.as_json())
    return _sections(_Rendered(key, replace(manifest, media=(), pages=())))


@lru_cache(KEPT)
def _sections(rendered: _Rendered) -> Layout:
    manifest = rendered.manifest
    bundle = _tables_of(manifest)
    of_specs = _of_specs(
        _Rendered(
            (repr(manifest.specs), *bundle.staged, "filled", *bundle.filled, bundle.pulled_from), manifest
        )
    )
    stage: list[str | RowsOf] = [of_specs["stage"]]
    for name, table in manifest.tables.items():
        if table.matched:
            rows = RowsOf(name, matched=True)
            stage += [copy_in(table.spec, matched=True) + "\n", rows, mark_matched(table.spec) + "\n"]
        if table.rows:
            stage += [copy_in(table.spec, matched=False) + "\n", RowsOf(name, matched=False)]
    stage += [as_ourselves() + "\n"]
    if manifest.bases:
        stage += [stage_bases(manifest.bases.as_json()) + "\n"]
    told = (str(manifest.subject), manifest.as_of, manifest.rows_digest)
    by_subject = _filled(of_specs, told) if all(map(PLAIN.fullmatch, told)) else _of_subject(told, bundle)
    return {
        "settings": [settings()],
        "stage": stage,
        "lock": [of_specs["lock"]],
        "diff": [by_subject["of diff"], of_specs["diff"]],
        "guard": [guard() + "\n"],
        "write": [of_specs["write"]],
        "ledger": [by_subject["of ledger"]],
        "verify": [verify(bundle, manifest.queries)],
        "end": [end()],
    }


@lru_cache(KEPT)
def _of_specs(rendered: _Rendered) -> Mapping[str, str]:
    """Compose the SQL that depends only on the tables and on which of them have rows."""
    bundle = _tables_of(rendered.manifest)
    return {
        "stage": f"{stage_tables(bundle)}\n{as_site()}\n",
        "lock": lock(bundle.specs) + "\n",
        "diff": clashes(bundle, freed=FREED) + left_behind(bundle) + checks(bundle) + hidden_rows_fit(bundle),
        "write": write(bundle),
        **_of_subject((SUBJECT, AS_OF, ROWS), bundle),
    }


def _tables_of(manifest: Manifest) -> BundleTables:
    tables = manifest.tables
    staged = {name: table.spec for name, table in tables.items() if table.rows or table.matched}
    filled = {name: spec for name, spec in staged.items() if tables[name].rows}
    pulled_from = manifest.bases.pulled_from if manifest.bases else None
    return BundleTables(manifest.specs, staged, filled, pulled_from)


def _of_subject(told: tuple[str, str, str], bundle: BundleTables) -> dict[str, str]:
    """Compose the SQL that names the subject, its newest change and its rows."""
    subject, as_of, rows = told
    ledger = [write_ledger(subject, as_of, ITS_DIGEST, rows, bundle.specs)]
    if bundle.pulled_from:
        ledger.append(write_stamps(bundle.pulled_from))
    return {
        "of diff": diff(subject, as_of, ITS_DIGEST, bundle),
        "of ledger": "\n".join(ledger) + "\n",
    }


def _filled(texts: Mapping[str, str], told: tuple[str, str, str]) -> dict[str, str]:
    filled = {name: texts[name] for name in ("of diff", "of ledger")}
    for mark, text in zip((SUBJECT, AS_OF, ROWS), told, strict=True):
        filled = {name: sql.replace(mark, text) for name, sql in filled.items()}
    return filled
