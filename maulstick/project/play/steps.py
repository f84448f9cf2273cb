"""The models of a playbook's steps: the options of each, and the keys that every step may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    ConfigDict,
    Discriminator,
    PlainValidator,
    Tag,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from maulstick.errors import did_you_mean
from maulstick.project.fields import Text, as_written, plain_text, text
from maulstick.project.mistakes import Mistake, required, should_be
from maulstick.project.models import Mistakes, StrictTable, key
from maulstick.project.play.conditions import unreadable
from maulstick.project.play.templates import is_template, syntax_mistake
from maulstick.project.play.values import Value
from maulstick.project.toml import NAME

LONGEST = 86400
CHATS = ("slack", "discord")
"""Formats of chats: whoever knows the address may write there."""


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


def _address(value: Any, info: ValidationInfo) -> str:
    """Return an address as written; where the environment is known, what it gives must be one."""
    written = as_written(value, info)
    address = plain_text(written, info.context)
    if "${" in address:
        return written
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        # Not shown: it may be a secret.
        raise Mistake("should be an address that begins with https:// or http://", 'url = "${SLACK_URL}"')
    return written


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


class CheckStep(RepeatableStep):
    """The step check."""

    name: Literal["check"] = key("check source, target, database and bucket")


class ExportStep(RepeatableStep):
    """The step export."""

    name: Literal["export"] = key("read the source and write the bundle")


class PlanStep(RepeatableStep):
    """The step plan."""

    name: Literal["plan"] = key("say what would change")


class DeployStep(StepTable):
    """The step deploy."""

    name: Literal["deploy"]
    wait: int | None = key("deploy the code; how many seconds `fly deploy` may take", None, ge=1, le=7200)


class UploadStep(RepeatableStep):
    """The step upload."""

    name: Literal["upload"]
    concurrency: int | None = key(
        "upload the files and ask for each as visitors do (never more than 16 at once); how many uploads at "
        "once, 64 if left out",
        None,
        ge=1,
        le=64,
    )
    timeout: int | None = key(
        "ask for what was sent as visitors do; how many seconds an answer may take", None, ge=1, le=3600
    )


class ApplyStep(RepeatableStep):
    """The step apply."""

    name: Literal["apply"]
    lock_wait: int | None = key(
        "write the rows; how many seconds to wait for another release to end", None, ge=0, le=LONGEST
    )


class VerifyStep(RepeatableStep):
    """The step verify."""

    name: Literal["verify"]
    concurrency: int | None = key("prove the release; how many questions at once", None, ge=1, le=64)
    timeout: int | None = key("how many seconds one answer of the site may take", None, ge=1, le=3600)
    browser: bool | None = key("`true`: look at every page in a real Chromium too", None)


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


class CommandStep(OwnTable):
    """The step command."""

    run: str = key(
        "a command for this machine's shell (`sh`), run in the project's folder; an exit code other than 0 "
        "fails the step",
        missing='the command: run = "npm run thumbnails"',
    )
    timeout: int | None = key(
        "how many seconds it may take before it is ended, 600 if left out", None, ge=1, le=LONGEST
    )

    @field_validator("run")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        if not value.strip() or "\0" in value:
            raise Mistake("is empty", 'give it a command: run = "npm run thumbnails"')
        return value


class WebhookStep(OwnTable):
    """The step webhook."""

    url: Annotated[str, PlainValidator(_address, str)] = key(
        "tell an address by POST how the release went; `${NAME}` in it is read from the environment: the "
        "address of a chat is a secret, and is never shown",
        missing='the address, from the environment: url = "${SLACK_URL}"',
    )
    format: Literal["json", "slack", "discord", "ntfy"] = key(
        'what the address understands: `"slack"` (also Mattermost), `"discord"`, `"ntfy"`, or `"json"`: the '
        "record of the release with a text, if left out",
        "json",
    )
    timeout: int | None = key("how many seconds an answer may take, 10 if left out", None, ge=1, le=3600)

    def together(self) -> Mistakes:
        """Yield an address that is a secret and stands in the file."""
        if "${" not in self.url and (self.format in CHATS or "@" in urlsplit(self.url).netloc):
            hint = 'put it into the environment: url = "${SLACK_URL}"'
            yield ("url",), Mistake("is a secret, which does not belong in a file", hint)


def _option(value: Any) -> Value:
    if isinstance(value, int | str | bool):
        return value
    raise should_be("a whole number, text, or true or false", "write one value")


class OwnStep(OwnTable):
    """A step of a plugin, with options of its own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[Any, PlainValidator(_option, int | str | bool)]]

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Yield the same, and steps and options that no plugin knows."""
        yield from super().across(values, context)
        known, kind = context["steps"], kind_of(values)
        place = ("step",) if "step" in values else ("name",)
        if not kind and "name" not in values:
            yield ("name",), required(f"one of {', '.join(known)}")
        elif kind.strip() and kind not in known:
            yield place, Mistake(f'there is no step "{kind}"', did_you_mean(kind, known))
        elif kind in known:
            options = [*sorted(known[kind]), *KEYS]
            for option in values:
                if option not in options:
                    yield (option,), Mistake("is not known", did_you_mean(option, options))


Core = CheckStep | ExportStep | PlanStep | DeployStep | UploadStep | ApplyStep | VerifyStep
STEPS: Mapping[str, type[StepTable]] = {
    **{get_args(model.model_fields["name"].annotation)[0]: model for model in get_args(Core)},
    "command": CommandStep,
    "webhook": WebhookStep,
}
"""The models of the steps that come with Maulstick."""
KEYS = tuple(OwnTable.model_fields)
"""The keys that are not options of a step."""


def kind_of(values: Mapping[str, Any]) -> str:
    """Return which step a table of a playbook is, "" where it does not say."""
    kind = values.get("step", values.get("name"))
    return kind if isinstance(kind, str) else ""


def model_of(kind: str) -> type[StepTable]:
    """Return the model of a step."""
    return STEPS.get(kind, OwnStep)


def _tag(value: Any) -> str:
    kind = kind_of(value) if isinstance(value, dict) else ""
    return f"<{kind}>" if kind in STEPS else "<own>"


AnyStep = Annotated[
    Annotated[CheckStep, Tag("<check>")]
    | Annotated[ExportStep, Tag("<export>")]
    | Annotated[PlanStep, Tag("<plan>")]
    | Annotated[DeployStep, Tag("<deploy>")]
    | Annotated[UploadStep, Tag("<upload>")]
    | Annotated[ApplyStep, Tag("<apply>")]
    | Annotated[VerifyStep, Tag("<verify>")]
    | Annotated[CommandStep, Tag("<command>")]
    | Annotated[WebhookStep, Tag("<webhook>")]
    | Annotated[OwnStep, Tag("<own>")],
    Discriminator(_tag),
]
