"""The question of `doctor --media`: is every file that is named in the bucket as it should be?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from maulstick.bundle.folder import MANIFEST, files_of_bundles, folder_of, read_manifest
from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, places, skipped, warn
from maulstick.media.audit import keys_there, named_by_rows
from maulstick.media.compare import AT_ONCE, Item, Proof, compare, wrong_headers
from maulstick.media.content_types import cache_control_of, type_of
from maulstick.media.ledger import proven
from maulstick.media.references import shown
from maulstick.project.declarations import MediaFile, Subject
from maulstick.s3.bucket import Bucket
from maulstick.text import amount

NONE: Mapping[str, str] = {}
HINT = "invoke upload --recheck sends and mends what the subject's bundle names"


def of_bundles(subjects: Sequence[Subject], context: DoctorContext) -> Finding:
    """Check that the bucket has each file that the subjects' bundles name, without trusting the ledger."""
    folders = {str(subject): folder_of(context.local.bundles, subject) for subject in subjects}
    lacking = [name for name, folder in folders.items() if not (folder / MANIFEST).is_file()]
    if lacking:
        return skipped(f"no bundle of {', '.join(lacking)}: invoke export writes it")
    files = [file for folder in folders.values() for file in read_manifest(folder).media]
    items = compare(context.bucket, files)
    return _answer(items, amount(len(subjects), "bundle"))


def of_rows(context: DoctorContext) -> Finding:
    """Check that the bucket has each file that production's rows name, as last proven or as in a bundle."""
    bucket = context.bucket
    with context.reading() as database:
        there = keys_there(bucket, named_by_rows(database, context.plugins))
        keys = sorted({key for key in there.values() if key})
        files = _files(context, proven(database, keys))
    missing = {named.value: f"missing; {named.column} names it" for named, key in there.items() if not key}
    unknown = [key for key in keys if key not in files]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looked = zip(unknown, pool.map(lambda key: _headers(bucket, key), unknown), strict=True)
        headers = {key: why for key, why in looked if why}
    more = f"; {len(unknown)} of them no release has sent" if unknown else ""
    items = compare(bucket, [files[key] for key in keys if key in files])
    others = len(missing) + len(unknown)
    return _answer(
        items, f"rows of {context.target.name}{more}", missing=missing, headers=headers, count=others
    )


def _files(context: DoctorContext, known: Mapping[str, Proof]) -> Mapping[str, MediaFile]:
    """List the files as they should be: as last proven, or else as a bundle has them."""
    bundles = files_of_bundles(context.local.bundles).values()
    in_bundles = {file.key: file for files in bundles for file in files}
    return {**in_bundles, **{key: _as_proven(key, proof) for key, proof in known.items()}}


def _as_proven(key: str, proof: Proof) -> MediaFile:
    kind = proof.headers.get("type") or type_of(key)
    return MediaFile(key, key, proof.sha256, proof.size, kind, cache_control_of(key))


def _headers(bucket: Bucket, key: str) -> str:
    """Find what is wrong with the headers of an object whose content is unknown to us."""
    stored = bucket.head(key)
    if stored is None:
        return "not there"
    digest, kept = stored.sha256 or "", stored.cache_control
    return wrong_headers(bucket, stored, MediaFile(key, key, digest, stored.size, type_of(key), kept))


def _answer(
    items: Sequence[Item],
    of: str,
    *,
    missing: Mapping[str, str] = NONE,
    headers: Mapping[str, str] = NONE,
    count: int = 0,
) -> Finding:
    """Return the finding: missing or different content is worse than a wrong header."""
    wrong = {**missing, **headers, **{item.file.key: item.why for item in items if item.action != "there"}}
    files = amount(len(items) + count, "file")
    if not wrong:
        return ok(f"{files} of {of}: as they should be")
    lines = places(f"{shown(key)}: {why}" for key, why in wrong.items())
    is_bad = bool(missing) or any(item.action in ("conflict", "upload") for item in items)
    return (fail if is_bad else warn)(f"{len(wrong)} of {files} of {of}{lines}", HINT)
