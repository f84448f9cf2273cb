"""Rows that swap what only one of them may hold reach their end, and come back from it."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Table
from tests.databases.deciding import contents, released, undone
from tests.databases.places import Place, actions, apply, both, export, plan, release

WALL = "create table wall (id bigserial primary key, slug text not null unique);"
PICTURE = (
    "create table picture (id bigserial primary key, wall_id bigint not null references wall,"
    " slug text not null unique, place integer{}, unique (wall_id, place));"
)
HUNG = (Table("wall", key="slug"), Table("picture", key="slug", via="wall_id"))
THREE = (
    "insert into wall (slug) values ('north');"
    "insert into picture (wall_id, slug, place) values (1, 'lamp', 1), (1, 'door', 2), (1, 'stair', 3)"
)
SWAP = (
    "update picture set place = place + 10 * id;"
    "update picture set place = case slug when 'lamp' then 2 when 'door' then 1 else 3 end"
)


def hang(source, production, *, column=" not null", more="", first=THREE):
    """Release a wall of three pictures."""
    both(source, production, WALL + PICTURE.format(column) + more)
    source.run(first)
    release(source, production, *HUNG, key="north")


def places(place: Place):
    return dict(place.rows("select slug, place from picture order by 1"))


def goes(source, production, says):
    """Release, find production as the source, undo, and find it as before."""
    before = contents(production)
    assert release(source, production, *HUNG, key="north").says == says
    assert places(production) == places(source)
    undone(production)
    assert contents(production) == before


@pytest.mark.parametrize(
    ("column", "more"),
    [
        (" not null", ""),
        ("", ""),
        (" not null check (place > 0)", ""),
        (" not null check (place < 40)", ""),
        (" not null", "create unique index also on picture (wall_id, (place * 2)) where place > 0;"),
        ("", "create unique index also on picture (wall_id, coalesce(place, 0));"),
        (" not null", "alter table picture add exclude using btree (place with =);"),
        (" not null", "alter table picture add unique (place) deferrable;"),
    ],
)
def test_two_rows_change_places(source, production, column, more):
    hang(source, production, column=column, more=more)
    source.run(SWAP)
    goes(source, production, "2 updated")


def test_three_rows_change_places_in_a_circle(source, production):
    hang(source, production)
    source.run("update picture set place = -place; update picture set place = -place % 3 + 1")
    goes(source, production, "3 updated")


def test_a_new_first_row_moves_all_others_down(source, production):
    hang(source, production)
    source.run("update picture set place = -place; update picture set place = 1 - place")
    source.run("insert into picture (wall_id, slug, place) values (1, 'window', 1)")
    goes(source, production, "1 inserted, 3 updated")


def test_a_new_row_takes_the_place_of_one_that_moves_to_a_new_wall(source, production):
    hang(source, production)
    source.run("insert into wall (slug) values ('south'); update picture set wall_id = 2 where slug = 'lamp'")
    source.run("insert into picture (wall_id, slug, place) values (1, 'window', 1)")
    tables = (Table("wall", key="slug", where="%(key)s <> ''"), HUNG[1])
    before = contents(production)
    assert release(source, production, *tables, key="north").says == "2 inserted, 1 updated"
    assert places(production) == places(source)
    undone(production)
    assert contents(production) == before


def test_the_one_cover_of_a_wall_becomes_another(source, production):
    more = (
        "alter table picture add cover boolean not null default false;"
        "create unique index one_cover on picture (wall_id) where cover"
    )
    hang(source, production, more=more, first=f"{THREE}; update picture set cover = true where slug = 'lamp'")
    source.run("update picture set cover = false; update picture set cover = true where slug = 'door'")
    before = contents(production)
    assert release(source, production, *HUNG, key="north").says == "2 updated"
    assert production.rows("select slug from picture where cover") == [("door",)]
    undone(production)
    assert contents(production) == before


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("text", ("a", "b")),
        ("varchar(3)", ("a", "b")),
        ("char(2) check (label = upper(label))", ("N1", "N2")),
        ("uuid", ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002")),
        ("date", ("2020-01-01", "infinity")),
        ("timestamptz", ("2020-01-01", "2021-01-01")),
        ("numeric(3,1)", ("99.9", "1.5")),
        ("smallint", ("32767", "3")),
        ("boolean default true", ("true", None)),
        ("jsonb", ('{"a": 1}', "[]")),
    ],
)
@pytest.mark.parametrize("null", ["", "not null"])
def test_values_of_any_type_are_swapped(source, production, type_, values, null):
    if null and (None in values or type_ == "jsonb"):
        pytest.skip("has no free value: refused")
    both(source, production, f"create table t (slug text primary key, label {type_} {null} unique)")
    source.run("insert into t values ('a', %s), ('b', %s)", *values)
    table = Table("t", key="slug", where="%(key)s <> ''")
    release(source, production, table, key="a")
    swap = "select slug, label::text from t"
    held = dict(source.rows(swap))
    source.run("delete from t")
    source.run("insert into t values ('a', %s), ('b', %s)", held["b"], held["a"])
    before = contents(production)
    assert release(source, production, table, key="a").says == "2 updated"
    assert sorted(production.rows(swap)) == sorted(source.rows(swap))
    undone(production)
    assert contents(production) == before


def test_bookings_that_exclude_each_other_change_rooms(source, production):
    more = (
        "create table stay (slug text primary key, during int4range not null,"
        " exclude using gist (during with &&))"
    )
    both(source, production, more)
    source.run("insert into stay values ('a', '[1,5)'), ('b', '[5,9)')")
    table = Table("stay", key="slug", where="%(key)s <> ''")
    release(source, production, table, key="a")
    source.run("delete from stay; insert into stay values ('a', '[4,9)'), ('b', '[1,4)')")
    assert release(source, production, table, key="a").says == "2 updated"
    assert sorted(production.rows("table stay")) == sorted(source.rows("table stay"))


def refusal(source, production, *tables, key="north"):
    """Be refused with nothing changed, by the plan too, and return the reasons."""
    bundle, before = export(source, *tables, key=key), production.dump()
    planned = [str(one) for one in plan(bundle, production).obstacles]
    with pytest.raises(Problem) as caught:
        apply(bundle, production)
    assert (caught.value.code, production.dump()) == (Exit.REFUSED, before)
    assert [line.strip() for line in caught.value.what.splitlines()[1:]] == planned
    return planned


def test_rows_that_cannot_be_put_aside_are_named_by_the_plan(source, production):
    hang(source, production, column=" not null check (place between 1 and 3)")
    source.run("alter table picture drop constraint picture_place_check")
    production.run("alter table picture add unique (place)")
    source.run(SWAP)
    reasons = refusal(source, production, *HUNG)
    says = "cannot give up its place for another row: no value is free to put it aside"
    assert f"picture door: {says} (index picture_place_key)" in reasons


def test_what_clashes_at_the_end_is_a_clash(source, production):
    hang(source, production)
    production.run("insert into picture (wall_id, slug, place) values (1, 'poster', 9)")
    source.run("update picture set place = 9 where slug = 'lamp'")
    assert refusal(source, production, *HUNG) == [
        "picture lamp: wall_id, place is taken in production by poster (index picture_wall_id_place_key)"
    ]


def test_a_place_that_is_kept_is_not_given_away(source, production):
    hang(source, production)
    production.run("update picture set place = 7 where slug = 'lamp'")
    source.run("update picture set place = 7 where slug = 'door'")
    assert refusal(source, production, *HUNG) == [
        "picture door: wall_id, place is taken in production by lamp (index picture_wall_id_place_key)"
    ]


def test_two_rows_that_would_end_in_one_place_are_a_clash(source, production):
    hang(source, production)
    source.run("alter table picture drop constraint picture_wall_id_place_key")
    source.run("update picture set place = 8 where slug <> 'stair'")
    [reason] = refusal(source, production, *HUNG)
    assert "wall_id, place would be that of" in reason


CODES = (
    "create table series (id bigserial primary key, slug text not null unique, code text not null unique);"
    "create table artwork (id bigserial primary key, slug text not null unique,"
    " series_code text not null references series (code){});"
)
CODED = (
    Table("series", key="slug"),
    Table("artwork", key="slug", where=("series_code in (select code from series where slug = %(key)s)")),
)


@pytest.mark.parametrize("follows", [" on update cascade", "", " on update restrict", " deferrable"])
@pytest.mark.parametrize("new", ["", "insert into artwork (slug, series_code) values ('door', 'NOC')"])
def test_a_renamed_code_takes_its_rows_along(source, production, follows, new):
    both(source, production, CODES.format(follows))
    source.run("insert into series (slug, code) values ('nocturne', 'N1')")
    source.run("insert into artwork (slug, series_code) values ('lamp', 'N1')")
    release(source, production, *CODED, key="nocturne")
    source.run("with s as (update series set code = 'NOC') update artwork set series_code = 'NOC'")
    source.run(new or "select 1")
    before = contents(production)
    release(source, production, *CODED, key="nocturne")
    codes = "select slug, series_code from artwork order by 1"
    assert production.rows(codes) == source.rows(codes)
    undone(production)
    assert contents(production) == before


def test_swapped_codes_take_their_rows_along(source, production):
    both(source, production, CODES.format(" on update cascade"))
    source.run("insert into series (slug, code) values ('nocturne', 'N'), ('dawn', 'D')")
    source.run("insert into artwork (slug, series_code) values ('lamp', 'N'), ('sun', 'D')")
    tables = tuple(Table(one.name, key="slug", where="%(key)s <> ''") for one in CODED)
    release(source, production, *tables, key="nocturne")
    production.run("insert into artwork (slug, series_code) values ('theirs', 'N')")
    for old, new in (("N", "X"), ("D", "N"), ("X", "D")):
        source.run("update series set code = %s where code = %s", new, old)
    release(source, production, *tables, key="nocturne")
    rows = dict(production.rows("select slug, series_code from artwork"))
    assert rows == {"lamp": "D", "sun": "N", "theirs": "D"}


def test_a_code_that_other_rows_of_production_hold_on_to_stays(source, production):
    both(source, production, CODES.format(""))
    source.run("insert into series (slug, code) values ('nocturne', 'N1')")
    release(source, production, *CODED, key="nocturne")
    production.run("insert into artwork (slug, series_code) values ('theirs', 'N1')")
    source.run("update series set code = 'NOC'")
    assert refusal(source, production, *CODED, key="nocturne") == [
        "series nocturne: code is referred to by 1 row of artwork (artwork_series_code_fkey)"
    ]


def test_a_row_that_was_pruned_for_its_place_comes_back(source, production):
    hang(source, production)
    source.run("delete from picture where slug = 'lamp'; update picture set place = 1 where slug = 'door'")
    bundle, before = export(source, *HUNG, key="north"), places(production)
    released(bundle, source, production, prune=True, prune_limit=5)
    assert places(production) == places(source) != before
    undone(production)
    assert places(production) == before


def test_a_row_that_took_the_place_of_a_pruned_one_makes_way_again(source, production):
    hang(source, production)
    source.run("delete from picture where slug = 'lamp'")
    source.run("insert into picture (wall_id, slug, place) values (1, 'window', 1)")
    bundle, before = export(source, *HUNG, key="north"), places(production)
    released(bundle, source, production, prune=True, prune_limit=5)
    assert places(production) == places(source) != before
    undone(production)
    assert places(production) == before


def test_a_generated_value_that_another_row_holds_is_a_clash(source, production):
    hang(source, production)
    production.run(
        "alter table picture add made int generated always as (place % 50) stored, add unique (made);"
        "insert into picture (wall_id, slug, place) values (1, 'theirs', 80), (1, 'theirs too', 85)"
    )
    source.run("update picture set place = 130 where slug = 'door'")
    source.run("insert into picture (wall_id, slug, place) values (1, 'window', 135)")
    planned = plan(export(source, *HUNG, key="north"), production)
    taken = {one.key: one.says for one in planned.obstacles}
    assert all("is taken in production by theirs" in says for says in taken.values())
    assert [*taken] == ["door", "window"]


def test_rows_change_places_under_an_index_over_a_generated_column(source, production):
    made = "alter table picture add made int generated always as (place * 2) stored;"
    hang(source, production, more=f"{made} create unique index made on picture (wall_id, made);")
    source.run(SWAP)
    goes(source, production, "2 updated")


def test_rows_put_aside_for_two_indexes_do_not_meet_each_other(source, production):
    """The first place has an index of its own; its row is put aside for both."""
    hang(source, production, more="create unique index first on picture (wall_id) where place = 1;")
    source.run("update picture set place = -place; update picture set place = place + 5")
    source.run("insert into picture (wall_id, slug, place) values (1, 'window', 1)")
    goes(source, production, "1 inserted, 3 updated")


def test_only_rows_in_the_way_are_written_twice(source, production):
    hang(source, production)
    production.run(
        "create table log (slug text); create function log() returns trigger language plpgsql as"
        " 'begin insert into public.log values (new.slug); return new; end';"
        "create trigger log after update on picture for each row execute function log()"
    )
    source.run("update picture set place = 5 where slug = 'stair'")
    source.run("update picture set place = 3 where slug = 'door'")
    assert actions(plan(export(source, *HUNG, key="north"), production)).values()
    release(source, production, *HUNG, key="north")
    assert sorted(production.rows("table log")) == [("door",), ("stair",), ("stair",)]
