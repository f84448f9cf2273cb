"""The models of a playbook's steps: which there are, and the options of those that are not of the core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import ConfigDict, Discriminator, PlainValidator, Tag, ValidationInfo, field_validator

from maulstick.errors import did_you_mean
from maulstick.project.fields import as_written, plain_text
from maulstick.project.mistakes import Mistake, required, should_be
from maulstick.project.models import Mistakes, key
from maulstick.project.play.core import (
    LONGEST,
    ApplyStep,
    CheckStep,
    Core,
    DeployStep,
    ExportStep,
    PlanStep,
    PublishStep,
    UploadStep,
    VerifyStep,
)
from maulstick.project.play.tables import KEYS as KEYS
from maulstick.project.play.tables import OwnTable as OwnTable
from maulstick.project.play.tables import StepTable as StepTable
from maulstick.project.play.tables import kind_of
from maulstick.project.play.values import Value

CHATS = ("slack", "discord")
"""Formats of chats: whoever knows the address may write there."""


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


STEPS: Mapping[str, type[StepTable]] = {
    **{get_args(model.model_fields["name"].annotation)[0]: model for model in get_args(Core)},
    "command": CommandStep,
    "webhook": WebhookStep,
}
"""The models of the steps that come with Maulstick."""


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
    | Annotated[PublishStep, Tag("<publish>")]
    | Annotated[VerifyStep, Tag("<verify>")]
    | Annotated[CommandStep, Tag("<command>")]
    | Annotated[WebhookStep, Tag("<webhook>")]
    | Annotated[OwnStep, Tag("<own>")],
    Discriminator(_tag),
]
