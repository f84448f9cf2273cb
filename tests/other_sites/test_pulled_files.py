"""Files that differ in the media folder and in the bucket: a pull says how each is decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import OtherSite
from tests.other_sites.test_confirm import answered
from tests.other_sites.test_without import NOCTURNE, PLUGIN, ROWS, STEPS, TABLES

NEW = """
insert into pictures (url) values ('/rug.svg');
insert into artworks (series_id, slug, title, picture_id)
  select s.id, 'rug', 'Rug', p.id from series as s, pictures as p where p.url = '/rug.svg'
"""
OURS, THEIRS = "<svg xmlns='http://www.w3.org/2000/svg' id='ours'/>", b"<svg id='theirs'/>"
KEPT = Path(".maulstick") / "replaced"


@pytest.fixture
def differs(other_site: MakeSite, storage: str, s3: Any) -> OtherSite:
    """A site to which an admin added a rug with its picture, while another picture of that name is here."""
    made = other_site(TABLES, local=ROWS, plugin=PLUGIN, storage=storage, public=f"{storage}/gallery")
    for name in ("lamp", "door"):
        (made.folder / "media" / f"{name}.svg").write_text(
            f"<svg xmlns='http://www.w3.org/2000/svg' id='{name}'/>"
        )
    ran = made.invoke("release", *NOCTURNE, *STEPS)
    assert ran.code == 0, ran.err
    s3.put_object(Bucket="gallery", Key="rug.svg", Body=THEIRS)
    made.run_live(NEW)
    file_of(made).write_text(OURS)
    return made


def file_of(site: OtherSite) -> Path:
    """Return the local file."""
    return site.folder / "media" / "rug.svg"


def titles(site: OtherSite) -> list[str]:
    """Return the local titles."""
    return [row[0] for row in site.dev.execute("select title from artworks order by 1").fetchall()]


def test_a_file_of_both_sides_stops_a_pull_that_says_the_way_on(differs: OtherSite) -> None:
    ran = differs.invoke("pull", *NOCTURNE)
    assert (ran.code, titles(differs), file_of(differs).read_text()) == (3, ["Door", "Lamp"], OURS)
    assert "rug.svg: the media folder holds other content than the bucket" in ran.err
    assert "--take local:media/rug.svg keeps the local one" in ran.err
    ran = differs.invoke("pull", *NOCTURNE, "--check", "--take", "production:media/rug.svg")
    assert ran.code == 0, ran.err
    assert (titles(differs), file_of(differs).read_text()) == (["Door", "Lamp"], OURS)


@pytest.mark.parametrize("take", ["local:media/rug.svg", "local"])
def test_ours_may_stay(differs: OtherSite, take: str) -> None:
    ran = differs.invoke("pull", *NOCTURNE, "--take", take)
    assert ran.code == 0, ran.err
    assert "rug.svg stays as it is here, and differs in the bucket" in ran.err
    assert (titles(differs), file_of(differs).read_text()) == (["Door", "Lamp", "Rug"], OURS)


@pytest.mark.parametrize("take", ["production:media/rug.svg", "production"])
def test_theirs_may_replace_it_and_ours_is_kept_and_comes_back(differs: OtherSite, take: str) -> None:
    ran = differs.invoke("pull", *NOCTURNE, "--take", take)
    assert ran.code == 0, ran.err
    assert (titles(differs), file_of(differs).read_bytes()) == (["Door", "Lamp", "Rug"], THEIRS)
    [kept] = (differs.folder / KEPT).glob("*/rug.svg")
    assert kept.read_text() == OURS
    assert str(kept) in ran.err
    ran = differs.invoke("pull", *NOCTURNE, "--take", take)
    assert ran.code == 0, ran.err
    ran = differs.invoke("rollback", "--local", "--last", "--media")
    assert (ran.code, "brought back in the media folder: rug.svg" in ran.err) == (0, True), ran.err
    assert (titles(differs), file_of(differs).read_text()) == (["Door", "Lamp"], OURS)


def test_files_are_asked_about_one_by_one(differs: OtherSite) -> None:
    code, seen = answered(differs, "production", "pull", *NOCTURNE, "--ask")
    assert (code, file_of(differs).read_bytes()) == (0, THEIRS), seen
    assert "rug.svg: the media folder and the bucket differ: take [local/production]" in seen
    assert "the same answers again: --take production:media/rug.svg" in seen


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pull", "--take", "production:media/rog.svg"), 'did you mean "rug.svg"?'),
        (("pull", "--take", "ours:media/rug.svg"), '"ours" is not a side'),
        (("pull", "--take", "local:media/rug.svg", "--take", "production:media/rug.svg"), "takes both sides"),
        (("pull", "--take", "local:media/../../.env.live"), "leads out of the media folder"),
        (("plan", "--take", "local:media/rug.svg"), "names a file, of which only a pull takes a side"),
    ],
)
def test_a_side_of_a_file_that_decides_nothing_is_refused(
    differs: OtherSite, words: tuple[str, ...], says: str
) -> None:
    ran = differs.invoke(words[0], *NOCTURNE, *words[1:])
    assert (ran.code in (2, 3), titles(differs), file_of(differs).read_text()) == (
        True,
        ["Door", "Lamp"],
        OURS,
    )
    assert says in ran.err, ran.err


def test_files_are_not_asked_about_where_nobody_answers(differs: OtherSite) -> None:
    ran = differs.invoke("pull", *NOCTURNE, "--ask")
    assert (ran.code, "--ask: nobody is there to answer" in ran.err) == (2, True), ran.err
    assert file_of(differs).read_text() == OURS
