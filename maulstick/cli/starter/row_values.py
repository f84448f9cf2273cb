"""What the rows of a proposed table show: files, ids without a foreign key, what production counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from maulstick.cli.starter.evidence import Evidence
from maulstick.cli.starter.names import COUNTERS, COUNTS, plain
from maulstick.cli.starter.natural_keys import natural_key
from maulstick.cli.starter.proposal import Proposal
from maulstick.postgres.quoting import literal
from maulstick.postgres.tables.schema import TableSchema
from maulstick.postgres.tables.suspects import NAMED
from maulstick.project.declarations import JsonReference, MediaColumn, Pointer


def add_values(proposal: Proposal, evidence: Evidence, label: str) -> None:
    """Add what the rows show: files, ids in JSON, polymorphic pairs, what production counts."""
    table, declared = evidence.schema.tables[label], proposal.tables[label]
    media = [MediaColumn(column, path=path) for column, path in evidence.media_columns(label)]
    pointers = [*_pointers(proposal, evidence, label)]
    json_references = [*_json_references(proposal, evidence, label)]
    numbers = [
        column for column, kind in table.columns.items() if kind.is_integer and column not in declared.key
    ]
    theirs = tuple(column for column in numbers if COUNTERS.fullmatch(plain(column)))
    hidden = evidence.hidden.get(label, set()) - {*declared.key}
    for column, kind in table.columns.items():
        if kind.counted and column not in {*table.primary_key, *declared.key}:
            proposal.doubt(
                label, f'{column}: a sequence counts it, so it stays at home; travels="{column}" takes it'
            )
        if column in numbers and column not in theirs and COUNTS.fullmatch(plain(column)):
            proposal.doubt(label, f'{column}: it travels; theirs="{column}" leaves it to production to count')
        if column in hidden and column not in table.primary_key:
            needed = ", and new rows cannot do without" if kind.not_null and not kind.fills_itself else ""
            proposal.doubt(label, f"{column}: this role may not read it, so it stays at home{needed}")
    if system := {"ctid", "tableoid"} & hidden:
        proposal.doubt(label, f"a release reads more: grant select ({', '.join(sorted(system))}) on it")
    made = (column for column in table.columns if column in hidden or _is_made_by_trigger(table, column))
    proposal.tables[label] = replace(
        declared,
        skip=tuple(made),
        media=media,
        pointers=pointers,
        json_references=json_references,
        theirs=theirs,
    )


def _is_made_by_trigger(table: TableSchema, column: str) -> bool:
    """Return whether a column holds words for a search, which a trigger writes."""
    kind = table.columns[column]
    is_filled = kind.fills_itself or not kind.not_null or bool(table.before_insert)
    return kind.type == "tsvector" and not kind.generated and is_filled


def _pointers(proposal: Proposal, evidence: Evidence, label: str) -> Iterator[Pointer]:
    """Yield the columns that hold ids without a foreign key, where rows or names say whose."""
    table, declared = evidence.schema.tables[label], proposal.tables[label]
    leads = {column for foreign in table.foreign_keys for column in foreign.columns}
    for column, kind in table.columns.items():
        if (
            not NAMED.search(column)
            or column in leads
            or column in declared.key
            or column in table.primary_key
        ):
            continue
        if not (kind.is_integer or kind.type == "uuid"):
            continue
        stem = NAMED.sub("", column)
        ids = [text for row in evidence.rows(label) if (text := row.get(column))]
        if f"{stem}_type" in table.columns:
            yield from _by_type(proposal, evidence, label, column, f"{stem}_type")
        elif (to := _table_of(evidence, stem)) and (not ids or evidence.has_ids(to, "id", ids)):
            yield _pointer(proposal, evidence, column, to, None)


def _by_type(
    proposal: Proposal, evidence: Evidence, label: str, column: str, type_: str
) -> Iterator[Pointer]:
    for word in sorted({text for row in evidence.rows(label) if (text := row.get(type_))}):
        to = _table_of(evidence, word.rpartition("::")[2].rpartition(".")[2])
        if to is None:
            proposal.doubt(
                label, f"{column}: no table is called after its {type_} {word!r}; add a Pointer for it"
            )
        else:
            yield _pointer(proposal, evidence, column, to, f"{type_} = {literal(word)}")


def _pointer(proposal: Proposal, evidence: Evidence, column: str, table: str, where: str | None) -> Pointer:
    if table in proposal.tables:
        return Pointer(column, table, where=where)
    key = natural_key(evidence, table)
    return Pointer(column, table, where=where, key=key.columns if key else ("id",), missing="error")


def _json_references(proposal: Proposal, evidence: Evidence, label: str) -> Iterator[JsonReference]:
    for column, path, key, ids in evidence.json_ids(label):
        to = _table_of(evidence, NAMED.sub("", key))
        if to is None or not evidence.has_ids(to, "id", ids):
            proposal.doubt(label, f'{column}, {path}: ids of what? JsonReference("{column}", "{path}", "…")')
        elif to in proposal.tables:
            yield JsonReference(column, path, to)
        elif natural := natural_key(evidence, to):
            yield JsonReference(column, path, to, key=natural.columns)


def _table_of(evidence: Evidence, word: str) -> str | None:
    """Return the table that is called after a word, as frameworks do it: Artwork, artwork, artworks."""
    name = plain(word)
    ends = [name, f"{name}s", f"{name}es", f"{name[:-1]}ies" if name.endswith("y") else name]
    alike = []
    for label, table in sorted(evidence.schema.tables.items()):
        bare = plain(label.rpartition(".")[2])
        if "id" in table.columns and any(bare == end or bare.endswith(f"_{end}") for end in ends):
            alike.append((bare not in ends, len(bare), label))
    return min(alike)[2] if alike else None
