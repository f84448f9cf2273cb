"""inventory.toml: the source and the targets, as frozen dataclasses."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from maulstick.address import DATABASE, BucketPlace, bucket_place, database_address, site_address
from maulstick.admission import admitted_site
from maulstick.errors import did_you_mean, usage
from maulstick.groups import Groups, groups_of
from maulstick.redact import Secret
from maulstick.sizes import size_of
from maulstick.toml import NAME, Section, read

Host = Literal["fly", "direct", "sandbox"]
Ssh = Literal["console", "exec", "certificate"]
Addressing = Literal["virtual", "path"]
Acl = Literal["private", "public-read"]

HOSTS: tuple[Host, ...] = get_args(Host)
SOURCE_KEYS = ("name", "database", "media_root", "media", "checkout", "site", "bundles")
EVERY_TARGET = (
    "host",
    "confirm",
    "storage_quota",
    "addressing",
    "acl",
    "conditional_writes",
    "database_user",
    "plan_database",
    "although_read_only",
)
SITE = ("site", "headers", "basic_auth")
TARGET_KEYS: Mapping[Host, tuple[str, ...]] = {
    "fly": (*EVERY_TARGET, "app", "database_app", *SITE, "fly", "ssh"),
    "direct": (*EVERY_TARGET, *SITE, "environment"),
    "sandbox": (*EVERY_TARGET, "fly", "ssh"),
}
# The sandbox's own source has this name; a bundle of it must never pass for one of the user's.
SANDBOX_SOURCE = "sandbox"

LONGEST_ROLE = 63  # PostgreSQL cuts longer names off

_APP = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Source:
    """The local side: what a release is made from; `media` is where its files are; paths are absolute."""

    name: str
    database: Secret
    media: Path | BucketPlace
    checkout: Path | None
    site: str | None
    bundles: Path


@dataclass(frozen=True, slots=True)
class Target:
    """One place to release to; `source` is None where it brings its own, `storage_quota` is in bytes.

    `database_user` is the role that rows are written as, `plan_database` what reading alone goes to.
    `headers` let a visitor into a site behind a login; they are for its own host alone.
    With `although_read_only` a database is written to that is set to be only read.
    """

    name: str
    host: Host
    source: Source | None
    app: str
    database_app: str
    site: str
    storage_quota: int | None
    confirm: bool
    fly: str
    ssh: Ssh
    environment: Path | None
    addressing: Addressing
    acl: str | None
    database_user: str | None
    plan_database: Secret | None
    headers: Mapping[str, Secret] = field(default_factory=dict)
    although_read_only: bool = False
    conditional_writes: bool = True


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one inventory file says."""

    path: Path
    default: str
    targets: Mapping[str, Target]
    groups: Groups

    def target(self, name: str | None) -> Target:
        """Return the target of that name, the default one for None; an unknown name is a problem (exit 2)."""
        wanted = self.default if name is None else name
        if wanted not in self.targets:
            known = {*self.targets, *self.groups}
            what = f'no target is called "{wanted}"'
            raise usage(f"{self.path.name}/targets", what, did_you_mean(wanted, known))
        return self.targets[wanted]

    def chosen(self, texts: Collection[str]) -> list[Target]:
        """Return the targets that texts such as `staging,production` name, each once and in order.

        A group stands for its targets; without texts it is the default one.
        """
        names = [name.strip() for text in texts for name in text.split(",")]
        if "" in names:
            raise usage("--target", "names nothing before or after a comma", "--target staging,production")
        members = [one for name in names for one in self.groups.get(name, (name,))]
        return [self.target(name) for name in dict.fromkeys(members or [self.default])]


def load(path: Path) -> Inventory:
    """Read an inventory; paths in it are relative to its folder, and `${NAME}` reads the environment.

    Every mistake is a problem (exit 2) that names its place.
    """
    hint = f"it is looked for at {path.absolute()}; --inventory FILE names another"
    top = read(path, path.name, hint, environment=os.environ)
    top.only(("default", "source", "targets", "groups"))
    source = _source(top, path.parent)
    targets = _targets(top, path.parent, source)
    default = top.needed("default", 'the target to release to unless --target names another: default = "…"')
    groups = groups_of(top, targets)
    if default in groups:
        raise usage(top.at("default"), f'"{default}" is a group', "name one target")
    if default not in targets:
        raise usage(top.at("default"), f'no target is called "{default}"', did_you_mean(default, targets))
    return Inventory(path, default, targets, groups)


def _source(top: Section, folder: Path) -> Source | None:
    if "source" not in top.values:
        return None
    section = top.table("source", "write [source] on a line of its own")
    section.only(SOURCE_KEYS)
    return Source(
        name=_source_name(section),
        database=_needed_database(section, "database"),
        media=_media(section, folder),
        checkout=_path(section, "checkout", folder),
        site=site_address(section, "site"),
        # Not resolved: who reads it must see a link that lies in its place.
        bundles=Path(
            os.path.normpath((_place(section, "bundles", folder) or folder / "releases").absolute())
        ),
    )


