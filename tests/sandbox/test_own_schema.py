"""A sandbox that runs an author's own schema and site."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.sandbox_host import SandboxKeys, own_files
from maulstick.sandbox import lifecycle, process
from maulstick.sandbox import state as states
from maulstick.sandbox.own import lifecycle as own
from maulstick.sandbox.own.files import OwnFiles
from maulstick.verify.http import Web
from maulstick.verify.response import Unasked
from tests.commands import run
from tests.sandbox.sandboxes import quiet

INVENTORY = """
default = "sandbox"
[targets.sandbox]
host = "sandbox"
schema = "schema.sql"
seed = "seed.sql"
media_root = "static"
"""
SCHEMA = """
create table people (id serial primary key, name text not null unique);
create table posts (
  id serial primary key, slug text not null unique, title text not null, picture text not null,
  author_id int not null references people
);
insert into people (name) values ('Ada');
"""
SEED = """
COPY public.posts (slug, title, picture, author_id) FROM stdin;
hello\tHello\t/a.gif\t1
\\.
"""
PLUGIN = """
from maulstick import Check, Kind, Match, MediaColumn, Page, Table, hookimpl

@hookimpl
def maulstick_kinds():
    yield Kind("post", table="posts", key="slug")

@hookimpl
def maulstick_tables(subject):
    yield Table("posts", key="slug", references={"author_id": Match("name")}, media=[MediaColumn("picture")])

@hookimpl
def maulstick_pages(subject, rows):
    yield from (Page(f"/posts/{row['slug']}", texts=(row["title"],)) for row in rows["posts"])

@hookimpl
def maulstick_verify(release):
    yield Check("the page answers", release.get("/posts/hello").status == 200, "it does")
"""
SITE = """
import http.server, os, sys, psycopg
class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with psycopg.connect(os.environ["DATABASE_URL"]) as database:
            found = database.execute("select title, picture from posts order by id").fetchone() or ("", "")
        picture = f"<img src='{os.environ['S3_PUBLIC_URL']}{found[1]}' alt=''>" if found[1] else ""
        body = f"<!doctype html><title>posts</title><h1>{found[0]}</h1>{picture}".encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Site)
if "once" in sys.argv:
    server.handle_request()
    sys.exit("the well is dry")
