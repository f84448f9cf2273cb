"""What a plugin for a table would declare: proposed from the catalogue and the rows, with its doubts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from maulstick.cli.starter.evidence import Evidence
from maulstick.cli.starter.names import FILES, VISITOR, is_of_visitors, plain
from maulstick.cli.starter.natural_keys import NaturalKey, name_column, natural_key
from maulstick.cli.starter.proposal import MOST, Proposal
from maulstick.cli.starter.public_columns import add_public_column
from maulstick.cli.starter.row_values import add_values
from maulstick.errors import Problem, refused
from maulstick.postgres.quoting import name
from maulstick.postgres.tables.declared import problems_of, specs_of
from maulstick.postgres.tables.schema import ForeignKey, TableSchema
from maulstick.project.declarations import Leave, Match

HIDDEN = "this role may not read it"
RESERVED = (
    "order",
    "user",
    "group",
    "default",
    "end",
    "table",
    "column",
    "check",
    "primary",
    "limit",
    "desc",
)
"""Words of SQL by which a column that names a row may be called."""


def propose(evidence: Evidence, label: str, most: int = MOST) -> Proposal:
    """Return what a plugin for a table would declare; a table whose rows nothing tells apart is refused."""
    key = natural_key(evidence, label, partly=True)
    if key is None:
        says = "nothing but a counted id tells its rows apart, and ids differ between two databases"
        raise refused(label, says, "add a column that is unique, such as a slug")
    proposal = Proposal(label, name_column(evidence, label, key), most=most)
    proposal.take(label, key)
    if key.where:
        proposal.only(label, f"{_written(proposal.key)} = %(key)s and {key.where}")
        proposal.doubt(label, "where: rows for which it does not hold share the key, and stay at home")
    if is_of_visitors(label):
        proposal.doubt(label, "called like a table that visitors or the site itself write: is it content?")
    if proposal.key not in key.columns and not evidence.says_unique(label, proposal.key):
        proposal.doubt(label, f"{proposal.key}: no index says that it names one row; today it does")
    if proposal.key in key.columns[1:] + key.columns[:-1] and not evidence.is_unique(label, (proposal.key,)):
        proposal.doubt(label, f"{proposal.key}: rows share it, and a release takes all that do")
    _children(proposal, evidence, label)
    _leave_dependants(proposal, evidence)
    waiting = [*proposal.tables]
    while waiting:
        before = {*proposal.tables}
        _references(proposal, evidence, waiting.pop(0))
        waiting += [taken for taken in proposal.tables if taken not in before]
    for taken in [*proposal.tables]:
        add_values(proposal, evidence, taken)
        add_public_column(proposal, evidence, taken)
    _mend(proposal, evidence)
    return proposal


def _written(column: str) -> str:
    """Return a column as a person writes it in SQL: quoted only where it must be."""
    is_plain = re.fullmatch("[a-z_][a-z0-9_]*", column) and column not in RESERVED
    return column if is_plain else name(column)


def _children(proposal: Proposal, evidence: Evidence, parent: str, *, parts_only: bool = False) -> None:
    """Take the tables whose rows point at a row; with `parts_only` those that are nothing without it."""
    taken: list[str] = []
    for label, foreign in _referring(evidence, parent):
        if label in proposal.tables or label in proposal.left:
            continue
        is_part = _is_part(evidence.schema.tables[label], foreign, evidence, label)
        if parts_only and not is_part:
            continue
        via = foreign.columns if len(foreign.columns) == 1 else foreign.columns[-1:]
        key, why = _key_or_reason(proposal, evidence, label, via)
        if key is None:
            proposal.left[label] = why
            continue
        proposal.take(label, key, via)
        taken.append(label)
        if not is_part:
            proposal.doubt(label, f"{via[0]} may be empty: do its rows belong to that of {parent}?")
    for label in taken:
        _children(proposal, evidence, label, parts_only=parts_only)


def _key_or_reason(
    proposal: Proposal, evidence: Evidence, label: str, via: tuple[str, ...]
) -> tuple[NaturalKey | None, str]:
    """Return the key of a table whose rows point at what travels, or None and why it stays."""
    by_visitors = "visitors or the site write such rows"
    if {*via} & evidence.hidden.get(label, set()):
        return None, HIDDEN
    if is_of_visitors(label, proposal.table):
        return None, by_visitors
    if len(proposal.tables) >= proposal.most:
        return None, "the plugin is long enough; yield a Table for what belongs to it"
    key = natural_key(evidence, label, beside=via)
    if key is not None and _is_of_a_visitor(evidence, label, key):
        return None, by_visitors
    return key, "nothing but a counted id tells its rows apart"


def _is_of_a_visitor(evidence: Evidence, label: str, key: NaturalKey) -> bool:
    """Return whether each row says of which visitor it is, and that tells it apart."""
    return any(
        is_of_visitors(foreign.table) and foreign.columns[0] in key.columns
        and VISITOR.fullmatch(plain(foreign.columns[0]))
        for foreign in evidence.schema.tables[label].foreign_keys
    )  # fmt: skip


def _leave_dependants(proposal: Proposal, evidence: Evidence) -> None:
    """Leave tables whose rows need a row of a table that stays, though it refers to what travels."""
    for label in [*proposal.tables] * 2:
        for foreign in evidence.schema.tables[label].foreign_keys:
            needed = any(evidence.schema.tables[label].columns[column].not_null for column in foreign.columns)
            if (
                label in proposal.tables
                and label != proposal.table
                and needed
                and foreign.table in proposal.left
            ):
                del proposal.tables[label]
                proposal.doubts.pop(label, None)
                proposal.left[label] = "its rows need rows that stay"


def _referring(evidence: Evidence, parent: str) -> list[tuple[str, ForeignKey]]:
    """List the tables that refer to a table, those first whose rows are nothing without its row."""
    referring = []
    for label, table in sorted(evidence.schema.tables.items()):
        keys = [foreign for foreign in table.foreign_keys if foreign.table == parent and label != parent]
        keys.sort(key=lambda foreign: not _is_part(evidence.schema.tables[label], foreign, evidence, label))
        referring += [(label, foreign) for foreign in keys[:1]]
    referring.sort(key=lambda one: not _is_part(evidence.schema.tables[one[0]], one[1], evidence, one[0]))
    return referring


def _is_part(table: TableSchema, foreign: ForeignKey, evidence: Evidence, label: str) -> bool:
    needed = all(table.columns[column].not_null for column in foreign.columns)
    return needed or (label, foreign.name) in evidence.cascades


def _references(proposal: Proposal, evidence: Evidence, label: str) -> None:
    """Say of each foreign key that leads out of the slice where it leads."""
    table, hidden = evidence.schema.tables[label], evidence.hidden.get(label, set())
    references: dict[str, Leave | Match] = {}
    for foreign in table.foreign_keys:
        column = _declared_at(evidence, table, foreign)
        if foreign.table == label:
            says = f"{', '.join(foreign.columns)}: a row of {label} that stays must be in production already"
            proposal.doubt(label, says)
        elif column and foreign.table not in proposal.tables and column not in {*references, *hidden}:
            references.update(_reference(proposal, evidence, label, foreign, column))
    if references:
        proposal.tables[label] = replace(proposal.tables[label], references=references)


def _declared_at(evidence: Evidence, table: TableSchema, foreign: ForeignKey) -> str | None:
    """Return the column at which a reference is declared, None where others say where all of it leads."""
    if len(foreign.columns) == 1:
        return foreign.columns[0]
    alone = {one.columns[0] for one in table.foreign_keys if len(one.columns) == 1}
    there = evidence.schema.tables.get(foreign.table)
    leading = {column for one in there.foreign_keys for column in one.columns} if there else set()
    pairs = [pair for pair in zip(foreign.columns, foreign.target, strict=True) if pair[0] not in alone]
    return min(pairs, key=lambda pair: pair[1] in leading)[0] if pairs else None


def _reference(
    proposal: Proposal, evidence: Evidence, label: str, foreign: ForeignKey, column: str
) -> Mapping[str, Leave | Match]:
    kind = evidence.schema.tables[label].columns[column]
    is_key = column in proposal.tables[label].key
    may_stay = not is_key and (not kind.not_null or kind.fills_itself)
    is_known = foreign.table in evidence.schema.tables and not evidence.is_hidden(foreign.table)
    key = natural_key(evidence, foreign.table, partly=True) if is_known else None
    if (
        FILES.search(plain(foreign.table))
        and key is not None
        and not key.where
        and len(proposal.tables) < proposal.most
    ):
        proposal.take(foreign.table, key)
        _children(proposal, evidence, foreign.table, parts_only=True)
        return {}
    if (is_of_visitors(foreign.table) or foreign.table in proposal.left) and may_stay:
        return {column: Leave()}
    if key is not None:
        proposal.doubt(label, f"{column}: its row of {foreign.table} must be in production already")
        return {column: Match(key=key.columns, missing="error" if kind.not_null or is_key else "null")}
    why = f"nothing but an id tells rows of {foreign.table} apart"
    why = why if is_known else f"this role may not read {foreign.table}"
    if may_stay:
        proposal.doubt(label, f"{column}: {why}; it stays at home")
        return {column: Leave()}
    proposal.doubt(label, f"{column}: {why}: declare where it leads")
    return {}


def _mend(proposal: Proposal, evidence: Evidence) -> None:
    """Hold the proposal against the catalogue as a release does, and leave out what it would refuse."""
    root = proposal.table
    for _ in range(MOST):
        problems = problems_of(proposal.tables.values(), evidence.schema)
        if not problems:
            try:
                specs_of(proposal.tables.values(), evidence.schema)
            except Problem as whole:
                proposal.doubt(root, _said(whole))
            return
        for label, problem in problems.items():
            if label == root or label not in proposal.tables:
                proposal.doubt(root, _said(problem))
                if label == root:
                    return
            else:
                del proposal.tables[label]
                proposal.left[label] = _said(problem)


def _said(problem: Problem) -> str:
    return "; ".join(filter(None, (f"{problem.where}: {problem.what}", problem.hint)))
