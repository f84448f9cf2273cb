"""Sites that were released to by hand: their sequences stand behind their rows."""

from __future__ import annotations

from tests.other_sites.other_site import OtherSite

ARTWORKS = """
create table artworks (id bigserial primary key, slug text not null unique);
create table media (id bigserial primary key, url text not null unique, artwork_id bigint references artworks)
"""
PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("artwork", table="artworks", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("artworks", key="slug")
    yield Table("media", key="url", via="artwork_id")
"""
LOCAL = "insert into artworks values (7, 'lamp'); insert into media values (9, '/lamp.jpg', 7)"
BY_HAND = "insert into artworks values (1, 'hand'), (2, 'made'); insert into media values (32, '/h.jpg', 1)"


def test_the_first_release_gets_free_ids_and_says_what_is_behind(other_site) -> None:
    site: OtherSite = other_site(ARTWORKS, local=LOCAL, live=BY_HAND, plugin=PLUGIN)
    assert site.invoke("export", "--artwork", "lamp").code == 0
    planned = site.invoke("plan", "--artwork", "lamp")
    assert "artworks_id_seq is behind its ids: it gives 1 next, and artworks has id 2" in planned.said
    assert "media_id_seq is behind its ids: it gives 1 next, and media has id 32" in planned.said
    applied = site.invoke("apply", "--artwork", "lamp", "--without-media")
    assert applied.code == 0, applied.said
    assert site.rows("select slug from artworks where id = 3") == [("lamp",)]
    assert site.rows("select url from media where artwork_id = 3") == [("/lamp.jpg",)]


def test_the_doctor_prints_what_mends_the_site_s_own_inserts(other_site) -> None:
    site: OtherSite = other_site(ARTWORKS, local=LOCAL, live=BY_HAND, plugin=PLUGIN)
    said = site.invoke("doctor").said
    assert "sequences ........" in said
    assert "the site's own next insert will fail" in said
    mends = [
        line.strip().removeprefix("hint: ") for line in said.splitlines() if "hint: select setval" in line
    ]
    assert len(mends) == 1
    site.run_live(mends[0])
    site.run_live("insert into artworks (slug) values ('own'); insert into media (url) values ('/own.jpg')")
    assert "the next insert of the site itself gets a free id" in site.invoke("doctor").said
