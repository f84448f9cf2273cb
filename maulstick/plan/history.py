"""What the ledger records: the releases, what each changed, and the history of one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from maulstick.diffs import quoted
from maulstick.errors import did_you_mean, usage
from maulstick.plan.choices import RowName
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import has_ledger, undone
from maulstick.postgres.sql_files import sql_file
from maulstick.text import one_line

IS_RELEASE = "select from maulstick.release where number = %(number)s"
CHANGES = """
select c.release, c.table_name, c.key, c.action, coalesce(c.before, '{}'), coalesce(c.after, '{}'),
  r.operator, to_char(r.finished at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as at, r.subject, r.kind
from maulstick.change c join maulstick.release r on r.number = c.release
where c.action in ('insert', 'update', 'delete')
"""
OF_RELEASE = CHANGES + " and c.release = %(number)s order by c.table_name, c.key limit %(most)s"
TABLES = """with recursive one(name) as (
  select min(table_name) from maulstick.change
  union all select (select min(c.table_name) from maulstick.change as c where c.table_name > one.name)
  from one where one.name is not null)
select name from one where name is not null"""
"""A recursive query that jumps from name to name along the key's index: the ledger may be long."""
OF_ROW = CHANGES + " and c.table_name = %(table)s and c.key = %(key)s order by c.release desc"

COLUMNS = (
    "number", "subject", "kind", "of", "operator", "at", "rows", "proof", "commit", "started", "digest",
    "plan",
)  # fmt: skip
CLAIMED = ("host", "actor", "run", "version")

LedgerRecord = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which releases are asked for: one number, from a first one or a moment on, of subjects, the newest."""

    number: int | None = None
    first: int | None = None
    since: datetime | None = None
    subjects: list[str] | None = None
    limit: int | None = None


ALL = HistoryFilter()


def releases(database: Database, wanted: HistoryFilter = ALL) -> list[LedgerRecord]:
    """Return a record for each release, newest first.

    Who made it is told in two parts: `claimed` is what that machine said of itself, `proven` is what the
    database knew.
    """
    if not has_ledger(database):
        return []
    rows, rollbacks = database.query(sql_file("releases"), asdict(wanted)), undone(database)
    return [_release(row, rollbacks.get(row[0])) for row in rows]


def _release(row: Sequence[Any], undone_by: int | None) -> LedgerRecord:
    *values, commit, who = row
    record, known = dict(zip(COLUMNS, values, strict=True)), who or {}
    claimed = {name: known.get(name) for name in CLAIMED}
    return {
        **record,
        "undone_by": undone_by,
        "left_out": known.get("left_out", []),
        "claimed": {"operator": record["operator"], **claimed, "commit": commit},
        "proven": {"session_user": known.get("session_user")},
    }


def changes_of(database: Database, number: int, *, most: int | None = None) -> list[LedgerRecord]:
    """Return each change of a release, or so many; a release that the ledger lacks is a usage problem."""
    if not (has_ledger(database) and database.query(IS_RELEASE, {"number": number})):
        raise usage(f"release {number}", "is not in the ledger", "invoke history lists them")
    return _changes(database.query(OF_RELEASE, {"number": number, "most": most}))


def why(database: Database, row: RowName) -> list[LedgerRecord]:
    """List the changes that releases made to one row, newest first; an unknown table is a usage problem."""
    known = has_ledger(database)
    found = database.query(OF_ROW, {"table": row.table_name, "key": row.key}) if known else ()
    if not found:
        _require_table(database, row, [str(table) for (table,) in database.query(TABLES)] if known else [])
    return _changes(found)


def _require_table(database: Database, row: RowName, released: Sequence[str]) -> None:
    tables = {*read_schema(database).tables, *released}
    if row.table_name not in tables:
        what = f'no table there is called "{row.table_name}"'
        raise usage(f"--row {row}", what, did_you_mean(row.table_name, tables))


def release_line(record: LedgerRecord, made: str = "release") -> str:
    """Return a release, or what else was `made`, in one line; a pull has no page that could be proven."""
    kind = made if record["kind"] == "release" else record["kind"]
    what = kind if record["of"] is None else f"{kind} of {record['of']}"
    start = f"{record['number']:>5}  {record['at']} UTC  {what:<14}"
    rows = f"{record['rows']:>4} {'row ' if record['rows'] == 1 else 'rows'}"
    proof = f"{record['proof']:<12}  " if made == "release" else ""
    end = f"{rows}  {proof}{record['operator']}"
    return f"{start}  {one_line(record['subject']):<32} {end}"


def who_lines(record: LedgerRecord) -> Iterator[str]:
    """Yield who made a release: what was claimed, and what the database proves."""
    claimed, user = record["claimed"], record["proven"]["session_user"]
    operator = f"{claimed['operator']} on {claimed['host']}" if claimed["host"] else claimed["operator"]
    says = {"actor": "CI actor {}", "run": "{}", "commit": "commit {:.7}", "version": "Maulstick {}"}
    rest = [text.format(claimed[name]) for name, text in says.items() if claimed[name]]
    yield one_line(f"claimed: {', '.join([operator, *rest])}")
    yield one_line(f"proven: database user {user}" if user else "proven: nothing was recorded")
    if record["left_out"]:
        yield one_line(f"left out: {', '.join(record['left_out'])}")


def change_lines(record: LedgerRecord, made: str = "release") -> list[str]:
    """Return a change in lines: the row, then each column as it was and as it became."""
    head = f"{made} {record['release']} ({record['at']} UTC, {record['operator']}): {record['action']}"
    names = sorted({*record["before"], *record["after"]}) if record["action"] == "update" else ()
    cells = [
        f"    {name}: {quoted(record['before'].get(name))} became {quoted(record['after'].get(name))}"
        for name in names
    ]
    return [f"{head} {record['table']} {one_line(record['key'])}", *cells]


def _changes(rows: Sequence[Sequence[Any]]) -> list[LedgerRecord]:
    names = (
        "release", "table", "key", "action", "before", "after", "operator", "at", "subject", "kind"
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]
