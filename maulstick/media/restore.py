"""What a release brought to the bucket, taken out again: only what nothing else uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from maulstick.errors import refused
from maulstick.media.references import Names, shown
from maulstick.postgres.connection import Database
from maulstick.postgres.quoting import literal
from maulstick.s3.bucket import Bucket
from maulstick.s3.copy import bring_back
from maulstick.s3.delete import remove
from maulstick.text import amount

OTHERS = """
select o.release from maulstick.upload as o where o.key = u.key and o.undone is null
  and o.release is distinct from u.release order by o.release desc nulls first limit 1
"""
SENT = f"""
select u.key, u.sha256, u.before, exists ({OTHERS}), ({OTHERS}) from maulstick.upload as u
where u.undone is null and u.release ="""
GONE = "select count(*) from maulstick.upload where undone ="
WORDS = {
    "remove": "removed from the bucket",
    "restore": "brought back in the bucket",
    "keep": "stays in the bucket",
}
OF_MANY = {**WORDS, "keep": "stay in the bucket"}

Action = Literal["remove", "restore", "keep"]


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as a release sent it; `before` holds what it replaced, `other` says who sent it too."""

    key: str
    sha256: str
    before: str | None
    other: str
    later: bool


@dataclass(frozen=True, slots=True)
class Undoing:
    """What becomes of one object; `why` is said where it stays, `etag` and `bytes` are what was looked at."""

    file: SentFile
    action: Action
    why: str = ""
    etag: str = ""
    bytes: int = 0

    def __str__(self) -> str:
        return f"    {WORDS[self.action]}: {shown(self.file.key)}{f' ({self.why})' if self.why else ''}"


def sent_by(database: Database, number: int) -> list[SentFile]:
    """List the files that a release sent and that no rollback has taken out since."""
    return [
        SentFile(key, sha256, before, _other(there, release), there and (release is None or release > number))
        for key, sha256, before, there, release in database.query(SENT + literal(number))
    ]


def require_files(database: Database, number: int) -> None:
    """Refuse to bring back rows whose files a rollback took out of the bucket (exit 3)."""
    count = database.query(f"{GONE} {literal(number)}")[0][0]
    if count:
        says = f"took {amount(count, 'file')} out of the bucket, which its rows would name again"
        raise refused(f"release {number}", says, "release the subject again instead")


def decide(bucket: Bucket, files: Sequence[SentFile], named: Names) -> list[Undoing]:
    """Say what becomes of each object once the rows are back, by what the rows name then; nothing is changed.

    One that is not what the release sent, or was replaced again since, is refused (exit 3).
    """
    decided = [_decide(bucket, file, named.get(file.key, "")) for file in files]
    wrong = [why for why in decided if isinstance(why, str)]
    if wrong:
        lines = "".join(f"\n    {line}" for line in wrong)
        raise refused(
            "rollback --media", f"nothing was changed{lines}", "leave out --media to undo the rows only"
        )
    return [undoing for undoing in decided if isinstance(undoing, Undoing)]


def carry_out(bucket: Bucket, database: Database, decided: Sequence[Undoing], *, undone: int) -> None:
    """Remove and restore, one object after the other, each written down as soon as it is done."""
    for undoing in decided:
        file = undoing.file
        if undoing.action == "remove":
            remove(bucket, file.key, undoing.etag)
        elif undoing.action == "restore":
            bring_back(bucket, file.key, file.before or "", instead_of=undoing.etag)
        if undoing.action != "keep":
            key = literal(file.key)
            database.run(f"delete from maulstick.object where key = {key}")
            database.run(
                f"update maulstick.upload set undone = {literal(undone)} where key = {key} and undone is null"
                f" and release = (select of from maulstick.release where number = {literal(undone)})"
            )


def _other(there: bool, release: int | None) -> str:
    if not there:
        return ""
    return f"release {release} sent it too" if release is not None else "it was sent again since"


def _decide(bucket: Bucket, file: SentFile, names: str) -> Undoing | str:
    stored = bucket.head(file.key)
    if file.later and file.before is not None:
        return f"{file.key}: {file.other}; undo that first"
    if stored is None:
        return (
            Undoing(file, "restore") if file.before else Undoing(file, "keep", "it does not exist any more")
        )
    if file.before is None and (names or file.other):
        why = f"{names} names it" if names else file.other
        return Undoing(file, "keep", why, bytes=stored.size)
    if stored.sha256 != file.sha256 and bucket.digest(file.key) != file.sha256:
        return f"{file.key}: holds other content than the release put there"
    return Undoing(file, "restore" if file.before else "remove", etag=stored.etag, bytes=stored.size)
