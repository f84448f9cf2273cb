"""Tenants as Ecto's guide has them: each foreign key holds the tenant beside the id."""

BOTH = """
create table orgs (id bigserial primary key, slug text not null unique);
create table series (id bigserial primary key, org_id bigint not null references orgs, slug text not null,
  unique (org_id, id), unique (org_id, slug));
create table artworks (id bigserial primary key, org_id bigint not null references orgs, slug text not null,
  series_id bigint not null, unique (org_id, slug),
  foreign key (org_id, series_id) references series (org_id, id));
"""
LOCAL = """
insert into orgs values (5, 'tate'); insert into series values (7, 5, 'nocturne');
insert into artworks values (1, 5, 'lamp', 7);
"""
PLUGIN = """
from maulstick import Kind, Leave, Match, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("series", table="series", key="slug")


@hookimpl
def maulstick_tables(subject):
    org = {"org_id": Match(key=("slug",))}
    yield Table("series", key=("org_id", "slug"), references=org)
    yield Table("artworks", key=("org_id", "slug"), via="series_id", references=org)
"""


def test_an_artwork_comes_to_the_series_of_its_tenant(other_site):
    site = other_site(BOTH, local=LOCAL, live="insert into orgs values (9, 'tate')", plugin=PLUGIN)
    assert site.invoke("plugins.check").code == 0
    assert site.invoke("export", "--series", "nocturne").code == 0
    applied = site.invoke("apply", "--series", "nocturne", "--without-media")
    assert (applied.code, "2 inserted" in applied.said) == (0, True)
    joined = "artworks as a join series as s on (s.org_id, s.id) = (a.org_id, a.series_id)"
    assert site.rows(f"select a.org_id, a.slug, s.slug from {joined}") == [(9, "lamp", "nocturne")]


def test_half_of_a_tenant_s_reference_is_not_taken(other_site):
    site = other_site(
        BOTH.replace(
            "org_id bigint not null references orgs, slug text not null,\n  series_id",
            "org_id bigint not null, slug text not null,\n  series_id",
        ),
        local=LOCAL,
    )
    series = '    yield Table("series", key=("org_id", "slug"), references=org)\n'
    artworks = ', via="series_id", references=org)'
    left = ', where="true", references={"series_id": Leave()})'
    site.plugin(
        PLUGIN.replace(series, "").replace(artworks, left).replace('table="series"', 'table="artworks"')
    )
    export = site.invoke("export", "--series", "lamp")
    assert export.code == 6
    assert (
        "artworks.org_id: is a part of the reference to series, whose series_id does not travel" in export.err
    )
