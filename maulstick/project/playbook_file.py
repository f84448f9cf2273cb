"""The models of playbooks/*.toml: the steps with their options, and what each means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Discriminator, Field, PlainValidator, Tag

from maulstick.errors import did_you_mean
from maulstick.project.fields import Text
from maulstick.project.mistakes import Mistake, required, should_be
from maulstick.project.models import Mistakes, Place, StrictTable, key

ONE_STEP = 'at least one: [[step]] with name = "check" below it'
STEP = 'write each step as [[step]] with name = "check" below it'
SAYS = 'what it does, in a few words: says = "pictures and rows, no code"'


class CheckStep(StrictTable):
    """The step check."""

    name: Literal["check"] = key("check source, target, database and bucket")


class ExportStep(StrictTable):
    """The step export."""

    name: Literal["export"] = key("read the source and write the bundle")


class PlanStep(StrictTable):
    """The step plan."""

    name: Literal["plan"] = key("say what would change")


class DeployStep(StrictTable):
    """The step deploy."""

    name: Literal["deploy"]
    wait: int | None = key("deploy the code; how many seconds `fly deploy` may take", None, ge=1, le=7200)


class UploadStep(StrictTable):
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


class ApplyStep(StrictTable):
    """The step apply."""

    name: Literal["apply"]
    lock_wait: int | None = key(
        "write the rows; how many seconds to wait for another release to end", None, ge=0, le=86400
    )


class VerifyStep(StrictTable):
    """The step verify."""

    name: Literal["verify"]
    concurrency: int | None = key("prove the release; how many questions at once", None, ge=1, le=64)
    timeout: int | None = key("how many seconds one answer of the site may take", None, ge=1, le=3600)
    browser: bool | None = key("`true`: look at every page in a real Chromium too", None)


Core = CheckStep | ExportStep | PlanStep | DeployStep | UploadStep | ApplyStep | VerifyStep
STEPS: Mapping[str, type[StrictTable]] = {
    get_args(model.model_fields["name"].annotation)[0]: model for model in get_args(Core)
}
"""The models of the core's steps."""


def _option(value: Any) -> int | str | bool:
    if isinstance(value, int | str | bool):
        return value
    raise should_be("a whole number, text, or true or false", "write one value")


class OwnStep(StrictTable):
    """A step of a plugin, with options of its own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[Any, PlainValidator(_option, int | str | bool)]]

    name: Text = Field(description="a step of a plugin", json_schema_extra={"not": {"enum": [*STEPS]}})

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Return names of steps and options that no plugin knows."""
        known, name = context["steps"], values.get("name")
        if "name" not in values:
            yield ("name",), required(f"one of {', '.join(known)}")
        elif isinstance(name, str) and name not in known:
            if name.strip():
                yield ("name",), Mistake(f'there is no step "{name}"', did_you_mean(name, known))
        elif isinstance(name, str):
            options = ["name", *sorted(known[name])]
            for option in values:
                if option not in options:
                    yield (option,), Mistake("is not known", did_you_mean(option, options))


def _model(value: Any) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    return "<core>" if isinstance(name, str) and name in STEPS else "<own>"


Step = Annotated[
    Annotated[Core, Field(discriminator="name"), Tag("<core>")] | Annotated[OwnStep, Tag("<own>")],
    Discriminator(_model),
]


class PlaybookFile(StrictTable):
    """The steps of a release, in order, with their options."""

    name: Text = key("the playbook's name, that of the file")
    says: Text = key("what it does, in a few words", missing=SAYS)
    step: list[Step] = key(
        "a step, at least one; they run in the order of the file, each once",
        missing=ONE_STEP,
        of="tables",
        hint=STEP,
    )

    @classmethod
    def across(cls, values: Mapping[str, Any], context: Any) -> Mistakes:
        """Return a name that is not the file's, and steps that appear twice."""
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
                what = f'"{step_name}" is there already; a step runs once'
                yield ("step", n, "name"), Mistake(what, "remove one of them")


def path_of(place: Place, values: Mapping[str, Any]) -> Place:
    """Return a place as people would name it: by the name of a step, not by its number."""
    match place:
        case ("step", int(n), option, *rest) if option != "name" and "name" in values["step"][n]:
            return ("step", str(values["step"][n]["name"]), option, *rest)
    return place
