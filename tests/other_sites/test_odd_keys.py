"""Keys that no folder can be called: all are released, and none stands in another's way."""

from __future__ import annotations

import random

import pytest

from tests.other_sites.art_site import ARTWORKS, LAMP, PLUGIN, MakeSite
from tests.other_sites.other_site import OtherSite

RANDOM = random.Random(11)
LONG = "".join(RANDOM.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=2000))
SCRIPT = "".join(chr(RANDOM.randrange(0x4E00, 0x9FA5)) for _ in range(660))
ODD = [
    "/",
    "a/b",
    ".",
    "..",
    "../x",
    LONG,
    SCRIPT,
    "-dash",
    "a=b",
    "two\nlines",
    " lead",
    "Ab",
    "aB",
    "100%",
    "'\"`$(x)",
    "a\u202eb",
]


@pytest.fixture
def site(other_site: MakeSite, storage: str) -> OtherSite:
    """A site whose artworks have odd keys, and one that has a plain one."""
    site = other_site(ARTWORKS, local=LAMP, plugin=PLUGIN, storage=storage)
    for key in ODD:
        site.dev.execute("insert into artworks (slug, title) values (%s, 'T')", (key,))
    return site


def test_all_are_released_together_and_again_unchanged(site: OtherSite) -> None:
    ran = site.invoke("release", "--all", "--playbook", "content", "--skip=check", "--skip=verify")
    assert ran.code == 0, ran.err
    assert sorted(site.rows("select slug from artworks")) == sorted((key,) for key in [*ODD, "lamp"])
    assert len([*(site.folder / "releases" / "artwork").iterdir()]) == len(ODD) + 1
    again = site.invoke("release", "--all", "--playbook", "content", "--skip=check", "--skip=verify")
    assert again.code == 0, again.err
    assert site.rows("select count(*) from maulstick.release") == [(len(ODD) + 1,)]
    status = site.invoke("status")
    assert status.code == 0, status.err
    assert len(status.out.splitlines()) == len(ODD) + 1
    assert "unknown" not in status.out
    history = site.invoke("history")
    assert len(history.out.splitlines()) == len(ODD) + 1
    assert "two\\nlines" in history.out


@pytest.mark.parametrize("key", ["a/b", LONG, "two\nlines"])
def test_one_alone_goes_through_every_step(site: OtherSite, key: str) -> None:
    for step in ("export", "plan", "apply"):
        ran = site.invoke(step, f"--artwork={key}", *(["--without-media"] if step == "apply" else []))
        assert ran.code == 0, ran.err
    assert site.rows("select slug from artworks") == [(key,)]
    assert site.invoke("rollback", "--last").code == 0
    assert site.rows("select slug from artworks") == []
    (folder,) = (site.folder / "releases" / "artwork").iterdir()
    named = site.invoke(
        "release", "--bundle", str(folder), "--playbook", "content", "--skip", "verify", "--yes"
    )
    assert named.code == (3 if "\n" in key else 0), named.err


def test_a_row_without_a_key_is_no_subject(other_site: MakeSite) -> None:
    site = other_site(ARTWORKS.replace("slug text not null", "slug text"), local=LAMP, plugin=PLUGIN)
    site.run_dev("insert into artworks (title) values ('nameless')")
    ran = site.invoke("status")
    assert ran.code == 0, ran.err
    assert [line.split()[:3] for line in ran.out.splitlines()] == [["artwork", "lamp", "new"]]
