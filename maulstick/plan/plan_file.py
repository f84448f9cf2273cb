"""A plan as programs read it: what `plan --json` prints, and what `plan --out` seals."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypeAliasType, TypedDict

from maulstick.project.json_file import Natural, Printed
from maulstick.project.models import StrictTable

Decided = Literal["take", "rename", "restore", "older", "prune", "without"]
RowAction = Literal["insert", "update", "kept", "conflict", "gone", "left", "removed"]
ColumnAction = Literal["insert", "update", "kept", "conflict", "unchanged", "gone"]
FileAction = Literal["upload", "overwrite", "there", "repair", "conflict"]
EXACT = ConfigDict(strict=True, extra="forbid")


@with_config(EXACT)
class PrintedColumn(TypedDict):
    """PostgreSQL's text form of each side, null for NULL; a side that does not exist is absent."""

    action: ColumnAction
    base: NotRequired[str | None]
    local: NotRequired[str | None]
    production: NotRequired[str | None]


Key = TypeAliasType("Key", Annotated["dict[str, str | Key | None]", Field(min_length=1)])


class PrintedChange(Printed):
    """A row that is not unchanged."""

    table: str
    key: Key = Field(description="A row's natural key; a reference is the key of the row that it points at.")
    action: RowAction = Field(description="The strongest of conflict, update and kept where columns differ.")
    columns: dict[str, PrintedColumn] = Field(description="Columns that are not equal, by name.")


class PrintedFile(Printed):
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
    changes: list[PrintedChange] = Field(description="Every row that is not unchanged, by table and key.")
    media: list[PrintedFile]
    summary: Summary


class Plans(Printed):
    """What `invoke plan --json` prints."""

    version: Literal[1]
    run: str | None = Field(
        description="The run's id, for invoke report --run; none where no record is kept."
    )
    plans: list[SubjectPlan]


@with_config(EXACT)
class SealedRow(TypedDict):
    """What becomes of one row."""

    action: RowAction
    columns: dict[str, PrintedColumn]


class SealedPlan(StrictTable):
    """A plan that is carried out exactly as it was seen."""

    id: str = Field(min_length=1)
    subject: str
    target: str
    digest: str
    fingerprint: str = Field(min_length=1)
    decided: dict[Decided, str]
    rows: dict[str, SealedRow]


class SealedPlans(StrictTable):
    """What `invoke plan --out` writes."""

    version: Literal[1]
    plans: list[SealedPlan]
