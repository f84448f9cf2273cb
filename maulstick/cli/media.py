"""The commands that look after a bucket: single files, what is missing in it, what nothing names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from maulstick.cli import options
from maulstick.cli.arguments import Typed, attribute
from maulstick.cli.each_target import Ended, before_lines, everywhere
from maulstick.cli.targets import reach
from maulstick.console import Console
from maulstick.errors import Exit, Problem, refused, usage
from maulstick.project.inventory import Target
from maulstick.text import amount, size_text

if TYPE_CHECKING:
    from pathlib import Path

    from maulstick.hosts.host import Host, Place
    from maulstick.media.audit import Orphan
    from maulstick.postgres.connection import Database
    from maulstick.project.declarations import MediaFile
    from maulstick.s3.bucket import Bucket

Record = dict[str, Any]


def upload_files(typed: Typed) -> int:
    """Send the files that `upload --file` names to the bucket of each target."""
    from maulstick.release.settings import Settings
    from maulstick.release.single_files import send_single

    if _names_subjects(typed):
        raise usage(
            "--file", "names files, beside a subject", "upload the subject or the files, one at a time"
        )
    given, console, targets = typed.given, typed.console(), typed.targets()
    settings = Settings(
        yes=bool(given["yes"]), overwrite=bool(given["overwrite"]), recheck=bool(given["recheck"])
    )
    typed.plugins.require_all()
    records: list[Record] = []

    def visit(target: Target) -> Ended:
        with ExitStack() as stack:
            place, host = reach(target, typed, stack, console)
            rest: Any = {"plugins": typed.plugins, "console": console, "settings": settings}
            items = send_single(given["file"], place=place, host=host, **rest)
        for item in items:
            file = {"key": item.file.key, "bytes": item.file.bytes, "action": item.action}
            records.append({"target": target.name, **file})
        return Ended(Exit.DONE, amount(len(items), "file"))

    code = everywhere(targets, visit, console, keep_going=bool(given["keep_going"]))
    _print(typed, records, console)
    return code


def status(typed: Typed) -> int:
    """Say which files bundles and production's rows name that the bucket lacks (exit 5 for rows)."""
    from maulstick.release.missing_files import standings

    typed.plugins.require_all()
    console, targets = Console(), typed.targets()
    subjects = typed.subjects() if _names_subjects(typed) else None
    records: list[Record] = []

    def visit(target: Target) -> Ended:
        with _opened(typed, target, console) as (place, _, bucket, database):
            found = standings(subjects, place, typed.plugins, bucket, database)
        records.extend({"target": target.name, **one.to_json()} for one in found)
        if not typed.given["json"]:
            for line in (line for one in found for line in one.lines()):
                console.result(before_lines(target, targets) + line)
        wrong = any(one.lacking and one.is_live for one in found)
        return Ended(
            Exit.WRONG if wrong else Exit.DONE, amount(sum(len(one.lacking) for one in found), "file")
        )

    code = everywhere(targets, visit, console, keep_going=True)
    _print(typed, records, console)
    return code


def orphans(typed: Typed) -> int:
    """List the objects that nothing names, or remove those of them that were named."""
    from maulstick.media.audit import orphans as look

    typed.plugins.require_all()
    console, targets, names = Console(), typed.targets(), typed.given["remove"] or ()
    if names and len(targets) > 1:
        raise usage("--remove", "takes one target: each has a bucket of its own", "name one with --target")
    if names and not typed.given["yes"]:
        raise usage("--remove", "needs --yes: what is removed is gone", "look at the list first")
    records: list[Record] = []

    def visit(target: Target) -> Ended:
        with _opened(typed, target, console) as (place, _, bucket, database):
            found = look(bucket, database, typed.plugins, _bundled(place.source.bundles))
            if names:
                found = _removed(bucket, found, names)
        records.extend({"target": target.name, **one.to_json()} for one in found)
        if not typed.given["json"]:
            for line in (*map(str, found), _sum(found, removed=bool(names))):
                console.result(before_lines(target, targets) + line)
        return Ended(Exit.DONE, amount(len(found), "object"))

    code = everywhere(targets, visit, console, keep_going=True)
    _print(typed, records, console)
    return code


def _bundled(bundles: Path) -> list[MediaFile]:
    """Return the files of all bundles; one that cannot be read is a problem: what it names cannot be told."""
    from maulstick.bundle.folder import files_of_bundles

    return [file for files in files_of_bundles(bundles).values() for file in files]


def _removed(bucket: Bucket, found: Sequence[Orphan], names: Sequence[str]) -> list[Orphan]:
    """Remove orphans by their keys; one key that is none stops all of it before anything is removed."""
    from maulstick.media.references import shown
    from maulstick.s3.copy import remove

    known = {one.key for one in found}
    wrong = [key for key in names if key not in known]
    if wrong:
        lines = "".join(f"\n    {shown(key)}" for key in wrong)
        hint = "invoke media.orphans lists them; what a row or a bundle names is none"
        raise refused("--remove", f"nothing was removed: these are no orphans{lines}", hint)
    chosen = [one for one in found if one.key in names]
    for one in chosen:
        if one.listed is not None:
            remove(bucket, one.key, one.listed.etag)
    parts = bucket.throw_away(one.key for one in chosen if one.listed is None)
    if left := parts and parts.intersection(bucket.unfinished()):
        raise Problem("--remove", f"parts of {shown(min(left))} are still there", "run the same again")
    return chosen


def _sum(found: Sequence[Orphan], *, removed: bool) -> str:
    if not found:
        return "no orphans: something names every object"
    sizes = [one.listed.size for one in found if one.listed is not None]
    unfinished = len(found) - len(sizes)
    said = [f"{amount(len(sizes), 'object')}, {size_text(sum(sizes))}"] if sizes else []
    said += [f"{amount(unfinished, 'unfinished upload')}"] if unfinished else []
    what = " and ".join(said)
    return f"{what}: removed" if removed else f"{what}, that nothing names; --remove KEY --yes removes one"


@contextmanager
def _opened(typed: Typed, target: Target, console: Console) -> Iterator[tuple[Place, Host, Bucket, Database]]:
    from maulstick.hosts import database as login
    from maulstick.hosts.environment import bucket_address
    from maulstick.s3.bucket import open_bucket

    with ExitStack() as stack:
        place, host = reach(target, typed, stack, console)
        bucket = open_bucket(bucket_address(place.target, host.environment))
        database = stack.enter_context(login.reading(place.target, host, read_only=True))
        yield place, host, bucket, database


def _names_subjects(typed: Typed) -> bool:
    return any(typed.given.get(attribute(name)) for name in (*typed.kinds, "select"))


def _print(typed: Typed, records: Sequence[Record], console: Console) -> None:
    if typed.given["json"]:
        console.data({"version": 1, "records": records})


MEDIA: Mapping[str, tuple[str, Callable[[Typed], int], options.Options]] = {
    "status": ("Say which files are named and missing in the bucket.", status, options.STATUS),
    "orphans": ("List objects that nothing names; remove some.", orphans, options.ORPHANS),
}
"""The tasks `media.…`."""
