"""The plugin annotations: which notes travel, and what of them."""

ROOMS = """
insert into series (id, title, slug, inserted_at, updated_at) values (3, 'Rooms', 'rooms', now(), now());
insert into artworks (id, title, slug, series_id, inserted_at, updated_at)
values (21, 'Lamp', 'lamp', 3, now(), now());
"""
OTHER = "insert into artworks (title, slug, inserted_at, updated_at) values ('a', 'a', now(), now())"
NOTES = """
insert into users (id, email, inserted_at, updated_at) values (2, 'ada@example.org', now(), now());
insert into annotations
  (anchor_key, anchor_meta, page_path, theme, visibility, user_id, content, inserted_at, updated_at)
values
  ('artwork:lamp', '{"artwork_id": 21, "x": 0.5}', '/series/rooms', 'reviewer', 'public', 2,
   '{"text": "Brighter."}', '2025-11-22 10:04:11', now()),
  ('artwork:lamp', '{}', '/series/rooms', 'reviewer', 'private', 2,
   '{"text": "For me."}', '2025-11-22 10:04:12', now()),
  ('series:halls', '{}', '/series/halls', 'reviewer', 'public', 2,
   '{"text": "Elsewhere."}', '2025-11-22 10:04:13', now());
"""


def test_public_notes_of_the_page_travel_with_the_ids_of_production(edited, released, production):
    edited("local", ROOMS + NOTES)
    edited(
        "production",
        "insert into artworks (title, slug, inserted_at, updated_at) values ('a', 'a', now(), now())",
    )
    released("series", "rooms")
    [(text, artwork, user)] = production.rows(
        "select content ->> 'text', (anchor_meta ->> 'artwork_id')::bigint, user_id from annotations"
    )
    assert (text, user) == ("Brighter.", None)
    assert artwork == production.value("select id from artworks where slug = 'lamp'") != 21
    assert production.value("select count(*) from users") == 0
    assert released("series", "rooms").number is None
