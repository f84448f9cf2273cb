"""The small gallery that the campaign releases: its tables, rows, pictures, plugin and web server."""

from __future__ import annotations

import html
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

SUBJECT = "nocturne"
TABLES = """
create table users (id bigserial primary key, email text not null unique);
create table series (id bigserial primary key, slug text not null unique, title text not null unique,
  body text, cover text, inserted_at timestamp(0) not null default now(),
  updated_at timestamp(0) not null default now());
create table artworks (id bigserial primary key, series_id bigint references series(id),
  slug text not null unique, title text not null, price integer, picture text, place integer,
  inserted_at timestamp(0) not null default now(), updated_at timestamp(0) not null default now());
create table notes (id bigserial primary key, artwork_id bigint not null references artworks(id),
  place integer not null, body text, unique (artwork_id, place));
create table enquiries (id bigserial primary key, artwork_id bigint references artworks(id), said text);
"""
HERE = """
insert into series (slug, title, body, cover) values
  ('nocturne', 'Nocturne', 'By night.', '/uploads/cover.png'), ('dawn', 'Dawn', null, null);
insert into artworks (series_id, slug, title, price, picture, place) values
  (1, 'lamp', 'Lamp in blue', 900, '/uploads/lamp.png', 1),
  (1, 'door', 'The door', null, '/uploads/door.png', 2),
  (1, 'sun', 'Sun', 40, '/uploads/lamp.png', 3), (2, 'mist', 'Mist', 10, '/uploads/mist.png', 1);
insert into notes (artwork_id, place, body) values (1, 1, 'Oil'), (1, 2, 'On wood'), (3, 1, 'Gold');
"""
THERE = """
insert into users (email) values ('ada@example.org'), ('bea@example.org');
insert into series (slug, title, body) values ('others', 'Of others', 'Not ours.'), ('empty', 'Empty', null);
insert into artworks (series_id, slug, title, price) values
  (1, 'theirs', 'Theirs', 5), (1, 'reed', 'Reed', 6);
insert into notes (artwork_id, place, body) values (1, 1, 'Keep me');
insert into enquiries (artwork_id, said) values (2, 'How much?');
select setval('series_id_seq', 40), setval('artworks_id_seq', 70);
"""
PICTURES = ("cover", "lamp", "door", "mist")
PLUGIN = f"""from maulstick import Kind, MediaColumn, Page, Query, Table, hookimpl

LINKED = "select count(*) = 0 from artworks where slug is null"


@hookimpl
def maulstick_kinds():
    yield Kind("series", table="series", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("series", key="slug", media=[MediaColumn("cover")])
    yield Table("artworks", key="slug", via="series_id", media=[MediaColumn("picture")])
    yield Table("notes", key=("artwork_id", "place"), via="artwork_id")


@hookimpl
def maulstick_queries(subject):
    yield Query("each artwork has a slug", LINKED, "true")


@hookimpl
def maulstick_pages(subject, rows):
    titles = [row["title"] for name in ("series", "artworks") for row in rows.get(name, ())]
    images = [row["picture"] for row in rows.get("artworks", ()) if row["picture"]]
    yield Page("/series/{SUBJECT}", texts=tuple(titles), images=tuple(images))
"""
SHOWN = """
select s.title, a.title, a.picture from series s left join artworks a on a.series_id = s.id
where s.slug = %s order by a.place, a.id
"""


class Site(ThreadingHTTPServer):
    """The live site: a page for each series, made from production's rows, and the bucket's objects."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, database: str, bucket: object) -> None:
        self.database, self.bucket = database, bucket
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: both ends break off all the time here."""

    def page(self, slug: str) -> bytes | None:
        """Return the page of a series, None where production has no such series."""
        with psycopg.connect(self.database, connect_timeout=5, application_name="site") as database:
            rows = database.execute(SHOWN, [slug]).fetchall()
        if not rows:
            return None
        shown = [f"<h1>{html.escape(rows[0][0])}</h1>"]
        for _, title, picture_ in rows:
            image = f'<img alt="" src="/media{html.escape(picture_)}">' if picture_ else ""
            shown.append(f"<h2>{html.escape(title or '')}</h2>{image}")
        return f"<!doctype html><title>Gallery</title><main>{''.join(shown)}</main>".encode()


class Handler(BaseHTTPRequestHandler):
    """Answers visitors."""

    server: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page or an object; any trouble of ours is a 503."""
        try:
            content, kind = self.found()
        except Exception:
            return self.reply(503, b"in trouble", "text/plain")
        return self.reply(404 if content is None else 200, content or b"nothing here", kind)

    def found(self) -> tuple[bytes | None, str]:
        """Return what is at the path, and its type."""
        if self.path.startswith("/media/"):
            return self.server.bucket.content(self.path.removeprefix("/media/")), "image/png"
        return self.server.page(self.path.rpartition("/")[2]), "text/html; charset=utf-8"

    def reply(self, status: int, content: bytes, kind: str) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        """Keep no log."""
