"""inventory.toml as it is written: its keys, what each may hold, and what each means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import WrapValidator

from maulstick.errors import did_you_mean
from maulstick.project.addresses import DATABASE, BucketPlace, bucket_place, site_address
from maulstick.project.fields import Resolved, Text, Unresolved, name_of, plain_text, read_by
from maulstick.project.host_table import read_target
from maulstick.project.mistakes import Mistake, required, should_be
from maulstick.project.models import Mistakes, StrictTable, key
from maulstick.project.play.variables import Variables
from maulstick.project.target_table import Database, TargetTable, host_of, kinds_in
from maulstick.project.targets import SANDBOX_SOURCE
from maulstick.project.toml import NAME

GROUP = 'a group lists targets: all = ["staging", "production"]'
AnyTarget = Annotated[TargetTable, WrapValidator(read_target)]
ONE_TARGET = 'one at least: [targets.sandbox] with host = "sandbox"'


def _source_name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise should_be('letters, digits, "-" and "_"')
    if text == SANDBOX_SOURCE:
        raise Mistake(f'"{text}" is the sandbox\'s own', "choose another, or leave it out")
    return text


class SourceTable(StrictTable):
    """The local side: what a release is made from."""

    database: Database = key(
        "the local database, `postgresql://USER:PASSWORD@HOST/NAME`; it is never shown. An address in "
        "another driver's form, `ecto://…?pool_size=10`, is understood, here and in `DATABASE_URL`: options "
        "that libpq does not know are left out and named",
        missing=f'the local database that releases are made from: database = "{DATABASE}"',
    )
    media_root: Resolved | None = key(
        "the folder that holds the media: `/uploads/x.jpg` in a row is `uploads/x.jpg` below it; required "
        "unless `media` is set",
        None,
    )
    media: Annotated[BucketPlace, read_by(bucket_place)] | None = key(
        "instead of a folder: `s3://BUCKET` or `s3://BUCKET/PREFIX`, a bucket in the target's own storage, "
        "from which files are [copied there](media.md#from-a-bucket)",
        None,
    )
    checkout: Resolved | None = key(
        "the git checkout of the site's code, which `deploy` deploys; needed only for that", None
    )
    site: Annotated[str, read_by(site_address)] | None = key(
        "the address of the local site; `export` asks it if it answers, and `verify --source` asks it",
        None,
    )
    serve: Annotated[str, read_by(str)] | None = key(
        "a command that starts the local site on the port `PORT` of 127.0.0.1, with `DATABASE_URL` as its "
        "database: [`rehearse`](rehearsing.md) looks at its pages on the copy",
        None,
    )
    bundles: Unresolved | None = key(
        "the folder for bundles; `releases` beside the inventory if left out", None
    )
    name: Annotated[str, read_by(_source_name)] = key(
        "the source's name in bundles and ledger; `local` if left out; `sandbox` is taken", "local"
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Yield what is wrong between the two places where files may be."""
        if "media" not in values and "media_root" not in values:
            hint = 'a folder, relative to the inventory: media_root = "../olivia/priv/static"'
            yield ("media_root",), required(hint)
        if "media" in values and "media_root" in values:
            yield ("media",), Mistake("stands beside media_root", "files come from one of them")


class InventoryFile(StrictTable):
    """Where releases come from (the source), and where they go (the targets)."""

    source: SourceTable | None = key(
        "the local side; required unless every target is a sandbox, which brings its own", None
    )
    targets: dict[Annotated[str, name_of("target")], AnyTarget] = key(
        "a target, at least one; a name consists of letters, digits, `-` and `_`",
        missing=ONE_TARGET,
        table="write a target as [targets.NAME]",
    )
    default: Text = key(
        "the target to release to unless `--target` names another",
        missing='the target to release to unless --target names another: default = "…"',
    )
    groups: dict[Annotated[str, name_of("group")], list[Text]] = key(
        "names that stand for several targets", {}, of="texts", hint=GROUP
    )
    vars: Variables = key(
        "[variables](playbooks.md#variables) of playbooks, for all targets; a target's own win",
        {},
        table='write variables below a line [vars]: theme = "dark"',
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Yield what is wrong between targets, groups and source."""
        targets, groups = _table(values, "targets"), _table(values, "groups")
        if values.get("targets", {}) == {}:
            yield ("targets",), required(ONE_TARGET)
        hosts = {name: host_of(keys, context) for name, keys in targets.items() if isinstance(keys, dict)}
        kinds = kinds_in(context)
        served = [name for name, host in hosts.items() if host in kinds and not kinds[host].start]
        if served and "source" not in values:
            yield ("source",), required(f'"{served[0]}" is released to from it: database and media_root')
        default = _plain(values.get("default"), context)
        if default in groups:
            yield ("default",), Mistake(f'"{default}" is a group', "name one target")
        elif default and targets and default not in targets:
            yield ("default",), Mistake(f'no target is called "{default}"', did_you_mean(default, targets))
        for name, members in groups.items():
            if mistake := _of_group(name, members, targets, groups, context):
                yield ("groups", name), mistake


def _of_group(
    name: str, members: Any, targets: Mapping[str, Any], groups: Mapping[str, Any], context: Any
) -> Mistake | None:
    if name in targets:
        return Mistake("is the name of a target too", "give the group another name")
    if members == []:
        return Mistake("is empty", GROUP)
    names = [_plain(member, context) for member in members] if isinstance(members, list) else []
    for n, member in enumerate(names):
        if member in groups:
            return Mistake(f'"{member}" is a group, and a group holds targets', "name its targets here")
        if member and member not in targets:
            return Mistake(f'no target is called "{member}"', did_you_mean(member, targets))
        if member in names[:n]:
            return Mistake(f'"{member}" is there twice', "remove one of them")
    return None


def _table(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _plain(value: Any, context: Any) -> str:
    """Return a text with the environment's values, empty where it is none."""
    try:
        return plain_text(value, context) if isinstance(value, str) else ""
    except Mistake:
        return ""
