"""What the pages say, to whom, and what hostile texts cannot do."""

from __future__ import annotations

import html
import re

import psycopg

from tests.sandbox.site.sites import HOSTILE, RELEASE, Site


def order(text: str, *words: str) -> list[int]:
    return [text.index(word) for word in words]


def test_a_series_shows_its_published_artworks_in_order_and_then_its_text(site: Site):
    page = site.ask("/series/one").text
    places = order(page, "<h1>One &amp; only</h1>", ">Second</a>", ">Third</a>", ">Bare</a>", "<em>soft</em>")
    assert places == sorted(places)
    assert "2024 · Oil" in page
    assert re.search(r'class="badge sold">Sold<', page)
    assert "Unseen" not in page


def test_hostile_texts_stay_texts(site: Site):
    page = site.ask("/series/one?theme=reviewer").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert HOSTILE in html.unescape(page)


def test_the_first_answer_holds_the_latest_analysis(site: Site):
    page = site.ask("/series/one").text
    dialog = page[page.index('<dialog class="lightbox" id="lightbox-first"') :].split("</dialog>")[0]
    assert "<p>Second &lt;b&gt;thought&lt;/b&gt;.</p>" in dialog
    for text in (
        "Interpretation",
        "Technical Details",
        "Oil over charcoal",
        "Gestural",
        "A diagonal",
        "slate",
    ):
        assert text in dialog
    assert 'fill="#5c6670"' in dialog
    assert "Withdrawn" not in page


def test_every_artwork_has_a_card_that_opens_its_lightbox(site: Site):
    page = site.ask("/series/one").text
    openers = re.findall(r'data-lightbox="([^"]+)"', page)
    assert openers == re.findall(r'<dialog class="lightbox" id="([^"]+)"', page)
    assert len(openers) == 5


def test_an_artwork_without_media_shows_its_image_url_or_says_so(site: Site):
    page = site.ask("/series/one").text
    assert "Image coming soon" in site.ask("/artworks/bare").text
    assert 'src="http://site.test/media/uploads/media/Mar%C3%A9e%20100%25.jpg"' in page


def test_addresses_are_as_stored(site: Site):
    page = html.unescape(site.ask("/series/one").text)
    assert 'src="http://site.test/media/uploads/media/plain.JPG"' in page
    assert 'src="http://site.test/media/uploads/media/reed%20bed%20%2B%20(one),%20%5B2%5D.jpg"' in page
    assert 'src="https://elsewhere.example/a b.jpg?x=1&y=2"' in page


def test_a_page_tells_other_sites_what_it_is(site: Site):
    page = site.ask("/series/one").text
    assert "<title>One &amp; only – Olivia</title>" in page
    assert '<meta property="og:image" content="http://site.test/media/uploads/media/plain.JPG">' in page
    assert re.search(r'<meta name="description" content="&lt;/title&gt;', page)


def test_notes_show_in_the_theme_of_reviewers_only(site: Site):
    assert "note-marker" not in site.ask("/series/one").text
    page = site.ask("/series/one?theme=reviewer").text
    assert re.findall(r'data-note-id="(\d+)"', page) == ["8", "7", "9"]
    assert 'src="http://site.test/media/uploads/voice/a%20b.wav"' in page
    assert "4 of 5" in page
    assert "Mine" not in page
    assert "Other" not in page


def test_a_note_hangs_on_its_element(site: Site):
    page = site.ask("/series/one?theme=reviewer").text
    anchors = re.findall(r'data-note-(?:anchor|id)="([^"]+)"', page)
    assert anchors[anchors.index("series:one:description") + 1] == "7"
    assert anchors[anchors.index("artwork:first") + 1] == "8"
    assert "left: 50.0%; top: 96.0%" in page


def test_a_note_whose_element_is_gone_is_still_shown(site: Site):
    page = site.ask("/series/one?theme=reviewer").text
    assert 'data-note-id="9"' in page[page.index('<aside class="elsewhere"') :]


def test_the_theme_is_remembered_until_another_is_asked_for(site: Site):
    cookie = site.ask("/series/one?theme=reviewer").headers["set-cookie"]
    assert "note-marker" in site.ask("/series/one", cookie=cookie.split(";")[0]).text
    assert "note-marker" not in site.ask("/series/one?theme=plain", cookie=cookie.split(";")[0]).text


def test_what_is_not_published_is_not_there(site: Site):
    paths = (
        "/series/hidden",
        "/series/none",
        "/artworks/unseen",
        "/artworks/none",
        "/series//one",
        "/series/one/",
    )
    assert [site.ask(path).status for path in paths] == [404] * len(paths)
    assert "Hidden" not in site.ask("/series").text


def test_the_list_of_series_shows_their_covers(site: Site):
    page = site.ask("/series").text
    assert 'href="/series/one"' in page
    assert "uploads/media/plain.JPG" in page
    assert site.ask("/").headers["location"] == "/series"


def test_every_answer_names_its_release(site: Site):
    answers = [
        site.ask(path) for path in ("/health", "/series", "/none", "/static/site.css", "/media/none.jpg")
    ]
    assert [answer.headers["x-release"] for answer in answers] == [RELEASE] * 5
    assert RELEASE[:7] in answers[1].text


def test_a_page_asks_nobody_else_for_anything(site: Site):
    page = site.ask("/series/one").text
    asked = re.findall(r'<(?:link|script)[^>]+(?:href|src)="([^"]+)"', page)
    assert asked
    assert all(address.startswith("/static/") for address in asked)
    assert "url(" not in site.ask("/static/site.css").text


def test_a_row_changed_in_the_database_shows_at_once(site: Site, database: str):
    with psycopg.connect(database) as connection:
        connection.execute("update artworks set status = 'reserved' where slug = 'bare'")
    assert "Reserved" in site.ask("/artworks/bare").text
