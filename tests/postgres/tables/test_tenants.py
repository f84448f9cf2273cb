"""Foreign keys of two columns, a tenant and an id: the id is followed, the tenant travels beside it."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Leave, Match, Table
from tests.databases.deciding import contents, released, undone
from tests.databases.places import apply, both, export, plan, release

ONE_ID = """
create table orgs (id bigserial primary key, slug text not null unique);
create table series (id bigserial primary key, org_id bigint not null references orgs, slug text not null,
  unique (org_id, id), unique (org_id, slug));
create table artworks (id bigserial primary key, org_id bigint not null references orgs, slug text not null,
  series_id bigint, unique (org_id, slug), foreign key (org_id, series_id) references series (org_id, id));
"""
BOTH_IDS = """
create table orgs (id bigserial primary key, slug text not null unique);
create table series (org_id bigint not null references orgs, id bigserial, slug text not null,
  primary key (org_id, id), unique (org_id, slug));
create table artworks (org_id bigint not null, id bigserial, slug text not null, series_id bigint,
  primary key (org_id, id), unique (org_id, slug),
  foreign key (org_id, series_id) references series (org_id, id));
create table details (org_id bigint, artwork_id bigint, text text, primary key (org_id, artwork_id),
  foreign key (org_id, artwork_id) references artworks);
create table quotes (id bigserial primary key, org_id bigint, artwork_id bigint, says text not null unique,
  foreign key (org_id, artwork_id) references details);
"""
SCHEMAS = pytest.mark.parametrize("schema", [ONE_ID, BOTH_IDS], ids=["one id", "both in the primary key"])
ORG = {"org_id": Match(key=("slug",))}
SERIES = Table("series", key=("org_id", "slug"), where="slug = %(key)s", references=ORG)
ARTWORKS = Table("artworks", key=("org_id", "slug"), via="series_id", references=ORG)
THERE = """
select o.slug, a.slug, s.slug from artworks a join orgs o on o.id = a.org_id
  left join series s on s.org_id = a.org_id and s.id = a.series_id order by 1, 2
