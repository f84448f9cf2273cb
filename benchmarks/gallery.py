"""One PostgreSQL with the site's schema, and a source that holds one series of many artworks."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from maulstick.sandbox import content, programs
from maulstick.sandbox.postgres import Postgres
from maulstick.sandbox.process import free_port

SERIES = "everything"
SOURCE = "bench_source"
EMPTY = "bench_empty"
SIDE = 128
"""Pixels of a picture's sides: some 13 kB."""

FTYP = b"\0\0\0\x18ftypisom\0\0\2\0isommp42"
"""How a film begins."""
BLOCK = 1 << 20

LISTENING = {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
"""All that a server is told; the rest is as PostgreSQL comes, `fsync` too."""

FILL = """
insert into series (title, slug, summary, published, inserted_at, updated_at)
values ('Everything', 'everything', 'All of it.', true, '2025-11-17 09:49:05', '2025-11-17 09:49:05');
insert into artworks (title, slug, year, medium, dimensions, status, price_cents, currency, location,
    description_md, position, featured, published, image_url, series_id, inserted_at, updated_at)
select 'Study no. ' || n, 'study-no-' || n, 1998 + n % 28,
  (array['oil on linen', 'gouache on paper', 'chalk on board', 'oil on panel'])[1 + n % 4],
  format('%s × %s cm', 20 + n % 180, 30 + n % 120),
  (array['available', 'sold', 'reserved', 'not for sale'])[1 + n % 4],
  case when n % 7 > 0 then 4000 + n % 900 * 250 end, 'GBP',
  (array['London studio', 'On loan', null])[1 + n % 3],
  format(E'The model held number %s for twenty minutes; the light went at four.\\n\\n%s', n,
    repeat('A second sitting changed the hands, and then the whole left side. ', 2 + n % 5)),
  n, n % 50 = 0, n % 5 > 0, null, (select id from series),
  timestamp '2025-01-01' + n % 300 * interval '1 day', timestamp '2025-06-01' + n % 90 * interval '1 day'
from generate_series(1, %(count)s) as n
"""
FEW = """
insert into series (title, slug, summary, published, inserted_at, updated_at)
select 'Series ' || s, 'series-' || s, 'A few of it.', true, '2025-11-17 09:49:05', '2025-11-17 09:49:05'
from generate_series(1, %(series)s) as s;
insert into artworks (title, slug, year, medium, description_md, position, published, series_id,
    inserted_at, updated_at)
select format('Study %s of %s', n, s.slug), format('%s-%s', s.slug, n), 1998 + n, 'oil on linen',
  'The light went at four.', n, true, s.id, '2025-01-01 10:00:00', '2025-06-01 10:00:00'
from series as s, generate_series(1, %(artworks)s) as n where s.slug like 'series-%'
"""
OTHERS = """
insert into series (title, slug, summary, published, inserted_at, updated_at)
values ('Others', 'others', 'The rest.', true, '2025-11-17 09:49:05', '2025-11-17 09:49:05');
insert into artworks (title, slug, year, medium, description_md, position, published, series_id,
    inserted_at, updated_at)
select 'Other no. ' || n, 'other-no-' || n, 1998 + n % 28, 'oil on linen',
  'The light went at four.', n, true, (select id from series where slug = 'others'),
  '2025-01-01 10:00:00', '2025-06-01 10:00:00' from generate_series(1, %(count)s) as n
"""
CHANGE = """
update artworks set price_cents = coalesce(price_cents, 0) + 500,
  description_md = description_md || 'Varnished since.', updated_at = '2025-11-18 10:00:00'
where position % 100 = 0
"""
REPEAT = """
insert into maulstick.release select (jsonb_populate_record(r, jsonb_build_object('number', n))).*
from maulstick.release as r, generate_series(3, %(count)s) as n where r.number = 2;
insert into maulstick.change select (jsonb_populate_record(c, jsonb_build_object('release', n))).*
from maulstick.change as c, generate_series(3, %(count)s) as n where c.release = 2;
update maulstick.base_row set release = greatest(2, %(count)s) where release = 2;
update maulstick.agreed set release = greatest(2, %(count)s) where release = 2
"""
"""The second release's rows of the ledger, again and again: typing two thousand releases takes an hour."""


@contextmanager
def server() -> Iterator[Postgres]:
    """Start a PostgreSQL in a temporary folder for the block, with the settings that it comes with."""
    user = programs.unprivileged()
    with tempfile.TemporaryDirectory(prefix="maulstick-") as folder:
        home = programs.home(Path(folder), user)
        log, password = Path(folder) / "log", "of-a-benchmark"
        running = Postgres(home, log, free_port(), password, user, settings=LISTENING)
        try:
            running.up()
            yield running
        finally:
            running.down(None)
            shutil.rmtree(home, ignore_errors=True)


def make_source(running: Postgres, count: int) -> str:
    """Make the source with `count` artworks, and an empty production; return the source's address."""
    for database in (SOURCE, EMPTY):
        with running.connect() as connection:
            connection.execute(f"drop database if exists {database} with (force)".encode())
            connection.execute(f"create database {database}".encode())
        with running.connect(database) as connection:
            connection.execute(content.schema_sql().encode())
    with running.connect(SOURCE) as connection:
        for statement in FILL.split(";\n"):
            connection.execute(statement.replace("%(count)s", str(count)).encode())
    settle(running, SOURCE)
    return running.url(SOURCE)


def add_series(running: Postgres, series: int, artworks: int) -> None:
    """Put so many series of so many artworks into the source, in the place of the large one."""
    with running.connect(SOURCE) as connection:
        connection.execute(b"delete from artworks; delete from series")
        text = FEW.replace("%(series)s", str(series)).replace("%(artworks)s", str(artworks))
        for statement in text.split(";\n"):
            connection.execute(statement.encode())
    settle(running, SOURCE)


def add_others(running: Postgres, database: str, count: int) -> None:
    """Put so many artworks of another series into a database."""
    with running.connect(database) as connection:
        for statement in OTHERS.replace("%(count)s", str(count)).split(";\n"):
            connection.execute(statement.encode())
    settle(running, database)


def add_pictures(running: Postgres, media: Path, count: int, side: int = SIDE) -> None:
    """Give the first artworks a picture each, a JPEG of random tones."""
    (media / "uploads").mkdir()
    chance = random.Random(count)
    for number in range(1, count + 1):
        picture = Image.frombytes("RGB", (side, side), chance.randbytes(3 * side * side))
        picture.save(media / "uploads" / f"study-no-{number}.jpg", quality=85)
    with running.connect(SOURCE) as connection:
        name = f"'/uploads/study-no-' || position || '.jpg' where position <= {count}"
        connection.execute(f"update artworks set image_url = {name}".encode())
    settle(running, SOURCE)


def add_film(running: Postgres, media: Path, size: int) -> None:
    """Give the first artwork a file that looks like a film, and is random otherwise."""
    (media / "uploads").mkdir()
    chance = random.Random(size)
    with (media / "uploads" / "film.mp4").open("wb") as film:
        film.write(FTYP)
        for start in range(len(FTYP), size, BLOCK):
            film.write(chance.randbytes(min(BLOCK, size - start)))
    with running.connect(SOURCE) as connection:
        connection.execute(b"update artworks set image_url = '/uploads/film.mp4' where position = 1")
    settle(running, SOURCE)


def change_one_in_hundred(running: Postgres) -> None:
    """Change every hundredth artwork of the source."""
    with running.connect(SOURCE) as connection:
        connection.execute(CHANGE.encode())
    settle(running, SOURCE)


def repeat_the_last_release(running: Postgres, database: str, count: int) -> None:
    """Make the ledger of two releases one of `count`, the later ones all as the second was."""
    with running.connect(database) as connection:
        for statement in REPEAT.replace("%(count)s", str(count)).split(";\n"):
            connection.execute(statement.encode())
    settle(running, database)


def make_production(running: Postgres, name: str) -> str:
    """Make a production that has its schema and no content, and return its address."""
    with running.connect() as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
        connection.execute(f"create database {name} template {EMPTY}".encode())
    return running.url(name)


def settle(running: Postgres, database: str) -> None:
    """Do now what autovacuum and the checkpointer would do in the minutes between two releases."""
    with running.connect(database) as connection:
        connection.execute(b"vacuum analyze")
        connection.execute(b"checkpoint")
