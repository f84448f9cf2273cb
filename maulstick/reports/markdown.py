"""A record as Markdown, for a pull request: what changes, what is in the way, and how it was proven."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from maulstick.console import plain
from maulstick.reports.differences import lines
from maulstick.reports.record import Record
from maulstick.reports.verdict import counted, parts_of, right, verdict

MOST = 60_000
"""Characters of a comment; GitHub takes 65,536."""
ROWS = 200
LONG = 120
SIDES = ("base", "local", "production")
CUT = "\n\n*The rest does not fit in a comment: `invoke report` shows all of it.*\n"


def markdown(record: Record) -> str:
    """Return a record as Markdown; texts of the content stand in it as code and cannot be anything else."""
    text = "\n".join(line for release in record["releases"] for line in _release(release)) + "\n"
    return text if len(text) <= MOST else _cut(text)


def _release(release: Record) -> Iterator[str]:
    word = verdict(release)
    number = f"release {release['number']}: " if release["number"] else ""
    yield f"### {_code(release['subject'])} to {_code(release['target'])}: {number}{word}"
    yield ""
    yield ". ".join(filter(None, (counted(release), right(release)))) + "."
    yield ""
    yield from _table(release)
    if release["problem"]:
        yield from [*_fenced(release["problem"]), "", release["state"], ""]
    yield from _rows(release, "conflict", "Conflicts: both sides changed", opened=True)
    yield from _rows(release, "update", "Updated", opened=False)
    yield from _rows(release, "insert", "New", opened=False)
    yield from _rows(release, "kept", "Kept: edited in production", opened=False)
    yield from _files(release)
    yield from _checks(release)
    if release["undo"]:
        yield f"Undo: {_code(release['undo'])}"
        yield ""


def _table(release: Record) -> Iterator[str]:
    yield "| step | | |"
    yield "|---|---|---|"
    for step in release["steps"]:
        yield f"| {step['name']} | {step['word']} | {_cell(step['says'])} |"
        yield from (f"| | warning | {_cell(warning)} |" for warning in step["warnings"])
    yield ""


def _rows(release: Record, action: str, title: str, *, opened: bool) -> Iterator[str]:
    rows = [change for change in release["changes"] if change["action"] == action]
    if not rows:
        return
    count = max(len(rows), release["summary"].get(action, 0))  # a record leaves out what is too much
    yield f"<details{' open' if opened else ''}><summary>{title}: {count}</summary>"
    yield ""
    for change in rows[:ROWS]:
        yield f"- {_code(change['table'])} {_code(', '.join(parts_of(change['key'])))}"
        if action != "insert":
            yield from _columns(change["columns"])
    if count > ROWS:
        yield f"- and {count - ROWS} more"
    yield ""
    yield "</details>"
    yield ""


def _columns(columns: Mapping[str, Mapping[str, str | None]]) -> Iterator[str]:
    for name, cell in columns.items():
        before, after = cell.get("production"), cell.get("local")
        yield f"  - {_code(name)} ({cell['action']})"
        if cell["action"] != "update":
            yield from (f"    - {side}: {_code(_value(cell[side]))}" for side in SIDES if side in cell)
        elif max(len(before or ""), len(after or "")) > LONG or "\n" in f"{before}{after}":
            yield from (
                f"    {line}" for line in _fenced("\n".join(lines(before or "", after or "")), "diff")
            )
        else:
            yield f"    - {_code(_value(before))} → {_code(_value(after))}"


def _files(release: Record) -> Iterator[str]:
    sent = [one for one in release["media"] if one["action"] != "there"]
    if sent:
        yield f"<details><summary>Files: {len(sent)}</summary>"
        yield ""
        yield from (f"- {one['action']}: {_code(one['key'])} ({one['bytes']:,} bytes)" for one in sent[:ROWS])
        yield ""
        yield "</details>"
        yield ""


def _checks(release: Record) -> Iterator[str]:
    bad = [check for check in release["checks"] if check["ok"] is not True]
    for check in bad[:ROWS]:
        word = "wrong" if check["ok"] is False else "could not be told"
        yield f"- **{word}**: {_code(check['name'])}: {_code(check['answer'])}"
    if bad:
        yield ""


def _value(text: str | None) -> str:
    return "null" if text is None else text


def _code(text: str) -> str:
    """Return a text as inline code that nothing in it can end."""
    shown = plain(" ".join(str(text).split())) or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    blank = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{blank}{shown}{blank}{ticks}"


def _cell(text: str) -> str:
    return _code(text).replace("|", "\\|") if text else ""


def _fenced(text: str, language: str = "") -> list[str]:
    shown = plain(text)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return [f"{ticks}{language}", *shown.splitlines(), ticks]


def _cut(text: str) -> str:
    whole = text[: MOST - len(CUT)].rpartition("\n- ")[0]
    return whole + "\n" + "\n</details>" * (whole.count("<details") - whole.count("</details>")) + CUT
