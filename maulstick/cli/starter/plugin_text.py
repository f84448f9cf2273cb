"""A proposal as a plugin's Python, with its doubts as comments, and the plugin's test."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from maulstick.cli.starter.evidence import Evidence
from maulstick.cli.starter.names import with_article
from maulstick.cli.starter.proposal import Proposal
from maulstick.cli.starter.proposals import propose
from maulstick.project.declarations import JsonReference, Leave, Match, MediaColumn, Pointer, Table

WIDTH = 100
LINES = 60
MOST_NAMED = 12
"""Tables that stay for one reason and are named."""
PLACED = {"Table": ("name",), "Pointer": ("column", "table"), "JsonReference": ("column", "path", "table"),
          "MediaColumn": ("column",)}  # fmt: skip
"""The arguments that are written without their names."""


def short_proposal(kind: str, evidence: Evidence, label: str) -> Proposal:
    """Return a proposal for a table with as many tables as a short plugin holds."""
    proposal = propose(evidence, label)
    for most in (10, 7, 5, 4, 3, 2, 1):
        if plugin_text(kind, proposal).count("\n") < LINES:
            break
        proposal = propose(evidence, label, most)
    return proposal


def plugin_text(kind: str, proposal: Proposal) -> str:
    """Write the plugin of a kind of subject."""
    tables = [*proposal.tables.values()]
    used = {"Kind", "Subject", "Table", "hookimpl", *_used(tables)}
    names = sorted(used, key=lambda name: (name.islower(), name))
    body = "\n".join(line for table in tables for line in _table(table, proposal.doubts.get(table.name, [])))
    left = "".join(f"\n{line}" for line in _left(proposal))
    others = [table.name for table in tables[1:]]
    one = with_article(kind.replace("_", " "))
    takes = f"Take {one}{', with ' if others else ''}{_listed(others)}"
    key = "_".join(re.findall(r"\w+", proposal.key)).upper()
    typed = f"--{kind.replace('_', '-')} {key}"
    return f'''"""{kind.replace("_", " ").capitalize()}: what `maulstick release {typed}` takes along."""

from collections.abc import Iterable

from maulstick import {", ".join(names)}


@hookimpl
def maulstick_kinds() -> Iterable[Kind]:
    """Name {one} by its {proposal.key}."""
    yield Kind("{kind}", table="{proposal.table}", key="{proposal.key}")


@hookimpl
def maulstick_tables(subject: Subject) -> Iterable[Table]:
    """{textwrap.shorten(takes, 80, placeholder=" and others")}."""
    if subject.kind != "{kind}":
        return
{body}{left}
'''


def _table(table: Table, doubts: list[str]) -> Iterator[str]:
    for doubt in doubts:
        yield from _comment(doubt, 4)
    line = f"    yield {_call(table)}"
    if len(line) <= WIDTH:
        yield line
        return
    yield "    yield Table("
    yield from (f"        {argument}," for argument in _arguments(table))
    yield "    )"


def _left(proposal: Proposal) -> Iterator[str]:
    """Yield what is said of the tables that stay, once for each reason."""
    reasons: dict[str, list[str]] = {}
    for name, why in sorted(proposal.left.items()):
        reasons.setdefault(why, []).append(name)
    for why, names in reasons.items():
        shown = (
            [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED + 1 else names
        )
        yield from _comment(f"{_listed(shown)} {'stays' if len(names) == 1 else 'stay'}: {why}", 4)


def _comment(says: str, indent: int) -> list[str]:
    start = f"{' ' * indent}# "
    return textwrap.wrap(says, WIDTH, initial_indent=start, subsequent_indent=start, break_on_hyphens=False)


def _call(value: Any) -> str:
    return f"{type(value).__name__}({', '.join(_arguments(value))})"


def _arguments(value: Any) -> Iterator[str]:
    placed = PLACED.get(type(value).__name__, ())
    for field in fields(value):
        given = getattr(value, field.name)
        if field.default is not MISSING and given == field.default:
            continue
        if given in ((), {}, None) or given == []:
            continue
        yield _text(given) if field.name in placed else f"{field.name}={_text(given)}"


def _text(value: Any) -> str:
    if isinstance(value, Leave | Match | Pointer | JsonReference | MediaColumn):
        return _call(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, tuple | list) and value and all(isinstance(one, str) for one in value):
        return _text(value[0]) if len(value) == 1 else "(" + ", ".join(map(_text, value)) + ")"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_text, value)) + "]"
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _used(tables: list[Table]) -> set[str]:
    values = [
        *(how for table in tables for how in table.references.values()),
        *(one for table in tables for one in (*table.pointers, *table.json_references, *table.media)),
    ]
    return {type(value).__name__ for value in values}


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
