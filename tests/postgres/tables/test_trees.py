"""Trees whose key is (parent, slug): a row is known by the path from its root."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import JsonReference, Match, Table
from tests.databases.deciding import contents, planned, released, undone
from tests.databases.places import actions, apply, both, export, plan, release

PAGES = """
create table pages (id bigserial primary key, parent_id bigint references pages, slug text not null,
  title text, updated_at timestamp(0) not null default '2025-01-01',
  unique nulls not distinct (parent_id, slug));
create table blocks (id bigserial primary key, page_id bigint not null references pages, n integer not null,
  text text, unique (page_id, n));
"""
TREE = Table(
    "pages", key=("parent_id", "slug"), via="parent_id", where="slug = %(key)s and parent_id is null"
)
BRANCH = Table("pages", key=("parent_id", "slug"), via="parent_id", where="slug = %(key)s")
BLOCKS = Table("blocks", key=("page_id", "n"), via="page_id")
TEAM, ANNA = '[[null,"about"],"team"]', '[[[null,"about"],"team"],"anna"]'
PATHS = """
with recursive way as (select id, slug as path from pages where parent_id is null
  union all select p.id, way.path || '/' || p.slug from pages p join way on way.id = p.parent_id)
"""


@pytest.fixture
def pages(source, production):
    """The source has about/team/anna and shop/team; production has another shop, under other ids."""
    both(source, production, PAGES)
    source.run(
        "insert into pages values (1, null, 'about', 'About'), (2, 1, 'team', 'Team'),"
        " (3, 2, 'anna', 'Anna'), (4, null, 'shop', 'Shop'), (5, 4, 'team', 'Sellers');"
        "insert into blocks (page_id, n, text) values (2, 1, 'We are'), (5, 1, 'They are')"
    )
    production.run(
        "insert into pages values (3, null, 'shop', 'Theirs'), (2, 3, 'team', 'Theirs too');"
        "select setval('pages_id_seq', 70)"
    )


def tree(place):
    return [path for (path,) in place.rows(f"{PATHS} select path from way order by 1")]


def ids(place):
    return dict(place.rows(f"{PATHS} select path, id from way"))


def about(source):
    return export(source, TREE, BLOCKS, key="about", kind="page")


def test_a_tree_comes_whole_and_what_stands_beside_it_is_not_touched(pages, source, production):
    before = production.rows("select xmin, * from pages order by id")
    assert apply(about(source), production).says == "4 inserted"
    assert tree(production) == ["about", "about/team", "about/team/anna", "shop", "shop/team"]
    text = f"{PATHS} select path, text from blocks join way on way.id = page_id"
    assert production.rows(text) == [("about/team", "We are")]
    assert production.rows("select xmin, * from pages where id < 70 order by id") == before
    assert apply(about(source), production).word == "unchanged"


def test_a_row_is_updated_by_its_path(pages, source, production):
    apply(about(source), production)
    source.run("update pages set title = 'Crew' where id = 2")
    assert apply(about(source), production).says == "1 updated"
    assert production.rows("select title from pages where slug = 'team' order by 1") == [
        ("Crew",),
        ("Theirs too",),
    ]


def test_a_plan_names_rows_by_their_path(pages, source, production):
    assert set(actions(plan(about(source), production))) >= {("pages", TEAM), ("blocks", f'[{TEAM},"1"]')}


def test_a_branch_alone_matches_what_is_above_it(pages, source, production):
    production.run("insert into pages values (60, null, 'about', 'Of theirs')")
    branch = export(source, BRANCH, BLOCKS, key="team", kind="page")
    assert branch.manifest.counts() == {"pages": 3, "blocks": 2}
    assert released(branch, source, production, take=("local",)).says == "4 inserted, 1 updated"
    assert tree(production) == ["about", "about/team", "about/team/anna", "shop", "shop/team"]
    assert production.value("select title from pages where id = 60") == "Of theirs"


def test_a_branch_whose_ancestors_are_not_there_is_refused(pages, source, production):
    bundle = export(source, Table("pages", key=("parent_id", "slug"), where="slug = %(key)s"), key="anna")
    found = [str(one) for one in plan(bundle, production).obstacles]
    assert found == [
        f"pages {TEAM}: is referred to and is not in production",
        'pages [null,"about"]: is referred to and is not in production',
    ]
    with pytest.raises(Problem, match="is referred to and is not in production") as caught:
        apply(bundle, production)
    assert caught.value.code == Exit.REFUSED


def test_a_renamed_parent_keeps_its_whole_branch(pages, source, production):
    apply(about(source), production)
    before = ids(production)
    source.run("update pages set slug = 'info' where id = 1")
    rename = ('pages:[null,"about"]=[null,"info"]',)
    assert released(about_as("info", source), source, production, rename=rename).says == "4 updated"
    assert tree(production) == ["info", "info/team", "info/team/anna", "shop", "shop/team"]
    assert ids(production)["info/team/anna"] == before["about/team/anna"]
    assert apply(about_as("info", source), production).word == "unchanged"


def about_as(slug, source):
    return export(source, TREE, BLOCKS, key=slug, kind="page")


def test_a_moved_branch_keeps_its_rows_where_its_user_says_so(pages, source, production):
    source.run("insert into pages values (6, 1, 'people', 'People')")
    apply(about(source), production)
    before = ids(production)
    source.run("update pages set parent_id = 6 where id = 2")
    moved = '[[[null,"about"],"people"],"team"]'
    released(about(source), source, production, rename=(f"pages:{TEAM}={moved}",))
    after = ids(production)
    assert after["about/people/team/anna"] == before["about/team/anna"]
    assert "about/team" not in after
    undone(production)
    assert ids(production) == before


def test_a_moved_branch_is_new_and_gone_without_a_word(pages, source, production):
    apply(about(source), production)
    source.run("update pages set slug = 'crew' where id = 2")
    found = actions(planned(about(source), source, production))
    assert found[("pages", TEAM)] == found[("pages", ANNA)] == "gone"
    assert found[("pages", '[[null,"about"],"crew"]')] == "insert"


def test_a_rename_below_a_renamed_row_is_followed_too(pages, source, production):
    apply(about(source), production)
    before = ids(production)
    source.run("update pages set slug = 'info' where id = 1; update pages set slug = 'crew' where id = 2")
    rename = ('pages:[null,"about"]=[null,"info"]', f'pages:{TEAM}=[[null,"info"],"crew"]')
    released(about_as("info", source), source, production, rename=rename)
    assert ids(production)["info/crew/anna"] == before["about/team/anna"]
    undone(production)
    assert ids(production) == before


def test_an_edit_of_a_renamed_page_in_production_is_kept(pages, source, production):
    released(about(source), source, production)
    production.run("update pages set title = 'Theirs' where slug in ('about', 'anna')")
    source.run("update pages set slug = 'info' where slug = 'about'")
    rename = ('pages:[null,"about"]=[null,"info"]',)
    released(about_as("info", source), source, production, rename=rename)
    titles = production.rows("select slug, title from pages where slug in ('info', 'anna') order by 1")
    assert titles == [("anna", "Theirs"), ("info", "Theirs")]


def test_a_rename_onto_a_path_that_is_there_is_refused(pages, source, production):
    apply(about(source), production)
    production.run("insert into pages (parent_id, slug) values (null, 'info')")
    source.run("update pages set slug = 'info' where id = 1")
    with pytest.raises(Problem, match="is in production beside .*about.*, which cannot become it"):
        released(about_as("info", source), source, production, rename=('pages:[null,"about"]=[null,"info"]',))


def test_a_tree_is_undone_and_pruned(pages, source, production):
    before = contents(production)
    apply(about(source), production)
    undone(production)
    assert contents(production) == before
    apply(about(source), production)
    source.run(
        "delete from blocks where page_id = 2; delete from pages where id = 3; delete from pages where id = 2"
    )
    assert released(about(source), source, production, prune=True).says == "3 deleted"
    undone(production)
    assert tree(production) == ["about", "about/team", "about/team/anna", "shop", "shop/team"]


def test_a_circle_is_refused_by_name(pages, source):
    source.run("update pages set parent_id = 3 where id = 1")
    bundle = (Table("pages", key=("parent_id", "slug"), via="parent_id", where="slug = %(key)s"),)
    with pytest.raises(Problem, match="its parent_id leads in a circle.*: about, anna, team") as caught:
        export(source, *bundle, key="about", kind="page")
    assert caught.value.code == Exit.REFUSED


def test_a_tree_of_100_levels_comes_and_a_deeper_one_is_refused(pages, source, production):
    source.run("insert into pages select n, nullif(n - 1, 99), 'p' from generate_series(100, 199) as n")
    bundle = (Table("pages", key=("parent_id", "slug"), via="parent_id", where="slug = %(key)s"),)
    assert apply(export(source, *bundle, key="p", kind="page"), production).says == "100 inserted"
    source.run("insert into pages values (200, 199, 'p'), (201, 200, 'p'), (202, 201, 'p')")
    with pytest.raises(Problem, match="more than 100 levels up"):
        export(source, *bundle, key="p", kind="page")


def test_parents_are_written_before_their_children(pages, source, production):
    production.run(
        "create function looks_up() returns trigger language plpgsql as $$ begin"
        " if new.parent_id is not null and not exists (select from pages where id = new.parent_id)"
        " then raise exception 'no parent yet'; end if; return new; end $$;"
        "create trigger looks before insert on pages for each row execute function looks_up()"
    )
    source.run("update pages set slug = '0' where id = 3")
    assert apply(about(source), production).says == "4 inserted"


def test_the_same_slug_twice_at_the_root_of_production_is_refused(source, production):
    both(source, production, PAGES.replace("nulls not distinct", ""))
    source.run("insert into pages (slug) values ('about')")
    production.run("insert into pages (slug) values ('about'), ('about')")
    [obstacle] = plan(about(source), production).obstacles
    assert str(obstacle) == 'pages [null,"about"]: 2 rows in production share this key'


def test_json_that_names_a_page_names_it_by_its_path(pages, source, production):
    both(source, production, "alter table blocks add body jsonb")
    source.run("update blocks set body = '{\"page\": 3}' where page_id = 2")
    inside = [JsonReference("body", "$.page", "pages")]
    block = Table("blocks", key=("page_id", "n"), via="page_id", json_references=inside)
    bundle = export(source, TREE, block, key="about", kind="page")
    assert apply(bundle, production).says == "4 inserted"
    joined = "blocks join pages as p on p.id = (body ->> 'page')::int"
    assert production.rows(f"select slug, p.id > 70 from {joined}") == [("anna", True)]
    assert apply(bundle, production).word == "unchanged"


def test_a_page_that_is_only_matched_is_found_by_its_path(pages, source, production):
    key = ("parent_id", "slug")
    block = Table("blocks", key="text", where="%(key)s <> ''", references={"page_id": Match(key=key)})
    source.run("update blocks set page_id = 3 where page_id = 2")
    bundle = export(source, block, key="all")
    assert [str(one) for one in plan(bundle, production).obstacles] == [
        f"pages {ANNA}: is referred to and is not in production",
        f"pages {TEAM}: is referred to and is not in production",
        'pages [null,"about"]: is referred to and is not in production',
    ]
    production.run("insert into pages values (60, null, 'about'), (61, 60, 'team'), (62, 61, 'anna')")
    assert apply(bundle, production).says == "2 inserted"
    assert production.rows("select page_id, text from blocks order by 1") == [(2, "They are"), (62, "We are")]
    assert apply(bundle, production).word == "unchanged"


def test_a_page_that_may_be_missing_may_be_missing_with_all_above_it(pages, source, production):
    both(source, production, "alter table blocks alter page_id drop not null")
    how = Match(key=("parent_id", "slug"), missing="null")
    block = Table("blocks", key="text", where="%(key)s <> ''", references={"page_id": how})
    bundle = export(source, block, key="all")
    assert apply(bundle, production).says.startswith("2 inserted")
    assert production.rows("select page_id, text from blocks order by 1") == [
        (2, "They are"),
        (None, "We are"),
    ]


def test_a_tree_goes_by_psql_alone(pages, source, production, psql):
    done = psql(production, about(source))
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(production) == ["about", "about/team", "about/team/anna", "shop", "shop/team"]


def test_a_tree_of_each_tenant_goes_by_its_tenant_too(source, production):
    both(
        source,
        production,
        "create table orgs (id bigserial primary key, slug text not null unique);"
        "create table folders (org_id bigint not null references orgs, id bigserial, parent_id bigint,"
        " name text not null, note text, primary key (org_id, id),"
        " foreign key (org_id, parent_id) references folders (org_id, id));"
        "create unique index on folders (org_id, coalesce(parent_id, 0), name)",
    )
    source.run(
        "insert into orgs values (1, 'tate'), (2, 'moma');"
        "insert into folders values (1, 1, null, 'a'), (1, 2, 1, 'b'), (2, 3, null, 'a'), (2, 4, 3, 'b')"
    )
    production.run(
        "insert into orgs values (1, 'moma'); insert into folders values (1, 1, null, 'a', 'theirs');"
        "select setval('orgs_id_seq', 50), setval('folders_id_seq', 50)"
    )
    tables = (
        Table("orgs", key="slug"),
        Table("folders", key=("org_id", "parent_id", "name"), via="org_id"),
    )
    assert release(source, production, *tables, key="tate").says == "3 inserted"
    assert release(source, production, *tables, key="tate").word == "unchanged"
    there = "select o.slug, f.name, p.name, f.note from folders f join orgs o on o.id = f.org_id"
    there += " left join folders p on p.id = f.parent_id and p.org_id = f.org_id order by 1, 2"
    assert production.rows(there) == [
        ("moma", "a", None, "theirs"),
        ("tate", "a", None, None),
        ("tate", "b", "a", None),
    ]
