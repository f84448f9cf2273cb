"""Pages as Django and Wagtail keep them: a child's id is its parent's, and others refer to the child."""

BOTH = """
create table pages (id bigserial primary key, slug text not null unique);
create table series_pages (page_id bigint primary key references pages, intro text not null);
create table gallery_images (id bigserial primary key, series_page_id bigint not null references series_pages,
  sort integer not null, caption text not null);
"""
LOCAL = """
insert into pages values (7, 'nocturne'); insert into series_pages values (7, 'By night.');
insert into gallery_images values (1, 7, 1, 'Lamp'), (2, 7, 2, 'Door');
"""
LIVE = """
insert into pages values (7, 'somebody-elses-page'); insert into series_pages values (7, 'Theirs.');
select setval('pages_id_seq', 40);
"""
PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("page", table="pages", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("pages", key="slug")
    yield Table("series_pages", key="page_id", via="page_id")
    yield Table("gallery_images", key=("series_page_id", "sort"), via="series_page_id")
"""
SHOWN = (
    "select p.slug, g.caption from gallery_images as g join pages as p on p.id = series_page_id order by sort"
)


def test_images_are_shown_on_the_page_that_they_belong_to(other_site):
    site = other_site(BOTH, local=LOCAL, live=LIVE, plugin=PLUGIN)
    assert site.invoke("plugins.check").code == 0
    assert site.invoke("export", "--page", "nocturne").code == 0
    assert "4 inserted" in site.invoke("apply", "--page", "nocturne", "--without-media").said
    assert site.rows(SHOWN) == [("nocturne", "Lamp"), ("nocturne", "Door")]
    assert site.rows("select * from series_pages order by 1")[0] == (7, "Theirs.")
    assert "unchanged" in site.invoke("apply", "--page", "nocturne", "--without-media").said


def test_a_child_is_named_by_its_page_and_taken_back(other_site):
    site = other_site(BOTH, local=LOCAL, live=LIVE, plugin=PLUGIN)
    site.invoke("export", "--page", "nocturne")
    site.invoke("apply", "--page", "nocturne", "--without-media")
    why = site.invoke("why", "--row", 'series_pages:["nocturne"]')
    assert why.out.strip().endswith('insert series_pages ["nocturne"]')
    assert site.invoke("rollback", "--release", "1", "--yes").code == 0
    assert site.rows("select slug from pages") == [("somebody-elses-page",)]


def test_json_that_names_a_child_is_told_whose_ids_these_are(other_site):
    site = other_site(BOTH + "alter table pages add body jsonb;", local=LOCAL, live=LIVE)
    inside = 'json_references=[JsonReference("body", "$.page", "series_pages")]'
    site.plugin(
        PLUGIN.replace("import Kind", "import JsonReference, Kind").replace(
            'key="slug")\n    yield Table("series', f'key="slug", {inside})\n    yield Table("series'
        )
    )
    export = site.invoke("export", "--page", "nocturne")
    assert (export.code, 'its ids are those of "pages"' in export.err) == (6, True)
