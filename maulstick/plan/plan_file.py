"""A plan as programs read it: what `plan --json` prints, and what `plan --out` seals."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field, with_config
from typing_extensions import TypeAliasType, TypedDict

from maulstick.project.models import Table

Decided = Literal["take", "rename", "restore", "older", "prune"]
RowAction = Literal["insert", "update", "kept", "conflict", "gone", "left", "removed"]
ColumnAction = Literal["insert", "update", "kept", "conflict", "unchanged", "gone"]
FileAction = Literal["upload", "overwrite", "there", "repair", "conflict"]
Natural = Annotated[int, Field(ge=0)]


PRINTED = ConfigDict(
    strict=True,
    extra="ignore",
    json_schema_extra={"additionalProperties": False},
)

EXACT = ConfigDict(strict=True, extra="forbid")


class Printed(BaseModel):
    """A part of what we print; one that a newer Maulstick knows more of is read, too."""

    model_config = PRINTED


@with_config(EXACT)
class ColumnPlan(TypedDict):
    """PostgreSQL's text form of each side, null for NULL; a side that does not exist is absent."""

    action: ColumnAction
    base: NotRequired[str | None]
    local: NotRequired[str | None]
    production: NotRequired[str | None]


Key = TypeAliasType("Key", Annotated["dict[str, str | Key | None]", Field(min_length=1)])


class RowPlan(Printed):
    """A row that is not unchanged."""

    table: str
    key: Key = Field(description="A row's natural key; a reference is the key of the row that it points at.")
    action: RowAction = Field(description="The strongest of conflict, update and kept where columns differ.")
    columns: dict[str, ColumnPlan] = Field(description="Columns that are not equal, by name.")


class FilePlan(Printed):
    """A file that the rows name."""

    key: str = Field(description="The object's key in the bucket.")
    bytes: Natural
    action: FileAction


class Summary(Printed):
    """Rows by action, and what would be uploaded."""

    insert: Natural
    update: Natural
    unchanged: Natural
    kept: Natural
    conflict: Natural
    gone: Natural
    left: Natural
    removed: Natural
    upload_files: Natural
    upload_bytes: Natural


class SubjectPlan(Printed):
    """The plan of one subject."""

    subject: str = Field(description="Kind and key.")
    target: str
    digest: str = Field(description="The bundle's, SHA-256.", pattern="^[0-9a-f]{64}$")
    changes: list[RowPlan] = Field(description="Every row that is not unchanged, by table and key.")
    media: list[FilePlan]
    summary: Summary


class Plans(Printed):
    """What `invoke plan --json` prints."""

    version: Literal[1]
    plans: list[SubjectPlan]


@with_config(EXACT)
class SealedRow(TypedDict):
    """What becomes of one row."""

    action: RowAction
    columns: dict[str, ColumnPlan]


class SealedPlan(Table):
    """A plan that is carried out exactly as it was seen."""

    id: str = Field(min_length=1)
    subject: str
    target: str
    digest: str
    fingerprint: str = Field(min_length=1)
    decided: dict[Decided, str]
    rows: dict[str, SealedRow]


class SealedPlans(Table):
    """What `invoke plan --out` writes."""

    version: Literal[1]
    plans: list[SealedPlan]
