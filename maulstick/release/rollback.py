"""A release undone with what it brought to the bucket: the rows first, then files that no row names then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from maulstick.media import restore as media_undo
from maulstick.media.references import all_named, naming_columns, who_names
from maulstick.media.restore import OF_MANY, WORDS, Undoing
from maulstick.plan.choices import RowName
from maulstick.plan.rollback import rollback, undone_by
from maulstick.plan.undone import Undone
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database
from maulstick.project.plugins.registry import Plugins
from maulstick.s3.bucket import Bucket
from maulstick.text import amount


@dataclass(frozen=True, slots=True)
class Looked:
    """A rollback as rehearsed: its rows, None where another has undone them before, and its files."""

    number: int
    rows: Undone | None
    undone: int | None
    files: Sequence[Undoing]
    question: str


def look(
    database: Database,
    bucket: Bucket,
    plugins: Plugins,
    number: int,
    *,
    target: str,
    left_out: Sequence[RowName],
    although_read_only: bool = False,
) -> Looked:
    """Say what would become of a release's rows and files; what is not safe is refused (exit 3)."""
    sent = media_undo.sent_by(database, number)
    question = all_named(naming_columns(plugins, read_schema(database)))
    keys = [file.key for file in sent]
    undone = undone_by(database, number)
    if undone is not None:
        named = who_names(database.query(question), keys, bucket.address)
        files = media_undo.decide(bucket, sent, named)
        return Looked(number, None, undone, files, question)
    rows = rollback(
        database,
        number,
        target=target,
        left_out=left_out,
        rehearse=True,
        although_read_only=although_read_only,
        also=question,
    )
    files = media_undo.decide(bucket, sent, who_names(rows.named, keys, bucket.address))
    return Looked(number, rows, None, files, question)


def act(
    database: Database,
    bucket: Bucket,
    looked: Looked,
    *,
    target: str,
    left_out: Sequence[RowName],
    although_read_only: bool = False,
) -> tuple[Undone | None, int, Sequence[Undoing]]:
    """Put the rows back; return that, the rollback's number, and what is left to do with the files.

    A file that a row has come to name meanwhile stays.
    """
    if looked.undone is not None:
        return looked.rows, looked.undone, looked.files
    rows = rollback(
        database,
        looked.number,
        target=target,
        left_out=left_out,
        rehearse=False,
        although_read_only=although_read_only,
        also=looked.question,
    )
    named = who_names(rows.named, [one.file.key for one in looked.files], bucket.address)
    return (
        rows,
        int(rows.number or 0),
        [_unless_named(one, named.get(one.file.key, "")) for one in looked.files],
    )


def summary(decided: Sequence[Undoing]) -> str:
    """Return what becomes of the files in a few words."""
    said = []
    for action, says in WORDS.items():
        count = sum(one.action == action for one in decided)
        said += [f"{amount(count, 'file')} {says if count == 1 else OF_MANY[action]}"] if count else []
    return ", ".join(said) or "it sent no files"


def _unless_named(one: Undoing, by: str) -> Undoing:
    return replace(one, action="keep", why=f"{by} names it") if by and one.action == "remove" else one
