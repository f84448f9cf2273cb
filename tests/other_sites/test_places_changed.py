"""Positions that only one row may hold, on a site where they are checked at once."""

PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    return [Kind("series", table="series", key="slug")]


@hookimpl
def maulstick_tables(subject):
    return [Table("series", key="slug"), Table("artworks", key="slug", via="series_id")]
"""
TABLES = """
create table series (id bigserial primary key, slug text not null unique);
create table artworks (id bigserial primary key, series_id bigint not null references series(id),
  slug text not null unique, position integer not null, unique (series_id, position));
"""
ROWS = """
insert into series (slug) values ('nocturne');
insert into artworks (series_id, slug, position) values (1, 'lamp', 1), (1, 'door', 2), (1, 'stair', 3);
"""


def places(rows):
    return dict(rows("select slug, position from artworks"))


def test_pictures_change_places_by_the_commands_that_are_typed(other_site):
    site = other_site(TABLES, local=ROWS, plugin=PLUGIN)
    for word in ("export", "apply"):
        options = ("--without-media",) if word == "apply" else ()
        assert site.invoke(word, "--series", "nocturne", *options).code == 0
    site.run_dev(
        "update artworks set position = -position; update artworks set position = 1 - position;"
        "insert into artworks (series_id, slug, position) values (1, 'window', 1)"
    )
    site.invoke("export", "--series", "nocturne")
    planned = site.invoke("plan", "--series", "nocturne")
    assert (planned.code, "1 to insert, 3 to update" in planned.err) == (0, True)
    assert site.invoke("apply", "--series", "nocturne", "--without-media").code == 0
    assert places(site.rows) == {"window": 1, "lamp": 2, "door": 3, "stair": 4}
    assert site.invoke("rollback", "--release", "2").code == 0
    assert places(site.rows) == {"lamp": 1, "door": 2, "stair": 3}


def test_a_row_that_cannot_make_way_is_named_with_a_way_out(other_site):
    site = other_site(TABLES, local=ROWS, plugin=PLUGIN)
    for word, options in (("export", ()), ("apply", ("--without-media",))):
        site.invoke(word, "--series", "nocturne", *options)
    site.run_dev(
        "update artworks set position = -position;"
        "update artworks set position = case slug when 'lamp' then 2 when 'door' then 1 else 3 end"
    )
    site.run_live(
        "alter table artworks add check (position between 1 and 3), drop constraint"
        " artworks_series_id_position_key; create unique index places on artworks (position)"
    )
    site.invoke("export", "--series", "nocturne")
    planned = site.invoke("plan", "--series", "nocturne")
    assert planned.code == 3
    assert 'artworks lamp: cannot give up its "position" for another row' in planned.err
    assert "hint: make the constraint deferrable, or release in two steps" in planned.err
