"""A record as Markdown, for a pull request: what changes, what prevents it, and how it was verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from maulstick.diffs import patch_lines
from maulstick.plan.moved_pages import MovedPage
from maulstick.report.markdown_blocks import code, fenced, fitting, length, shortened, table_cell, value
from maulstick.report.page_filters import sides
from maulstick.report.record import Record
from maulstick.report.verdict import (
    changes_line,
    check_word,
    checks_line,
    key_line,
    left_out_line,
    undone_line,
    verdict,
)
from maulstick.text import at_most

MOST = 60_000
"""Characters of a comment; GitHub takes 65,536."""
ROWS = 200
LONG = 120
PROBLEM = 8_000
"""Characters of a problem that are shown: it may name every row."""
TITLES = {
    "conflict": "Conflicts: both sides changed",
    "update": "Updated",
    "insert": "New",
    "kept": "Kept: edited in {}",
    "removed": "Removed: deleted in {}",
    "gone": "Gone: no longer in the source",
    "left": "Left: no longer part of it",
}
UNDONE = {"update": "Restored", "insert": "Put back", "delete": "Deleted"}
"""The headings of a release's rows, and of a rollback's."""
SIDES = ("base", "local", "production")
CUT = ["", "*The rest does not fit in a comment: `invoke report` shows all of it.*"]


def markdown(record: Record) -> str:
    """Write a record as Markdown; content is shown as code, so that nothing in it is read as Markdown."""
    releases = [list(_release(release)) for release in record["releases"]]
    if length(line for lines_of in releases for line in lines_of) > MOST:
        share = (MOST - length(CUT)) // len(releases)
        releases = [*(fitting(lines_of, share) for lines_of in releases), CUT]
    return "\n".join(line for lines_of in releases for line in lines_of) + "\n"


def _release(release: Record) -> Iterator[str]:
    word = verdict(release)
    number = f"release {release['number']}: " if release["number"] else ""
    if release.get("would_be"):
        number = f"would be release {release['would_be']}: "
    of = f", the rollback of release {release['of']}" if release.get("of") else ""
    yield f"### {code(release['subject'])} to {code(release['target'])}: {number}{word}{of}"
    yield ""
    if says := ". ".join(filter(None, (changes_line(release), checks_line(release)))):
        yield from [f"{says}.", ""]
    yield from _table(release)
    if release["problem"]:
        yield from [*fenced(shortened(release["problem"], PROBLEM)), ""]
    for says in filter(None, (release["state"], undone_line(release), left_out_line(release))):
        yield from [code(says), ""]
    yield from _redirects(release)
    for action, title in (UNDONE if release.get("of") else TITLES).items():
        yield from _rows(release, action, title.format(release["target"]), opened=action == "conflict")
    yield from _files(release)
    yield from _checks(release)
    if release["undo"]:
        yield f"Undo: {code(release['undo'])}"
        yield ""


def _redirects(release: Record) -> Iterator[str]:
    moved = [MovedPage(one["old"], one["new"]) for one in release.get("redirects", ())]
    lines = [one.line if one.new else f"# {one.old} goes" for one in moved]
    if lines:
        text = "\n".join(at_most(ROWS, lines, "# and {} more"))
        yield from ["Addresses that change, and the redirects that the site needs:", "", *fenced(text), ""]


def _table(release: Record) -> Iterator[str]:
    yield "| step | | |"
    yield "|---|---|---|"
    for step in release["steps"]:
        kind = step.get("step") or step["name"]
        name = step["name"] if kind == step["name"] else f"{step['name']} ({kind})"
        yield f"| {name} | {step['word']} | {table_cell(step['says'])} |"
        yield from (f"| | warning | {table_cell(warning)} |" for warning in step["warnings"])
    yield ""


def _rows(release: Record, action: str, title: str, *, opened: bool) -> Iterator[str]:
    rows = [change for change in release["changes"] if change["action"] == action]
    if not rows:
        return
    count = max(len(rows), release["summary"].get(action, 0))  # a record holds only the first rows
    yield f"<details{' open' if opened else ''}><summary>{title}: {count}</summary>"
    yield ""
    entries = ("\n".join(_row(change, action, *sides(release))) for change in rows)
    for entry in at_most(ROWS, entries, "- and {} more", total=count):
        yield from entry.split("\n")
    yield ""
    yield "</details>"
    yield ""


def _row(change: Record, action: str, old: str, new: str) -> Iterator[str]:
    names = (change["table"], change.get("title", ""), key_line(change["key"]))
    yield " ".join(["-", *map(code, filter(None, names))])
    if action not in ("insert", "delete"):
        yield from _columns(change["columns"], old, new)


def _columns(columns: Mapping[str, Mapping[str, str | None]], old: str, new: str) -> Iterator[str]:
    for name, cell in columns.items():
        before, after = cell.get(old), cell.get(new)
        yield f"  - {code(name)} ({cell['action']})"
        if cell["action"] != "update":
            yield from (f"    - {side}: {value(cell[side])}" for side in SIDES if side in cell)
        elif before and after and (max(len(before), len(after)) > LONG or "\n" in before + after):
            yield from (f"    {line}" for line in fenced("\n".join(patch_lines(before, after)), "diff"))
        else:
            yield f"    - {value(before)} → {value(after)}"


def _files(release: Record) -> Iterator[str]:
    sent = [file for file in release["media"] if file["action"] != "there"]
    if sent:
        yield f"<details><summary>Files: {len(sent)}</summary>"
        yield ""
        for file in sent[:ROWS]:
            names = " ".join(map(code, filter(None, (file.get("title", ""), file["key"]))))
            yield f"- {file['action']}: {names} ({file['bytes']:,} bytes)"
        yield ""
        yield "</details>"
        yield ""


def _checks(release: Record) -> Iterator[str]:
    bad = [check for check in release["checks"] if check["ok"] is not True]
    for check in bad[:ROWS]:
        hint = f" ({code(check['hint'])})" if check["hint"] else ""
        yield f"- **{check_word(check)}**: {code(check['name'])}: {code(check['answer'])}{hint}"
    if bad:
        yield ""
