"""Types of the fields of models: what a text in an inventory or a playbook may be."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator, SecretStr, ValidationInfo
from pydantic_core import PydanticKnownError

from maulstick.project.mistakes import CONTROL, Mistake, should_be
from maulstick.project.toml import NAME

_REFERENCE = re.compile(r"\$\{([^}]*)(\}?)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def text(value: Any, info: ValidationInfo) -> str:
    """Return a text of one line; in an inventory, `${NAME}` is replaced from the environment."""
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    return _line(plain_text(value, info.context))


def as_written(value: Any, info: ValidationInfo) -> str:
    """Return a text of one line as it stands in the file: a command that a shell elsewhere reads."""
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    return _line(value)


def _line(value: str) -> str:
    if not value.strip():
        raise Mistake("is empty", "give it a value or remove the line")
    if CONTROL.search(value):
        raise Mistake("contains a line break or a control character", "write it on one line")
    return value


def plain_text(value: str, context: Any) -> str:
    """Return a text with the environment's values, if its file may refer to the environment."""
    environment = context.get("environment")
    if environment is None:
        return value
    for name, closed in _REFERENCE.findall(value):
        if not closed or not _VARIABLE.fullmatch(name):
            raise Mistake('holds "${" without a name and "}"', "write it as ${NAME}")
        if name not in environment:
            what = f"needs ${{{name}}}, which is not in the environment"
            raise Mistake(what, f"set it first: export {name}=…")
    return _REFERENCE.sub(lambda match: str(environment[match[1]]), value)


def read_by(read: Callable[[str], Any]) -> PlainValidator:
    """Return a validator that makes a value of a text."""
    return PlainValidator(lambda value, info: read(text(value, info)), str)


def secret(read: Callable[[str], str]) -> PlainValidator:
    """Return a validator that makes a secret of a text."""
    return read_by(lambda value: SecretStr(read(value)))


def name_of(what: str) -> PlainValidator:
    """Return a validator that accepts only names that can be typed on a command line."""

    def valid(name: str) -> str:
        if not NAME.fullmatch(name):
            raise Mistake(f'a {what}\'s name is letters, digits, "-" and "_"', "rename it")
        return name

    return PlainValidator(valid, str)


def _place(value: Any, info: ValidationInfo) -> Path:
    try:
        folder: Path = info.context["folder"]  # type: ignore[index]
        path = folder / Path(text(value, info)).expanduser()
        path.resolve()
    except (OSError, RuntimeError) as error:
        raise should_be("a path that can be followed", "~ alone is your own home folder") from error
    return path


def _program(value: Any, info: ValidationInfo) -> str:
    program = text(value, info)
    return str(_place(value, info).resolve()) if "/" in program else program


Text = Annotated[str, PlainValidator(text, str)]
OneOf = BeforeValidator(text)
"""Goes before a choice of words, so that it may come from the environment."""
Resolved = Annotated[Path, PlainValidator(lambda value, info: _place(value, info).resolve(), str)]
# Not resolved: a symbolic link in its place must stay visible.
Unresolved = Annotated[
    Path, PlainValidator(lambda value, info: Path(os.path.normpath(_place(value, info).absolute())), str)
]
Program = Annotated[str, PlainValidator(_program, str)]