def _media(section: Section, folder: Path) -> Path | BucketPlace:
    place = bucket_place(section, "media")
    if place is None:
        return _needed_path(section, "media_root", folder)
    if "media_root" in section.values:
        raise usage(section.at("media"), "stands beside media_root", "files come from one of them")
    return place


def _source_name(section: Section) -> str:
    name = section.text("name") or "local"
    if not NAME.fullmatch(name):
        raise section.wrong("name", 'letters, digits, "-" and "_"')
    if name == SANDBOX_SOURCE:
        raise usage(section.at("name"), f'"{name}" is the sandbox\'s own', "choose another, or leave it out")
    return name


def _targets(top: Section, folder: Path, source: Source | None) -> dict[str, Target]:
    if top.values.get("targets", {}) == {}:
        raise top.missing("targets", 'one at least: [targets.sandbox] with host = "sandbox"')
    section = top.table("targets", "write a target as [targets.NAME]")
    targets = {name: _target(section, name, folder, source) for name in section.values}
    for target in targets.values():
        if target.source is None and target.host != "sandbox":
            raise top.missing("source", f'"{target.name}" is released to from it: database and media_root')
    return targets


def _target(targets: Section, name: str, folder: Path, source: Source | None) -> Target:
    if not NAME.fullmatch(name):
        raise usage(targets.at(name), 'a target\'s name is letters, digits, "-" and "_"', "rename it")
    section = targets.table(name, f"write [targets.{name}] on a line of its own")
    host = _host(section)
    app = _needed_app(section) if host == "fly" else ""
    site, headers = ("", {}) if host == "sandbox" else _needed_site(section)
    return Target(
        name=name,
        host=host,
        source=None if host == "sandbox" else source,
        app=app,
        database_app=_app(section, "database_app"),
        site=site,
        headers=headers,
        storage_quota=_quota(section),
        confirm=section.flag("confirm"),
        fly=_program(section, folder),
        ssh=section.choice("ssh", get_args(Ssh)) or "console",
        environment=_path(section, "environment", folder),
        addressing=section.choice("addressing", get_args(Addressing)) or "virtual",
        acl=section.choice("acl", get_args(Acl)),
        database_user=_role(section, "database_user"),
        plan_database=database_address(section, "plan_database"),
        although_read_only=section.flag("although_read_only"),
        conditional_writes=section.flag("conditional_writes", absent=True),
    )


def _host(section: Section) -> Host:
    section.only(dict.fromkeys(key for keys in TARGET_KEYS.values() for key in keys))
    host = section.choice("host", HOSTS)
    if host is None:
        raise section.missing("host", f"how the target is reached: {', '.join(HOSTS)}")
    for key in section.values:
        if key not in TARGET_KEYS[host]:
            hint = f"it goes with: {', '.join(other for other in HOSTS if key in TARGET_KEYS[other])}"
            raise usage(section.at(key), f'does not go with host = "{host}"', hint)
    return host


def _needed_app(section: Section) -> str:
    section.needed("app", 'the Fly app\'s name, as in fly.toml: app = "olivia-art-portfolio"')
    return _app(section, "app")


def _app(section: Section, key: str) -> str:
    value = section.text(key)
    if value is not None and not _APP.fullmatch(value):
        raise section.wrong(key, 'a Fly app\'s name (a-z, 0-9 and "-")', "`fly apps list` shows them")
    return value or ""


def _needed_site(section: Section) -> tuple[str, Mapping[str, Secret]]:
    section.needed("site", 'the address that visitors use: site = "https://oliviatew.co.uk"')
    site, headers = admitted_site(section)
    return site or "", headers


def _needed_database(section: Section, key: str) -> Secret:
    address = database_address(section, key)
    if address is None:
        hint = f'the local database that releases are made from: {key} = "{DATABASE}"'
        raise section.missing(key, hint)
    return address


def _role(section: Section, key: str) -> str | None:
    name = section.text(key)
    if name is not None and len(name.encode()) > LONGEST_ROLE:
        raise section.wrong(key, f"a role's name, {LONGEST_ROLE} bytes at most", r"`\du` in psql lists them")
    return name


def _needed_path(section: Section, key: str, folder: Path) -> Path:
    path = _path(section, key, folder)
    if path is None:
        raise section.missing(key, f'a folder, relative to the inventory: {key} = "../olivia/priv/static"')
    return path


def _path(section: Section, key: str, folder: Path) -> Path | None:
    path = _place(section, key, folder)
    return path.resolve() if path else None


def _place(section: Section, key: str, folder: Path) -> Path | None:
    value = section.text(key)
    if value is None:
        return None
    try:
        path = folder / Path(value).expanduser()
        path.resolve()
    except (OSError, RuntimeError) as error:
        raise section.wrong(key, "a path that can be followed", "~ alone is your own home folder") from error
    return path


def _program(section: Section, folder: Path) -> str:
    value = section.text("fly") or ""
    if "/" not in value:
        return value
    return str(_path(section, "fly", folder))


def _quota(section: Section) -> int | None:
    value = section.text("storage_quota")
    if value is None:
        return None
    size = size_of(value)
    if not size:
        raise section.wrong("storage_quota", 'a size such as "5 GB" or "500 MiB"')
    return size
