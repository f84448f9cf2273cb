"""What a plugin for a table would declare: proposed from the catalogue and the rows, with its doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from maulstick.cli.starter.evidence import Evidence
from maulstick.cli.starter.names import COUNTERS, FILES, PEOPLE, VISITOR, plain
from maulstick.cli.starter.natural_keys import NaturalKey, name_column, natural_key
from maulstick.errors import Problem, did_you_mean, refused, usage
from maulstick.postgres.quoting import literal
from maulstick.postgres.tables.declared import problems_of, specs_of
from maulstick.postgres.tables.schema import ForeignKey, TableSchema
from maulstick.postgres.tables.suspects import NAMED
from maulstick.project.declarations import JsonReference, Leave, Match, MediaColumn, Pointer, Table

MOST = 16
"""Tables that one subject brings."""


@dataclass(slots=True)
class Proposal:
    """The tables of a kind as a plugin declares them, the doubtful ones with what is doubtful.

    `left` are tables that refer to them and do not travel, with the reason.
    """

    table: str
    key: str
    tables: dict[str, Table] = field(default_factory=dict)
    doubts: dict[str, list[str]] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    most: int = MOST

    def doubt(self, label: str, says: str) -> None:
        """Add a doubt about a table."""
        self.doubts.setdefault(label, []).append(says)


def propose(evidence: Evidence, label: str, most: int = MOST) -> Proposal:
    """Return what a plugin for a table would declare; a table whose rows nothing tells apart is refused."""
    schema = evidence.schema
    if label not in schema.tables:
        says = schema.others.get(label)
        if says:
            raise usage("--table", f'"{label}" is {says}, not a table of its own', "name the table behind it")
        hint = did_you_mean(label, schema.tables)
        raise usage("--table", f'the source has no table "{label}"', hint)
    key = natural_key(evidence, label)
    if key is None:
        says = "nothing but a counted id tells its rows apart, and ids differ between two databases"
        raise refused(label, says, "add a column that is unique, such as a slug")
    proposal = Proposal(label, name_column(evidence, label, key), most=most)
    _take(proposal, evidence, label, key)
    _children(proposal, evidence, label)
    _leave_dependants(proposal, evidence)
    waiting = [*proposal.tables]
    while waiting:
        before = {*proposal.tables}
        _references(proposal, evidence, waiting.pop(0))
        waiting += [taken for taken in proposal.tables if taken not in before]
    for taken in [*proposal.tables]:
        _values(proposal, evidence, taken)
    _mend(proposal, evidence)
    return proposal


def _take(
    proposal: Proposal, evidence: Evidence, label: str, key: NaturalKey, via: tuple[str, ...] = ()
) -> None:
    proposal.tables[label] = Table(label, key=key.columns, via=via)
    if key.doubt:
        proposal.doubt(label, f"key: {key.doubt}")


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
        key = natural_key(evidence, label, beside=via)
        if PEOPLE.search(plain(label)) or _is_of_visitors(evidence, label, key):
            proposal.left[label] = "visitors or the site write such rows"
        elif key is None:
            proposal.left[label] = "nothing but a counted id tells its rows apart"
        elif len(proposal.tables) >= proposal.most:
            proposal.left[label] = "the plugin is long enough; yield a Table for what belongs to it"
        else:
            _take(proposal, evidence, label, key, via)
            taken.append(label)
            if not is_part:
                proposal.doubt(label, f"{via[0]} may be empty: do its rows belong to that of {parent}?")
    for label in taken:
        _children(proposal, evidence, label, parts_only=parts_only)


def _is_of_visitors(evidence: Evidence, label: str, key: NaturalKey | None) -> bool:
    """Return whether each row says of which visitor it is, and that tells it apart."""
    return any(
        PEOPLE.search(plain(foreign.table)) and key is not None and foreign.columns[0] in key.columns
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
    """Return the tables that refer to a table, those first whose rows are nothing without its row."""
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
    table, declared = evidence.schema.tables[label], proposal.tables[label]
    references: dict[str, Leave | Match] = {}
    for foreign in table.foreign_keys:
        column = foreign.columns[0]
        if foreign.table in proposal.tables or len(foreign.columns) > 1 or column in references:
            continue
        references.update(_reference(proposal, evidence, label, foreign))
    if references:
        proposal.tables[label] = replace(declared, references=references)


def _reference(
    proposal: Proposal, evidence: Evidence, label: str, foreign: ForeignKey
) -> Mapping[str, Leave | Match]:
    column = foreign.columns[0]
    kind = evidence.schema.tables[label].columns[column]
    is_key = column in proposal.tables[label].key
    may_stay = not is_key and (not kind.not_null or kind.fills_itself)
    key = natural_key(evidence, foreign.table)
    if FILES.search(plain(foreign.table)) and key is not None and len(proposal.tables) < proposal.most:
        _take(proposal, evidence, foreign.table, key)
        _children(proposal, evidence, foreign.table, parts_only=True)
        return {}
    if (PEOPLE.search(plain(foreign.table)) or foreign.table in proposal.left) and may_stay:
        return {column: Leave()}
    if key is not None:
        proposal.doubt(label, f"{column}: its row of {foreign.table} must be in production already")
        return {column: Match(key=key.columns, missing="error" if kind.not_null or is_key else "null")}
    if may_stay:
        proposal.doubt(
            label, f"{column}: nothing but an id tells rows of {foreign.table} apart; it stays at home"
        )
        return {column: Leave()}
    proposal.doubt(label, f"{column}: nothing tells rows of {foreign.table} apart: declare where it leads")
    return {}


def _values(proposal: Proposal, evidence: Evidence, label: str) -> None:
    """Add what the rows show: files, ids in JSON, polymorphic pairs, what production counts."""
    table, declared = evidence.schema.tables[label], proposal.tables[label]
    media = [MediaColumn(column, path=path) for column, path in evidence.media_columns(label)]
    pointers = [*_pointers(proposal, evidence, label)]
    json_references = [*_json_references(proposal, evidence, label)]
    counts = (column for column in table.columns if COUNTERS.fullmatch(column))
    theirs = tuple(column for column in counts if column not in declared.key)
    for column, kind in table.columns.items():
        if kind.counted and (column,) != table.primary_key and column not in declared.key:
            proposal.doubt(
                label, f'{column}: a sequence counts it, so it stays at home; travels="{column}" takes it'
            )
    made = tuple(
        column
        for column, kind in table.columns.items()
        if kind.type == "tsvector"
        and not kind.generated
        and (kind.fills_itself or not kind.not_null or table.before_insert)
    )
    proposal.tables[label] = replace(
        declared, skip=made, media=media, pointers=pointers, json_references=json_references, theirs=theirs
    )


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
