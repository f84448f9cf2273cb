"""inventory.toml as it is written: its keys, what each may hold, and what each means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator, SecretStr

from maulstick.address import DATABASE, BucketPlace, bucket_place, database_address, site_address
from maulstick.admission import Door, door, header_name, header_value, names_us, user_and_password
from maulstick.errors import did_you_mean
from maulstick.fields import (
    OneOf,
    Program,
    Resolved,
    Text,
    Unresolved,
    name_of,
    plain_text,
    read_by,
    secret,
)
from maulstick.hosts import HOSTS, SANDBOX_SOURCE, Acl, Addressing, Host, Ssh
from maulstick.mistakes import Mistake, required, should_be
from maulstick.models import Key, Mistakes, Table
from maulstick.sizes import size_of
from maulstick.toml import NAME

LONGEST_ROLE = 63  # PostgreSQL cuts longer names off
FLY, ON_FLY, ON_SITE = ("fly",), ("fly", "sandbox"), ("fly", "direct")
GROUP = 'a group lists targets: all = ["staging", "production"]'
ONE_TARGET = 'one at least: [targets.sandbox] with host = "sandbox"'
OTHER = "${"
"""What a choice may also begin with: the environment's word is known when it is read."""
_APP = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _source_name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise should_be('letters, digits, "-" and "_"')
    if text == SANDBOX_SOURCE:
        raise Mistake(f'"{text}" is the sandbox\'s own', "choose another, or leave it out")
    return text


def _app(text: str) -> str:
    if not _APP.fullmatch(text):
        raise should_be('a Fly app\'s name (a-z, 0-9 and "-")', "`fly apps list` shows them")
    return text


def _role(text: str) -> str:
    if len(text.encode()) > LONGEST_ROLE:
        raise should_be(f"a role's name, {LONGEST_ROLE} bytes at most", r"`\du` in psql lists them")
    return text


def _size(text: str) -> int:
    if not (size := size_of(text)):
        raise should_be('a size such as "5 GB" or "500 MiB"')
    return size


Database = Annotated[SecretStr, secret(database_address)]
App = Annotated[str, read_by(_app)]


