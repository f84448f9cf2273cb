"""The common page table, keyed by parent and slug: a page is known by its path."""

BOTH = """
create table pages (id bigserial primary key, parent_id bigint references pages, slug text not null,
  title text not null, unique nulls not distinct (parent_id, slug));
create table menus (page_id bigint not null references pages, position integer not null, label text,
  primary key (page_id, position));
"""
LOCAL = """
insert into pages values (1, null, 'about', 'About'), (2, 1, 'team', 'Team'), (3, 2, 'anna', 'Anna'),
  (4, null, 'shop', 'Shop'), (5, 4, 'team', 'Sellers');
insert into menus values (2, 1, 'Who we are'), (5, 1, 'Who sells');
"""
LIVE = """
insert into pages values (1, null, 'shop', 'Theirs'), (2, 1, 'team', 'Theirs'), (3, null, 'news', 'News');
select setval('pages_id_seq', 30);
"""
PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("page", table="pages", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("pages", key=("parent_id", "slug"), via="parent_id", where="slug = %(key)s")
    yield Table("menus", key=("page_id", "position"), via="page_id")
"""
PATHS = """
with recursive way as (select id, slug as path from pages where parent_id is null
  union all select p.id, way.path || '/' || p.slug from pages as p join way on way.id = p.parent_id)
select path, label from way left join menus on page_id = way.id order by 1
"""
TEAM = '[[null,"about"],"team"]'


def released(site, page, *more):
    """Export a page and apply it; `more` are options of apply."""
    exported = site.invoke("export", "--page", page)
    assert exported.code == 0, exported.err
    return site.invoke("apply", "--page", page, "--without-media", *more)


def test_a_branch_comes_to_its_own_place(other_site):
    site = other_site(BOTH, local=LOCAL, live=LIVE, plugin=PLUGIN)
    assert site.invoke("plugins.check").code == 0
    assert "4 inserted" in released(site, "about").said
    assert site.rows(PATHS) == [
        ("about", None),
        ("about/team", "Who we are"),
        ("about/team/anna", None),
        ("news", None),
        ("shop", None),
        ("shop/team", None),
    ]
    assert "unchanged" in released(site, "about").said
    assert site.invoke("status").out.splitlines()[0].split() == [
        "page",
        "about",
        "not",
        "verified",
        "4",
        "unchanged",
    ]


def test_a_page_is_named_by_its_path_everywhere(other_site):
    site = other_site(BOTH, local=LOCAL, live=LIVE, plugin=PLUGIN)
    released(site, "about")
    site.run_dev("update pages set title = 'Crew' where id = 2")
    site.run_live("update pages set title = 'Staff' where title = 'Team'")
    refused = released(site, "about")
    assert (refused.code, f"pages {TEAM}" in refused.said) == (3, True)
    assert released(site, "about", "--take", f"local:pages.{TEAM}.title").code == 0
    assert "Crew" in site.invoke("why", "--row", f"pages:{TEAM}").out
    assert site.invoke("rollback", "--release", "2", "--yes").code == 0
    assert site.rows("select title from pages where title in ('Crew', 'Staff')") == [("Staff",)]


def test_a_plan_offers_the_rename_of_a_branch_by_its_topmost_page(other_site):
    site = other_site(BOTH, local=LOCAL, live=LIVE, plugin=PLUGIN)
    released(site, "about")
    site.run_dev("update pages set slug = 'crew' where id = 2")
    site.invoke("export", "--page", "about")
    rename = f'pages:{TEAM}=[[null,"about"],"crew"]'
    assert f"--rename '{rename}'" in site.invoke("plan", "--page", "about").said
    assert released(site, "about", "--rename", rename).code == 0
    assert ("about/crew/anna", None) in site.rows(PATHS)
    assert ("about/crew", "Who we are") in site.rows(PATHS)


def test_pages_that_are_above_each_other_are_refused_by_name(other_site):
    site = other_site(BOTH, local=LOCAL, live=LIVE, plugin=PLUGIN)
    site.run_dev("update pages set parent_id = 3 where id = 1")
    export = site.invoke("export", "--page", "about")
    assert (export.code, "leads in a circle" in export.err, "about, anna, team" in export.err) == (
        3,
        True,
        True,
    )
