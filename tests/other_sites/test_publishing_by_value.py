"""Sites whose rows are hidden by a value of their own: a status, a label of an enum, a flag that hides."""

from __future__ import annotations

import os
import shutil
import subprocess
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
"""
DECLARED = '    yield Table("{table}", key="slug", via="blog_id", publish="{column}"{hidden})\n'
BLOGS = "create table blogs (id bigserial primary key, slug text not null unique);"
TABLE = """
{type}
create table {table} (id bigserial primary key, blog_id bigint not null references blogs,
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

    def declared(self, table: str) -> str:
        """Return what the plugin says of its table."""
        hidden = f", hidden={self.hidden!r}" if self.hidden else ""
        return DECLARED.format(table=table, column=self.column, hidden=hidden)

    def table(self, table: str) -> str:
        """Return the SQL of its table."""
        return TABLE.format(table=table, column=self.column, kind=self.kind, type=self.type)


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
        "_status", "label default 'draft'", "published", "draft", ("draft",), None,
        "create type label as enum ('draft', 'published');",
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


TABLES = {f"posts_{n}": way for n, way in enumerate(WAYS.values())}


@pytest.fixture
def site(other_site: MakeSite, storage: str) -> OtherSite:
    """A blog that was released once, with a table for each way: a post is public, one is to become it."""
    sql = [BLOGS, *(way.table(table) for table, way in TABLES.items())]
    plugin = [PLUGIN, *(way.declared(table) for table, way in TABLES.items())]
    site = other_site("".join(sql), plugin="".join(plugin), storage=storage)
    site.run_dev("insert into blogs (slug) values ('night')")
    for table, way in TABLES.items():
        site.run_dev(f"{posts(table, way)}'old', 'Old', {hides(way)}), (1, 'seen', null, {shows(way)})")
    ran = site.invoke("release", *BLOG)
    assert ran.code == 0, ran.said
    assert values(site) == {w: {"old": way.hides or None, "seen": way.public} for w, way in WAYS.items()}
    for table, way in TABLES.items():
        site.run_dev(
            f"update {table} set {way.column} = {shows(way)}, title = 'Seen'; "
            f"{posts(table, way)}'new', 'New', {shows(way)}), (1, 'draft', 'Draft', {hides(way)})"
        )
    return site


def posts(table: str, way: Way) -> str:
    return f"insert into {table} (blog_id, slug, title, {way.column}) values (1, "


def hides(way: Way) -> str:
    return literal(way.hides or None)


def shows(way: Way) -> str:
    return literal(way.public)


def values(site: OtherSite) -> dict[str, dict[str, str | None]]:
    """Return what the columns hold in production, by way and post."""
    return {
        name: {
            str(slug): value
            for slug, value in site.rows(f'select slug, "{way.column}"::text from {table} order by 1')
        }
        for (table, way), name in zip(TABLES.items(), WAYS, strict=True)
    }


def wanted(new: str) -> dict[str, dict[str, str | None]]:
    """Return the values once all is written: of what is to become public, those that `new` says."""
    found = {}
    for name, way in WAYS.items():
        hidden = way.hides or None
        of_new = way.public if new == "public" else hidden
        found[name] = {"draft": hidden, "new": of_new, "old": of_new, "seen": way.public}
    return found


def kinds(site: OtherSite) -> list[str]:
    """Return what the ledger says was done."""
    return [row[0] for row in site.rows("select kind from maulstick.release order by number")]


def test_rows_go_in_hidden_and_are_public_last_however_a_site_says_so(site: OtherSite) -> None:
    before, rows = values(site), 2 * len(WAYS)
    checked = site.invoke("plugins.check")
    assert checked.code == 0, checked.said
    ran = site.invoke("release", *BLOG, "--hidden")
    assert ran.code == 0, ran.said
    assert f"{rows} rows go in hidden, and stay so (--hidden)" in ran.err
    assert values(site) == wanted("hidden")
    assert f"{rows} rows hidden" in site.invoke("status").out
    pulled = site.invoke("pull", *BLOG[:2], "--yes")
    assert "nothing to pull" in pulled.out, pulled.said
    ran = site.invoke("release", *BLOG)
    assert ran.code == 0, ran.said
    assert values(site) == wanted("public")
    assert "nothing to release" in site.invoke("release", *BLOG).last
    assert kinds(site) == ["release", "publish", "release", "publish"]
    ran = site.invoke("rollback", "--release", "4")
    assert (ran.code, f"{rows} hidden again" in ran.said) == (0, True), ran.said
    assert values(site) == wanted("hidden")
    assert site.invoke("publish", *BLOG[:2]).code == 0
    assert values(site) == wanted("public")
    ran = site.invoke("rollback", "--release", "3")
    assert (ran.code, values(site)) == (0, before), ran.said


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not on PATH")
def test_a_script_publishes_at_once_or_leaves_hidden(site: OtherSite) -> None:
    assert site.invoke("export", *BLOG[:2]).code == 0
    live = dict(line.split("=", 1) for line in (site.folder / ".env.live").read_text().splitlines())
    words = ("psql", "-X", "-q", "-f", str(site.folder / "releases/blog/night/release.sql"))
    for setting, new in (("on", "hidden"), ("", "public")):
        options = {"PGOPTIONS": f"-c maulstick.target=live -c maulstick.hidden={setting}"}
        typed = (*words, live["DATABASE_URL"])
        subprocess.run(typed, check=True, capture_output=True, env={**os.environ, **options})
        assert values(site) == wanted(new)