"""


@pytest.fixture
def tenants(source, production, schema):
    """The source has two orgs with a series of the same name; production has one of them, under other ids."""
    both(source, production, schema)
    source.run(
        "insert into orgs values (5, 'tate'), (6, 'moma');"
        "insert into series (id, org_id, slug) values (7, 5, 'nocturne');"
        "insert into artworks (org_id, slug, series_id) values (5, 'lamp', 7), (5, 'door', 7)"
    )
    production.run(
        "insert into orgs values (5, 'moma'), (9, 'tate');"
        "insert into series (id, org_id, slug) values (7, 5, 'nocturne');"
        "insert into artworks (org_id, slug, series_id) values (5, 'lamp', 7);"
        "select setval('series_id_seq', 70)"
    )


def nocturne(source, *tables):
    return export(source, *(tables or (SERIES, ARTWORKS)), key="nocturne", kind="series")


@SCHEMAS
def test_an_id_beside_its_tenant_is_followed(tenants, source, production):
    before = contents(production)
    assert apply(nocturne(source), production).says == "3 inserted"
    assert production.rows(THERE) == [
        ("moma", "lamp", "nocturne"),
        ("tate", "door", "nocturne"),
        ("tate", "lamp", "nocturne"),
    ]
    assert production.rows("select org_id, id from series order by id") == [(5, 7), (9, 71)]
    assert apply(nocturne(source), production).word == "unchanged"
    undone(production)
    assert contents(production) == before


@SCHEMAS
def test_an_id_that_two_tenants_share_is_told_by_its_tenant(tenants, source, production):
    if schema_has_one_id(production):
        pytest.skip("an id names one row here")
    source.run("insert into series (id, org_id, slug) values (7, 6, 'nocturne')")
    source.run("insert into artworks (org_id, slug, series_id) values (6, 'lamp', 7)")
    tables = (SERIES, ARTWORKS)
    assert apply(nocturne(source, *tables), production).says.startswith("3 inserted")
    assert ("tate", "lamp", "nocturne") in production.rows(THERE)
    assert apply(nocturne(source, *tables), production).word == "unchanged"


def schema_has_one_id(place):
    keys = "select cardinality(conkey) from pg_constraint where conname = 'series_pkey'"
    return place.value(keys) == 1


@SCHEMAS
def test_an_artwork_moves_to_another_series_of_its_tenant(tenants, source, production):
    apply(nocturne(source), production)
    source.run("insert into series (id, org_id, slug) values (8, 5, 'aubade')")
    source.run("update artworks set series_id = 8 where slug = 'door'")
    every = Table("series", key=("org_id", "slug"), where="%(key)s <> ''", references=ORG)
    assert apply(nocturne(source, every, ARTWORKS), production).says == "1 inserted, 1 updated"
    assert ("tate", "door", "aubade") in production.rows(THERE)
    undone(production)
    assert ("tate", "door", "nocturne") in production.rows(THERE)


@SCHEMAS
def test_a_pruned_artwork_returns_to_its_series(tenants, source, production):
    apply(nocturne(source), production)
    source.run("delete from artworks where slug = 'door'")
    assert released(nocturne(source), source, production, prune=True).says == "1 deleted"
    undone(production)
    assert ("tate", "door", "nocturne") in production.rows(THERE)


@SCHEMAS
def test_a_reference_that_is_half_null_stays_so(tenants, source, production):
    source.run("update artworks set series_id = null")
    artworks = Table("artworks", key=("org_id", "slug"), where="true", references=ORG)
    assert apply(nocturne(source, SERIES, artworks), production).says == "3 inserted"
    assert ("tate", "door", None) in production.rows(THERE)


@SCHEMAS
def test_a_series_that_is_matched_is_found_within_its_tenant(tenants, source, production):
    matched = Table(
        "artworks",
        key=("org_id", "slug"),
        where="slug = %(key)s",
        references=ORG | {"series_id": Match(key=("org_id", "slug"))},
    )
    bundle = export(source, matched, key="door", kind="artworks")
    [obstacle] = plan(bundle, production).obstacles
    assert str(obstacle) == 'series ["tate","nocturne"]: is referred to and is not in production'
    production.run("insert into series (id, org_id, slug) values (30, 9, 'nocturne')")
    assert apply(bundle, production).says == "1 inserted"
    assert ("tate", "door", "nocturne") in production.rows(THERE)


@SCHEMAS
@pytest.mark.parametrize("missing", ["null", "keep"])
def test_a_series_that_may_be_missing_leaves_the_tenant_alone(tenants, source, production, missing):
    matched = Table(
        "artworks",
        key=("org_id", "slug"),
        where="slug = %(key)s",
        references=ORG | {"series_id": Match(key=("org_id", "slug"), missing=missing)},
    )
    bundle = export(source, matched, key="door", kind="artworks")
    assert apply(bundle, production).says.startswith("1 inserted")
    assert ("tate", "door", None) in production.rows(THERE)
    production.run("insert into series (id, org_id, slug) values (30, 9, 'nocturne')")
    assert apply(bundle, production).says.startswith("1 updated")
    assert ("tate", "door", "nocturne") in production.rows(THERE)


@pytest.mark.parametrize("schema", [ONE_ID])
def test_a_series_that_is_another_tenant_s_in_production_is_refused_before_the_write(
    tenants, source, production
):
    by_slug = Table("series", key="slug", where="slug = %(key)s", references={"org_id": Leave()})
    production.run("alter table series alter org_id set default 5")
    bundle = nocturne(source, by_slug, ARTWORKS)
    found = [str(one) for one in plan(bundle, production).obstacles]
    assert found == ["series nocturne: is not of the same org_id as the artworks that refer to it"]


@pytest.mark.parametrize("schema", [ONE_ID])
def test_a_tenant_that_production_fills_in_itself_may_be_left_out(tenants, source, production):
    production.run(
        "alter table series alter org_id set default 9; alter table artworks alter org_id set default 9"
    )
    left = {"org_id": Leave()}
    series = Table("series", key="slug", where="slug = %(key)s", references=left)
    production.run("delete from artworks; delete from series")
    artworks = Table("artworks", key="slug", via="series_id", references=left)
    assert apply(nocturne(source, series, artworks), production).says == "3 inserted"
    assert production.rows(THERE) == [("tate", "door", "nocturne"), ("tate", "lamp", "nocturne")]


@pytest.mark.parametrize("schema", [BOTH_IDS])
def test_a_tenant_that_is_left_out_still_tells_which_id_is_meant(tenants, source, production):
    production.run(
        "alter table artworks alter org_id set default 9; delete from artworks;"
        "insert into series (id, org_id, slug) values (30, 9, 'nocturne'), (30, 5, 'other')"
    )
    artworks = Table("artworks", key="slug", via="series_id", skip="org_id")
    assert apply(nocturne(source, SERIES, artworks), production).says == "2 inserted"
    assert production.rows(THERE) == [("tate", "door", "nocturne"), ("tate", "lamp", "nocturne")]
    assert apply(nocturne(source, SERIES, artworks), production).word == "unchanged"


@pytest.mark.parametrize("schema", [BOTH_IDS])
def test_ids_are_followed_through_tables_that_share_them(tenants, source, production):
    source.run(
        "insert into details select org_id, id, slug from artworks;"
        "insert into quotes (org_id, artwork_id, says) select org_id, id, slug from artworks"
    )
    details = Table("details", key=("org_id", "artwork_id"), via="artwork_id")
    quotes = Table("quotes", key="says", via="artwork_id")
    tables = (SERIES, ARTWORKS, details, quotes)
    assert apply(nocturne(source, *tables), production).says == "7 inserted"
    rows = production.rows(
        "select a.slug, q.says from quotes q join artworks a on (a.org_id, a.id) = (q.org_id, artwork_id)"
    )
    assert sorted(rows) == [("door", "door"), ("lamp", "lamp")]
    assert apply(nocturne(source, *tables), production).word == "unchanged"


def test_a_pair_whose_columns_lead_elsewhere_by_themselves_is_asked_for(source, production):
    both(
        source,
        production,
        "create table orgs (id bigserial primary key, slug text not null unique);"
        "create table users (id bigserial primary key, email text not null unique);"
        "create table members (org_id bigint references orgs, user_id bigint references users,"
        " primary key (org_id, user_id));"
        "create table posts (id bigserial primary key, slug text not null unique,"
        " org_id bigint not null references orgs, user_id bigint not null references users,"
        " foreign key (org_id, user_id) references members)",
    )
    source.run(
        "insert into orgs values (1, 'tate'); insert into users values (1, 'a@b.c');"
        "insert into members values (1, 1); insert into posts values (1, 'hello', 1, 1)"
    )
    production.run("insert into orgs values (4, 'tate'); insert into users values (5, 'a@b.c')")
    posts = Table("posts", key="slug", references=ORG | {"user_id": Match(key="email")})
    bundle = export(source, posts, key="hello")
    [obstacle] = plan(bundle, production).obstacles
    assert str(obstacle) == 'members ["tate","a@b.c"]: is referred to and is not in production'
    production.run("insert into members values (4, 5)")
    assert apply(bundle, production).says == "1 inserted"
    assert production.rows("select slug, org_id, user_id from posts") == [("hello", 4, 5)]
    assert apply(bundle, production).word == "unchanged"


def test_a_reference_to_a_tenant_s_row_that_nobody_declared_names_the_id(source):
    source.run(ONE_ID)
    artworks = Table("artworks", key=("org_id", "slug"), references=ORG)
    with pytest.raises(
        Problem, match='artworks.series_id: refers to "series", which does not travel'
    ) as caught:
        export(source, artworks, key="lamp", kind="artwork")
    assert caught.value.code == Exit.PLUGIN


def test_ids_of_both_ends_that_would_not_travel_alike_are_refused(source):
    source.run(ONE_ID.replace("org_id bigint not null references orgs", "org_id bigint not null", 1))
    tables = (
        Table("series", key=("org_id", "slug")),
        Table("artworks", key=("org_id", "slug"), via="series_id", references=ORG),
    )
    with pytest.raises(
        Problem, match="artworks.org_id: travels by the key of orgs, and series.org_id"
    ) as caught:
        export(source, *tables, key="lamp", kind="series")
    assert caught.value.code == Exit.PLUGIN


@pytest.mark.parametrize("key", ["id", "tenant, id"])
def test_a_tenant_that_is_a_plain_name_travels_as_it_is(source, production, key):
    both(
        source,
        production,
        f"create table series (tenant text not null, id bigserial, slug text not null, primary key ({key}),"
        " unique (tenant, id), unique (tenant, slug));"
        "create table artworks (id bigserial primary key, tenant text not null, slug text not null,"
        " series_id bigint, foreign key (tenant, series_id) references series (tenant, id))",
    )
    source.run("insert into series values ('tate', 1, 'nocturne'), ('moma', 2, 'nocturne')")
    source.run(
        "insert into artworks (tenant, slug, series_id) values ('tate', 'lamp', 1), ('moma', 'lamp', 2)"
    )
    production.run("insert into series values ('moma', 1, 'nocturne'); select setval('series_id_seq', 40)")
    series = Table("series", key=("tenant", "slug"))
    artworks = Table("artworks", key=("tenant", "slug"), via="series_id")
    assert release(source, production, series, artworks, key="tate").says == "2 inserted"
    assert production.rows("select tenant, series_id from artworks") == [("tate", 41)]
    assert release(source, production, series, artworks, key="moma").says == "1 inserted"
    assert production.rows("select tenant, series_id from artworks order by 1") == [("moma", 1), ("tate", 41)]


def test_a_tenant_s_column_travels_by_its_tenant_without_a_foreign_key_of_its_own(source, production):
    schema = BOTH_IDS.split("create table details")[0]
    both(source, production, schema)
    source.run(
        "insert into orgs values (5, 'tate'); insert into series values (5, 7, 'nocturne');"
        "insert into artworks values (5, 1, 'lamp', 7)"
    )
    production.run("insert into orgs values (5, 'moma'), (9, 'tate')")
    artworks = Table("artworks", key=("org_id", "slug"), via="series_id")
    assert release(source, production, SERIES, artworks, key="nocturne").says == "2 inserted"
    assert production.rows("select org_id, slug from artworks") == [(9, "lamp")]
