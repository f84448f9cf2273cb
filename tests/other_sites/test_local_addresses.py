"""Media columns that name what only the developer's machine or network serves."""

import json

import pytest

BOTH = "create table artworks (id bigserial primary key, slug text not null unique, image text, looks jsonb)"
PLUGIN = """
from maulstick import Kind, MediaColumn, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("artwork", table="artworks", key="slug")


@hookimpl
def maulstick_tables(subject):
    media = [MediaColumn("image"), MediaColumn("looks", path="$.views[*].url")]
    yield Table("artworks", key="slug", media=media)
"""
SITE = "http://gallery.example"
LAMP = ("--artwork", "lamp")


def lamp(image, looks=None):
    return (
        f"insert into artworks (slug, image, looks) values ('lamp', '{image}', '{json.dumps(looks or {})}')"
    )


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:4000/uploads/lamp.jpg",
        "//localhost/uploads/lamp.jpg",
        "http://gallery.example@127.0.0.1:4000/lamp.jpg",
        "http://nas.lan/lamp.jpg",
    ],
)
def test_an_address_that_visitors_cannot_reach_is_wrong_before_anything_is_touched(
    other_site, storage, address
):
    site = other_site(BOTH, local=lamp(address), plugin=PLUGIN, site=SITE, storage=storage)
    ran = site.invoke("release", *LAMP, "--playbook", "content")
    assert ran.code == 5, ran.said
    assert f"artworks lamp: image names {address}" in ran.err
    assert "live: unchanged" in ran.err
    assert not (site.folder / "releases").exists()
    assert site.rows("select 1 from artworks") == []


def test_one_inside_json_is_found_too(other_site):
    looks = {"views": [{"url": "https://cdn.example.com/a.jpg"}, {"url": "http://192.168.0.9/b.jpg"}]}
    site = other_site(BOTH, local=lamp("", looks), plugin=PLUGIN, site=SITE)
    ran = site.invoke("export", *LAMP)
    assert (ran.code, "looks $.views[*].url names http://192.168.0.9/b.jpg" in ran.err) == (5, True), ran.said
    assert "cdn.example.com" not in ran.err


def test_a_site_on_the_same_machine_may_name_it(other_site):
    address = "http://localhost:4000/uploads/lamp.jpg"
    site = other_site(BOTH, local=lamp(address), plugin=PLUGIN, site="http://127.0.0.1:9")
    assert site.invoke("export", *LAMP).code == 0


def test_a_neighbour_on_the_same_machine_that_does_not_answer_is_wrong_at_once(other_site, storage):
    address = "http://localhost:9/uploads/lamp.jpg"
    public = f"{storage}/gallery"
    site = other_site(BOTH, local=lamp(address), plugin=PLUGIN, storage=storage, public=public, site=storage)
    ran = site.invoke("release", *LAMP, "--playbook", "content")
    assert (ran.code, f"address {address}: " in ran.err) == (5, True), ran.said
    assert "waiting for" not in ran.err


def test_a_bundle_from_elsewhere_is_looked_at_in_the_plan(other_site, storage):
    address = "http://localhost:4000/uploads/lamp.jpg"
    site = other_site(BOTH, local=lamp(address), plugin=PLUGIN, site="http://127.0.0.1:9", storage=storage)
    assert site.invoke("export", *LAMP).code == 0
    inventory = site.folder / "inventory.toml"
    inventory.write_text(inventory.read_text().replace("http://127.0.0.1:9", SITE))
    ran = site.invoke("plan", *LAMP)
    assert (ran.code, f"artworks lamp: image names {address}" in ran.err) == (5, True), ran.said
