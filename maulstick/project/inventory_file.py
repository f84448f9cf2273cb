"""inventory.toml as it is written: its keys, what each may hold, and what each means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import PlainValidator, SecretStr

from maulstick.errors import did_you_mean
from maulstick.project.addresses import DATABASE, BucketPlace, bucket_place, database_address, site_address
from maulstick.project.admission import Door, door, header_name, header_value, names_us, user_and_password
from maulstick.project.fields import (
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
from maulstick.project.host_words import HOSTS, SANDBOX_SOURCE, Acl, Addressing, Host, Ssh
from maulstick.project.mistakes import Mistake, required, should_be
from maulstick.project.models import Mistakes, StrictTable, key
from maulstick.project.toml import NAME
from maulstick.text import size_of

LONGEST_ROLE = 63  # PostgreSQL cuts longer names off
ON_SITE = ("fly", "direct")
GROUP = 'a group lists targets: all = ["staging", "production"]'
ONE_TARGET = 'one at least: [targets.sandbox] with host = "sandbox"'
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
Header = Annotated[str, PlainValidator(header_name, str)]


class SourceTable(StrictTable):
    """The local side: what a release is made from."""

    database: Database = key(
        "the local database, `postgresql://USER:PASSWORD@HOST/NAME`; it is never shown. As another driver "
        "writes it, `ecto://…?pool_size=10`, it is understood, here and in `DATABASE_URL`: what libpq does "
        "not know is left out, and said",
        missing=f'the local database that releases are made from: database = "{DATABASE}"',
    )
    media_root: Resolved | None = key(
        "the folder that holds the media: `/uploads/x.jpg` in a row is `uploads/x.jpg` below it; required "
        "unless there is `media`",
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
        "the address of the local site, which `export` asks where it answers, and `verify --source` asks",
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
        """Return what is wrong between the two places where files may be."""
        if "media" not in values and "media_root" not in values:
            hint = 'a folder, relative to the inventory: media_root = "../olivia/priv/static"'
            yield ("media_root",), required(hint)
        if "media" in values and "media_root" in values:
            yield ("media",), Mistake("stands beside media_root", "files come from one of them")


class TargetTable(StrictTable):
    """One place to release to; `host` says how it is reached, and which other keys go with it."""

    host: Annotated[Host, OneOf] = key(
        '`"fly"`, `"direct"` or `"sandbox"`', missing=f"how the target is reached: {', '.join(HOSTS)}"
    )
    app: App = key(
        "the Fly app's name, as in `fly.toml`",
        "",
        missing='the Fly app\'s name, as in fly.toml: app = "olivia-art-portfolio"',
        hosts=("fly",),
    )
    database_app: App = key(
        "the Fly app of the database, where it has one: its rights serve where the app's do not reach the "
        "database, and its machine is started where it sleeps; the app that `DATABASE_URL` names if left out",
        "",
        hosts=("fly",),
    )
    site: Annotated[Door, read_by(door)] = key(
        "the address that visitors use; a user and a password in it are taken as `basic_auth`",
        Door(""),
        missing='the address that visitors use: site = "https://oliviatew.co.uk"',
        hosts=ON_SITE,
    )
    headers: dict[Header, Annotated[SecretStr, secret(header_value)]] = key(
        "headers that let us into [a site behind a login](#a-site-behind-a-login); they are never shown",
        {},
        hosts=ON_SITE,
    )
    basic_auth: Annotated[SecretStr, secret(user_and_password)] | None = key(
        'the same for a site that asks for a user and a password: `"${USER}:${PASSWORD}"`',
        None,
        hosts=ON_SITE,
    )
    confirm: bool = key("`true`: ask after the plan, before anything changes; `false` if left out", False)
    storage_quota: Annotated[int, read_by(_size)] | None = key(
        "the room in the bucket: a number and `B`, `KB`, `MB`, `GB`, `TB`, or `KiB` to `TiB`; no limit if "
        "left out. A plan that would fill more of it is refused, one that comes to 80% of it warns",
        None,
    )
    addressing: Annotated[Addressing, OneOf] = key(
        '`"virtual"` (`https://BUCKET.HOST/…`, if left out) or `"path"` (`https://HOST/BUCKET/…`)', "virtual"
    )
    acl: Annotated[Acl, OneOf] | None = key(
        '`"private"` or `"public-read"` for every uploaded file; the bucket\'s own rule if left out', None
    )
    conditional_writes: bool = key(
        "`false` for a storage that knows none, such as Backblaze B2: "
        "[media.md](media.md#storages-without-conditional-writes); `true` if left out",
        True,
    )
    database_user: Annotated[str, read_by(_role)] | None = key(
        "the database role whose rights a release has, whoever logs in by `DATABASE_URL`; "
        "[safety.md](safety.md#least-rights) has its SQL; the user of `DATABASE_URL` if left out",
        None,
    )
    plan_database: Database | None = key(
        "the same database's address for a role that may only read, best as `${NAME}`: commands that only "
        "read log in by it, through the same proxy where its host is private; `DATABASE_URL` if left out; it "
        "is never shown",
        None,
    )
    although_read_only: bool = key(
        "`true`: release although the database is set to be only read "
        "(`default_transaction_read_only = on`), as hosts do when a disk is full and owners for maintenance; "
        "refused if left out",
        False,
    )
    fly: Program = key(
        "the `fly` program; if left out, `fly` or `flyctl` on `PATH`", "", hosts=("fly", "sandbox")
    )
    ssh: Annotated[Ssh, OneOf] = key(
        '[the way to a machine](#the-way-to-a-machine): `"console"` (if left out), `"exec"` or '
        '`"certificate"`',
        "console",
        hosts=("fly", "sandbox"),
    )
    environment: Resolved | None = key(
        "a dotenv file with the target's whole environment; this process's environment if left out",
        None,
        hosts=("direct",),
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Return the keys that do not go with the host, and those that it needs."""
        host = _plain(values.get("host"), context)
        for name in cls.model_fields if host in HOSTS else ():
            says = cls.about(name)
            if says.hosts and name in values and host not in says.hosts:
                hint = f"it goes with: {', '.join(one for one in HOSTS if one in says.hosts)}"
                yield (name,), Mistake(f'does not go with host = "{host}"', hint)
            if says.missing and name not in values and host in says.hosts:
                yield (name,), required(says.missing)

    def together(self) -> Mistakes:
        """Return where it is said twice who we are."""
        basic, named = self.basic_auth is not None, self.site.user is not None
        if basic and named:
            yield ("basic_auth",), Mistake("stands beside a user in site", "one of them is enough")
        elif names_us(self.headers) and (basic or named):
            what, hint = "says twice who we are", "take Authorization out of the headers, or the user out"
            yield ("basic_auth" if basic else "headers",), Mistake(what, hint)


class InventoryFile(StrictTable):
    """Where releases come from (the source), and where they go (the targets)."""

    source: SourceTable | None = key(
        "the local side; required when any target is not a sandbox, which brings its own", None
    )
    targets: dict[Annotated[str, name_of("target")], TargetTable] = key(
        "a target, one at least; a name is letters, digits, `-` and `_`",
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
