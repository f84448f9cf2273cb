"""Sites whose rows are hidden by a value of their own: a status, a label of an enum, a flag that hides."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from maulstick.postgres.quoting import literal
from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import OtherSite

PLUGIN = """
from maulstick import Kind, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("blog", table="blogs", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("blogs", key="slug")
    yield Table("posts", key="slug", via="blog_id", publish="{column}"{hidden})
"""
TABLES = """
create table blogs (id bigserial primary key, slug text not null unique);
{type}
create table posts (id bigserial primary key, blog_id bigint not null references blogs,
  slug text not null unique, title text, {column} {kind});
"""
BLOG = ("--blog", "night", "--playbook", "content")


@dataclass(frozen=True)
class Way:
    """How a site tells public rows from hidden ones; `other` hides or shows a row in another way."""

    column: str
    kind: str
    public: str
    hides: str
    hidden: tuple[str, ...] = ()
    other: str | None = None
    type: str = ""

    def declared(self) -> str:
        """Return the plugin."""
        hidden = f", hidden={self.hidden!r}" if self.hidden else ""
        return PLUGIN.format(column=self.column, hidden=hidden)

    def tables(self) -> str:
        """Return the SQL of the tables."""
        return TABLES.format(column=self.column, kind=self.kind, type=self.type)


WAYS = {
    "wordpress": Way(
        "post_status", "varchar(20) not null default 'publish'", "publish", "draft",
        ("draft", "private", "pending", "trash"), "private",
    ),
    "ghost": Way("status", "varchar(50) not null default 'draft'", "published", "draft", ("draft",)),
    "directus": Way(
        "status", "varchar(255) not null check (status in ('draft', 'published', 'archived'))",
        "published", "draft", ("draft", "archived"), "archived",
    ),
    "payload": Way(
        "_status", "phase default 'draft'", "published", "draft", ("draft",), None,
        "create type phase as enum ('draft', 'published');",
    ),
    "an enum in another schema": Way(
        "status", 'shop."Phase" not null', "It's out", "not yet", ("not yet",), None,
        """create schema shop; create type shop."Phase" as enum ('not yet', 'It''s out');""",
    ),
    "a domain over text": Way(
        "status", "phase not null", "out", "kept", ("kept",), None,
        "create domain phase as text check (value in ('kept', 'out'));",
    ),
    "a domain over a domain over boolean": Way(
        "shown", "seen not null", "true", "false", ("false",), None,
        "create domain flag as boolean; create domain seen as flag;",
    ),
    "a domain over a time": Way("shown_at", "moment", "2026-01-01 00:00:00", "", (), None,
        "create domain moment as timestamp(0);"),
    "drupal": Way("status", "smallint not null check (status in (0, 1))", "1", "0", ("0",)),
    "one letter": Way("status", "character(1) not null", "P", "D", ("D", "X"), "X"),
    "padded": Way("status", "character(9) not null", "published", "draft", ("draft",)),
    "discourse": Way("hidden", "boolean not null default false", "false", "true", ("true",)),
    "jekyll": Way("draft", "boolean", "false", "true", ("true",)),
    "wagtail": Way("live", "boolean not null default true", "true", "false"),
    "a time that never comes": Way(
        "shown_at", "timestamptz not null", "2026-01-01 00:00:00+00", "infinity", ("infinity",)
    ),
}  # fmt: skip


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


@pytest.fixture
def make(other_site: MakeSite, storage: str) -> Callable[[Way], OtherSite]:
    """Make a blog that was released once: with a post that is public, and one that is to become it."""

    def site(way: Way) -> OtherSite:
        hides, shows = (literal(value or None) for value in (way.hides, way.public))
        made = other_site(way.tables(), plugin=way.declared(), storage=storage)
        posts = f"insert into posts (blog_id, slug, title, {way.column}) values (1, "
        made.run_dev("insert into blogs (slug) values ('night')")
        made.run_dev(f"{posts}'old', 'Old', {hides}), (1, 'seen', null, {shows})")
        ran = made.invoke("release", *BLOG)
        assert (ran.code, values(made, way)) == (0, {"old": way.hides or None, "seen": way.public}), ran.said
        made.run_dev(
            f"update posts set {way.column} = {shows}, title = 'Seen'; "
            f"{posts}'new', 'New', {shows}), (1, 'draft', 'Draft', {hides})"
        )
        return made

    return site


def values(site: OtherSite, way: Way) -> dict[str, str | None]:
    """Return what the column holds in production, by post."""
    found = site.rows(f'select slug, "{way.column}"::text from posts order by 1')
    return {str(slug): value for slug, value in found}


def kinds(site: OtherSite) -> list[str]:
    """Return what the ledger says was done."""
    return [row[0] for row in site.rows("select kind from maulstick.release order by number")]


def test_rows_go_in_hidden_and_are_public_last_however_a_site_says_so(
    make: Callable[[Way], OtherSite], way: Way
) -> None:
    site, hides = make(way), way.hides or None
    before, written = values(site, way), {"draft": hides, "new": hides, "old": hides, "seen": way.public}
    checked = site.invoke("plugins.check")
    assert checked.code == 0, checked.said
    ran = site.invoke("release", *BLOG, "--hidden")
    assert ran.code == 0, ran.said
    assert "2 rows go in hidden, and stay so (--hidden)" in ran.err
    assert values(site, way) == written
    assert "2 rows hidden" in site.invoke("status").out
    pulled = site.invoke("pull", *BLOG[:2], "--yes")
    assert "nothing to pull" in pulled.out, pulled.said
    ran = site.invoke("release", *BLOG)
    assert ran.code == 0, ran.said
    public = {**written, "new": way.public, "old": way.public}
    assert values(site, way) == public
    assert "nothing to release" in site.invoke("release", *BLOG).last
    assert kinds(site) == ["release", "publish", "release", "publish"]
    ran = site.invoke("rollback", "--release", "4")
    assert (ran.code, "2 hidden again" in ran.said, values(site, way)) == (0, True, written), ran.said
    assert site.invoke("publish", *BLOG[:2]).code == 0
    assert values(site, way) == public
    ran = site.invoke("rollback", "--release", "3")
    assert (ran.code, values(site, way)) == (0, before), ran.said


def test_a_script_publishes_at_once_or_leaves_hidden(make: Callable[[Way], OtherSite], way: Way) -> None:
    if (psql := shutil.which("psql")) is None:
        pytest.skip("psql is not on PATH")
    site, hides = make(way), way.hides or None
    assert site.invoke("export", *BLOG[:2]).code == 0
    live = dict(line.split("=", 1) for line in (site.folder / ".env.live").read_text().splitlines())
    words = (psql, "-X", "-q", "-f", str(site.folder / "releases/blog/night/release.sql"))
    for setting, shown in (("on", hides), ("", way.public)):
        options = {"PGOPTIONS": f"-c maulstick.target=live -c maulstick.hidden={setting}"}
        typed = (*words, live["DATABASE_URL"])
        subprocess.run(typed, check=True, capture_output=True, env={**os.environ, **options})
        assert values(site, way) == {"draft": hides, "new": shown, "old": shown, "seen": way.public}
