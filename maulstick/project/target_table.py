"""[targets.NAME] as it is written: the keys of every target, and those that its kind of host adds."""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import PlainValidator, SecretStr, ValidationInfo, ValidatorFunctionWrapHandler, create_model

from maulstick.errors import did_you_mean
from maulstick.project.addresses import database_address
from maulstick.project.admission import (
    Door,
    authorization,
    door,
    header_name,
    header_value,
    names_us,
    user_and_password,
)
from maulstick.project.fields import OneOf, Resolved, Text, plain_text, read_by, secret, text
from maulstick.project.fields import Program as ProgramText
from maulstick.project.host_keys import OwnKey, Program, own_keys
from maulstick.project.mistakes import Mistake, either, required, should_be
from maulstick.project.models import Mistakes, StrictTable, key
from maulstick.project.plugins.promise import BrokenPromise
from maulstick.project.targets import Acl, Addressing, HostKind, Source, Target
from maulstick.redact import Secret
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

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Return the keys that only other kinds of host have, and whether the host is missing."""
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
        """Return the mistake of a target that says twice who we are."""
        basic, named = self.basic_auth is not None, self.site.user is not None
        if basic and named:
            yield ("basic_auth",), Mistake("stands beside a user in site", "one of them is enough")
        elif names_us(self.headers) and (basic or named):
            what, hint = "says twice who we are", "take Authorization out of the headers, or the user out"
            yield ("basic_auth" if basic else "headers",), Mistake(what, hint)


def kinds_in(context: Any) -> Kinds:
    """Return the kinds of host that an inventory is read with."""
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
    return [host for host, kind in kinds.items() if name in _fields(kind)]


def read_target(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Return a target as the table of its kind of host reads it."""
    if not isinstance(value, dict):
        return handler(value)
    kinds = kinds_in(info.context)
    kind = kinds.get(host_of(value, info.context))
    return (table_of(kind) if kind else _any_table(kinds)).model_validate(value, context=info.context)


@cache
def table_of(kind: HostKind) -> type[TargetTable]:
    """Return the table of a target of this kind of host; a plugin's mistake in its keys is BrokenPromise."""
    base = TargetTable if kind.start else VisitedTable
    own = {one.name: _field(one, kind) for one in own_keys(kind.keys)}
    for name in own.keys() & {*VisitedTable.model_fields, "name", "source"}:
        raise BrokenPromise(f"{kind.keys.__name__}.{name} is a key of every target", "give it another name")
    table: type[TargetTable] = create_model(f"{kind.name}_target", __base__=base, **own)  # type: ignore[call-overload]
    return table


def _any_table(kinds: Kinds) -> type[TargetTable]:
    """Return the table of a target whose host is not known: it may have the keys of every kind."""
    known: dict[str, Any] = {}
    for kind in kinds.values():
        for name in _fields(kind) - known.keys():
            field = table_of(kind).model_fields[name]
            metadata = field.metadata or [None]  # nothing that pydantic heeds
            known[name] = (Annotated[field.annotation, *metadata], None)
    table: type[TargetTable] = create_model("any_target", __base__=TargetTable, **known)
    return table


def target_of(name: str, table: TargetTable, kind: HostKind, source: Source | None) -> Target:
    """Return a target as it was written."""
    own = {one.name: _plain(getattr(table, one.name)) for one in own_keys(kind.keys)}
    site, headers = ("", {}) if not isinstance(table, VisitedTable) else (table.site.address, _headers(table))
    every = {one: _plain(getattr(table, one)) for one in TargetTable.model_fields if one != "host"}
    keys, source = kind.keys(**own), None if kind.start else source
    return Target(name=name, kind=kind, keys=keys, source=source, site=site, headers=headers, **every)


def _plain(value: Any) -> Any:
    """Return a value as a target holds it: a secret of ours, a tuple."""
    if isinstance(value, SecretStr):
        return Secret(value.get_secret_value())
    return tuple(value) if isinstance(value, list) else value


def _headers(table: VisitedTable) -> dict[str, Secret]:
    headers = {name: Secret(value.get_secret_value()) for name, value in table.headers.items()}
    user = table.basic_auth.get_secret_value() if table.basic_auth else table.site.user
    return headers if user is None else {**headers, "Authorization": authorization(user)}


def _fields(kind: HostKind) -> set[str]:
    """Return the keys that only some kinds of host have, and this one has."""
    visited = () if kind.start else VisitedTable.model_fields.keys() - TargetTable.model_fields.keys()
    return {*visited, *(one.name for one in own_keys(kind.keys))}


def _field(one: OwnKey, kind: HostKind) -> tuple[Any, Any]:
    read = one.says.read
    annotation = Annotated[Any, read_by(_refusing(read))] if read else _annotation(one.kind)
    if annotation is None:
        hint = "str, bool, int, Path, Program, Secret, a Literal, tuple[str, ...], or any with read=…"
        raise BrokenPromise(f"{kind.keys.__name__}.{one.name} is of a type that no key has", hint)
    default = () if one.required else (one.default,)
    if read and default == (None,):
        annotation = annotation | None
    return annotation, key(one.says.help, *default, missing=one.says.missing, of="texts")


def _refusing(read: Any) -> Any:
    def value(written: str) -> Any:
        try:
            return read(written)
        except Mistake:
            raise
        except ValueError as error:
            raise Mistake(str(error), beside=True) from None

    return value


def _annotation(kind: Any) -> Any:
    """Return how a value of a key is read; None for a type that no key has."""
    simple = {str: Text, bool: bool, int: int, Path: Resolved, Program: ProgramText, Secret: SECRET}
    if get_origin(kind) in (Union, types.UnionType):
        options = [_annotation(one) for one in get_args(kind) if one is not types.NoneType]
        return options[0] | None if len(options) == 1 and options[0] is not None else None
    if get_origin(kind) is Literal:
        return Annotated[kind, OneOf]
    if kind == tuple[str, ...]:
        return list[Text]
    return simple.get(kind)


SECRET = Annotated[SecretStr, secret(str)]
