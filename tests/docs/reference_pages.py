"""What is made from the models of files: `python -m tests.docs.reference_pages` writes it.

These are the JSON schemas, for editors and for programs, and the tables of keys in the references.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from maulstick.doctor.findings import DoctorReport
from maulstick.hosts.kinds import own_kinds
from maulstick.plan.plan_file import Plans
from maulstick.project.admission import Door
from maulstick.project.host_table import table_of
from maulstick.project.inventory_file import InventoryFile, SourceTable
from maulstick.project.models import StrictTable
from maulstick.project.play.steps import KEYS, STEPS, OwnTable
from maulstick.project.playbook_file import PlaybookFile
from maulstick.report.record_file import RecordFile
from tests.docs.documents import ROOT

REGENERATE = "python -m tests.docs.reference_pages"
SCHEMAS = ROOT / "maulstick" / "schemas"
INVENTORY, PLAYBOOKS = ROOT / "docs" / "inventory.md", ROOT / "docs" / "playbooks.md"
EDITORS = "http://json-schema.org/draft-07/schema#"
"""What editors of TOML know; nothing newer is in what they read."""
LINK = re.compile(r"\[([^]\[]+)\]\([^)]+\)")
RECORD = "The record of a run: what `invoke release --json` and `invoke report --format json` print"
TEMPLATE = {"type": "string", "pattern": r"\{\{|\{%"}
FROM_OUTSIDE = {"type": "string", "pattern": r"\$\{"}


class OfToml(GenerateJsonSchema):
    """A schema of TOML, which knows no null, and in which a choice may come from the environment."""

    schema_dialect = EDITORS

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        known = schema.get("default") and not isinstance(schema["default"], Door)
        return super().default_schema(schema) if known else self.generate_inner(schema["schema"])

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        return {"oneOf": super().tagged_union_schema(schema)["oneOf"]}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        words = super().literal_schema(schema)
        return {"anyOf": [words, FROM_OUTSIDE]} if len(schema["expected"]) > 1 else words

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def inventory_schema() -> JsonSchemaValue:
    """Return the schema of an inventory: each host has its keys."""
    schema = InventoryFile.model_json_schema(schema_generator=OfToml)
    schema["$defs"]["SourceTable"]["oneOf"] = [{"required": [name]} for name in ("media_root", "media")]
    schema["$defs"]["TargetTable"] = _targets_schema(schema["$defs"]["TargetTable"])
    return _plain(schema, "inventory.toml")


def _targets_schema(target: JsonSchemaValue) -> JsonSchemaValue:
    """Return the schema of a target: each of our hosts has its keys, and a plugin's may have any."""
    tables = {name: table_of(kind) for name, kind in own_kinds().items()}
    properties: JsonSchemaValue = {}
    for table in tables.values():
        properties = {**table.model_json_schema(schema_generator=OfToml)["properties"], **properties}
    properties["host"] = {**properties["host"], "examples": [*tables]}
    target = {name: value for name, value in target.items() if name != "additionalProperties"}
    return {**target, "properties": properties, "allOf": [_of_host(*one) for one in tables.items()]}


def _of_host(name: str, table: type[StrictTable]) -> JsonSchemaValue:
    needed = [key for key, field in table.model_fields.items() if field.is_required()]
    here = {"properties": {"host": {"const": name}}, "required": ["host"]}
    return {"if": here, "then": {"propertyNames": {"enum": [*table.model_fields]}, "required": needed}}


def playbook_schema() -> JsonSchemaValue:
    """Return the schema of a playbook; what plugins' steps take is not known."""
    schema = PlaybookFile.model_json_schema(schema_generator=OfToml)
    for step, model in STEPS.items():
        table = schema["$defs"][model.__name__]
        for option in table["properties"].keys() - {*KEYS}:
            table["properties"][option] = _or_template(table["properties"][option])
        if issubclass(model, OwnTable):
            table["anyOf"] = _which_is({"const": step})
    schema["$defs"]["OwnStep"]["anyOf"] = _which_is({"not": {"enum": [*STEPS]}})
    return _plain(schema, "A playbook")


def _or_template(value: JsonSchemaValue) -> JsonSchemaValue:
    """Return the schema of an option, in whose place a template may stand."""
    if value.get("type") == "string" and "enum" not in value:
        return value
    says = {key: value.pop(key) for key in ("description", "default") if key in value}
    return {**says, "anyOf": [value, TEMPLATE]}


def _which_is(names: JsonSchemaValue) -> list[JsonSchemaValue]:
    """Return the schema of a step that is one of these, by `step` or else by its name."""
    return [
        {"required": ["step"], "properties": {"step": names}},
        {"not": {"required": ["step"]}, "properties": {"name": names}},
    ]


