"""Which column of a proposed table makes its rows public: by its name, its type and the values in it."""

from __future__ import annotations

import re
from dataclasses import replace

from maulstick.cli.starter.evidence import Evidence
from maulstick.cli.starter.names import plain
from maulstick.cli.starter.proposal import Proposal
from maulstick.postgres.tables.schema import Column

PUBLIC = re.compile(r"(is_)?(published|live)|published_at")
"""How columns are called of which there is no doubt: true, or a time, makes a row public."""
PERHAPS = re.compile(
    r"(is_)?(public|visible|shown|online|listed|active|enabled)|(publish|shown|visible)_(at|on)"
)
HIDES = re.compile(r"(is_)?(hidden|draft|unlisted|unpublished|private)")
"""How columns are called in which true hides a row."""
STATUS = re.compile(
    r"_*((post|publish|publication|page|article|content)_?)?(status|state)|visibility|published"
)
WORDS = (
    "draft", "unpublished", "hidden", "private", "pending", "pending_review", "in_review", "review", "trash",
    "archived", "inactive", "deleted",
)  # fmt: skip
"""Values that hide a row, those first with which new rows would go in."""
STARTS = WORDS[:3]
TIMES = ("timestamp", "date")


def add_public_column(proposal: Proposal, evidence: Evidence, label: str) -> None:
    """Name the column that makes rows of a table public; where its name leaves a doubt, only ask."""
    table, declared = evidence.schema.tables[label], proposal.tables[label]
    out = {*declared.key, *declared.skip, *declared.theirs, *evidence.hidden.get(label, set())}
    able = [one for one in table.columns.values() if one.name not in out and not one.generated]
    for column in able:
        if PUBLIC.fullmatch(plain(column.name)) and _shows(column):
            proposal.tables[label] = replace(declared, publish=column.name)
            return
    for column in able:
        if says := _perhaps(evidence, label, column):
            proposal.doubt(
                label, f"does {column.name} make a row public? Then add {says}: it is written last"
            )
            return


def _shows(column: Column) -> bool:
    """Return whether true makes a row public, or a time that may be null."""
    return column.type == "boolean" or (column.plain_type.startswith(TIMES) and not column.not_null)


def _perhaps(evidence: Evidence, label: str, column: Column) -> str:
    """Return what would be declared of a column that may make rows public, "" for none."""
    name = plain(column.name)
    if PERHAPS.fullmatch(name) and _shows(column):
        return f'publish="{column.name}"'
    if HIDES.fullmatch(name) and column.plain_type == "boolean":
        return f'publish="{column.name}", hidden="true"'
    if not STATUS.fullmatch(name):
        return ""
    values = evidence.values_of(label, column.name)
    if column.is_integer:
        return f'publish="{column.name}", hidden="0"' if values and values <= {"0", "1"} else ""
    known = {value.lower(): value for value in sorted(values)}
    hiding = [known[word] for word in WORDS if word in known]
    if not hiding or hiding[0].lower() not in STARTS:
        return ""
    listed = ", ".join(f'"{value}"' for value in hiding)
    return f'publish="{column.name}", hidden={listed if len(hiding) == 1 else f"({listed})"}'
