"""The model of playbooks/*.toml: its name, its steps and what is wrong between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo

from maulstick.project.fields import Text, text
from maulstick.project.mistakes import Mistake, required, should_be
from maulstick.project.models import Mistakes, Place, StrictTable, key
from maulstick.project.play.steps import AnyStep, OwnTable, model_of
from maulstick.project.play.templates import is_template, syntax_mistake
from maulstick.project.play.variables import Variables

ONE_STEP = 'at least one: [[step]] with name = "check" below it'
STEP = 'write each step as [[step]] with name = "check" below it'
SAYS = 'what it does, in a few words: says = "pictures and rows, no code"'


def _left_out(value: Any, info: ValidationInfo) -> str:
    row = text(value, info)
    if is_template(row):
        if mistake := syntax_mistake(row):
            raise mistake
        return row
    table, colon, key = row.partition(":")
    if not (table and colon and key):
        raise should_be("TABLE:KEY", 'without = ["artworks:in-motion-v"]')
    return row


LeftOut = Annotated[str, PlainValidator(_left_out, str)]


class PlaybookFile(StrictTable):
    """The steps of a release, in order, with their options."""

    name: Text = key("the playbook's name, that of the file")
    says: Text = key("what it does, in a few words", missing=SAYS)
    vars: Variables = key(
        "[variables](#variables) of its steps: texts, whole numbers, `true` or `false`",
        {},
        table='write variables below a line [vars]: theme = "dark"',
    )
    without: list[LeftOut] = key(
        "rows that its releases leave out, as `--without` does: [a row that is not ready]"
        "(safety.md#a-row-that-is-not-ready), as `TABLE:KEY`",
        [],
        of="texts",
        hint='without = ["artworks:in-motion-v"]',
    )
    step: list[AnyStep] = key(
        "a step, at least one; they run in the order of the file, each name once",
        missing=ONE_STEP,
        of="tables",
        hint=STEP,
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Yield a name that is not the file's, and names of steps that appear twice."""
        stem, name, steps = context["name"], values.get("name"), values.get("step", [])
        if "name" not in values:
            yield ("name",), required(f'the name of the file: name = "{stem}"')
        elif isinstance(name, str) and name.strip() and name != stem:
            yield ("name",), should_be(f'"{stem}", the name of the file', "rename one of them")
        if steps == []:
            yield ("step",), required(ONE_STEP)
        tables = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
        names = [table.get("name") for table in tables]
        for n, step_name in enumerate(names):
            if isinstance(step_name, str) and step_name in names[:n]:
                yield ("step", n, "name"), _twice(step_name, context)


def _twice(name: str, context: Any) -> Mistake:
    if name in context["steps"] and issubclass(model_of(name), OwnTable):
        hint = f'give this one a name of its own: name = "{name}-again" and step = "{name}"'
        return Mistake(f'"{name}" is there already', hint)
    return Mistake(f'"{name}" is there already; a step runs once', "remove one of them")


def path_of(place: Place, values: Mapping[str, Any]) -> Place:
    """Return a place as people would name it: by the name of a step, not by its number."""
    match place:
        case ("step", int(n), option, *rest) if option != "name" and "name" in values["step"][n]:
            return ("step", str(values["step"][n]["name"]), option, *rest)
    return place
