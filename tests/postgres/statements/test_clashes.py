"""Values that two rows would share under an index of production: refused, or put aside where one moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.constraints.unique import FREED
from maulstick.postgres.sql.temp_tables import CHANGE, DOOMED, keys
from maulstick.postgres.tables.specs import Link, Reference
from tests.postgres.statements.walls import MUST, PLACE, SWAP, TAKEN, TWICE, aside, hang, moved, wall_in


@pytest.fixture
def wall(staging):
    """Four pictures in production, and what a release makes of some of them."""
    return wall_in(staging)


@pytest.mark.parametrize(
    ("pictures", "says"),
    [
        (SWAP, []),
        ({"a": {"place": 2}}, ["a " + TAKEN.format("b")]),
        ({"x": {"place": 4}}, ["x " + TAKEN.format("d")]),
        ({"a": {"place": 1}}, []),
        ({"a": {"place": 9}, "b": {"place": 8}}, []),
        ({"a": {"place": 9}, "b": {"place": 9}}, ["b " + TWICE.format("a")]),
        ({"b": {"place": 9}, "a": {"place": 9}}, ["a " + TWICE.format("b")]),
        ({"a": {"place": 9}, "x": {"place": 9}}, ["x " + TWICE.format("a")]),
        ({"x": {"place": 9}, "a": {"place": 9}}, ["x " + TWICE.format("a")]),
        ({"x": {"place": 9}, "y": {"place": 9}}, []),
        ({"x": {"place": 9}, "y": {"place": 9}, "a": {"label": "Z"}}, []),
        ({"x": {"place": 1}, "a": {"place": 5}}, []),
        ({"x": {"place": None}, "a": {"place": None}, "b": {"place": None}}, []),
        ({"x": {"place": 1}, "a": {"label": "Z"}}, ["x " + TAKEN.format("a")]),
        ({"b": {"place": 1}, "a": {"label": "Z"}}, ["b " + TAKEN.format("a")]),
        ({"a": {"place": 2}, "b": {"place": 3}, "c": {"place": 1}}, []),
        ({"a": {"place": 2}, "b": {"place": 3}, "c": {"place": 4}}, ["c " + TAKEN.format("d")]),
    ],
)
@pytest.mark.parametrize("index", [PLACE, "alter table public.picture add constraint one_place unique (place)"
                                   " deferrable"])  # fmt: skip
def test_a_value_that_another_row_will_hold_is_named(wall, index, pictures, says):
    found = hang(wall, index, pictures)
    assert [one.partition(" (")[0] for one in found] == [one.partition(" (")[0] for one in says]
    assert found == says


@pytest.mark.parametrize(
    ("index", "pictures", "put", "there"),
    [
        (PLACE, SWAP, {"a": None, "b": None}, "a= b= c=3 d=4"),
        (MUST, SWAP, {"a": "5", "b": "6"}, "a=5 b=6 c=3 d=4"),
        (f"{MUST}; alter table public.picture add check (place < 5)", SWAP, {"a": "0", "b": "-1"},
         "a=0 b=-1 c=3 d=4"),
        (PLACE, {"a": {"place": 2}, "b": {"place": 7}}, {"b": None}, "a=1 b= c=3 d=4"),
        (PLACE, {"x": {"place": 1}, "a": {"place": 5}}, {"a": None}, "a= b=2 c=3 d=4"),
        (PLACE, {"a": {"place": 9}}, {}, "a=1 b=2 c=3 d=4"),
        (MUST, {"a": {"place": 2}, "b": {"place": 3}, "c": {"place": 1}}, {"a": "5", "b": "6", "c": "7"},
         "a=5 b=6 c=7 d=4"),
        ("alter table public.picture add constraint one_place unique (place) deferrable", SWAP, {},
         "a=1 b=2 c=3 d=4"),
        ("alter table public.picture add constraint one_place exclude using btree (place with =)", SWAP,
         {"a": None, "b": None}, "a= b= c=3 d=4"),
        ("create unique index one_place on public.picture (coalesce(place, 0)) where kind = 'k'", SWAP,
         {"a": "5", "b": "6"}, "a=5 b=6 c=3 d=4"),
        ("create unique index one_place on public.picture (place) where kind = 'other'", SWAP, {},
         "a=1 b=2 c=3 d=4"),
        ("create unique index one_place on public.picture (place, kind)", SWAP, {"a": None, "b": None},
         "a= b= c=3 d=4"),
    ],
)  # fmt: skip
def test_a_row_is_put_aside_while_another_gets_its_value(wall, index, pictures, put, there):
    assert hang(wall, index, pictures) == []
    assert aside(wall) == {f"{slug} one_place": {"place": value} for slug, value in put.items()}
    assert moved(wall) == there
    assert wall.scratch.rows("show search_path") == [("pg_catalog, pg_temp",)]


def test_a_row_that_is_not_written_keeps_its_value(wall):
    row = {"row": "(0,9)", "key": "a", "found": True, "id": 11}
    wall.scratch.fill(keys(wall.specs["picture"]), row)
    assert hang(wall, PLACE, {"b": {"place": 1}}) == ["b " + TAKEN.format("a")]
    assert aside(wall) == {}


def test_each_column_is_written_back_once(wall):
    assert hang(wall, PLACE, SWAP) == []
    assert wall.scratch.rows(f"select sets from {CHANGE}") == [(["place"],)] * 2


def test_each_row_gives_up_only_what_another_wants(wall):
    index = f"{PLACE}; create unique index one_label on public.picture (label)"
    pictures = {"x": {"place": 1, "label": "B"}, "a": {"place": 9}, "b": {"label": "Z"}}
    assert hang(wall, index, pictures) == []
    assert aside(wall) == {"a one_place": {"place": None}, "b one_label": {"label": None}}
    assert moved(wall, "concat(place, label)") == "a=A b=2 c=3C d=4D"


def test_each_row_is_put_aside_by_one_update(wall):
    wall.scratch.place.run(
        "create table public.log (slug text);"
        "create function public.logs() returns trigger language plpgsql as"
        " $$ begin insert into public.log values (new.slug); return new; end $$;"
        "create trigger logs after update on public.picture for each row execute function public.logs()"
    )
    assert hang(wall, PLACE, SWAP) == []
    moved(wall)
    assert wall.scratch.rows("select slug from public.log order by 1") == [("a",), ("b",)]


def test_a_row_that_leaves_a_partial_index_does_so_first(wall):
    index = "create unique index one_cover on public.picture ((true)) where cover"
    assert hang(wall, index, {"a": {"cover": False}, "b": {"cover": True}}) == []
    assert aside(wall) == {"a one_cover": {"cover": "false"}}
    assert moved(wall, "cover") == "a=False b=False c=False d=False"


def test_one_value_is_put_aside_for_two_indexes(wall):
    index = f"{MUST}; create unique index two_place on public.picture ((place + 0), cover)"
    assert hang(wall, index, {"c": {"place": 2}, "b": {"place": 3}}) == []
    assert aside(wall) == {
        "b one_place": {"place": "5"}, "b two_place": {"place": "5"},
        "c one_place": {"place": "6"}, "c two_place": {"place": "6"},
    }  # fmt: skip
    assert moved(wall) == "a=1 b=5 c=6 d=4"


def test_two_values_of_one_row_are_put_aside_together(wall):
    index = f"{PLACE}; create unique index one_label on public.picture (label)"
    both = {"a": {"place": 2, "label": "B"}, "b": {"place": 1, "label": "A"}}
    assert hang(wall, index, both) == []
    assert aside(wall) == {
        "a one_label": {"label": None}, "a one_place": {"place": None},
        "b one_label": {"label": None}, "b one_place": {"place": None},
    }  # fmt: skip
    assert moved(wall, "concat(place, label)") == "a= b= c=3C d=4D"


def test_what_is_put_aside_is_written_back(wall):
    """The index is of two columns: the one that does not change gives way, and gets its value again."""
    index = (
        "alter table public.picture alter place set not null, alter label set not null,"
        " add check (place < 5), add check (place > 0);"
        "create unique index one_place on public.picture (place, label)"
    )
    wall.scratch.place.run("update public.picture set label = 'A'")
    wall.scratch.fill(CHANGE, {"table_name": "other", "key": "a", "row": "(0,1)", "action": "update"})
    assert hang(wall, index, {**SWAP, "c": {"label": "C"}}) == []
    [(a, columns)] = [(one, [*two]) for one, two in aside(wall).items() if one.startswith("a")]
    sets = wall.scratch.rows(f"select table_name, key, sets from {CHANGE} order by 1, 2")
    assert (a, columns) == ("a one_place", ["label"])
    assert sets == [
        ("other", "a", None), ("picture", "a", ["label", "place"]), ("picture", "b", ["label", "place"]),
        ("picture", "c", ["label"]),
    ]  # fmt: skip
    assert moved(wall, "place") == "a=1 b=2 c=3 d=4"


@pytest.mark.parametrize(
    "more",
    [
        "alter table public.picture add check (place between 1 and 4)",
        "create table public.hook (place int references public.picture (place)); insert into public.hook"
        " values (1), (2)",
    ],
)
def test_a_value_that_cannot_be_given_up_is_named(wall, more):
    found = hang(wall, f"{MUST}; {more}", SWAP)
    says = "cannot give up its place for another row: no value is free to put it aside (index one_place)"
    assert found == [f"{slug} {says}" for slug in "ab"]


@pytest.mark.parametrize(
    ("more", "free"),
    [
        ("references public.picture (place) on update cascade", True),
        ("references public.picture (place) deferrable", True),
        ("references public.picture (place) on update restrict deferrable", False),
        ("references public.picture (place) on update set null", False),
        ("", True),
    ],
)
def test_rows_that_refer_to_a_value_may_follow_or_wait(wall, more, free):
    hook = f"create table public.hook (place int {more}); insert into public.hook values (1), (2)"
    assert (hang(wall, f"{MUST}; {hook}", SWAP) == []) is free


def test_only_the_row_that_is_referred_to_keeps_its_value(wall):
    hook = "create table public.hook (place int references public.picture (place))"
    more = f"{hook}; insert into public.hook values (2)"
    found = hang(wall, f"{MUST}; {more}", SWAP)
    assert [one[0] for one in found] == ["b"]
    assert aside(wall)["a one_place"] == {"place": "5"}


@pytest.mark.parametrize(("freed", "put"), [("false", {"d one_place"}), (FREED, set())])
def test_a_row_that_will_be_deleted_gives_its_value_away(wall, freed, put):
    assert hang(wall, PLACE, {"a": {"place": 4}}, freed=freed, doomed=["d", "c"]) == []
    assert {*aside(wall)} == put
    assert moved(wall) == ("a=1 b=2 c=3 d=" if put else "a=1 b=2 c=3 d=4")


def test_a_row_that_will_be_deleted_is_put_aside_as_it_may(wall):
    assert hang(wall, MUST, {"a": {"place": 4}}, doomed=["d"]) == []
    assert moved(wall) == "a=1 b=2 c=3 d=5"


@pytest.mark.parametrize("freed", ["false", FREED])
def test_only_a_row_that_will_be_deleted_gives_its_value_away(wall, freed):
    wall.run(f"insert into {DOOMED} select 'spot', '', '', 'public.spot'::regclass, '(0,4)'")
    assert hang(wall, PLACE, {"a": {"place": 4}}, freed=freed, doomed=["c"]) == ["a " + TAKEN.format("d")]


@pytest.mark.parametrize(
    ("bound", "put"),
    [
        ({}, {"label": "Z", "place": "1"}),
        ({"references": {"label": Reference("spot")}}, {"place": None}),
        ({"links": (Link(("label",), "spot", ("room",)),)}, {"place": None}),
    ],
)
def test_a_reference_is_not_set_before_its_row_is_there(wall, bound, put):
    wall.specs["picture"] = replace(wall.specs["picture"], **bound)
    pictures = {"a": {"label": "Z"}, "x": {"label": "A", "place": 1}}
    index = "create unique index one_place on public.picture (place) where label = 'A'"
    assert hang(wall, index, pictures) == []
    assert aside(wall) == {"a one_place": put}


@pytest.mark.parametrize(("place", "says"), [(1, []), (3, ["z " + TAKEN.format("c")])])
def test_a_renamed_row_is_itself(wall, place, says):
    assert hang(wall, PLACE, {"z": {"place": place, "slug": "z"}}, renames=[("z", "a")]) == says


@pytest.mark.parametrize(
    "index",
    [
        "create unique index one_place on public.picture (public.own(place))",
        "create unique index one_place on public.picture (place) where public.own(place) > 0",
        "create index one_place on public.picture (place)",
    ],
)
def test_an_index_that_cannot_be_asked_is_left_to_itself(wall, index):
    function = "create or replace function public.own(int) returns int language plpgsql immutable as "
    wall.scratch.place.run(f"{function} 'begin return $1; end'; {index}")
    wall.scratch.place.run(f"{function} 'begin return $1 * elsewhere(); end'")
    assert hang(wall, PLACE.replace("one_place", "two_place"), {"a": {"place": 2}}) == [
        "a " + TAKEN.format("b").replace("one_place", "two_place")
    ]
    assert aside(wall) == {}


def test_an_index_of_columns_that_stay_at_home_alone_is_not_asked(wall):
    wall.scratch.place.run("update public.picture set kind = slug")
    assert hang(wall, "create unique index one_kind on public.picture (kind)", SWAP) == []
    assert aside(wall) == {}


def test_a_row_that_moves_is_put_aside_though_its_own_new_value_is_taken(wall):
    assert hang(wall, PLACE, {"a": {"place": 2}, "b": {"place": 3}}) == ["b " + TAKEN.format("c")]
    assert aside(wall) == {"b one_place": {"place": None}}


@pytest.mark.parametrize(
    ("pictures", "says"),
    [
        ({"a": {"place": 2}, "b": {"label": "Z"}, "c": {"place": 1}}, "a " + TAKEN.format("b")),
        ({"a": {"place": 9}, "b": {"place": 9}, "c": {"place": 1}}, "b " + TWICE.format("a")),
    ],
)
def test_one_row_may_move_while_others_are_in_each_others_way(wall, pictures, says):
    assert hang(wall, PLACE, pictures) == [says]
    assert aside(wall) == {"a one_place": {"place": None}}


def test_a_row_that_a_partial_index_leaves_out_is_in_nobodys_way(wall):
    wall.scratch.place.run("update public.picture set kind = 'other' where slug = 'b'")
    index = "create unique index one_place on public.picture (place) where kind = 'other'"
    assert hang(wall, index, {"a": {"place": 2}}) == []
    assert aside(wall) == {}


def test_a_row_whose_value_two_others_want_is_put_aside_once(wall):
    pictures = {"a": {"place": 2}, "x": {"place": 2}, "b": {"place": 7}}
    assert hang(wall, PLACE, pictures) == ["x " + TWICE.format("a")]
    assert aside(wall) == {"b one_place": {"place": None}}


def test_each_index_that_finds_no_spare_value_is_named_once(wall):
    index = (
        f"{MUST}; alter table public.picture add check (place between 1 and 4), alter cover set not null;"
        "create unique index two_place on public.picture ((place + 0))"
    )
    found = hang(wall, index, SWAP)
    assert sorted(f"{one[0]} {one.rpartition(' ')[2][:-1]}" for one in found) == [
        "a one_place", "a two_place", "b one_place", "b two_place"
    ]  # fmt: skip


@pytest.mark.parametrize(("place", "label", "free"), [(1, "Z", True), (1, "A", False), (9, "A", True)])
def test_a_reference_by_two_columns_is_to_a_row_that_has_both(wall, place, label, free):
    hook = (
        "create unique index on public.picture (place, label);"
        "create table public.hook (place int, label text);"
        f"insert into public.hook values ({place}, '{label}'); alter table public.hook"
        " add foreign key (place, label) references public.picture (place, label) not valid"
    )
    found = hang(wall, f"{MUST}; {hook}", {"x": {"place": 1, "label": "X"}, "a": {"place": 7}})
    assert (found == []) is free


@pytest.mark.parametrize(("kinds", "put"), [(("k", "k"), {"a", "b"}), (("k", "l"), set())])
def test_what_stays_at_home_is_that_of_the_row_itself(wall, kinds, put):
    for slug, kind in zip("ab", kinds, strict=True):
        wall.scratch.place.run(f"update public.picture set kind = '{kind}' where slug = '{slug}'")
    assert hang(wall, "create unique index one_place on public.picture (place, kind)", SWAP) == []
    assert {name[0] for name in aside(wall)} == put