server.serve_forever()
"""
GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


@dataclass(frozen=True, slots=True)
class Author:
    """The project of an author with a schema and a site."""

    folder: Path
    files: OwnFiles

    def up(self, *, site: str) -> own.OwnSandbox:
        return own.up(self.folder / ".sandbox", replace(self.files, site=site), say=quiet)

    def invoke(self, *words: str, site: str = "") -> tuple[int, str]:
        more = f'site = "{site}"\n' if site else ""
        (self.folder / "inventory.toml").write_text(INVENTORY + more)
        done = run(words, folder=self.folder, environment=os.environ)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Author]:
    folder = tmp_path_factory.mktemp("author")
    texts = {"schema.sql": SCHEMA, "seed.sql": SEED, "site.py": SITE, "plugins/post.py": PLUGIN}
    texts["tasks.py"] = (Path(__file__).parents[2] / "tasks.py").read_text()
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "static").mkdir()
    (folder / "static" / "a.gif").write_bytes(GIF)
    files = OwnFiles(folder / "schema.sql", folder / "seed.sql", folder / "static", "", folder)
    yield Author(folder, files)
    lifecycle.remove(folder / ".sandbox")


def rows(address: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as database:
        text = "select slug, name from people left join posts on author_id = people.id"
        return database.execute(text).fetchall()


def running(author: Author) -> process.Process | None:
    state = states.load(author.folder / ".sandbox")
    assert state is not None
    return state.processes.get("site")


def test_both_databases_are_made_from_the_files_and_a_release_is_seen_on_the_site(author: Author) -> None:
    box = author.up(site="")
    assert (rows(box.source_database), rows(box.production_database)) == ([("hello", "Ada")], [(None, "Ada")])
    code, said = author.invoke("release", "--post", "hello", site=f"{sys.executable} site.py")
    assert code == 0, said
    assert "check ......... done       source, media, site, database, bucket" in said
    assert "deploy ........ skipped" in said
    assert "verify ........ done       1 page, 1 image, 5 checks" in said
    assert rows(box.production_database) == [("hello", "Ada")]


def test_a_site_that_has_ended_is_said_and_started_again(author: Author) -> None:
    command, said = f"{sys.executable} site.py", list[str]()
    author.up(site=command)
    first = running(author)
    author.up(site=command)
    assert first is not None
    assert running(author) == first
    process.stop(first)
    box = own.up(author.folder / ".sandbox", replace(author.files, site=command), say=said.append)
    assert said[0].startswith("site: its command has ended")
    assert said[1:] == [f"site: started, {box.site}"]
    assert running(author) != first


def test_a_site_that_ends_while_it_is_asked_is_told_apart_from_one_that_is_wrong(author: Author) -> None:
    """The first visitor is the sandbox itself, which waits until the site listens."""
    once = f"{sys.executable} site.py once"
    code, said = author.invoke("verify", "--post", "hello", site=once)
    assert code == Exit.UNKNOWN, said
    assert "page /posts/hello: its command has ended; it printed last: the well is dry" in said


def test_without_a_site_no_page_is_asked_for(author: Author) -> None:
    code, said = author.invoke("verify", "--post", "hello")
    assert code == 0, said
    assert "verify ........ done       no page (sandbox has no site), 1 image, 2 checks" in said
    assert running(author) is None
    with pytest.raises(Unasked, match="the target has no site"):
        Web("").get("/")


def test_a_command_that_starts_nothing_is_named_with_what_it_printed(author: Author) -> None:
    with pytest.raises(Problem, match=r"its command has ended; it printed last: .*nowhere") as caught:
        author.up(site="exec nowhere")
    assert caught.value.hint.endswith('site = "exec nowhere"')
    assert running(author) is None


def test_a_mistake_in_a_file_is_named_with_its_line_and_the_databases_stay(author: Author) -> None:
    box, folder = author.up(site=""), author.folder / ".sandbox"
    before = rows(box.production_database)
    for text, says in (
        ("select 1;\n\ncreate tabel t ();\n", 'other.sql:3: ERROR:  syntax error at or near "tabel"'),
        ("alter schema public owner to bob;", "hint: pg_dump --no-owner --no-privileges names no roles"),
    ):
        other = author.folder / "other.sql"
        other.write_text(text)
        with pytest.raises(Problem) as caught:
            own.reset(folder, replace(author.files, seed=other), say=quiet)
        assert says in str(caught.value)
        assert rows(box.production_database) == before
    said: list[str] = []
    own.reset(folder, author.files, say=quiet)
    assert rows(box.production_database) == [(None, "Ada")]
    author.files.schema.write_text(SCHEMA + "-- changed\n")
    own.up(folder, author.files, say=said.append)
    assert said == [
        "sandbox: was made from another schema.sql and seed.sql: maulstick sandbox.reset makes it anew"
    ]


def test_a_sandbox_becomes_the_gallery_only_by_a_reset(author: Author) -> None:
    with pytest.raises(Problem, match="was made from your own files"):
        lifecycle.up(author.folder / ".sandbox", say=quiet)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        (SandboxKeys(seed=Path("seed.sql")), "here/seed: needs a schema"),
        (SandboxKeys(schema=Path("x.sql"), ssh="exec"), "here/ssh: is of the gallery's Fly"),
        (SandboxKeys(schema=Path("x.sql")), 'here/schema: "x.sql" does not exist'),
    ],
)
def test_keys_that_do_not_go_together_are_named(keys: SandboxKeys, says: str) -> None:
    with pytest.raises(Problem) as caught:
        own_files(keys, "here", Path())
    assert str(caught.value).startswith(says)
