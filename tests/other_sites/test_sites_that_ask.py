"""A site that asks who is there, that moves, or that does not answer: a right release is never undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from tests.other_sites.other_site import NOBODY, OtherSite
from tests.verify.small_site import Reply, Site

MakeSite = Callable[..., OtherSite]
BOTH = "create table artworks (id bigserial primary key, slug text not null unique, title text not null)"
ROW = "insert into artworks (slug, title) values ('{}', 'Lamp in blue')"
PLUGIN = """
from maulstick import Kind, Page, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("artwork", table="artworks", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("artworks", key="slug")


@hookimpl
def maulstick_pages(subject, rows):
    for row in rows["artworks"]:
        yield Page(f"/artworks/{row['slug']}", texts=(row["title"],))
"""
RELEASE = ("--playbook", "content", "--undo-if-wrong")
PAGE = Reply(b"<h1>Lamp in blue</h1>")


@pytest.fixture
def web() -> Iterator[Site]:
    with Site().running() as started:
        started.answers("/", Reply(b"<h1>Home</h1>"))
        yield started


def test_a_challenge_could_not_be_told_and_nothing_is_undone(
    other_site: MakeSite, storage: str, web: Site
) -> None:
    guarded = Reply(b"<title>Just a moment...</title>", 403, {"cf-mitigated": "challenge"})
    for path in ("/", "/artworks/lamp"):
        web.answers(path, guarded)
    site = other_site(BOTH, local=ROW.format("lamp"), plugin=PLUGIN, site=web.address, storage=storage)
    ran = site.invoke("release", "--artwork", "lamp", *RELEASE)
    assert ran.code == 8, ran.said
    assert "warning: " in ran.err
    assert (
        "answers 403 with a challenge to visitors (cf-mitigated); verify may not be able to tell" in ran.err
    )
    assert site.rows("select count(*) from artworks") == [(1,)]


def test_a_site_behind_a_login_is_let_in_by_the_environment(
    other_site: MakeSite, storage: str, web: Site
) -> None:
    web.answers("/artworks/lamp", PAGE)
    site = other_site(BOTH, local=ROW.format("lamp"), plugin=PLUGIN, site=web.address, storage=storage)
    with (site.folder / "inventory.toml").open("a") as file:
        file.write('basic_auth = "${STAGING}"\n[targets.live.headers]\nX-Pass = "${PASS}"\n')
    shell = {"STAGING": "me:pa55word", "PASS": "let-me-in-now"}
    ran = site.invoke("release", "--artwork", "lamp", *RELEASE, **shell)
    assert ran.code == 0, ran.said
    assert "warning" not in ran.err
    assert {heard.get("authorization") for _, heard in web.heard} == {"Basic bWU6cGE1NXdvcmQ="}
    assert {heard.get("x-pass") for _, heard in web.heard} == {"let-me-in-now"}
    written = [path for path in site.folder.rglob("*") if path.is_file() and path.suffix in (".json", ".sql")]
    said = ran.said + "".join(path.read_text() for path in written)
    assert not [one for one in ("pa55word", "let-me-in-now", "bWU6cGE1NXdvcmQ") if one in said]
    ran = site.invoke("verify", "--artwork", "lamp")
    assert ran.code == 2
    assert "inventory.toml/targets/live/headers/X-Pass: needs ${PASS}" in ran.err


def test_check_warns_of_a_site_that_does_not_answer(other_site: MakeSite, storage: str) -> None:
    site = other_site(BOTH, local=ROW.format("lamp"), plugin=PLUGIN, site=NOBODY, storage=storage)
    ran = site.invoke("check", "--artwork", "lamp")
    assert ran.code == 0, ran.said
    assert f"warning: {NOBODY}/: accepts no connection" in ran.err


@pytest.mark.parametrize("slug", ["c#", "50% off?", "über nacht", "100%25", "灯?#"])
def test_a_key_of_any_letters_is_asked_for_whole(
    other_site: MakeSite, storage: str, web: Site, slug: str
) -> None:
    web.answers(f"/artworks/{quote(slug)}", PAGE)
    site = other_site(BOTH, local=ROW.format(slug), plugin=PLUGIN, site=web.address, storage=storage)
    ran = site.invoke("release", f"--artwork={slug}", *RELEASE)
    assert ran.code == 0, ran.said


MADE = Reply(
    b"<!doctype html><title>T</title><link rel=icon href='data:,'><div id=root></div><script>"
    b"setTimeout(() => { document.getElementById('root').innerHTML = '<h1>Lamp in blue</h1>' }, 500)</script>"
)


def test_a_page_that_scripts_make_is_told_by_a_browser(other_site: MakeSite, storage: str, web: Site) -> None:
    web.answers("/artworks/lamp", MADE)
    site = other_site(BOTH, local=ROW.format("lamp"), plugin=PLUGIN, site=web.address, storage=storage)
    ran = site.invoke("release", "--artwork", "lamp", *RELEASE)
    assert ran.code == 8, ran.said
    assert "(--browser looks at the page as visitors do)" in ran.err
    ran = site.invoke("verify", "--artwork", "lamp", "--browser")
    assert ran.code == 0, ran.said
    broken = MADE.body.replace(b"Lamp in blue", b"Old lamp") + b"<script>nothing.there()</script>"
    web.answers("/artworks/lamp", Reply(broken))
    ran = site.invoke("verify", "--artwork", "lamp", "--browser")
    assert ran.code == 5, ran.said
    error = "script error: nothing is not defined"
    assert f"no error on /artworks/lamp at 1280 px: {error}" in ran.err
    assert "text 'Lamp in blue' on /artworks/lamp: not on the page" in ran.err


def test_a_guard_that_lets_browsers_pass_is_passed_by_one(
    other_site: MakeSite, storage: str, web: Site
) -> None:
    web.answers("/artworks/lamp", MADE)
    web.refuses = lambda headers: "Chrome" not in headers.get("user-agent", "")
    site = other_site(BOTH, local=ROW.format("lamp"), plugin=PLUGIN, site=web.address, storage=storage)
    assert site.invoke("release", "--artwork", "lamp", *RELEASE).code == 8
    ran = site.invoke("verify", "--artwork", "lamp", "--browser")
    assert ran.code == 0, ran.said
