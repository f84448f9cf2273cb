"""The column that makes rows public, as `plugins.new` proposes it or asks about it."""

from __future__ import annotations

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.other_site import OtherSite

ASKED = "does {} make a row public? Then add {}: it is written last"
POSTS = "create table posts (id bigserial primary key, slug text not null unique, {})"
STATUS = 'publish="status", hidden='


@pytest.mark.parametrize(
    ("columns", "declared"),
    [
        ("published boolean not null", 'publish="published"'),
        ("is_live boolean", 'publish="is_live"'),
        ("published_at timestamptz", 'publish="published_at"'),
        ('"publishedAt" timestamp', 'publish="publishedAt"'),
        ("published_at timestamp, published boolean", 'publish="published_at"'),
    ],
)
def test_a_column_whose_name_leaves_no_doubt_is_declared(
    other_site: MakeSite, columns: str, declared: str
) -> None:
    site = other_site(
        POSTS.format(columns), local="insert into posts (slug) values ('new')" * ("not" not in columns)
    )
    text = plugin_of(site)
    assert f'yield Table("posts", key="slug", {declared})' in text
    assert "make a row public?" not in text
    assert site.invoke("plugins.check").code == 0


@pytest.mark.parametrize(
    ("columns", "rows", "asks"),
    [
        ("visible boolean", "", ("visible", 'publish="visible"')),
        ("hidden boolean not null default false", "", ("hidden", 'publish="hidden", hidden="true"')),
        ("draft boolean", "", ("draft", 'publish="draft", hidden="true"')),
        ("status smallint", "('a', 0), ('b', 1)", ("status", f'{STATUS}"0"')),
        ("status smallint", "('a', 3), ('b', 1)", None),
        ("status text default 'draft'", "", ("status", f'{STATUS}"draft"')),
        ("status text", "('a', 'Private'), ('b', 'Draft'), ('c', 'Out')",
         ("status", f'{STATUS}("Draft", "Private")')),
        ("status text", "('a', 'shipped'), ('b', 'pending')", None),
        ("status phase", "", ("status", f'{STATUS}("draft", "archived")')),
        ("published_at timestamp not null", "", None),
        ("published text", "('a', 'yes')", None),
    ],
)  # fmt: skip
def test_a_column_that_may_make_rows_public_is_asked_about(
    other_site: MakeSite, columns: str, rows: str, asks: tuple[str, str] | None
) -> None:
    types = "create type phase as enum ('published', 'archived', 'draft');"
    table = POSTS.format(columns)
    local = f"insert into posts (slug, {columns.partition(' ')[0]}) values {rows}" if rows else ""
    site = other_site(types + table, local=local)
    text = plugin_of(site)
    assert 'yield Table("posts", key="slug")' in text
    said = " ".join(line.strip(" #") for line in text.splitlines())
    assert ("make a row public?" in said) == (asks is not None), text
    if asks is None:
        return
    assert ASKED.format(*asks) in said
    declared = text.replace('Table("posts", key="slug")', f'Table("posts", key="slug", {asks[1]})')
    (site.folder / "plugins" / "post.py").write_text(declared)
    assert site.invoke("plugins.check").code == 0


def plugin_of(site: OtherSite) -> str:
    """Return the plugin that is proposed for the posts of a site."""
    ran = site.invoke("plugins.new", "--name", "post", "--table", "posts")
    assert ran.code == 0, ran.said
    return (site.folder / "plugins" / "post.py").read_text()
