"""The plugin pages: a page travels with its sections, and nothing else does."""

PAGES = """
insert into pages (id, slug, title, inserted_at, updated_at)
values (1, 'about', 'About', now(), now()), (2, 'terms', 'Terms', now(), now());
insert into page_sections (page_id, key, content_md, inserted_at, updated_at)
values (1, 'intro', 'Hello.', now(), now()), (2, 'intro', 'Not yours.', now(), now());
"""


def test_a_page_brings_its_sections_alone(edited, released, production):
    edited("local", PAGES)
    assert released("page", "about").inserted == 2
    query = "select slug, content_md from pages join page_sections on page_id = pages.id"
    assert production.rows(query) == [("about", "Hello.")]
    edited("production", "update page_sections set content_md = 'Good day.'")
    assert released("page", "about").kept == 1
