"""Variables: of a playbook, of an inventory and its targets, and as typed; the last of them wins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo

from maulstick.errors import did_you_mean, usage
from maulstick.project.fields import plain_text
from maulstick.project.mistakes import CONTROL, Mistake, should_be
from maulstick.project.play.names import FACTS
from maulstick.project.play.values import Value, as_typed

NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
TARGET = "target"
"""The variable that holds the name of the target."""


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Mistake('a variable\'s name is letters, digits and "_"', "rename it")
    if name in (TARGET, *FACTS):
        raise Mistake("is known without being set", "give the variable another name")
    return name


def _value(value: Any, info: ValidationInfo) -> Value:
    if isinstance(value, str):
        text = plain_text(value, info.context)
        if CONTROL.search(text):
            raise Mistake("contains a line break or a control character", "write it on one line")
        return text
    if isinstance(value, int):
        return value
    raise should_be("text, a whole number, or true or false", "write one value")


Variables = dict[
    Annotated[str, PlainValidator(_name, str)], Annotated[Any, PlainValidator(_value, int | str | bool)]
]


def typed(texts: Iterable[str], known: Mapping[str, Value], used: Iterable[str]) -> dict[str, Value]:
    """Return what `--set NAME=VALUE` says; a name that nobody sets or uses is a usage problem (exit 2).

    A value that is written as a number, or as true or false, is one, unless the variable is a text elsewhere.
    """
    values: dict[str, Value] = {}
    names = {*known, *used} - {TARGET, *FACTS}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not NAME.fullmatch(name):
            raise usage(f"--set {text}", "is not NAME=VALUE", "for example --set theme=dark")
        if name not in names:
            hint = did_you_mean(name, names) or "no step of this playbook uses a variable"
            raise usage(f"--set {name}", "is not a variable of this playbook or its targets", hint)
        values[name] = value if isinstance(known.get(name), str) else as_typed(value)
    return values
