"""The plugins series, analyses and offline: what travels, what is refused, and what visitors find."""

import pytest

from maulstick import Problem

GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
SERIES = """
insert into media (id, filename, url, inserted_at, updated_at)
values (7, 'lamp.gif', '/uploads/lamp.gif', now(), now());
insert into series (id, title, slug, published, inserted_at, updated_at)
values (3, 'Rooms', 'rooms', true, now(), now());
insert into artworks (title, slug, series_id, media_file_id, published, inserted_at, updated_at)
values ('Lamp', 'lamp', 3, 7, true, now(), now()), ('Door', 'door', 3, null, false, now(), now());
"""
ANALYSIS = """
insert into media_analyses (media_file_id, iteration, llm_response, inserted_at, updated_at)
values (7, 1, '{"interpretation": "A lamp by itself."}', now(), now());
"""
LIVE = "<h1>Rooms</h1><h2>Lamp</h2><p>A lamp by itself.</p><img src='{}/uploads/lamp.gif' alt='Lamp'>"


@pytest.fixture
def local(edited, media_root):
    """A series of two artworks, one of which is hidden, and its picture."""
    (media_root / "uploads").mkdir()
    (media_root / "uploads" / "lamp.gif").write_bytes(GIF)
    edited("local", SERIES + ANALYSIS)


def test_a_series_brings_its_artworks_pictures_and_analyses(local, released, undone, production):
    assert released("series", "rooms").inserted == 5
    query = "select slug, url from artworks left join media on media.id = media_file_id order by slug"
    assert production.rows(query) == [("door", None), ("lamp", "/uploads/lamp.gif")]
    assert released("series", "rooms").unchanged == 5
    assert undone().count("delete") == 5


def test_an_artwork_goes_alone_where_its_series_is_there(local, edited, released, production):
    with pytest.raises(Problem, match="series rooms: is referred to and is not in production"):
        released("artwork", "lamp")
    released("series", "rooms")
    edited("local", "update artworks set year = 1999")
    assert released("artwork", "lamp").updated == 1
    assert production.rows("select slug, year from artworks order by slug") == [
        ("door", None),
        ("lamp", 1999),
    ]


def test_a_lightbox_without_text_is_refused(local, edited, released, production):
    edited("local", "delete from media_analyses")
    with pytest.raises(Problem, match="artworks with a picture and no analysis: expected 0, the answer is 1"):
        released("series", "rooms")
    assert production.value("select count(*) from artworks") == 0


def test_visitors_find_what_is_published_and_nothing_else(local, released, bucket, site):
    pages = dict.fromkeys(["/series/rooms", "/artworks/lamp"], LIVE.format(bucket.url))
    site.shows = pages.get
    names = {check.name for check in released("series", "rooms").checks}
    assert {"analysis of lamp", "page /artworks/door", "text 'Door' not on /series/rooms"} <= names
    assert bucket.keys() == ["uploads/lamp.gif"]
    pages["/artworks/door"] = "<h1>Door</h1>"
    pages["/series/rooms"] += "Door"
    with pytest.raises(Problem) as caught:
        released("series", "rooms")
    assert "page /artworks/door" in caught.value.what
    assert "text 'Door' not on /series/rooms" in caught.value.what
