"""Files checked against their models: all mistakes at once, each with its path, in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails

from maulstick.errors import Problem, did_you_mean, usage
from maulstick.project.mistakes import Mistake, either, required, should_be, shown, visible

Place = tuple[int | str, ...]
"""The keys that lead to a value, and its number in a list."""
Mistakes = Iterable[tuple[Place, Mistake]]
MOST = 50
"""How many mistakes are reported after the first one; the file may be of another kind altogether."""
A_TABLE = "should be a table"


@dataclass(frozen=True, slots=True)
class Key:
    """Hints for a key that is `missing`, is not a `table`, or is not a list `of` what it should hold."""

    missing: str = ""
    table: str = ""
    of: str = ""
    hint: str = ""

    def __call__(self, schema: dict[str, Any]) -> None:
        """Add nothing to the JSON schema."""


def key(says: str, default: Any = ..., *, ge: int | None = None, le: int | None = None, **more: Any) -> Any:
    """Return a field of a table: what it means, its default and limits, and what a `Key` says of it."""
    return Field(default, description=says, ge=ge, le=le, json_schema_extra=Key(**more))


class StrictTable(BaseModel):
    """A table of a file: no value is converted, and no key may be unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Return mistakes that concern several keys; they replace mistakes of a single one."""
        return ()

    def together(self) -> Mistakes:
        """Return mistakes that concern several values, each of which is valid."""
        return ()

    @classmethod
    def about(cls, name: int | str) -> Key:
        """Return the hints for a key."""
        field = cls.model_fields.get(str(name))
        return field.json_schema_extra if field and isinstance(field.json_schema_extra, Key) else Key()

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(
        cls, values: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if not isinstance(values, dict):
            return handler(values)
        mistakes = dict(cls.across(values, info.context))
        try:
            table = handler(values)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                mistakes.setdefault(detail["loc"], cls._mistake(detail))
        else:
            mistakes = mistakes or dict(table.together())
            if not mistakes:
                return table
        order = [*cls.model_fields]
        lines = [
            InitErrorDetails(
                type="value_error",
                loc=place,
                input=None,
                ctx={"error": _whole(mistakes[place], values, place)},
            )
            for place in sorted(mistakes, key=lambda place: [*order, place[0]].index(str(place[0])))
        ]
        raise ValidationError.from_exception_data(cls.__name__, lines, hide_input=True)

    @classmethod
    def _mistake(cls, error: ErrorDetails) -> Mistake:
        """Return an error of pydantic's as a mistake."""
        if isinstance(known := error.get("ctx", {}).get("error"), Mistake):
            return known
        place, kind = error["loc"], error["type"]
        says, name = cls.about(place[0]), _name(place[-1])
        match kind:
            case "missing":
                return required(says.missing)
            case "extra_forbidden":
                return Mistake("is not known", did_you_mean(name, cls.model_fields))
            case "model_type" | "dict_type":
                hint = says.table if kind == "dict_type" else says.hint
                return Mistake(A_TABLE, hint, beside=True)
            case "list_type":
                return should_be(f"a list of {says.of}" if says.of else "a list", says.hint)
            case "int_type" | "greater_than_equal" | "less_than_equal":
                return _number(cls.model_fields.get(name), name)
        return _word(error, name)


def _word(error: ErrorDetails, name: str) -> Mistake:
    match error["type"]:
        case "string_type":
            return should_be("text", f'text goes in quotes: {name} = "…"')
        case "bool_type":
            return should_be("true or false", f"without quotes: {name} = true")
        case "literal_error":
            words = re.findall("'(.*?)'", error["ctx"]["expected"]) or [error["ctx"]["expected"]]
            return should_be(either(words), did_you_mean(str(error["input"]), words))
    return Mistake(error["msg"].removeprefix("Input ").lower(), beside=True)


def _number(field: FieldInfo | None, name: str) -> Mistake:
    metadata = field.metadata if field else []
    low = next((limit.ge for limit in metadata if hasattr(limit, "ge")), None)
    high = next((limit.le for limit in metadata if hasattr(limit, "le")), None)
    if low is None or high is None:
        return should_be("a whole number")
    return should_be(f"a whole number from {low} to {high}", f"without quotes: {name} = {max(4, low)}")


def _whole(mistake: Mistake, values: Any, place: Place) -> Mistake:
    """Add the value to a mistake, as the file has it: the value of a `${NAME}` may be secret."""
    if not mistake.beside:
        return mistake
    value = place[-2] if place[-1] == "[key]" else _value(values, place)
    return Mistake(f"{mistake.what}, not {shown(value)}", mistake.hint)


Model = TypeVar("Model", bound=StrictTable)


def checked(
    model: type[Model],
    values: Mapping[str, Any],
    where: str,
    context: Any = None,
    *,
    hint: str = "",
    path: Callable[[Place], Place] = lambda place: place,
) -> Model:
    """Return a file's values as its model; all mistakes are one problem (exit 2).

    `hint` replaces theirs, for a file that nobody edits by hand.
    """
    try:
        return model.model_validate(values, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False)
        mistakes = [(_real(detail["loc"]), detail["ctx"]["error"]) for detail in details]
        orders: dict[int, Mapping[str, int]] = {}
        mistakes.sort(key=lambda mistake: _position(values, mistake[0], orders))
        first, *more = [_problem(where, path(place), mistake, hint) for place, mistake in mistakes]
        left = len(more) - MOST
        more[MOST:] = [usage(where, f"has {left} more mistakes", hint)] if left > 0 else []
        first.also = tuple(more)
        raise first from error


def _problem(where: str, place: Place, mistake: Mistake, hint: str) -> Problem:
    hint = hint or mistake.hint
    if mistake.what.startswith(A_TABLE) and not hint:
        hint = f"write [{'.'.join(map(_name, place))}] on a line of its own"
    return usage("/".join([where, *map(_name, place)]), mistake.what, hint)


def _name(part: int | str) -> str:
    return visible(part) if isinstance(part, str) else str(part + 1)


def _real(place: Place) -> Place:
    """Return a place without what pydantic adds: the name of the model, and a mark for keys."""
    if place[-1] == "[key]":
        place = place[:-1]
    match place:
        case (str(name), int(n), str(model), *rest) if model.startswith("<"):
            return (name, n, *rest)
    return place


def _value(values: Any, place: Place) -> Any:
    for part in _real(place):
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):  # the name of one of several types that it might be
            break
    return values


def _position(values: Any, place: Place, orders: dict[int, Mapping[str, int]]) -> list[int]:
    """Return the position of a place in its file; what is missing comes last.

    `orders` remembers the orders of tables: a damaged file may have a mistake in each of its rows.
    """
    position = []
    for part in place:
        kind: Any = list if isinstance(part, int) else Mapping
        if not isinstance(values, kind):
            break  # what is left names one of several types that it might be
        if isinstance(part, int):
            position.append(part)
        else:
            order = orders.get(id(values)) or {name: n for n, name in enumerate(values)}
            orders[id(values)] = order
            position.append(order.get(part, len(order)))
            if part not in order:
                break
        values = values[part]
    return position
