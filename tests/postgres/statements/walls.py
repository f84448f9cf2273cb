"""Pictures on a wall and spots without an id: values of which no two may have the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.swaps import move_aside
from maulstick.postgres.sql.constraints.unique import clashes
from maulstick.postgres.sql.temp_tables import ASIDE, CHANGE, DOOMED, RENAMES, keys, ready
from maulstick.project.declarations import Table
from tests.postgres.statements.conftest import Staging

TABLES = """
create table picture (id bigserial primary key, slug text not null unique, place int, label text,
  cover boolean default false, kind text default 'k');
create table spot (room text, n int, place int, note text default 'k', primary key (room, n));
"""
THERE = """
insert into picture (id, slug, place, label, cover) values (11, 'a', 1, 'A', true), (12, 'b', 2, 'B', false),
  (13, 'c', 3, 'C', false), (14, 'd', 4, 'D', false);
insert into spot values ('r', 1, 1), ('r', 2, 2), ('s', 1, 3);
alter table picture add gone int; alter table picture drop gone;
alter table spot add check (n < 100 and note <> '');
create table lamp (room text, n int, foreign key (room, n) references spot);
insert into lamp values ('r', 1), ('r', 2);
"""
IDS = {"a": 11, "b": 12, "c": 13, "d": 14}
PLACE = "create unique index one_place on public.picture (place)"
MUST = f"alter table public.picture alter place set not null; {PLACE}"
SWAP = {"a": {"place": 2}, "b": {"place": 1}}


def wall_in(staging: Callable[..., Staging]) -> Staging:
    """Make four pictures in production, and the tables of a release of some of them."""
    tables = (
        Table("picture", key="slug", skip="kind"),
        Table("spot", key=("room", "n"), where="true", skip="note"),
    )
    here = "insert into picture (slug) values ('x'); insert into spot values ('x', 1)"
    wall = staging(TABLES, *tables, here=here, there=THERE, key="x")
    wall.scratch.set(path="public, pg_temp")
    return wall


def hang(
    wall: Staging,
    index: str,
    pictures: Mapping[str, Mapping[str, Any]],
    *,
    freed: str = "false",
    doomed: Sequence[str] = (),
    renames: Sequence[tuple[str, str]] = (),
) -> list[str]:
    """Say what pictures become: those of another name are new. Return what is wrong with it."""
    scratch, picture = wall.scratch, wall.specs["picture"]
    scratch.place.run(index)
    for n, (slug, values) in enumerate(pictures.items(), 1):
        row, old = f"(0,{n})", dict(renames).get(slug, slug)
        there = scratch.rows(f"select slug, place, label, cover from public.picture where slug = '{old}'")
        before = dict(zip(("slug", "place", "label", "cover"), there[0], strict=True)) if there else {}
        scratch.fill(
            keys(picture), {"row": row, "key": slug, "found": bool(there), "id": IDS.get(old, 20 + n)}
        )
        scratch.fill(ready(picture), {"maulstick_row": row, "cover": False, **before, "slug": slug, **values})
        after = {column: None if value is None else str(value) for column, value in values.items()}
        change = (
            {"action": "update", "after": after, "sets": sorted(after)} if there else {"action": "insert"}
        )
        scratch.fill(CHANGE, {"table_name": "picture", "key": slug, "row": row, **change})
    for new, old in renames:
        scratch.fill(RENAMES, {"table_name": "picture", "old": old, "new": new})
    for slug in doomed:
        scratch.place.run(
            f"insert into {DOOMED} select 'picture', slug, id::text, tableoid, ctid from public.picture"
            f" where slug = '{slug}'"
        )
    wall.run(clashes(BundleTables(wall.specs, wall.specs, wall.specs), freed=freed))
    return [f"{key} {says}" for _, key, says in wall.problems()]


def aside(wall: Staging) -> dict[str, Any]:
    """Return what is put aside, by its key and index."""
    rows = wall.scratch.rows(f"select key || ' ' || index_name, changes from {ASIDE} order by 1")
    assert len({name for name, _ in rows}) == len(rows)
    return dict(rows)


def moved(wall: Staging, column: str = "place") -> str:
    """Write what is put aside, and return the pictures of production."""
    wall.run(move_aside(BundleTables(wall.specs, wall.specs, wall.specs)))
    rows = wall.scratch.rows(f"select slug, {column} from public.picture order by 1")
    return " ".join(f"{slug}={'' if value is None else value}" for slug, value in rows)


TAKEN = "place is taken in production by {} (index one_place)"
TWICE = "place would be that of {} too (index one_place)"


def become(
    wall: Staging,
    *rows: tuple[str, int, int, bool],
    index: str = "create unique index one_spot on public.spot (place)",
    renames: Sequence[tuple[str, str]] = (),
) -> None:
    """Say what becomes of rows that have no id of their own."""
    scratch, spot = wall.scratch, wall.specs["spot"]
    scratch.place.run(index)
    for n, (room, number, place, there) in enumerate(rows, 1):
        row, key = f"(0,{n})", f'["{room}","{number}"]'
        scratch.fill(keys(spot), {"row": row, "key": key, "found": there})
        scratch.fill(ready(spot), {"maulstick_row": row, "room": room, "n": number, "place": place})
        action = {"action": "update", "after": {"place": str(place)}, "sets": ["place"]}
        change = action if there else {"action": "insert"}
        scratch.fill(CHANGE, {"table_name": "spot", "key": key, "row": row, **change})
    for new, old in renames:
        scratch.fill(RENAMES, {"table_name": "spot", "old": old, "new": new})


def places(wall: Staging) -> str:
    """Return the places of the rows without an id."""
    there = wall.scratch.rows("select room || n, place from public.spot order by 1")
    return " ".join(f"{key}={place or ''}" for key, place in there)
