"""What the ledger knows of the bucket: objects as they proved to be, and what each release put there.

It is written in short transactions of its own: files are sent before the rows, which may then be refused, and
they may be sent alone. A release claims, in its own transaction, what was sent for its subject.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from maulstick.errors import refused
from maulstick.media.compare import Item, Proof, Sent
from maulstick.media.paths import LONGEST_KEY
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import of_a_copy
from maulstick.postgres.quoting import literal, literals
from maulstick.postgres.sql.ledger import open_ledger
from maulstick.project.declarations import MediaFile
from maulstick.s3.bucket import Bucket

IS_THERE = "select to_regclass('maulstick.upload') is not null"
IS_READ = "select coalesce(has_table_privilege(to_regclass('maulstick.object'), 'select'), false)"
IS_SENT = "select coalesce(has_table_privilege(to_regclass('maulstick.upload'), 'select'), false)"
SENT = "select key, sha256 from maulstick.upload where key = any"
KNOWN = "select key, sha256, size, etag, modified, headers from maulstick.object where key = any"
CLAIMS = "select key, sha256, before from maulstick.upload where release is null and subject ="
NEW = "as x(key text, sha256 text, before text)"
PROOFS = "as x(key text, sha256 text, size bigint, etag text, modified timestamptz, headers jsonb)"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a run has brought, or was about to, that no release has claimed; `before` as in `BroughtFiles`."""

    sha256: str
    before: str | None


@dataclass(slots=True)
class BroughtFiles:
    """What a run brings to the bucket for a subject.

    `kept` says where what it replaces goes, `before` where that is which was there before the first run that
    no release has claimed: a rollback brings it back. What is `doubtful` was not seen to reach visitors.
    """

    subject: str
    files: Mapping[str, str]
    kept: dict[str, str]
    before: dict[str, str | None]
    proofs: dict[str, Proof] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()


def bringing(subject: str, items: Iterable[Item], keep_in: str) -> BroughtFiles:
    """Return what items will bring; objects that they replace are kept in a folder of the bucket."""
    work = [item for item in items if item.action in ("upload", "overwrite")]
    kept = {item.file.key: _kept(keep_in, item.file.key) for item in work if item.action == "overwrite"}
    return BroughtFiles(subject, {item.file.key: item.file.sha256 for item in work}, kept, {**kept})


def go_on(brought: BroughtFiles, bucket: Bucket, claims: Mapping[str, Claim]) -> None:
    """Take up what earlier runs for the subject have done, so that nothing is kept twice, or lost."""
    for key in brought.kept.keys() & claims.keys():
        claim, there = claims[key], bucket.head(key)
        kept = bucket.head(claim.before) if claim.before else None
        if there is None:
            continue  # gone since it was compared: that stops the run
        if claim.before and kept and (kept.etag, kept.size) == (there.etag, there.size):
            brought.kept[key] = brought.before[key] = claim.before
        elif there.sha256 == claim.sha256:  # what such a run sent was not there before it
            brought.before[key] = claim.before


def has_uploads(database: Database) -> bool:
    """Return whether the ledger exists to write to."""
    return bool(database.query(IS_THERE)[0][0])


def require_target(database: Database, target: str) -> bool:
    """Return whether the ledger is there to write to.

    A database that calls itself otherwise is refused: the bucket would be another one's too (exit 3).
    """
    if not has_uploads(database):
        return False
    for (name,) in database.query("select target from maulstick.ledger"):
        if name not in (None, target):
            says = f'this database calls itself "{name}", not "{target}"'
            raise refused("maulstick.ledger", says, of_a_copy(name, target))
    return True


def proven(database: Database, keys: Iterable[str]) -> dict[str, Proof]:
    """Return what objects last proved to be; who may not read the ledger knows nothing."""
    if not database.query(IS_READ)[0][0]:
        return {}
    return {key: Proof(*rest) for key, *rest in database.query(f"{KNOWN} ({literals(keys)})")}


def sent(database: Database, files: Iterable[MediaFile]) -> Sent:
    """Return what was sent under the keys of files that replace their own older ones."""
    keys = [file.key for file in files if file.replace]
    if not keys or not database.query(IS_SENT)[0][0]:
        return {}
    digests: dict[str, frozenset[str]] = {}
    for key, sha256 in database.query(f"{SENT} ({literals(keys)})"):
        digests[key] = digests.get(key, frozenset()) | {sha256}
    return digests


def claims(database: Database, subject: str) -> dict[str, Claim]:
    """Return what runs for a subject brought, or were about to, that no release has claimed."""
    claims = database.query(CLAIMS + literal(subject))
    return {str(key): Claim(sha256, before) for key, sha256, before in claims}


def begin(database: Database, brought: BroughtFiles) -> None:
    """Write down what is about to be sent: a run that breaks off leaves nothing that nobody knows of."""
    rows = [
        {"key": key, "sha256": sha256, "before": brought.before.get(key)}
        for key, sha256 in brought.files.items()
    ]
    database.run(
        "insert into maulstick.upload as u (subject, key, sha256, before)"
        f" select {literal(brought.subject)}, x.key, x.sha256, x.before from {_rows(rows)} {NEW}"
        " on conflict (subject, key) where release is null do update"
        " set sha256 = excluded.sha256, before = coalesce(excluded.before, u.before)"
    )


def finish(database: Database, brought: BroughtFiles, *, release: int | None) -> None:
    """Write down what arrived and what it proved to be; `release` is that of the rows, if they are there."""
    if release is not None:
        here = f"subject = {literal(brought.subject)} and release is null"
        database.run(f"update maulstick.upload set release = {literal(release)} where {here}")
    remember(database, {k: proof for k, proof in brought.proofs.items() if k not in brought.doubtful})
    if brought.doubtful:
        forget(database, brought.doubtful)


def make(database: Database, target: str) -> None:
    """Make the ledger, under the target's one lock; somebody else may do so first."""
    name = f"select set_config('maulstick.target', {literal(target)}, true);"
    database.run(f"{name}\n{open_ledger()}")


def forget(database: Database, keys: Iterable[str]) -> None:
    """Forget what objects proved to be: they are looked at again."""
    database.run(f"delete from maulstick.object where key = any ({literals(keys)})")


def remember(database: Database, proofs: Mapping[str, Proof]) -> None:
    """Write down what objects proved to be; what is known already is not written again."""
    rows = [
        {
            "key": key,
            "sha256": proof.sha256,
            "size": proof.size,
            "etag": proof.etag,
            "modified": proof.modified.isoformat(),
            "headers": dict(proof.headers),
        }
        for key, proof in proofs.items()
    ]
    if rows:
        columns = "key, sha256, size, etag, modified, headers"
        database.run(
            f"insert into maulstick.object as o ({columns}) select {columns} from {_rows(rows)} {PROOFS}"
            f" on conflict (key) do update set ({columns}) = row(excluded.*)"
            " where o is distinct from excluded"
        )


def _kept(folder: str, key: str) -> str:
    """Find where an object is kept: a long key by its digest, since the folder makes it longer."""
    kept = folder + key
    long = len(kept.encode()) > LONGEST_KEY
    return folder + hashlib.sha256(key.encode()).hexdigest() if long else kept


def _rows(rows: Iterable[Mapping[str, object]]) -> str:
    return f"jsonb_to_recordset({literal(json.dumps([*rows], ensure_ascii=False))}::jsonb)"
