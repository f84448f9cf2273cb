"""[targets.NAME] as it is written: the keys of every target, and those that its kind of host adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import PlainValidator, SecretStr, ValidationInfo

from maulstick.errors import did_you_mean
from maulstick.project.addresses import database_address
from maulstick.project.admission import Door, door, header_name, header_value, names_us, user_and_password
from maulstick.project.fields import OneOf, plain_text, read_by, secret, text
from maulstick.project.host_keys import own_keys
from maulstick.project.mistakes import Mistake, either, required, should_be
from maulstick.project.models import Mistakes, StrictTable, key
from maulstick.project.play.variables import Variables
from maulstick.project.targets import Acl, Addressing, HostKind
from maulstick.text import size_of

Kinds = Mapping[str, HostKind]
LONGEST_ROLE = 63  # PostgreSQL cuts longer names off


def _role(value: str) -> str:
    if len(value.encode()) > LONGEST_ROLE:
        raise should_be(f"a role's name, {LONGEST_ROLE} bytes at most", r"`\du` in psql lists them")
    return value


def _size(value: str) -> int:
    if not (size := size_of(value)):
        raise should_be('a size such as "5 GB" or "500 MiB"')
    return size


def _host(value: Any, info: ValidationInfo) -> str:
    name, kinds = text(value, info), kinds_in(info.context)
    if name not in kinds:
        raise should_be(either([*kinds]), did_you_mean(name, kinds))
    return name


Database = Annotated[SecretStr, secret(database_address)]
Header = Annotated[str, PlainValidator(header_name, str)]


class TargetTable(StrictTable):
    """One place to release to; `host` says how it is reached, and which other keys go with it."""

    host: Annotated[str, PlainValidator(_host, str)] = key("how the target is reached")
    confirm: bool = key("`true`: ask after the plan, before anything changes; `false` if left out", False)
    storage_quota: Annotated[int, read_by(_size)] | None = key(
        "the room in the bucket: a number and `B`, `KB`, `MB`, `GB`, `TB`, or `KiB` to `TiB`; no limit if "
        "left out. A plan that would exceed it is refused, one that reaches 80% of it warns",
        None,
    )
    addressing: Annotated[Addressing, OneOf] = key(
        '`"virtual"` (`https://BUCKET.HOST/…`, if left out) or `"path"` (`https://HOST/BUCKET/…`)', "virtual"
    )
    acl: Annotated[Acl, OneOf] | None = key(
        '`"private"` or `"public-read"` for every uploaded file; the bucket\'s own rule if left out', None
    )
    conditional_writes: bool = key(
        "`false` for a storage without conditional writes, such as Backblaze B2: "
        "[media.md](media.md#storages-without-conditional-writes); `true` if left out",
        True,
    )
    database_user: Annotated[str, read_by(_role)] | None = key(
        "the database role whose rights a release has, whichever user `DATABASE_URL` names; "
        "[safety.md](safety.md#least-rights) has its SQL; the user of `DATABASE_URL` if left out",
        None,
    )
    plan_database: Database | None = key(
        "the same database's address for a role that may only read, best as `${NAME}`. Commands that only "
        "read log in with it, over the same way as with `DATABASE_URL`, which they use if it is left out. "
        "It is never shown",
        None,
    )
    although_read_only: bool = key(
        "`true`: release although the database is set to read only "
        "(`default_transaction_read_only = on`), as hosts do when a disk is full and owners for maintenance; "
        "refused if left out",
        False,
    )

    preview_headers: dict[Header, Annotated[SecretStr, secret(header_value)]] = key(
        "headers that let us see [what is not public yet](publishing.md#a-preview), best as `${NAME}`; "
        "they are never shown",
        {},
    )

    vars: Variables = key(
        "[variables](playbooks.md#variables) of playbooks, for this target: `[targets.NAME.vars]`",
        {},
        table='write a target\'s variables below a line [targets.NAME.vars]: theme = "dark"',
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Yield the keys that only other kinds of host have, and whether the host is missing."""
        kinds = kinds_in(context)
        if "host" not in values:
            yield ("host",), required(f"how the target is reached: {', '.join(kinds)}")
        for name in values.keys() - cls.model_fields.keys():
            if hosts := hosts_with(name, kinds):
                what = f'does not go with host = "{host_of(values, context)}"'
                yield (name,), Mistake(what, f"it goes with: {', '.join(hosts)}")


class VisitedTable(TargetTable):
    """A target whose site is somewhere, and not started for it."""

    site: Annotated[Door, read_by(door)] = key(
        "the address that visitors use; a user and a password in it are taken as `basic_auth`",
        missing='the address that visitors use: site = "https://oliviatew.co.uk"',
    )
    headers: dict[Header, Annotated[SecretStr, secret(header_value)]] = key(
        "headers that let us into [a site behind a login](#a-site-behind-a-login); they are never shown", {}
    )
    basic_auth: Annotated[SecretStr, secret(user_and_password)] | None = key(
        'the same for a site that asks for a user and a password: `"${USER}:${PASSWORD}"`', None
    )

    def together(self) -> Mistakes:
        """Yield the mistake of a target that says twice who we are."""
        basic, named = self.basic_auth is not None, self.site.user is not None
        if basic and named:
            yield ("basic_auth",), Mistake("stands beside a user in site", "one of them is enough")
        elif names_us(self.headers) and (basic or named):
            what, hint = "says twice who we are", "take Authorization out of the headers, or the user out"
            yield ("basic_auth" if basic else "headers",), Mistake(what, hint)


def kinds_in(context: Any) -> Kinds:
    """List the kinds of host that an inventory is read with."""
    kinds: Kinds = context["kinds"]
    return kinds


def host_of(values: Mapping[str, Any], context: Any) -> str:
    """Return the host of a target that is not read yet, "" if it is not a text."""
    try:
        value = values.get("host")
        return plain_text(value, context) if isinstance(value, str) else ""
    except Mistake:
        return ""


def hosts_with(name: str, kinds: Kinds) -> list[str]:
    """Return the hosts whose targets may have a key, unless every target may have it."""
    return [host for host, kind in kinds.items() if name in some_keys(kind)]


def some_keys(kind: HostKind) -> set[str]:
    """List the keys that only some kinds of host have, and this one has."""
    visited = () if kind.start else VisitedTable.model_fields.keys() - TargetTable.model_fields.keys()
    return {*visited, *(own.name for own in own_keys(kind.keys))}
