"""Sites whose references no foreign key shows: nothing hangs on another row, and nothing is silent."""

from __future__ import annotations

from tests.other_sites.other_site import OtherSite

HEAD = """
from maulstick import Kind, Match, Pointer, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("artwork", table="artworks", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("artworks", key="slug"{more})
"""
BLOBS = """    yield Table("blobs", key="key")
    yield Table("attachments", key=("record_type", "record_id", "name"), {how})
"""
POLYMORPHIC = """
create table artworks (id bigserial primary key, slug text not null unique);
create table blobs (id bigserial primary key, key text not null unique, filename text not null);
create table attachments (id bigserial primary key, name text not null, record_type text not null,
  record_id bigint not null, blob_id bigint not null references blobs(id))
"""
LOCAL = """
insert into artworks values (7, 'nocturne'); insert into blobs values (3, 'k1', 'nocturne.jpg');
insert into attachments values (1, 'image', 'Artwork', 7, 3)
"""
LIVE = """
select setval('artworks_id_seq', 40);
insert into artworks values (7, 'somebody-elses-picture'); insert into blobs values (3, 'other', 'x.jpg')
"""
WHERE = "where=\"record_type = 'Artwork'\""


def plugin(more: str = "", how: str = "") -> str:
    return HEAD.format(more=more) + (BLOBS.format(how=how) if how else "")


def test_a_match_that_does_nothing_is_refused_by_every_command(other_site) -> None:
    how = f"{WHERE}, references={{'record_id': Match(key='slug')}}"
    site: OtherSite = other_site(POLYMORPHIC, local=LOCAL, live=LIVE, plugin=plugin(how=how))
    exported = site.invoke("export", "--artwork", "nocturne")
    assert exported.code == 6
    says = "attachments.record_id: is not a foreign key in the source: its Match does nothing"
    assert says in exported.said
    assert """pointers=[Pointer("record_id", "…", where="record_type = '…'", key=("…",))]""" in exported.said
    assert site.invoke("plugins.check").code == 6


def test_an_undeclared_pair_is_warned_of_by_export_plan_and_check(other_site) -> None:
    site: OtherSite = other_site(POLYMORPHIC, local=LOCAL, live=LIVE, plugin=plugin(how=WHERE))
    says = "attachments.record_id: bigint that looks like ids of other rows"
    for words in (("export", "--artwork"), ("plan", "--artwork")):
        assert says in site.invoke(*words, "nocturne").said
    assert "attachments.record_id" in site.invoke("plugins.check").said


def test_a_pair_that_is_declared_hangs_on_its_own_row(other_site) -> None:
    how = f"via='record_id', pointers=[Pointer('record_id', 'artworks', {WHERE})]"
    site: OtherSite = other_site(POLYMORPHIC, local=LOCAL, live=LIVE, plugin=plugin(how=how))
    assert "looks like" not in site.invoke("export", "--artwork", "nocturne").said
    shown = site.invoke("plan", "--artwork", "nocturne", "--json")
    assert '{"artworks": "nocturne"}' in shown.out.replace('\\"', '"')
    assert site.invoke("apply", "--artwork", "nocturne", "--without-media").code == 0
    shows = "select w.slug, a.name from attachments a join artworks w on w.id = a.record_id"
    assert site.rows(shows) == [("nocturne", "image")]
    again = site.invoke("apply", "--artwork", "nocturne", "--without-media")
    assert "unchanged" in again.said
    assert site.invoke("rollback", "--release", "1", "--yes").code == 0
    assert site.rows("select slug from artworks") == [("somebody-elses-picture",)]


HIDDEN = """
create table artworks (id bigserial primary key, slug text not null unique,
  related bigint[] not null default '{}', essay oid)
"""
HIDDEN_LOCAL = """
insert into artworks (slug) values ('other');
insert into artworks (slug, related, essay) values ('lamp', '{1}', lo_from_bytea(0, 'An essay'))
"""


def test_ids_in_an_array_and_a_large_object_are_never_silent(other_site) -> None:
    live = "insert into artworks (slug) values ('not-related'), ('other')"
    site: OtherSite = other_site(HIDDEN, local=HIDDEN_LOCAL, live=live, plugin=plugin())
    refused = site.invoke("export", "--artwork", "lamp")
    assert refused.code == 6
    assert "artworks.essay: is oid, which names a large object" in refused.said
    assert "artworks.essay" in site.invoke("plugins.check").said
    site.plugin(plugin(', skip="essay"'))
    assert "artworks.related: bigint[] that looks like ids" in site.invoke("export", "--artwork", "lamp").said
    site.plugin(plugin(', skip="essay", pointers=[Pointer("related", "artworks")]'))
    site.invoke("export", "--artwork", "lamp")
    assert site.invoke("apply", "--artwork", "lamp", "--without-media").code == 0
    beside = "select r.slug from artworks a join artworks r on r.id = any (a.related) where a.slug = 'lamp'"
    assert site.rows(beside) == [("other",)]


def test_a_serial_number_stays_at_home_and_the_site_goes_on_counting(other_site) -> None:
    both = "create table artworks (id uuid primary key default gen_random_uuid(), slug text not null unique,"
    site: OtherSite = other_site(
        f"{both} inventory_no serial unique)",
        local="insert into artworks (slug) values ('a'), ('b'), ('lamp')",
        live="insert into artworks (slug) values ('x'), ('y')",
        plugin=plugin(),
    )
    site.invoke("export", "--artwork", "lamp")
    assert site.invoke("apply", "--artwork", "lamp", "--without-media").code == 0
    site.run_live("insert into artworks (slug) values ('the-sites-own')")
    assert site.rows("select slug, inventory_no from artworks order by 2") == [
        ("x", 1),
        ("y", 2),
        ("lamp", 3),
        ("the-sites-own", 4),
    ]
