"""Everything outside the slice stays as it was, byte for byte."""

import os
import subprocess

from maulstick.project.declarations import Subject
from maulstick.sandbox import programs
from tests.databases.places import WithoutMedia, apply, export, plan

SLICE = ("series", "artworks", "media", "media_images", "media_analyses", "annotations")


def dump(server, place, *options):
    """Return what pg_dump says of a place's rows."""
    program = programs.postgres(server.home, server.user) / "pg_dump"
    command = [str(program), "--data-only", "--restrict-key=same", *options, place.url]
    return subprocess.run(command, capture_output=True, check=True, env=os.environ).stdout


def test_other_tables_are_byte_for_byte_the_same(server, embodiment, site_production):
    others = ["--exclude-schema=maulstick", *(f"--exclude-table={table}" for table in SLICE)]
    sequences = [f"--exclude-table={table}_id_seq" for table in (*SLICE, "voice_notes")]
    before = dump(server, site_production, *others, *sequences)
    assert b"@" in before
    apply(embodiment, site_production)
    assert dump(server, site_production, *others, *sequences) == before


def test_rows_that_were_there_are_the_same_but_for_those_named(embodiment, site_production):
    before = site_production.dump()
    named = {(c.table, c.key) for c in plan(embodiment, site_production).changes if c.action == "update"}
    apply(embodiment, site_production)
    after = site_production.dump()
    lost = [(table, row) for table, rows in before.items() for row in rows if row not in after[table]]
    assert len(lost) == len(named)
    assert {table for table, _ in lost} == {table for table, _ in named}


def test_the_series_gets_an_id_of_its_own(embodiment, site_production, site_source):
    taken = site_production.rows("select id, slug from series order by 1")
    apply(embodiment, site_production)
    found = site_production.rows("select id, slug from series order by 1")
    assert found[: len(taken)] == taken
    local = site_source.value("select id from series where slug = 'embodiment'")
    assert local in [number for number, _ in taken]
    assert found[-1][1] == "embodiment"


def test_three_releases_do_not_multiply_the_annotations(embodiment, site_production):
    counted = "select count(*) from annotations where page_path = '/series/embodiment'"
    apply(embodiment, site_production)
    first = site_production.value(counted)
    for _ in range(2):
        assert apply(embodiment, site_production).word == "unchanged"
    assert site_production.value(counted) == first > 0


def test_ids_in_a_note_are_production_s(embodiment, site_production):
    apply(embodiment, site_production)
    lost = (
        "select count(*) from annotations n"
        " left join artworks a on a.id = (anchor_meta ->> 'artwork_id')::bigint"
        " where page_path = '/series/embodiment' and anchor_meta ? 'artwork_id'"
    )
    found = site_production.rows(lost + " and anchor_key = 'artwork:' || a.slug")
    assert found[0][0] == site_production.value(lost) > 0


def test_an_admin_s_sold_artwork_stays_sold(embodiment, site_production):
    apply(embodiment, site_production)
    embodied = "series_id = (select id from series where slug = 'embodiment')"
    site_production.run(f"update artworks set status = 'sold' where {embodied}")
    before = site_production.dump()
    for _ in range(2):
        assert "kept" in apply(embodiment, site_production).says
    assert site_production.dump() == before


def test_a_plain_page_travels_with_its_sections(site_source, site_production):
    plugins = WithoutMedia()
    slug = site_source.value("select slug from pages order by id limit 1")
    tables = plugins.tables(Subject("page", slug))
    bundle = export(site_source, *tables, key=slug, kind="page", plugins=plugins)
    assert bundle.manifest.counts().keys() == {"pages", "page_sections"}
    before = site_production.dump(but=("pages", "page_sections"))
    plan(bundle, site_production)
    assert site_production.dump(but=("pages", "page_sections")) == before
