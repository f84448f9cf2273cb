"""What Hypothesis draws: schemas, the rows in them, and what people do to these rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.properties.designs import DELETED, IDS, Design, Designs, Inside, Plain, Ref, Slot, columns_of
from tests.properties.kinds import DEFAULTS, KEYS, VALUES

NAMES = ("{}", "Mixed {}", 'say "{}"', "it's {} %s", "order {}é\\")
ROOTS = ("a", "b", "it's 100%")
WAYS = ("via", "pointed", "where", "outside")
PATHS = ("$.ref", "$.items[*].id")
CHECKED = ("", "deferrable", "deferrable initially deferred")
ROLES = ("", "", "", "unique", "unique", "default", "theirs", "skipped", "partly")
MOST_ROWS = 4
ROW = st.integers(0, MOST_ROWS - 1)
OUTSIDE = Plain("slug", "text", nullable=False)
SOFT = Plain(DELETED, "date")

Values = tuple[Any, ...]
Content = tuple[tuple[Values, ...], ...]
"""For each table its rows, for each row a value for each slot: a text, or the number of a row elsewhere."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody does to the row of this number: insert, update, delete or move; `values` by slot.

    In a move it and the next rows, so many as `values` says, hand a slot's values round in a circle.
    """

    what: str
    table: int
    row: int
    values: tuple[tuple[int, Any], ...]


@st.composite
def designs(draw: st.DrawFn, *, soft: bool = False) -> Designs:
    """Draw a root, up to three tables around it, and more references in any direction.

    With `soft`, some tables have rows that are deleted softly.
    """
    found = [_root(draw)]
    for number in range(1, draw(st.integers(2, 4))):
        way = draw(st.sampled_from(WAYS))
        found.append(_outside(number) if way == "outside" else _around(draw, number, way, found))
    inner = [n for n, design in enumerate(found) if design.way != "outside"]
    needed = [n for n, design in enumerate(found) if design.way in ("pointed", "outside")]
    pairs = [(draw(st.sampled_from([one for one in inner if one < n])), n) for n in needed]
    more = st.tuples(st.sampled_from(inner), st.integers(0, len(found) - 1))
    for n, (one, other) in enumerate([*pairs, *draw(st.lists(more, max_size=2))]):
        found[one] = _with_reference(draw, found[one], other, found[other], f"also{n}")
    return tuple(_softly(draw, design) if soft else design for design in found)


def contents(drawn: Designs) -> st.SearchStrategy[Content]:
    """Draw one to four rows for each table."""
    rows = [st.lists(_values(design), min_size=1, max_size=MOST_ROWS).map(tuple) for design in drawn]
    return st.tuples(*rows)


def shared(designs: Designs, content: Content) -> Content:
    """Return content without the rows that travel: what others refer to is there before the first release."""
    return tuple(
        rows if design.way == "outside" else () for design, rows in zip(designs, content, strict=True)
    )


def edits(drawn: Designs) -> st.SearchStrategy[Edit]:
    """Draw what somebody does to one row; most often an update."""
    tables = st.sampled_from([*enumerate(drawn)])
    return st.tuples(tables, st.sampled_from(("update", "update", "insert", "delete"))).flatmap(
        lambda drawn: _edits(*drawn[0], drawn[1])
    )


def moves(drawn: Designs) -> st.SearchStrategy[Edit]:
    """Draw rows of one table that swap their unique values, or hand them round."""
    unique = [
        (table, slot)
        for table, design in enumerate(drawn)
        for slot, column in enumerate(design.slots)
        if isinstance(column, Plain) and column.unique
    ]
    if not unique:
        return st.nothing()
    drawn_one = st.tuples(st.sampled_from(unique), ROW, st.integers(2, MOST_ROWS))
    return drawn_one.map(lambda one: Edit("move", one[0][0], one[1], ((one[0][1], one[2]),)))


def edits_of_two(drawn: Designs) -> st.SearchStrategy[list[tuple[Edit | None, Edit | None]]]:
    """Draw what somebody does here and somebody else there: anything, nothing, or to the same cell."""
    one = st.none() | edits(drawn) | moves(drawn)
    same = st.sampled_from([*enumerate(drawn)]).flatmap(lambda drawn: _updates(*drawn, times=2))
    return st.lists(st.tuples(one, one) | same.map(lambda pair: (pair[0], pair[1])), max_size=4)


def orders() -> st.SearchStrategy[list[int]]:
    """Draw which ids the rows of each table get."""
    return st.permutations(range(1, MOST_ROWS + 1))


def _root(draw: st.DrawFn) -> Design:
    id_ = draw(st.sampled_from([*IDS, None]))
    slots = (OUTSIDE, *_plains(draw, "{}"))
    constraint = "unique" if id_ else "primary"
    return Design("t0", "root", id_, ("slug",), constraint, slots, times=draw(st.booleans()))


def _outside(number: int) -> Design:
    return Design(f"t{number}", "outside", "bigserial", ("slug",), "unique", (OUTSIDE,))


def _around(draw: st.DrawFn, number: int, way: str, before: list[Design]) -> Design:
    called = draw(st.sampled_from(NAMES))
    id_ = draw(st.sampled_from([*IDS, None]))
    constraint = draw(st.sampled_from(("unique", "none") if id_ else ("primary", "unique", "none")))
    ups = _ups(draw, before, called, least=1 if way == "via" else 0)
    in_key = ups[:1] if draw(st.booleans()) else []
    own = _own_key(draw, called, least=0 if in_key else 1, may_be_null=constraint != "primary")
    if in_key and (not own or constraint == "primary"):
        ups[0] = replace(ups[0], nullable=False, on_delete="no action")
    key = tuple(column for slot in (*own, *in_key) for column in columns_of(slot))
    slots = (*own, *ups, *_plains(draw, called))
    via = tuple(ref.columns[0] for ref in ups) if way == "via" else ()
    return Design(called.format(f"t{number}"), way, id_, key, constraint, slots, via, draw(st.booleans()))


def _softly(draw: st.DrawFn, design: Design) -> Design:
    """Return a table whose key may be that of rows that were deleted softly too."""
    if design.id is None or design.constraint != "unique" or design.way == "outside":
        return design
    is_soft = draw(st.booleans())
    return replace(design, constraint="partial", slots=(*design.slots, SOFT)) if is_soft else design


def _own_key(draw: st.DrawFn, called: str, *, least: int, may_be_null: bool) -> list[Plain]:
    kinds = draw(st.lists(st.sampled_from([*KEYS]), min_size=least, max_size=2))
    return [
        Plain(called.format(f"k{n}"), kind, nullable=n > 0 and may_be_null and draw(st.booleans()))
        for n, kind in enumerate(kinds)
    ]


def _plains(draw: st.DrawFn, called: str) -> list[Plain]:
    return [_plain(draw, called.format(f"c{n}")) for n in range(draw(st.integers(0, 2)))]


def _plain(draw: st.DrawFn, name: str) -> Plain:
    role = draw(st.sampled_from(ROLES))
    kind = draw(st.sampled_from([*{"unique": ["text"], "default": DEFAULTS}.get(role, VALUES)]))
    nullable = role != "" or draw(st.booleans())
    default = DEFAULTS[kind] if role == "default" else None
    how = {which: role == which for which in ("unique", "theirs", "skipped", "partly")}
    checked = draw(st.sampled_from(CHECKED)) if role == "unique" else ""
    return Plain(name, kind, nullable, default=default, checked=checked, **how)


def _ups(draw: st.DrawFn, before: list[Design], called: str, *, least: int) -> list[Ref]:
    numbers = [n for n, design in enumerate(before) if design.way != "outside" and _is_named(design)]
    wanted = draw(st.lists(st.sampled_from(numbers), min_size=least, max_size=2, unique=True))
    return [_ref(draw, n, before[n], called.format(f"up{n}")) for n in wanted]


def _is_named(design: Design) -> bool:
    """Say whether a row can be referred to: by its id, or by a key that is plain and unique."""
    plain = {plain.name for plain in design.plains if not plain.nullable}
    return bool(design.id) or (design.constraint != "none" and {*design.key} <= plain)


def _ref(draw: st.DrawFn, number: int, target: Design, name: str) -> Ref:
    nullable = draw(st.booleans())
    ends = ("no action", "cascade", "set null") if nullable else ("no action", "cascade")
    columns = (name,) if target.id else tuple(f"{name} {n}" for n, _ in enumerate(target.key))
    missing = draw(st.sampled_from(("error", "null") if nullable else ("error",)))
    missing = missing if target.way == "outside" else "error"
    end = draw(st.sampled_from(ends))
    is_hidden = bool(target.id) and end == "no action" and draw(st.booleans())
    return Ref(columns, number, bool(target.id), nullable, end, missing, is_hidden)


def _with_reference(draw: st.DrawFn, design: Design, number: int, target: Design, name: str) -> Design:
    if not _is_named(target):
        return design
    slot: Slot = _ref(draw, number, target, name)
    if target.id and target.way != "outside" and draw(st.booleans()):
        slot = Inside(name, draw(st.sampled_from(PATHS)), number)
    return replace(design, slots=(*design.slots, slot))


def _values(design: Design) -> st.SearchStrategy[Values]:
    return st.tuples(*(_value(design, slot) for slot in design.slots))


def _value(design: Design, slot: Slot) -> st.SearchStrategy[Any]:
    if isinstance(slot, Inside):
        return st.none() | st.lists(st.none() | ROW, max_size=2).map(tuple)
    if isinstance(slot, Ref):
        return st.none() | ROW if slot.nullable else ROW
    if slot.name in design.key:
        value = st.sampled_from(ROOTS) if design.way == "root" else KEYS[slot.kind]
    else:
        value = KEYS["text"] if slot.unique else VALUES[slot.kind]
    return st.none() | value if slot.nullable else value


def _edits(table: int, design: Design, what: str) -> st.SearchStrategy[Edit]:
    if what == "insert":
        return st.builds(Edit, st.just("insert"), st.just(table), st.just(0), _values(design).map(_numbered))
    if what == "delete":
        return st.builds(Edit, st.just("delete"), st.just(table), ROW, st.just(()))
    return _updates(table, design, times=1).map(lambda one: one[0])


def _numbered(values: Values) -> Values:
    return tuple(enumerate(values))


def _updates(table: int, design: Design, *, times: int) -> st.SearchStrategy[list[Edit]]:
    """Draw updates of one cell with as many values."""
    slots = st.sampled_from([*enumerate(design.slots)])
    cells = slots.flatmap(
        lambda slot: st.tuples(
            st.just(slot[0]), st.lists(_value(design, slot[1]), min_size=times, max_size=times)
        )
    )
    return st.tuples(ROW, cells).map(
        lambda drawn: [Edit("update", table, drawn[0], ((drawn[1][0], value),)) for value in drawn[1][1]]
    )
