"""A file that a plugin makes anew for each release replaces its own older one, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.other_sites.art_site import ARTWORKS, LAMP, PLUGIN, MakeSite
from tests.other_sites.other_site import OtherSite

FEED = """

@hookimpl
def maulstick_export(subject, source):
    feed = source.folder / "feed.txt"
    feed.write_text("\\n".join(sorted(row["title"] for row in source.rows["artworks"])))
    yield File(str(feed), key="feeds/KEY.txt", replace=True)
"""
RELEASE = ("release", "--artwork", "lamp", "--playbook", "content", "--skip", "verify")


@pytest.fixture
def site(other_site: MakeSite, storage: str, request: pytest.FixtureRequest) -> OtherSite:
    """A site with a feed of its own."""
    plugin = PLUGIN + FEED.replace("KEY", request.node.name)
    site = other_site(ARTWORKS, local=LAMP, plugin=plugin, storage=storage, public=f"{storage}/gallery")
    with (site.folder / "inventory.toml").open("a") as file:
        file.write('acl = "public-read"\n')  # what the storage has is what visitors get
    return site


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """The feed's key, another one for each test."""
    return f"feeds/{request.node.name}.txt"


def content(s3: Any, key: str) -> str:
    return str(s3.get_object(Bucket="gallery", Key=key)["Body"].read().decode())


def released(site: OtherSite, title: str) -> None:
    """Release another title, and so another feed."""
    site.run_dev(f"update artworks set title = '{title}'")
    ran = site.invoke(*RELEASE)
    assert ran.code == 0, ran.err


def test_the_older_one_is_replaced_kept_and_brought_back(site: OtherSite, s3: Any, key: str) -> None:
    released(site, "Lamp")
    released(site, "Lamp in red")
    assert content(s3, key) == "Lamp in red"
    again = site.invoke(*RELEASE)
    assert again.code == 0, again.err
    assert site.rows("select max(number) from maulstick.release") == [(2,)]
    released(site, "Lamp in green")
    ran = site.invoke("rollback", "--release", "3", "--media")
    assert ran.code == 0, ran.err
    assert content(s3, key) == "Lamp in red"
    assert site.rows("select title from artworks") == [("Lamp in red",)]


def test_a_file_that_came_from_elsewhere_is_not_replaced(site: OtherSite, s3: Any, key: str) -> None:
    s3.put_object(Bucket="gallery", Key=key, Body=b"somebody's")
    ran = site.invoke(*RELEASE)
    assert ran.code == 3
    assert f"{key}: different content" in ran.err
    assert "not sent from here" in ran.err
    assert content(s3, key) == "somebody's"
    assert site.rows("select count(*) from artworks") == [(0,)]


def test_one_that_somebody_changed_since_is_not_replaced(site: OtherSite, s3: Any, key: str) -> None:
    released(site, "Lamp")
    s3.put_object(Bucket="gallery", Key=key, Body=b"edited by hand")
    site.run_dev("update artworks set title = 'Lamp in red'")
    ran = site.invoke(*RELEASE)
    assert ran.code == 3
    assert content(s3, key) == "edited by hand"
    assert site.invoke(*RELEASE, "--overwrite").code == 0
    assert content(s3, key) == "Lamp in red"


def test_without_replace_it_is_refused_as_ever(site: OtherSite, s3: Any, key: str) -> None:
    plugin = site.folder / "plugins" / "art.py"
    plugin.write_text(plugin.read_text().replace(", replace=True", ""))
    released(site, "Lamp")
    site.run_dev("update artworks set title = 'Lamp in red'")
    assert site.invoke(*RELEASE).code == 3
    assert content(s3, key) == "Lamp"


def test_rows_alone_do_not_go_before_the_new_one(site: OtherSite) -> None:
    released(site, "Lamp")
    site.run_dev("update artworks set title = 'Lamp in red'")
    assert site.invoke("export", "--artwork", "lamp").code == 0
    ran = site.invoke("apply", "--artwork", "lamp")
    assert ran.code == 3
    assert "the bucket lacks 1 file" in ran.err