class SourceTable(Table):
    """The local side: what a release is made from."""

    database: Annotated[
        Database, Key(f'the local database that releases are made from: database = "{DATABASE}"')
    ] = Field(
        description="the local database, `postgresql://USER:PASSWORD@HOST/NAME`; it is never shown. As "
        "another driver writes it, `ecto://…?pool_size=10`, it is understood, here and in `DATABASE_URL`: "
        "what libpq does not know is left out, and said"
    )
    media_root: Resolved | None = Field(
        None,
        description="the folder that holds the media: `/uploads/x.jpg` in a row is `uploads/x.jpg` below it; "
        "required unless there is `media`",
    )
    media: Annotated[BucketPlace, read_by(bucket_place)] | None = Field(
        None,
        description="instead of a folder: `s3://BUCKET` or `s3://BUCKET/PREFIX`, a bucket in the target's "
        "own storage, from which files are [copied there](media.md#from-a-bucket)",
    )
    checkout: Resolved | None = Field(
        None,
        description="the git checkout of the site's code, which `deploy` deploys; needed only for that",
    )
    site: Annotated[str, read_by(site_address)] | None = Field(
        None,
        description="the address of the local site, which `export` asks where it answers, and "
        "`verify --source` asks",
    )
    bundles: Unresolved | None = Field(
        None, description="the folder for bundles; `releases` beside the inventory if left out"
    )
    name: Annotated[str, read_by(_source_name)] = Field(
        "local",
        description="the source's name in bundles and ledger; `local` if left out; `sandbox` is taken",
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Return what is wrong between the two places where files may be."""
        if "media" not in values and "media_root" not in values:
            hint = 'a folder, relative to the inventory: media_root = "../olivia/priv/static"'
            yield ("media_root",), required(hint)
        if "media" in values and "media_root" in values:
            yield ("media",), Mistake("stands beside media_root", "files come from one of them")

    @property
    def files(self) -> Path | BucketPlace:
        """Return where the files are; one of both places is required."""
        return self.media or self.media_root or Path()


class TargetTable(Table):
    """One place to release to; `host` says how it is reached, and which other keys go with it."""

    host: Annotated[Host, OneOf, Key(f"how the target is reached: {', '.join(HOSTS)}")] = Field(
        description='`"fly"`, `"direct"` or `"sandbox"`'
    )
    app: Annotated[
        App | None, Key('the Fly app\'s name, as in fly.toml: app = "olivia-art-portfolio"', hosts=FLY)
    ] = Field(None, description="the Fly app's name, as in `fly.toml`")
    database_app: Annotated[App | None, Key(hosts=FLY)] = Field(
        None,
        description="the Fly app of the database, where it has one: its rights serve where the app's do not "
        "reach the database, and its machine is started where it sleeps; the app that `DATABASE_URL` names "
        "if left out",
    )
    site: Annotated[
        Annotated[Door, read_by(door)] | None,
        Key('the address that visitors use: site = "https://oliviatew.co.uk"', hosts=ON_SITE),
    ] = Field(
        None,
        description="the address that visitors use; a user and a password in it are taken as `basic_auth`",
    )
    headers: Annotated[
        dict[
            Annotated[str, PlainValidator(header_name, str)],
            Annotated[SecretStr, secret(header_value)],
        ],
        Key(hosts=ON_SITE),
    ] = Field(
        {},
        description="headers that let us into [a site behind a login](#a-site-behind-a-login); they are "
        "never shown",
    )
    basic_auth: Annotated[Annotated[SecretStr, secret(user_and_password)] | None, Key(hosts=ON_SITE)] = Field(
        None,
        description='the same for a site that asks for a user and a password: `"${USER}:${PASSWORD}"`',
    )
    confirm: bool = Field(
        False, description="`true`: ask after the plan, before anything changes; `false` if left out"
    )
    storage_quota: Annotated[int, read_by(_size)] | None = Field(
        None,
        description="the room in the bucket: a number and `B`, `KB`, `MB`, `GB`, `TB`, or `KiB` to `TiB`; no "
        "limit if left out. A plan that would fill more of it is refused, one that comes to 80% of it warns",
    )
    addressing: Annotated[Addressing, OneOf] = Field(
        "virtual",
        description='`"virtual"` (`https://BUCKET.HOST/…`, if left out) or `"path"` (`https://HOST/BUCKET/…`)',
    )
    acl: Annotated[Acl, OneOf] | None = Field(
        None,
        description='`"private"` or `"public-read"` for every uploaded file; the bucket\'s own rule if left '
        "out",
    )
    conditional_writes: bool = Field(
        True,
        description="`false` for a storage that knows none, such as Backblaze B2: "
        "[media.md](media.md#storages-without-conditional-writes); `true` if left out",
    )
    database_user: Annotated[str, read_by(_role)] | None = Field(
        None,
        description="the database role whose rights a release has, whoever logs in by `DATABASE_URL`; "
        "[safety.md](safety.md#least-rights) has its SQL; the user of `DATABASE_URL` if left out",
    )
    plan_database: Database | None = Field(
        None,
        description="the same database's address for a role that may only read, best as `${NAME}`: commands "
        "that only read log in by it, through the same proxy where its host is private; `DATABASE_URL` if "
        "left out; it is never shown",
    )
    although_read_only: bool = Field(
        False,
        description="`true`: release although the database is set to be only read "
        "(`default_transaction_read_only = on`), as hosts do when a disk is full and owners for maintenance; "
        "refused if left out",
    )
    fly: Annotated[Program | None, Key(hosts=ON_FLY)] = Field(
        None, description="the `fly` program; if left out, `fly` or `flyctl` on `PATH`"
    )
    ssh: Annotated[Ssh, OneOf, Key(hosts=ON_FLY)] = Field(
        "console",
        description='[the way to a machine](#the-way-to-a-machine): `"console"` (if left out), `"exec"` or '
        '`"certificate"`',
    )
    environment: Annotated[Resolved | None, Key(hosts=("direct",))] = Field(
        None,
        description="a dotenv file with the target's whole environment; this process's environment if "
        "left out",
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Return the keys that do not go with the host, and those that it needs."""
        host = _plain(values.get("host"), context)
        for name in cls.model_fields if host in HOSTS else ():
            says = cls.key(name)
            if says.hosts and name in values and host not in says.hosts:
                hint = f"it goes with: {', '.join(one for one in HOSTS if one in says.hosts)}"
                yield (name,), Mistake(f'does not go with host = "{host}"', hint)
            if says.missing and name not in values and host in says.hosts:
                yield (name,), required(says.missing)

    def together(self) -> Mistakes:
        """Return where it is said twice who we are."""
        if self.basic_auth is not None and self.site and self.site.user is not None:
            yield ("basic_auth",), Mistake("stands beside a user in site", "one of them is enough")
        elif names_us(self.headers) and (self.basic_auth or (self.site and self.site.user is not None)):
            what, hint = "says twice who we are", "take Authorization out of the headers, or the user out"
            yield ("basic_auth" if self.basic_auth else "headers",), Mistake(what, hint)


class InventoryFile(Table):
    """Where releases come from (the source), and where they go (the targets)."""

    source: SourceTable | None = Field(
        None,
        description="the local side; required when any target is not a sandbox, which brings its own",
    )
    targets: Annotated[
        dict[Annotated[str, name_of("target")], TargetTable],
        Key(ONE_TARGET, table="write a target as [targets.NAME]"),
    ] = Field(description="a target, one at least; a name is letters, digits, `-` and `_`", min_length=1)
    default: Annotated[Text, Key('the target to release to unless --target names another: default = "…"')] = (
        Field(description="the target to release to unless `--target` names another")
    )
    groups: Annotated[dict[Annotated[str, name_of("group")], list[Text]], Key(of="texts", hint=GROUP)] = (
        Field({}, description="names that stand for several targets")
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Return what is wrong between targets, groups and source."""
        targets, groups = _table(values, "targets"), _table(values, "groups")
        if values.get("targets", {}) == {}:
            yield ("targets",), required(ONE_TARGET)
        hosts = {name: one.get("host") for name, one in targets.items() if isinstance(one, dict)}
        served = [name for name, host in hosts.items() if _plain(host, context) in ON_SITE]
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
    names = [_plain(one, context) for one in members] if isinstance(members, list) else []
    for n, member in enumerate(names):
        if member in groups:
            return Mistake(f'"{member}" is a group, and a group holds targets', "name its targets here")
        if member and member not in targets:
            return Mistake(f'no target is called "{member}"', did_you_mean(member, targets))
        if member in names[:n]:
            return Mistake(f'"{member}" is there twice', "take one of them out")
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
