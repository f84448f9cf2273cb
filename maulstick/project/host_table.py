"""The table of a target on each kind of host, made of the keys that the kind declares."""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import PlainValidator, SecretStr, ValidationInfo, ValidatorFunctionWrapHandler, create_model

from maulstick.project.admission import authorization
from maulstick.project.fields import OneOf, Resolved, Text, as_written, secret, text
from maulstick.project.fields import Program as ProgramText
from maulstick.project.host_keys import Command, OwnKey, Program, own_keys
from maulstick.project.mistakes import Mistake
from maulstick.project.models import key
from maulstick.project.plugins.promise import BrokenPromise
from maulstick.project.target_table import Kinds, TargetTable, VisitedTable, host_of, kinds_in, some_keys
from maulstick.project.targets import HostKind, LocalSource, Target
from maulstick.redact import Secret

COMMAND = Annotated[str, PlainValidator(as_written, str)]
TYPES: Mapping[Any, Any] = {
    str: Text,
    bool: bool,
    int: int,
    Path: Resolved,
    Program: ProgramText,
    Command: COMMAND,
    Secret: Annotated[SecretStr, secret(str)],
    tuple[str, ...]: list[Text],
    tuple[Command, ...]: list[COMMAND],
}
"""How a value of each type that a key may have is read."""
HINT = "str, bool, int, Path, Program, Command, Secret, a Literal, tuple[str, ...], or any with read=…"
TAKEN = ("name", "source")
OTHERS = ("host", "vars", "preview_headers")
"""Keys of every target that are not as such in what a release knows of it."""


def read_target(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Return a target as the table of its kind of host reads it."""
    if not isinstance(value, dict):
        return handler(value)
    kinds = kinds_in(info.context)
    kind = kinds.get(host_of(value, info.context))
    return (table_of(kind) if kind else _table_of_any(kinds)).model_validate(value, context=info.context)


@cache
def table_of(kind: HostKind) -> type[TargetTable]:
    """Return the table of a target of this kind of host; a mistake in its keys is a BrokenPromise."""
    fields: dict[str, Any] = {}
    base: type[TargetTable] = TargetTable if kind.start else VisitedTable
    for own in own_keys(kind.keys):
        if own.name in {*base.model_fields, *TAKEN}:
            raise BrokenPromise(f"{own.where} is a key of every target", "give it another name")
        default = () if own.required else (own.default,)
        fields[own.name] = _type_of(own), key(own.says.help, *default, missing=own.says.missing, of="texts")
    return _model(f"{kind.name}_target", base, fields)


def target_of(
    name: str,
    table: TargetTable,
    kind: HostKind,
    source: LocalSource | None,
    variables: Mapping[str, int | str | bool],
) -> Target:
    """Return a target as it was written; its own variables win over those of the inventory."""
    keys = kind.keys(**{own.name: _held(getattr(table, own.name)) for own in own_keys(kind.keys)})
    visited = table if isinstance(table, VisitedTable) else None
    return Target(
        name=name,
        kind=kind,
        keys=keys,
        source=None if kind.start else source,
        site=visited.site.address if visited else "",
        headers=_headers(visited) if visited else {},
        **{every: _held(getattr(table, every)) for every in TargetTable.model_fields if every not in OTHERS},
        preview_headers=_secrets(table.preview_headers),
        vars={**variables, **table.vars},
    )


def _table_of_any(kinds: Kinds) -> type[TargetTable]:
    """Return the table of a target whose host is not known: it may have the keys of every kind."""
    fields: dict[str, Any] = {}
    for kind in kinds.values():
        for name in some_keys(kind) - fields.keys():
            field = table_of(kind).model_fields[name]
            metadata = field.metadata or [None]  # nothing that pydantic heeds
            fields[name] = Annotated[field.annotation, *metadata], None
    return _model("any_target", TargetTable, fields)


def _model(name: str, base: type[TargetTable], fields: Mapping[str, Any]) -> type[TargetTable]:
    with warnings.catch_warnings():
        # A key may be called as one of pydantic's own old methods, such as `schema`, which nobody calls.
        warnings.filterwarnings("ignore", "Field name .* shadows an attribute", UserWarning)
        table: type[TargetTable] = create_model(name, __base__=base, **fields)
    return table


def _type_of(own: OwnKey) -> Any:
    """Return how the value of a key is read."""
    options = get_args(own.kind) if get_origin(own.kind) in (Union, types.UnionType) else (own.kind,)
    known = [option for option in options if option is not types.NoneType]
    if own.says.read is not None:
        taken: Any = Annotated[Any, _reader(own.says.read, as_it_is=Command in known)]
    elif len(known) == 1 and get_origin(known[0]) is Literal:
        taken = Annotated[known[0], OneOf]
    elif len(known) == 1 and known[0] in TYPES:
        taken = TYPES[known[0]]
    else:
        raise BrokenPromise(f"{own.where} is of a type that no key has", HINT)
    return taken | None if len(known) < len(options) else taken


def _reader(read: Callable[[str], Any], *, as_it_is: bool) -> PlainValidator:
    """Return what makes a value of a text; what the kind of host refuses is a mistake in the file."""

    def value(written: Any, info: ValidationInfo) -> Any:
        plain = as_written(written, info) if as_it_is else text(written, info)
        try:
            return read(plain)
        except Mistake:
            raise
        except ValueError as error:
            raise Mistake(str(error), beside=True) from None

    return PlainValidator(value, str)


def _held(value: Any) -> Any:
    """Return a value as a target holds it: a secret of ours, a tuple."""
    if isinstance(value, SecretStr):
        return Secret(value.get_secret_value())
    return tuple(value) if isinstance(value, list) else value


def _headers(table: VisitedTable) -> Mapping[str, Secret]:
    headers = _secrets(table.headers)
    user = table.basic_auth.get_secret_value() if table.basic_auth else table.site.user
    return headers if user is None else {**headers, "Authorization": authorization(user)}


def _secrets(headers: Mapping[str, SecretStr]) -> Mapping[str, Secret]:
    return {name: Secret(value.get_secret_value()) for name, value in headers.items()}
