"""A record as Markdown, for a pull request: what changes, what prevents it, and how it was verified."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from maulstick.diffs import patch_lines
from maulstick.report.record import Record
from maulstick.report.verdict import changes_line, check_word, checks_line, key_line, undone_line, verdict
from maulstick.text import at_most, printable

MOST = 60_000
"""Characters of a comment; GitHub takes 65,536."""
ROWS = 200
LONG = 120
LONGEST = 1000
"""Characters of a value that are shown."""
PROBLEM = 8_000
"""Characters of a problem that are shown: it may name every row."""
SIDES = ("base", "local", "production")
CUT = ["", "*The rest does not fit in a comment: `invoke report` shows all of it.*"]
FENCE = re.compile(r"( *`{3,})(?:diff)?")
DETAILS_END = "\n</details>\n"


def markdown(record: Record) -> str:
    """Return a record as Markdown; content is shown as code, so that nothing in it is read as Markdown."""
    releases = [list(_release(release)) for release in record["releases"]]
    if _length(line for lines_of in releases for line in lines_of) > MOST:
        share = (MOST - _length(CUT)) // len(releases)
        releases = [*(_fitting(lines_of, share) for lines_of in releases), CUT]
    return "\n".join(line for lines_of in releases for line in lines_of) + "\n"


def _release(release: Record) -> Iterator[str]:
    word = verdict(release)
    number = f"release {release['number']}: " if release["number"] else ""
    yield f"### {_code(release['subject'])} to {_code(release['target'])}: {number}{word}"
    yield ""
    if says := ". ".join(filter(None, (changes_line(release), checks_line(release)))):
        yield from [f"{says}.", ""]
    yield from _table(release)
    if release["problem"]:
        yield from [*_fenced(_shortened(release["problem"], PROBLEM)), ""]
    for says in filter(None, (release["state"], undone_line(release))):
        yield from [says, ""]
    yield from _rows(release, "conflict", "Conflicts: both sides changed", opened=True)
    yield from _rows(release, "update", "Updated", opened=False)
    yield from _rows(release, "insert", "New", opened=False)
    yield from _rows(release, "kept", f"Kept: edited in {release['target']}", opened=False)
    yield from _rows(release, "removed", f"Removed: deleted in {release['target']}", opened=False)
    yield from _rows(release, "gone", "Gone: no longer in the source", opened=False)
    yield from _rows(release, "left", "Left: no longer part of it", opened=False)
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
    count = max(len(rows), release["summary"].get(action, 0))  # a record holds only the first rows
    yield f"<details{' open' if opened else ''}><summary>{title}: {count}</summary>"
    yield ""
    entries = ("\n".join(_row(change, action)) for change in rows)
    for entry in at_most(ROWS, entries, "- and {} more", total=count):
        yield from entry.split("\n")
    yield ""
    yield "</details>"
    yield ""


def _row(change: Record, action: str) -> Iterator[str]:
    names = (change["table"], change.get("title", ""), key_line(change["key"]))
    yield " ".join(["-", *map(_code, filter(None, names))])
    if action != "insert":
        yield from _columns(change["columns"])


def _columns(columns: Mapping[str, Mapping[str, str | None]]) -> Iterator[str]:
    for name, cell in columns.items():
        before, after = cell.get("production"), cell.get("local")
        yield f"  - {_code(name)} ({cell['action']})"
        if cell["action"] != "update":
            yield from (f"    - {side}: {_value(cell[side])}" for side in SIDES if side in cell)
        elif before and after and (max(len(before), len(after)) > LONG or "\n" in before + after):
            yield from (f"    {line}" for line in _fenced("\n".join(patch_lines(before, after)), "diff"))
        else:
            yield f"    - {_value(before)} → {_value(after)}"


def _files(release: Record) -> Iterator[str]:
    sent = [file for file in release["media"] if file["action"] != "there"]
    if sent:
        yield f"<details><summary>Files: {len(sent)}</summary>"
        yield ""
        for file in sent[:ROWS]:
            names = " ".join(map(_code, filter(None, (file.get("title", ""), file["key"]))))
            yield f"- {file['action']}: {names} ({file['bytes']:,} bytes)"
        yield ""
        yield "</details>"
        yield ""


def _checks(release: Record) -> Iterator[str]:
    bad = [check for check in release["checks"] if check["ok"] is not True]
    for check in bad[:ROWS]:
        hint = f" ({_code(check['hint'])})" if check["hint"] else ""
        yield f"- **{check_word(check)}**: {_code(check['name'])}: {_code(check['answer'])}{hint}"
    if bad:
        yield ""


def _value(text: str | None) -> str:
    """Return a value as code; null, an empty and a blank value are words that are not code."""
    if text is None:
        return "*null*"
    return _code(_shortened(text, LONGEST)) if text.strip() else "*empty*" if not text else "*blank*"


def _code(text: str) -> str:
    """Return a text as inline code that nothing in it can end."""
    shown = printable(" ".join(str(text).split())) or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    blank = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{blank}{shown}{blank}{ticks}"


def _cell(text: str) -> str:
    return _code(text).replace("|", "\\|") if text else ""


def _fenced(text: str, language: str = "") -> list[str]:
    shown = printable(text)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return [f"{ticks}{language}", *shown.splitlines(), ticks]


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… and {len(text) - most:,} characters more"


def _length(lines_of: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines_of)


def _fitting(lines_of: Iterable[str], most: int) -> list[str]:
    """Return as many lines as fit, and close what is open after the last one."""
    kept: list[str] = []
    opened: list[str] = []
    for line in lines_of:
        after, most = _opened(opened, line), most - len(line) - 1
        if most < _length(after):
            return [*kept, *reversed(opened)]
        kept.append(line)
        opened = after
    return kept


def _opened(opened: list[str], line: str) -> list[str]:
    """Return what closes each block that is open after a line, the outermost first."""
    if opened and opened[-1] != DETAILS_END:  # in a fence nothing counts but its end
        return opened[:-1] if line == opened[-1] else opened
    if fence := FENCE.fullmatch(line):
        return [*opened, fence[1]]
    if line.startswith("<details"):
        return [*opened, DETAILS_END]
    return opened[:-1] if line == "</details>" else opened
