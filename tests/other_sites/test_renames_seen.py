"""A slug that changes: which addresses break, the redirects that the site needs, and whether it has them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import OtherSite
from tests.verify.small_site import Reply, Site

PLUGIN = """
from maulstick import Kind, Page, Table, hookimpl


@hookimpl
def maulstick_kinds():
    return [Kind("series", table="series", key="slug")]


@hookimpl
def maulstick_tables(subject):
    return [Table("series", key="slug"), Table("artworks", key="slug", via="series_id")]


@hookimpl
def maulstick_pages(subject, rows):
    yield Page("/" + subject.key)
    for row in rows["artworks"]:
        yield Page(f"/{row['series_id']}/{row['slug']}", texts=(row["title"],))
"""
TABLES = """
create table series (id bigserial primary key, slug text not null unique);
create table artworks (id bigserial primary key, series_id bigint references series(id),
  slug text not null unique, title text not null);
"""
ROWS = """
insert into series (slug) values ('nocturne');
insert into artworks (series_id, slug, title) values (1, 'lamp', 'Lamp'), (1, 'door', 'Door');
"""
STEPS = ("--only=export", "--only=plan", "--only=apply", "--only=verify")
RENAMED = ("--rename", "artworks:lamp=old lantern")


@pytest.fixture
def live() -> Iterator[Site]:
    """A real server with the pages of the site as they are after a rename of the lamp."""
    with Site().running() as site:
        for path, text in (
            ("/nocturne", ""),
            ("/nocturne/old%20lantern", "Lamp"),
            ("/nocturne/door", "Door"),
        ):
            site.answers(path, Reply(f"<h1>{text}</h1>".encode(), 200, {"content-type": "text/html"}))
        yield site


@pytest.fixture
def site(other_site: MakeSite, storage: str, live: Site) -> OtherSite:
    """A project that was released once, of which the lamp is called otherwise now."""
    made = other_site(
        TABLES, local=ROWS, plugin=PLUGIN, storage=storage, public=f"{storage}/gallery", site=live.address
    )
    assert made.invoke("release", "--series", "nocturne", *STEPS[:-1]).code == 0
    made.run_dev("update artworks set slug = 'old lantern' where slug = 'lamp'")
    return made


def test_a_changed_slug_says_which_address_breaks_and_what_the_site_needs(
    site: OtherSite, live: Site
) -> None:
    ran = site.invoke("release", "--series", "nocturne", *RENAMED, *STEPS, "--json")
    assert ran.code == 0, ran.err
    assert "/nocturne/lamp moves to /nocturne/old lantern: who knows the old address" in ran.err
    assert "old address /nocturne/lamp: answers 404" in ran.err
    [release] = json.loads(ran.out)["releases"]
    assert release["redirects"] == [{"old": "/nocturne/lamp", "new": "/nocturne/old lantern"}]
    assert "\n/nocturne/lamp /nocturne/old%20lantern 301\n" in site.invoke("report", "--format", "md").out
    page = site.folder / site.invoke("report", "--format", "html").last
    assert "/nocturne/lamp /nocturne/old%20lantern 301\n" in page.read_text()
    asked = ("verify", "--series", "nocturne", "--redirect", "/nocturne/lamp=/nocturne/old lantern")
    assert site.invoke(*asked).code == 5
    live.answers("/nocturne/lamp", Reply(b"", 301, {"location": "/nocturne/old%20lantern"}))
    assert site.invoke(*asked).code == 0
    ran = site.invoke("verify", "--series", "nocturne", "--redirect", "lamp")
    assert (ran.code, "--redirect lamp: is not OLD=NEW" in ran.err) == (2, True)


def test_a_subject_with_another_key_moves_all_of_its_pages(site: OtherSite) -> None:
    site.run_dev("update series set slug = 'night'")
    ran = site.invoke(
        "release", "--series", "night", "--rename", "series:nocturne=night", *RENAMED, *STEPS[:-1], "--json"
    )
    assert ran.code == 0, ran.err
    [release] = json.loads(ran.out)["releases"]
    moved = {one["old"]: one["new"] for one in release["redirects"]}
    assert moved == {
        "/nocturne": "/night",
        "/nocturne/door": "/night/door",
        "/nocturne/lamp": "/night/old lantern",
    }
