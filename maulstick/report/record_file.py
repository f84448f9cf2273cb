"""The record of a run as its file holds it; fields with a default are missing in older records."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import AfterValidator, Field, with_config
from typing_extensions import TypedDict

from maulstick.plan.plan_file import EXACT, FileAction, Key, RowAction
from maulstick.plan.plan_file import ColumnAction as PlannedAction
from maulstick.project.json_file import PRINTED, Natural, Printed
from maulstick.project.mistakes import should_be
from maulstick.project.models import StrictTable

Seconds = Annotated[float, Field(ge=0)]


@with_config(EXACT)
class RecordedColumn(TypedDict):
    """PostgreSQL's text form of each side, null for NULL; a side that does not exist is absent.

    Of a rollback, `production` is what the release had written, and `local` what came back.
    """

    action: PlannedAction | Literal["delete"]
    base: NotRequired[str | None]
    local: NotRequired[str | None]
    production: NotRequired[str | None]


class TitledChange(Printed):
    """A row that is not unchanged, with its title."""

    table: str
    key: Key = Field(description="A row's natural key; a reference is the key of the row that it points at.")
    action: RowAction | Literal["delete"] = Field(
        description="As in plan.schema.json. Of a rollback: `update` where a row was restored, `insert` "
        "where it was put back, `delete` where the release had brought it."
    )
    columns: dict[str, RecordedColumn] = Field(description="Columns that are not equal, by name.")
    title: str = Field("", description="The title of the row; empty where it has none but its key.")


class RecordedStep(Printed):
    """A step as it ran."""

    name: str
    word: Literal["done", "unchanged", "skipped", "failed"]
    says: str
    seconds: Seconds
    warnings: list[str]
    step: str = Field("", description="Which step it is, whatever the playbook calls it.")
    ignored: bool = Field(False, description="Whether it failed and the release went on all the same.")


class RecordedCheck(Printed):
    """A question put to the live site or database, with its answer."""

    name: str
    ok: bool | None = Field(description="null where it could not be checked.")
    answer: str
    hint: str


class RecordedFile(Printed):
    """A file that the rows name."""

    key: str
    bytes: Natural
    type: str
    action: FileAction | Literal["remove", "restore", "keep"] = Field(
        description="As in plan.schema.json. Of a rollback: what became of a file that the release had sent."
    )
    why: str = Field("", description="Why a file stays although its release was undone.")
    picture: str | None = Field(description="A small JPEG beside the record.")
    title: str = Field(
        "", description="The title of the row that names the file; empty where that has none but its key."
    )
    alt: str = Field("", description="The description of the picture in that row; empty where it has none.")


class RecordedScreen(Printed):
    """A page as a browser showed it."""

    path: str
    width: int = Field(description="Pixels.")
    picture: str = Field(description="A JPEG beside the record.")
    before: str | None = Field(
        None,
        description="The same page in the run `since`, a JPEG beside the record; null where none is known.",
    )
    changed: float | None = Field(description="How much of it differs from the run `since`, in percent.")
    since: str | None = Field(
        description="The target's last release that showed this page, was verified and was not undone."
    )


class RecordedRedirect(Printed):
    """A page whose address the release changes."""

    old: str = Field(description="The address that visitors know.")
    new: str = Field(description="Where the page is now; empty where nothing takes its place.")


class RecordedRelease(Printed):
    """One subject, released to one target."""

    version: Literal[1]
    subject: str = Field(description="Kind and key.")
    target: str
    pulled_from: str | None = Field(
        None, description="The target that a pull comes from; null for a release."
    )
    site: str = Field(description="The address that visitors use.")
    number: int | None = Field(
        description="The release's number in the ledger, null where nothing was released."
    )
    left_out: list[str] = Field(
        [], description="Rows of the bundle that were left out of this release, as TABLE:KEY."
    )
    redirects: list[RecordedRedirect] = Field(
        [], description="The redirects that the site needs, so that old addresses lead to the new ones."
    )
    of: int | None = Field(None, description="The number of the release that a rollback undid.")
    page: str = Field(description="The address of the subject's page.")
    seconds: Seconds = Field(description="Wall time of its steps.")
    steps: list[RecordedStep]
    checks: list[RecordedCheck]
    problem: str = Field(description="What stopped it, or that it was interrupted; empty where it was not.")
    state: str = Field(description="What a failure, or an interruption, leaves in production.")
    undone_by: int | None = Field(
        None,
        description="The number of the rollback that `--undo-if-wrong` made, null where it made none.",
    )
    exit: int
    rehearsed: bool
    on_copy: bool = Field(False, description="It was rehearsed on a copy of the target's database.")
    would_be: int | None = Field(
        None,
        description="The number that the release would have had; null where nothing was rehearsed on a copy.",
    )
    undo: str = Field(
        description="The command that undoes it; empty where there is nothing to undo, or nothing left."
    )
    digest: str = Field(description="The digest of the bundle that was planned.")
    changes: list[TitledChange] = Field(
        description="As in plan.schema.json with a title, at most 1,000 rows of each action; the summary "
        "counts them all."
    )
    summary: dict[str, Natural] = Field(
        description="As in plan.schema.json; empty where nothing was planned. Of a rollback: rows by action, "
        "and `remove_files`, `restore_files`, `keep_files`."
    )
    media: list[RecordedFile]
    screens: list[RecordedScreen]


class RecordedRecap(Printed):
    """How a subject ended on a target, in numbers."""

    target: str
    subject: str | None = Field(description="null for a target that was not reached.")
    word: Literal["done", "unchanged", "skipped", "failed"]
    says: str
    exit: int
    ok: Natural = Field(description="Steps that ended well, those that changed something among them.")
    changed: Natural = Field(description="Steps that changed something; none in a rehearsal.")
    kept: Natural = Field(description="Rows with an edit in production that is kept.")
    conflict: Natural = Field(description="Rows that both sides have changed.")
    failed: Natural = Field(description="Steps that failed; 1 for what failed outside of a step.")


def _moment(text: str) -> str:
    """Return the text of a moment as it is: a report writes it out."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise should_be("a date and a time") from error
    return text


class RecordFile(StrictTable):
    """The record of a run: what `invoke release --json` and `invoke report --format json` print."""

    model_config = PRINTED

    version: Literal[1]
    id: str = Field("", description="The run's name; absent where its record could not be saved.")
    command: str = Field(description="release, rehearse, pull, rollback, or the one step that was run.")
    started: Annotated[str, AfterValidator(_moment)] = Field(json_schema_extra={"format": "date-time"})
    seconds: Seconds = Field(description="Wall time of the whole.")
    exit: int = Field(description="The exit code of the command.")
    operator: str
    recap: list[RecordedRecap] = Field(
        [], description="One for each subject and target, those that were not reached included."
    )
    releases: list[RecordedRelease] = Field(description="One for each subject and target.")
