"""What every table of a playbook's steps may say, whichever step it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from maulstick.project.fields import Text, text
from maulstick.project.mistakes import Mistake
from maulstick.project.models import Mistakes, StrictTable, key
from maulstick.project.play.conditions import unreadable
from maulstick.project.play.templates import is_template, syntax_mistake
from maulstick.project.toml import NAME


def _name(value: Any, info: ValidationInfo) -> str:
    name = text(value, info)
    if not NAME.fullmatch(name):
        raise Mistake('a step\'s name is letters, digits, "-" and "_"', "rename it")
    return name


def _condition(value: Any, info: ValidationInfo) -> str:
    condition = text(value, info)
    if mistake := unreadable(condition):
        raise mistake
    return condition


StepName = Annotated[str, PlainValidator(_name, str)]
Condition = Annotated[str, PlainValidator(_condition, str)]


class StepTable(StrictTable):
    """What every step may say; in place of an option's value there may be a template."""

    when: Condition | None = key(
        "a condition without which the step is skipped: an expression of jinja2's over "
        "[variables](#variables), `target`, and after `plan` over `code_changed`, `rows_changed` and "
        "`media_changed`",
        None,
    )
    targets: list[Text] | None = key(
        "targets or groups of the inventory: the step is performed for these only",
        None,
        of="texts",
        hint='targets = ["production"]',
    )
    tags: list[Text] | None = key(
        "words by which `--tags` and `--skip-tags` choose steps", None, of="texts", hint='tags = ["pictures"]'
    )

    @classmethod
    def is_text(cls, option: str) -> bool:
        """Return whether an option is a text, so that no text is read as a number."""
        field = cls.model_fields.get(option)
        return field is not None and field.annotation is str

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Yield templates that cannot be read, and keys that do not go with the step."""
        for option, value in values.items():
            if option in KEYS and option not in cls.model_fields:
                yield (option,), Mistake(f'does not go with the step "{kind_of(values)}"', "remove the line")
            elif option not in KEYS and is_template(value) and (mistake := syntax_mistake(value)):
                yield (option,), mistake

    @field_validator("*", mode="wrap")
    @classmethod
    def _unless_template(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        return value if info.field_name not in KEYS and is_template(value) else handler(value)


class RepeatableStep(StepTable):
    """A step that may be tried again, since a try that failed leaves nothing half done."""

    retries: int = key(
        "how often the step is tried again after a failure that may pass: no answer, a lock, an error of a "
        "server; never a refused plan or a faulty plugin. Not for `deploy`",
        0,
        ge=0,
        le=100,
    )
    delay: int = key("how many seconds to wait before each of these tries, 5 if left out", 5, ge=0, le=3600)


class OwnTable(RepeatableStep):
    """A step that is not of the core: it may be there several times, each under a name of its own."""

    name: StepName = key("the step, or another name for it if `step` says which one it is")
    step: StepName | None = key(
        "which step it is, where `name` is its own name; like the keys below, not for steps of the core",
        None,
    )
    ignore_errors: bool = key("`true`: a failure of the step is only a warning", False)
    always: bool = key(
        "`true`: the step is performed after a failure or Ctrl-C too, if it was not by then", False
    )
    on_failure: bool = key(
        "`true`: the step is performed only after a failure or Ctrl-C, wherever it stands in the file", False
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Yield the same, and a name that belongs to another step."""
        yield from super().across(values, context)
        name, step = values.get("name"), values.get("step")
        if isinstance(step, str) and isinstance(name, str) and name != step and name in context["steps"]:
            yield ("name",), Mistake(f'"{name}" is a step itself', "give this one a name of its own")
        if values.get("always") is True and values.get("on_failure") is True:
            yield ("on_failure",), Mistake("stands beside always", "one of them is enough")


KEYS = tuple(OwnTable.model_fields)
"""The keys that are not options of a step."""


def kind_of(values: Mapping[str, Any]) -> str:
    """Return which step a table of a playbook is, "" where it does not say."""
    kind = values.get("step", values.get("name"))
    return kind if isinstance(kind, str) else ""
