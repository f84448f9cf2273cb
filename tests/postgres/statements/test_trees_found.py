"""Rows of a tree, found from the root down, and renamed with all that is below them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.identity.keys import old_keys
from maulstick.postgres.sql.identity.lookup import look_up
from maulstick.postgres.sql.identity.trees import path_map
from maulstick.postgres.sql.temp_tables import RENAMES
from maulstick.project.declarations import Table

TABLES = """
create table node (id bigserial primary key, up_id bigint references node, slug text not null,
  unique (up_id, slug));
"""
THERE = """
insert into node values (1, null, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, null, 'b'), (5, 4, 'c'), (6, 1, 'x'),
  (7, 6, 'y'), (8, 7, 'z');
"""
A, B = '[null,"a"]', '[[null,"a"],"b"]'
X, Y = '[[null,"a"],"x"]', '[[[null,"a"],"x"],"y"]'
NEW, BELOW = '[[null,"a"],"new"]', '[[[null,"a"],"new"],"y"]'
OTHER = ("other", X, NEW)


@pytest.fixture
def tree(staging):
    """A tree in production, and one that is staged, children before their parents."""
    node = Table("node", key=("up_id", "slug"), via="up_id", where="slug = %(key)s and up_id is null")
    tree = staging(TABLES, node, here="insert into node (slug) values ('x')", there=THERE, key="x")
    rows = [(BELOW, "z"), (NEW, "y"), (A, "new"), (A, "b"), (B, "c"), (None, "a"), (None, "r"), (A, "n")]
    tree.stage("node", *({"up_id": up, "slug": slug} for up, slug in rows))
    tree.scratch.fill(RENAMES, dict(zip(("table_name", "old", "new"), OTHER, strict=True)))
    return tree


def found(tree, *renames, **more):
    """Find the rows; return them by key, the renames that are left, and what is wrong."""
    spec = replace(tree.specs["node"], **more)
    for old, new in renames:
        tree.scratch.fill(RENAMES, {"table_name": "node", "old": old, "new": new})
    tree.run(look_up(spec, tree.specs, old_keys(spec)), path_map(spec, tree.specs, "up_id"))
    left = tree.scratch.rows(f"select table_name, old, new from {RENAMES} order by 1, octet_length(old), 3")
    return tree.known("node"), left, tree.problems("kind, key, says")


UNRENAMED = {
    A: (True, 1), B: (True, 2), f'[{B},"c"]': (True, 3), '[null,"r"]': (False, None), NEW: (False, None),
    '[[null,"a"],"n"]': (False, None), BELOW: (False, None), f'[{BELOW},"z"]': (False, None),
}  # fmt: skip


def test_rows_are_found_level_by_level(tree):
    assert found(tree) == (UNRENAMED, [OTHER], [])


def test_a_branch_that_is_renamed_keeps_its_rows(tree):
    rows, left, problems = found(tree, (X, NEW))
    assert rows == {**UNRENAMED, NEW: (True, 6), BELOW: (True, 7), f'[{BELOW},"z"]': (True, 8)}
    assert left == [("node", X, NEW), ("node", Y, BELOW), ("node", f'[{Y},"z"]', f'[{BELOW},"z"]'), OTHER]
    assert problems == []


def test_rows_that_only_match_are_not_renamed(tree):
    assert found(tree, (X, NEW), travels=False) == (UNRENAMED, [("node", X, NEW), OTHER], [])


@pytest.mark.parametrize(
    ("rename", "says"),
    [
        (('[null,"gone"]', NEW), '[null,"gone"], its old key, is not in production'),
        ((X, B), f"is in production beside {X}, which cannot become it"),
    ],
)
def test_a_rename_that_no_row_can_follow_is_told(tree, rename, says):
    assert found(tree, rename) == (UNRENAMED, [OTHER], [("rename", rename[1], says)])


def test_a_rename_that_has_happened_or_is_of_no_staged_row_is_nothing(tree):
    assert found(tree, ('[null,"gone"]', B), (X, '[null,"nowhere"]')) == (UNRENAMED, [OTHER], [])


def test_one_rename_beside_another_that_cannot_be_followed(tree):
    rows, left, problems = found(tree, (X, NEW), ('[null,"gone"]', '[null,"r"]'))
    assert (rows[NEW], rows['[null,"r"]']) == ((True, 6), (False, None))
    assert [one for *_, one in left] == [NEW, BELOW, f'[{BELOW},"z"]', NEW]
    assert [key for _, key, _ in problems] == ['[null,"r"]']


def test_renames_of_one_row_or_to_one_row_are_each_told_apart(tree):
    rows, left, problems = found(tree, (X, NEW), (X, B), ('[null,"gone"]', NEW))
    assert (rows[NEW], rows[B]) == ((True, 6), (True, 2))
    assert left[0] == ("node", X, NEW)
    assert [new for *_, new in left] == [NEW, BELOW, f'[{BELOW},"z"]', NEW]
    assert problems == [("rename", B, f"is in production beside {X}, which cannot become it")]


def test_a_rename_is_kept_though_base_knows_the_row_by_its_new_key(tree):
    tree.scratch.release(1)
    row = {"table_name": "node", "key": NEW, "subjects": "{}", "release": 1, "values": {}}
    tree.scratch.fill("maulstick.base_row", row)
    assert ("node", X, NEW) in found(tree, (X, NEW))[1]


def test_a_row_above_itself_or_below_none_is_told(tree):
    one, two = '["loop","two"]', '["loop","one"]'
    tree.stage("node", {"up_id": one, "slug": "one"}, {"up_id": two, "slug": "two"})
    rows, _, problems = found(tree)
    assert rows == UNRENAMED
    assert problems == [("circle", key, "is above itself, or not here") for key in (two, one)]