class OfJson(GenerateJsonSchema):
    """A schema of what we print: all that has a name is there, and nothing else."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return bool(field.get("required", total)) if field["type"] == "typed-dict-field" else True

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def printed_schema(model: type[BaseModel], title: str, *, optional: str = "") -> JsonSchemaValue:
    """Return the schema of what a command prints; `optional` may be absent."""
    schema = model.model_json_schema(mode="serialization", schema_generator=OfJson)
    schema["required"] = [name for name in schema["required"] if name != optional]
    return {**_plain(schema, title), "$schema": OfJson.schema_dialect}


def _plain(schema: JsonSchemaValue, title: str) -> JsonSchemaValue:
    """Return a schema without the names of our classes, and without the links of the references."""
    for one in schema["$defs"].values():
        one.pop("title", None)
    text = LINK.sub(lambda link: link[1], json.dumps(schema, ensure_ascii=False))
    text = text.replace('"format": "path", ', "")  # as some versions of pydantic say beside "string"
    return {"$schema": EDITORS, **json.loads(text), "title": title}


def schemas() -> Mapping[Path, JsonSchemaValue]:
    """Return every schema by its file."""
    return {
        SCHEMAS / "inventory.json": inventory_schema(),
        SCHEMAS / "playbook.json": playbook_schema(),
        ROOT / "docs" / "plan.schema.json": printed_schema(Plans, "What `invoke plan --json` prints"),
        ROOT / "docs" / "report.schema.json": printed_schema(RecordFile, RECORD, optional="id"),
        ROOT / "docs" / "doctor.schema.json": printed_schema(
            DoctorReport, "What `invoke doctor --json` prints"
        ),
    }


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table of a page."""
    lines = [f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows]
    return "\n".join([head, re.sub("[^|]+", "---", head), *lines]) + "\n"


def keys(model: type[StrictTable], shown: Mapping[str, str] | None = None) -> Iterator[list[str]]:
    """Return the keys of a model and what each means."""
    for name, field in model.model_fields.items():
        yield [f"`{(shown or {}).get(name, name)}`", _means(field)]


def _means(field: FieldInfo) -> str:
    return f"{'required: ' if field.is_required() else ''}{field.description}"


def _targets() -> Iterator[list[str]]:
    tables = {name: table_of(kind) for name, kind in own_kinds().items()}
    having: dict[tuple[str, str], list[str]] = {}
    for name, table in tables.items():
        for key, field in table.model_fields.items():
            having.setdefault((key, _means(field)), []).append(name)
    for (key, means), names in sorted(having.items(), key=lambda one: [*tables].index(one[1][0])):
        hosts = "" if key == "host" else "all" if len(names) == len(tables) else ", ".join(names)
        yield [f"`{key}`", hosts, means]


def _steps() -> Iterator[list[str]]:
    for step, model in STEPS.items():
        options = {name: field for name, field in model.model_fields.items() if name not in KEYS}
        if not options:
            yield [f"`{step}`", "", str(model.model_fields["name"].description)]
        for name, field in options.items():
            yield [f"`{step}`", f"`{name}`", f"{field.description}{_range(field)}"]


def _range(field: FieldInfo) -> str:
    """Return the numbers that a field takes, "" where it takes any."""
    limits = [str(getattr(one, end)) for end in ("ge", "le") for one in field.metadata if hasattr(one, end)]
    return f", {' to '.join(limits)}" if limits else ""


def _step_keys() -> Iterator[tuple[str, str]]:
    """Return what a step may say that is not an option, and the numbers that it takes."""
    for name in sorted(KEYS, key=["name", "step"].__contains__, reverse=True):
        field = OwnTable.model_fields[name]
        limits = [
            str(getattr(one, end)) for end in ("ge", "le") for one in field.metadata if hasattr(one, end)
        ]
        yield name, _means(field) + (f", {' to '.join(limits)}" if limits else "")


def tables() -> Mapping[Path, Mapping[str, str]]:
    """Return the tables of each page by the text that stands before them: a heading, or none."""
    top = {"source": "[source]", "targets": "[targets.NAME]", "groups": "[groups]", "step": "[[step]]"}
    plain = "| key | means |"
    return {
        INVENTORY: {
            "# The inventory": table(plain, keys(InventoryFile, top)),
            "## The source": table(plain, keys(SourceTable)),
            "## The targets": table("| key | goes with | means |", _targets()),
        },
        PLAYBOOKS: {
            "# Playbooks": table(plain, keys(PlaybookFile, top)),
            "## Steps": table("| step | option | means |", _steps()),
            "## Every step": table(plain, ([f"`{key}`", means] for key, means in _step_keys())),
        },
    }


def written(page: Path) -> str:
    """Return a page with its tables as the models say them."""
    text = page.read_text(encoding="utf-8")
    for heading, made in tables()[page].items():
        before, after = text.split(f"{heading}\n", 1)
        head = re.escape(made.partition("\n")[0])
        parts = re.split(rf"^{head}\n(?:\|.*\n)+", after, maxsplit=1, flags=re.MULTILINE)
        text = f"{before}{heading}\n{made.join(parts)}"
    return text


def as_json(schema: JsonSchemaValue) -> str:
    """Return a schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMAS.mkdir(exist_ok=True)
    for path, schema in schemas().items():
        path.write_text(as_json(schema), encoding="utf-8")
    for path in tables():
        path.write_text(written(path), encoding="utf-8")
