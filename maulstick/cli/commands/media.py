"""The commands that look after a bucket: single files, what is missing in it, what nothing names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import Json, Subjects, TargetsOptions, UploadOptions, Verbose
from maulstick.cli.targets import TargetAnswer, reach, show_each
from maulstick.errors import Exit, Problem, refused, usage
from maulstick.project.inventory import Target
from maulstick.release.settings import ReleaseSettings, option, read
from maulstick.text import amount, size_text

if TYPE_CHECKING:
    from maulstick.hosts.host import Place
    from maulstick.media.audit import Orphan
    from maulstick.postgres.connection import Database
    from maulstick.s3.bucket import Bucket


@dataclass(frozen=True)
class MediaStatus(Subjects, TargetsOptions, Json, Verbose):
    """Whose files are asked for."""


@dataclass(frozen=True)
class Orphans(TargetsOptions, Json):
    """Which orphans are removed."""

    remove: tuple[str, ...] = option(
        (), "remove the object under this key, if nothing names it; may be repeated"
    )
    yes: bool = option(False, "remove what --remove names; it cannot be brought back")


def upload_files(command: Command[UploadOptions]) -> int:
    """Send the files that `upload --file` names to the bucket of each target."""
    from maulstick.release.files.single import send_single

    options = command.options
    if command.named():
        hint = "upload the subject or the files, one at a time"
        raise usage("--file", "names files, beside a subject", hint)
    command.plugins.require_all()

    def send(target: Target) -> TargetAnswer:
        with ExitStack() as stack:
            place, host = reach(target, command.project, stack, command.console())
            items = send_single(
                options.file,
                place=place,
                host=host,
                plugins=command.plugins,
                console=command.console(),
                settings=read(ReleaseSettings, vars(options)),
            )
        files = [{"key": one.file.key, "bytes": one.file.bytes, "action": one.action} for one in items]
        return TargetAnswer(files, (), amount(len(files), "file"))

    return show_each(command, send, json=options.json, keep_going=options.keep_going)


def status(command: Command[MediaStatus]) -> int:
    """Say which files bundles and production's rows name that the bucket lacks (exit 5 for rows)."""
    from maulstick.release.files.missing import standings

    command.plugins.require_all()
    subjects = command.named() or None

    def ask(target: Target) -> TargetAnswer:
        with _opened(command, target) as (place, bucket, database):
            standing = standings(subjects, place, command.plugins, bucket, database)
        lines = [line for one in standing for line in one.lines()]
        wrong = any(one.lacking and one.is_live for one in standing)
        says = amount(sum(len(one.lacking) for one in standing), "file")
        return TargetAnswer(
            [one.to_json() for one in standing], lines, says, Exit.WRONG if wrong else Exit.DONE
        )

    return show_each(command, ask, json=command.options.json)


def orphans(command: Command[Orphans]) -> int:
    """List the objects that nothing names, or remove those of them that were named."""
    from maulstick.bundle.folder import files_of_bundles
    from maulstick.media.audit import orphans as look

    command.plugins.require_all()
    keys = command.options.remove
    if keys and len(command.targets()) > 1:
        raise usage("--remove", "takes one target: each has a bucket of its own", "name one with --target")
    if keys and not command.options.yes:
        raise usage("--remove", "needs --yes: what is removed is gone", "look at the list first")

    def ask(target: Target) -> TargetAnswer:
        with _opened(command, target) as (place, bucket, database):
            # A bundle that cannot be read is a problem: what it names is unknown.
            bundled = [file for files in files_of_bundles(place.source.bundles).values() for file in files]
            shown = look(bucket, database, command.plugins, bundled)
            if keys:
                shown = _removed(bucket, shown, keys)
        lines = [*map(str, shown), _sum(shown, removed=bool(keys))]
        return TargetAnswer([one.to_json() for one in shown], lines, amount(len(shown), "object"))

    return show_each(command, ask, json=command.options.json)


def _removed(bucket: Bucket, orphans: Sequence[Orphan], keys: Sequence[str]) -> list[Orphan]:
    """Remove orphans by their keys; a key that is not one of theirs stops it before anything is removed."""
    from maulstick.media.references import shown
    from maulstick.s3.delete import remove

    known = {one.key for one in orphans}
    if wrong := [key for key in keys if key not in known]:
        lines = "".join(f"\n    {shown(key)}" for key in wrong)
        hint = "invoke media.orphans lists them; what a row or a bundle names is not one"
        raise refused("--remove", f"nothing was removed: these are not orphans{lines}", hint)
    chosen = [one for one in orphans if one.key in keys]
    for one in chosen:
        if one.listed is not None:
            remove(bucket, one.key, one.listed.etag)
    parts = bucket.throw_away(one.key for one in chosen if one.listed is None)
    if left := parts and parts.intersection(bucket.unfinished()):
        raise Problem("--remove", f"parts of {shown(min(left))} are still there", "run the same again")
    return chosen


def _sum(orphans: Sequence[Orphan], *, removed: bool) -> str:
    if not orphans:
        return "no orphans: something names every object"
    sizes = [one.listed.size for one in orphans if one.listed is not None]
    unfinished = len(orphans) - len(sizes)
    parts = [f"{amount(len(sizes), 'object')}, {size_text(sum(sizes))}"] if sizes else []
    parts += [f"{amount(unfinished, 'unfinished upload')}"] if unfinished else []
    what = " and ".join(parts)
    return f"{what}: removed" if removed else f"{what}, that nothing names; --remove KEY --yes removes one"


@contextmanager
def _opened(command: Command[TargetsOptions], target: Target) -> Iterator[tuple[Place, Bucket, Database]]:
    from maulstick.hosts import database as login
    from maulstick.hosts.environment import bucket_address
    from maulstick.s3.bucket import open_bucket

    with ExitStack() as stack:
        place, host = reach(target, command.project, stack, command.console())
        bucket = open_bucket(bucket_address(place.target, host.environment))
        yield place, bucket, stack.enter_context(login.reading(place.target, host, read_only=True))


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("status", "Show which named files the bucket lacks.", MediaStatus, status),
    Definition("orphans", "List objects that nothing names; remove some.", Orphans, orphans),
)
"""The tasks `media.…`."""
