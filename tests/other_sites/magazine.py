"""A magazine whose essays are published last, with a site that shows them and previews."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import psycopg

from tests.other_sites.other_site import OtherSite
from tests.verify.small_site import Reply, Site

TABLES = """
create table books (id bigserial primary key, slug text not null unique);
create table essays (id bigserial primary key, book_id bigint not null references books(id),
  slug text not null unique, title text not null, published boolean not null default false,
  updated_at timestamp not null default '2020-01-01');
create table notes (id bigserial primary key, essay_id bigint not null references essays(id),
  words text not null unique, published_at timestamp);
"""
ROWS = """
insert into books (slug) values ('night');
insert into essays (book_id, slug, title, published) values
  (1, 'lamp', 'On lamps', true), (1, 'door', 'On doors', true), (1, 'draft', 'On drafts', false);
insert into notes (essay_id, words, published_at) values (1, 'lit', '2026-01-01'), (2, 'shut', null);
"""
PLUGIN = """
from maulstick import Kind, Page, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("book", table="books", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("books", key="slug")
    yield Table("essays", key="slug", via="book_id", publish="published")
    yield Table("notes", key="words", via="essay_id", publish="published_at")


@hookimpl
def maulstick_pages(subject, rows):
    for row in rows["essays"]:
        path = f"/essays/{row['slug']}"
        if row["published"] == "true":
            yield Page(path, texts=(row["title"],), preview=f"/preview/{row['slug']}")
        else:
            yield Page(path, gone=True)
"""
NIGHT = ("--book", "night", "--playbook", "content")
PUBLIC = (
    "select slug from essays where published union all select words from notes where published_at is not null"
)


@dataclass
class Magazine(Site):
    """A site that shows essays as its database has them, and those not public yet to who has the token.

    Previews show the title `wrong`, and pages one where they are `wrong_for_visitors`; of all essays, or of
    the one that it `lies_about`.
    """

    live: psycopg.Connection | None = None
    wrong: str = ""
    wrong_for_visitors: bool = False
    lies_about: str = ""

    def next(self, path: str) -> Reply:
        """Answer with an essay's title, or one that is wrong."""
        super().next(path)
        _, kind, slug = (*path.split("/"), "", "")[:3]
        token = self.heard[-1][1].get("x-preview")
        if kind == "preview" and token != "moonlight":
            return Reply(b"who are you?", 403)
        if not slug or self.live is None:
            return Reply(b"<h1>Essays</h1>")
        sql = "select title from essays where slug = %s and (published or %s)"
        found = self.live.execute(sql, (slug, kind == "preview")).fetchone()
        wrong = "On nothing" if self.wrong_for_visitors and kind == "essays" else self.wrong
        wrong = wrong if self.lies_about in ("", slug) else ""
        return Reply(f"<h1>{wrong or found[0]}</h1>".encode()) if found else Reply(b"no essay", 404)


def magazine(other_site: Callable[..., OtherSite], storage: str, web: Magazine) -> OtherSite:
    """Make a magazine that nothing was released to, with the key to its previews."""
    made = other_site(TABLES, local=ROWS, plugin=PLUGIN, site=web.address, storage=storage)
    web.live = made.live
    inventory = made.folder / "inventory.toml"
    inventory.write_text(
        f'{inventory.read_text()}\n[targets.live.preview_headers]\nx-preview = "${{TOKEN}}"\n'
    )
    return replace(made, environment={"TOKEN": "moonlight"})


def public(site: OtherSite) -> list[str]:
    """Return what visitors may see."""
    return sorted(row[0] for row in site.rows(PUBLIC))


def kinds(site: OtherSite) -> list[str]:
    """Return what the ledger says was done."""
    return [row[0] for row in site.rows("select kind from maulstick.release order by number")]
