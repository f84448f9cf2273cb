"""Verify: what it finds wrong, and what it cannot tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from maulstick.sandbox import apps, databases, launch
from maulstick.sandbox.site.lies import tell
from tests.end_to_end.projects import BUCKET, HASTY, SERIES, Project, Ran

PAGE = "/series/embodiment"
PICTURE = "uploads/media/1763722109_e4982724359e6940.jpg"
CLOSED = """
default = "elsewhere"

[source]
database = "{source}"
media_root = "{media}"

[targets.elsewhere]
host = "direct"
site = "http://127.0.0.1:9"
environment = "elsewhere.env"
addressing = "path"
"""


def _verify(project: Project) -> Ran:
    return project.invoke("verify", *SERIES)


def _verdict(project: Project) -> object:
    return project.rows("select verified from maulstick.release order by number desc limit 1")[0][0]


@pytest.fixture(autouse=True)
def honest_again(project: Project) -> Iterator[None]:
    yield
    tell(launch.lies_of(project.sandbox))


def _forget(project: Project, text: str) -> None:
    """Make the page of the series forget a text."""
    lie = {"path": PAGE, "lie": "other text", "old": text, "new": "Something Else"}
    tell(launch.lies_of(project.sandbox), lie)


def test_a_page_that_lost_its_title_is_wrong(released: Project) -> None:
    _forget(released, "Embodiment: Studies in Gesture and Form")
    ran = _verify(released)
    assert ran.code == 5
    assert f"text 'Embodiment: Studies in Gesture and Form' on {PAGE}: not on the page" in ran.err
    assert _verdict(released) is False


def test_a_title_edited_in_production_is_what_the_page_must_show(released: Project) -> None:
    released.rows("update series set title = 'Edited There' where slug = 'embodiment'")
    ran = _verify(released)
    assert ran.code == 0, ran.err
    assert _verdict(released) is True
    _forget(released, "Edited There")
    ran = _verify(released)
    assert ran.code == 5
    assert f"text 'Edited There' on {PAGE}: not on the page" in ran.err


@pytest.mark.parametrize(
    "statement",
    [
        "delete from media_analyses where iteration = 2",
        "update annotations set visibility = 'private' where page_path = '/series/embodiment'",
        "update artworks set published = false where slug = 'in-motion-iii'",
        "update series set published = false where slug = 'embodiment'",
        "update series set slug = 'embodied' where slug = 'embodiment'",
    ],
)
def test_what_was_deleted_hidden_or_renamed_in_production_verifies_right(
    released: Project, statement: str
) -> None:
    released.rows(statement)
    ran = _verify(released)
    assert ran.code == 0, ran.err


def test_a_picture_replaced_in_the_bucket_is_wrong(released: Project) -> None:
    s3 = released.s3()
    s3.put_object(Bucket=BUCKET, Key=PICTURE, Body=b"\xff\xd8\xffother", ContentType="image/jpeg")
    ran = _verify(released)
    assert ran.code == 5
    assert f"image /media/{PICTURE}: has other bytes: 8, released were 611496" in ran.err


def test_a_picture_that_is_gone_is_wrong(released: Project) -> None:
    released.s3().delete_object(Bucket=BUCKET, Key=PICTURE)
    ran = _verify(released)
    assert ran.code == 5
    assert f"image /media/{PICTURE}: answers 404" in ran.err
    assert re.fullmatch(r"1 of \d+ checks wrong", ran.steps["verify"][1])


def test_a_verdict_changes_back_when_the_page_is_right_again(released: Project) -> None:
    for text, verdict in (("Embodiment: Studies", False), ("not on the page", True)):
        _forget(released, text)
        _verify(released)
        assert _verdict(released) is verdict


def test_a_site_that_is_down_is_not_called_wrong(fresh: Project, other: Project) -> None:
    source = fresh.address(databases.SOURCE)
    (other.folder / "inventory.toml").write_text(CLOSED.format(source=source, media=fresh.media))
    (other.folder / "elsewhere.env").write_text(_environment(fresh))
    (other.folder / "playbooks" / "hasty.toml").write_text(HASTY)
    ran = other.release("--playbook", "hasty")
    assert ran.code == 8, ran.err
    assert "page /series/embodiment: accepts no connection" in ran.err
    assert ran.last_said == "elsewhere: release 1 is there, its rows are live, not verified"
    assert _verdict(fresh) is None
    assert "not verified" in other.invoke("history").out


def _environment(project: Project) -> str:
    env = dict(apps.load(project.sandbox).apps[apps.SITE_APP].env)
    env["DATABASE_URL"] = project.address(databases.PRODUCTION)
    return "".join(f"{name}={json.dumps(value)}\n" for name, value in env.items())
