"""What the sandbox holds at first is what the issue's claims rest on."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from PIL import Image, ImageStat

from maulstick.sandbox import content
from maulstick.sandbox.content import rows
from maulstick.sandbox.postgres import Postgres

EMBODIMENT = "(SELECT id FROM series WHERE slug = 'embodiment')"
ITS_ARTWORKS = f"(SELECT id FROM artworks WHERE series_id = {EMBODIMENT})"
ITS_MEDIA = f"(SELECT media_file_id FROM artworks WHERE series_id = {EMBODIMENT})"
FILLS = {"source": content.fill_source, "production": content.fill_production}
SIZE_NOTED_WRONGLY = "/uploads/artworks//1763333626_2f36e0a6130328d7.png"


@pytest.fixture(scope="module", params=["source", "production"])
def side(request: pytest.FixtureRequest, databases: dict[str, psycopg.Connection]) -> psycopg.Connection:
    return databases[request.param]


@pytest.fixture(scope="module")
def source(databases: dict[str, psycopg.Connection]) -> psycopg.Connection:
    return databases["source"]


@pytest.fixture(scope="module")
def production(databases: dict[str, psycopg.Connection]) -> psycopg.Connection:
    return databases["production"]


@pytest.fixture(scope="module")
def databases(postgres: Postgres) -> Iterator[dict[str, psycopg.Connection]]:
    opened = {name: filled(postgres, name) for name in FILLS}
    yield opened
    for connection in opened.values():
        connection.close()


def filled(postgres: Postgres, name: str) -> psycopg.Connection:
    with postgres.connect() as server:
        server.execute(f"CREATE DATABASE content_{name}")
    connection = psycopg.connect(postgres.url(f"content_{name}"))
    connection.execute(content.schema_sql())
    FILLS[name](connection)
    connection.commit()
    connection.autocommit = True
    return connection


def column(connection: psycopg.Connection, query: str) -> list[Any]:
    return [row[0] for row in connection.execute(query)]


def media_rows() -> list[rows.Row]:
    return [row for name in FILLS for row in rows.read(name)["media"]]


def paths(name: str) -> Iterator[str]:
    found = rows.read(name)
    columns = ("url", "image_url", "cover_image_url", "original_url", "audio_url")
    for table in ("media", "artworks", "series", "media_images", "annotations"):
        yield from (row[column] for row in found[table] for column in columns if row.get(column))


def test_embodiment_is_one_series_four_artworks_four_pictures_and_five_analyses(
    source: psycopg.Connection,
) -> None:
    slugs = column(source, f"SELECT slug FROM artworks WHERE id IN {ITS_ARTWORKS} ORDER BY position")
    assert slugs == ["in-motion-iii", "in-motion-iv", "in-motion-v", "she-lays-down"]
    assert column(source, f"SELECT count(*) FROM media WHERE id IN {ITS_MEDIA}") == [4]
    analyses = f"SELECT iteration FROM media_analyses WHERE media_file_id IN {ITS_MEDIA} ORDER BY 1"
    assert column(source, analyses) == [1, 1, 1, 1, 2]


def test_every_analysis_says_what_the_lightbox_shows(side: psycopg.Connection) -> None:
    for answer in column(side, "SELECT llm_response FROM media_analyses"):
        assert answer["interpretation"]
        assert set(answer["technical_details"]) == {"medium", "style", "colour_palette", "composition"}


def test_four_notes_are_public_and_one_is_not(source: psycopg.Connection) -> None:
    notes = source.execute(
        "SELECT visibility, type, anchor_key FROM annotations"
        " WHERE page_path = '/series/embodiment' AND theme = 'reviewer' ORDER BY id"
    ).fetchall()
    assert notes == [
        ("public", "text", "series:embodiment:description"),
        ("public", "voice", "artwork:she-lays-down"),
        ("public", "text", "artwork:in-motion-iii"),
        ("public", "rating", "artwork:in-motion-v"),
        ("private", "text", "artwork:in-motion-iv"),
    ]


def test_a_note_names_its_artwork_by_the_sources_id(source: psycopg.Connection) -> None:
    query = """
        SELECT slug FROM annotations n JOIN artworks a ON a.id = (n.anchor_meta->>'artwork_id')::bigint
        WHERE n.visibility = 'public'
    """
    assert column(source, query) == ["in-motion-iii"]


def test_the_notes_author_is_another_person_in_production(
    source: psycopg.Connection, production: psycopg.Connection
) -> None:
    query = "SELECT email FROM users WHERE id IN (SELECT user_id FROM annotations)"
    author = column(source, query)[0]
    assert author not in column(production, "SELECT email FROM users")
    assert column(production, "SELECT count(*) FROM users WHERE id = 2") == [1]


@pytest.mark.parametrize("table", ["series", "artworks", "media", "media_analyses", "annotations"])
def test_production_uses_embodiments_ids_for_other_rows(
    source: psycopg.Connection, production: psycopg.Connection, table: str
) -> None:
    key = {"series": "slug", "artworks": "slug", "media": "url", "annotations": "page_path"}
    query = f"SELECT id, {key.get(table, 'llm_response::text')} FROM {table}"
    here: dict[int, str] = dict(source.execute(query).fetchall())
    there: dict[int, str] = dict(production.execute(query).fetchall())
    assert set(ids(source, table)) & set(there)
    assert all(here[number] != there[number] for number in ids(source, table) if number in there)
    assert "embodiment" not in there.values()


def ids(source: psycopg.Connection, table: str) -> Sequence[int]:
    where = {
        "series": f"id = {EMBODIMENT}",
        "artworks": f"id IN {ITS_ARTWORKS}",
        "media": f"id IN {ITS_MEDIA}",
        "media_analyses": f"media_file_id IN {ITS_MEDIA}",
        "annotations": "page_path = '/series/embodiment'",
    }
    return column(source, f"SELECT id FROM {table} WHERE {where[table]}")


@pytest.mark.parametrize("table", rows.TABLES)
def test_the_next_row_gets_a_free_id(side: psycopg.Connection, table: str) -> None:
    query = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) > coalesce(max(id), 0) FROM {table}"
    assert column(side, query) == [True]


def test_annotations_still_count_with_the_voice_notes_sequence(side: psycopg.Connection) -> None:
    query = "SELECT pg_get_serial_sequence('annotations', 'id')"
    assert column(side, query) == ["public.voice_notes_id_seq"]


def test_deleting_a_row_does_to_others_what_the_site_says(source: psycopg.Connection) -> None:
    query = (
        "SELECT confdeltype::text || ' ' || conrelid::regclass || ' ' || a.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1] WHERE contype = 'f'"
    )
    assert set(column(source, query)) == {
        "a media_images media_file_id",
        "a newsletters user_id",
        "c media_analyses media_file_id",
        "c media_images artwork_id",
        "c page_sections page_id",
        "c users_tokens user_id",
        "n annotations user_id",
        "n artworks media_file_id",
        "n artworks series_id",
        "n enquiries artwork_id",
        "n media user_id",
        "n series media_file_id",
    }


def test_nothing_in_media_or_annotations_is_unique_but_the_id(source: psycopg.Connection) -> None:
    query = "SELECT indexname FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE%%' AND tablename = ANY(%s)"
    found = source.execute(query, [["media", "annotations"]])
    assert {row[0] for row in found} == {"media_pkey", "voice_notes_pkey"}


def test_saltmarsh_differs_in_production_only_by_an_admins_edits() -> None:
    here, there = rows.read("source"), rows.read("production")
    unlike = {"id", "inserted_at", "updated_at", "series_id", "media_file_id", "artwork_id"}
    edits = []
    for table, key in (
        ("series", "slug"),
        ("artworks", "slug"),
        ("media", "url"),
        ("media_images", "original_url"),
    ):
        released = {row[key]: row for row in there[table]}
        for row in here[table]:
            other = released.get(row[key], row)
            edits += [(row[key], name) for name in row if name not in unlike and row[name] != other.get(name)]
    assert edits == [
        ("low-water-at-the-sluice", "status"),
        ("/uploads/artworks/reed bed + january.jpg", "alt_text"),
    ]


def test_pictures_are_shared_within_and_beyond_embodiment(source: psycopg.Connection) -> None:
    query = "SELECT media_file_id FROM artworks GROUP BY 1 HAVING count(DISTINCT series_id) > 1 ORDER BY 1"
    shared = [number for number in column(source, query) if number is not None]
    assert len(shared) == 2
    assert len(set(shared) & set(column(source, f"SELECT id FROM media WHERE id IN {ITS_MEDIA}"))) == 1


def test_file_names_are_as_awkward_as_the_real_ones() -> None:
    names = " ".join(paths("source"))
    assert all(awkward in names for awkward in (" ", ",", "(", "[", "+", "é", "×", "//", ".JPG"))


@pytest.mark.parametrize("name", FILLS)
def test_every_path_in_a_row_has_its_file(name: str) -> None:
    missing = [path for path in paths(name) if not (content.MEDIA / path.lstrip("/")).is_file()]
    assert missing == []


def test_the_sizes_in_the_rows_are_those_of_the_files_but_for_one() -> None:
    wrong = {row["url"] for row in media_rows() if size(row) != row["file_size"]}
    assert wrong == {SIZE_NOTED_WRONGLY}


def size(row: rows.Row) -> int:
    return int((content.MEDIA / row["url"].lstrip("/")).stat().st_size)


def test_every_picture_opens_at_the_size_its_row_says_and_shows_something() -> None:
    for row in media_rows():
        with Image.open(content.MEDIA / row["url"].lstrip("/")) as picture:
            assert picture.size == (row["width"], row["height"])
            assert picture.get_format_mimetype() == row["content_type"]
            assert max(ImageStat.Stat(picture.convert("RGB").reduce(8)).stddev) > 15


def test_the_voice_note_is_four_seconds_of_sound() -> None:
    note = next(row for row in rows.read("source")["annotations"] if row["type"] == "voice")
    with wave.open(str(content.MEDIA / note["audio_url"].lstrip("/"))) as sound:
        assert sound.getnframes() / sound.getframerate() == note["content"]["seconds"]


def test_the_pictures_stay_small_enough_for_a_wheel() -> None:
    sizes = [path.stat().st_size for path in content.MEDIA.rglob("*") if path.is_file()]
    assert sum(sizes) < 8_000_000


def test_the_bucket_holds_productions_pictures_and_one_of_embodiments() -> None:
    keys = set(content.production_objects())
    own = {row["url"].removeprefix("/") for row in rows.read("production")["media"]}
    by_hand = keys - own
    assert own < keys
    assert by_hand == {"uploads/media/1763722109_e4982724359e6940.jpg"}
    assert all((content.MEDIA / key).is_file() for key in keys)


@pytest.mark.parametrize("name", FILLS)
def test_addresses_lead_nowhere_and_nobody_has_a_name(name: str) -> None:
    found = rows.read(name)
    assert set(re.findall(r"@([\w.-]+)", repr(found))) <= {"example.org", "example.com"}
    assert all(re.match(r"A |Form test", row["name"]) for row in found["enquiries"])
