"""The page of a report: it needs nothing but itself, and everyone can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page
from selectolax.lexbor import LexborHTMLParser

from maulstick.errors import Problem
from maulstick.report.html import html
from maulstick.verify.browser import SiteBrowser, browser, require_browser
from tests.report.records import CHECK, record, release


def test_hostile_content_is_text_in_a_page(tmp_path: Path) -> None:
    page = html(record(), tmp_path)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\x1b" not in page


def test_a_page_loads_nothing(tmp_path: Path) -> None:
    page = html(record(), tmp_path)
    assert not re.findall(r'(?:src|href)="(?!data:|https://site\.example)[^"]', page)
    assert "@import" not in page
    assert "url(" not in page


def test_a_row_is_called_by_its_title_and_a_file_by_that_of_its_row(tmp_path: Path) -> None:
    change = {**release()["changes"][0], "key": {"media": {"url": "/a.jpg"}, "at": None}, "title": "Salt"}
    sound = {"key": "uploads/1.wav", "bytes": 5, "type": "audio/wav", "action": "upload", "picture": None}
    named = [{**sound, "title": "Salt, read aloud", "alt": ""}, {**sound, "key": "uploads/" + "9" * 60}]
    page = LexborHTMLParser(html(record(releases=[release(changes=[change], media=named)]), tmp_path))
    assert page.css_first(".row summary .called").text() == "Salt"
    assert page.css_first(".row summary .key").text() == "/a.jpg"
    assert [node.text() for node in page.css(".files .called")] == [
        "Salt, read aloud",
        "9" * 16 + "…" + "9" * 10,
    ]


def test_rows_come_before_pictures_and_what_was_kept_is_open(tmp_path: Path) -> None:
    (change,) = release()["changes"]
    kept = {**change, "action": "kept", "columns": {"status": change["columns"]["status"]}}
    page = LexborHTMLParser(html(record(releases=[release(changes=[change, kept])]), tmp_path))
    headings = [node.text() for node in page.css("h2")]
    assert headings.index("Rows") < headings.index("Pictures and sounds")
    assert "open" in page.css_first("details.row.kept").attributes


def test_a_short_value_leads_to_the_new_one_and_a_long_one_shows_its_words(tmp_path: Path) -> None:
    (change,) = release()["changes"]
    long = "one word after another, and another one after all these words"
    sides = {"base": long, "local": f"{long} again", "production": long}
    columns = {
        "price": {"action": "update", "base": "1", "local": "2", "production": "1"},
        "story": {"action": "update", **sides},
    }
    page = html(record(releases=[release(changes=[{**change, "columns": columns}])]), tmp_path)
    price, story = LexborHTMLParser(page).css("details.row dd")
    assert price.text() == "1 → 2"
    assert story.text() == f"{long} again"


def test_files_that_were_there_are_counted(tmp_path: Path) -> None:
    (file,) = release()["media"]
    files = [{**file, "action": "there"}, {**file, "key": "uploads/2.wav", "title": "Salt"}]
    page = LexborHTMLParser(html(record(releases=[release(media=files)]), tmp_path))
    assert [node.text() for node in page.css(".files .called")] == ["Salt"]
    assert page.css_first(".quiet").text() == "1 file already there"


def test_a_picture_that_is_gone_is_left_out(tmp_path: Path) -> None:
    screen = {"path": "/", "width": 390, "picture": "screen-1.jpg", "changed": None, "since": None}
    file = {**release()["media"][0], "picture": "thumbnail-1.jpg"}
    page = html(record(releases=[release(screens=[screen], media=[file])]), tmp_path)
    assert "<img" not in page


def test_a_screenshot_stands_beside_the_one_before(tmp_path: Path) -> None:
    for name, tone in (("before.jpg", 255), ("now.jpg", 0)):
        Image.new("L", (390, 1200), tone).save(tmp_path / name)
    screen = {
        "path": "/",
        "width": 390,
        "picture": "now.jpg",
        "changed": 100.0,
        "since": "20261121T100000Z-verify",
    }
    both = html(record(releases=[release(screens=[{**screen, "before": "before.jpg"}])]), tmp_path)
    page = LexborHTMLParser(both)
    assert [node.attributes["alt"] for node in page.css("details.shot img")] == [
        "/ before, at 390 pixels",
        "/ at 390 pixels",
    ]
    equal = html(
        record(releases=[release(screens=[{**screen, "before": "before.jpg", "changed": 0.0}])]), tmp_path
    )
    assert len(LexborHTMLParser(equal).css("details.shot img")) == 1


def test_each_answer_says_whether_it_is_right_with_its_hint(tmp_path: Path) -> None:
    page = LexborHTMLParser(html(record(), tmp_path))
    assert page.css_first("table.checks td .is").text() == "wrong"
    assert page.css_first("table.checks tr.wrong small").text() == "look"


@pytest.fixture(scope="module")
def chromium() -> Iterator[SiteBrowser]:
    """A browser that looks at pages on disk."""
    try:
        require_browser()
    except Problem as problem:
        pytest.skip(str(problem))
    with browser("file:///") as opened:
        yield opened


@pytest.fixture(scope="module")
def troubled(chromium: SiteBrowser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of a run with all that can be wrong: conflicts, nulls, wrong checks, a page that changed."""
    folder = tmp_path_factory.mktemp("troubled")
    for name, tone in (("before.jpg", 255), ("now.jpg", 0)):
        Image.new("L", (390, 1200), tone).save(folder / name)
    (folder / "report.html").write_text(html(troubles(), folder), encoding="utf-8")
    with chromium.open(str(folder / "report.html")) as tab:
        assert tab.faults == []
        yield tab.page


def troubles() -> dict[str, Any]:
    """Return a record of two releases: one that was refused, one that proved wrong and was undone."""
    (change,) = release()["changes"]
    sides = {"action": "conflict", "base": None, "local": "", "production": "sold"}
    conflict = {**change, "action": "conflict", "title": "Salt", "columns": {"status": sides}}
    gone = {**change, "action": "gone", "columns": {}}
    new = [{**change, "key": {"slug": str(n)}, "action": "insert", "title": f"No. {n}"} for n in range(8)]
    shot = {
        "path": "/series/salt",
        "width": 390,
        "picture": "now.jpg",
        "changed": 4.2,
        "since": "an earlier run",
    }
    screens = [{**shot, "before": "before.jpg"}, {**shot, "width": 1280, "changed": None}]
    untold = {"name": "page /", "ok": None, "answer": "no answer", "hint": ""}
    refused = release(exit=3, checks=[], changes=[conflict, gone, change, *new])
    wrong = release(number=12, undone_by=13, screens=screens, checks=[*refused["checks"], CHECK, untold])
    return record(releases=[refused, wrong])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everyone_can_read_what_went_wrong(troubled: Page, scheme: str, width: int) -> None:
    troubled.set_viewport_size({"width": width, "height": 900})
    troubled.emulate_media(color_scheme=scheme)
    troubled.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = Axe().run(troubled).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found] == []
    assert troubled.evaluate("document.documentElement.scrollWidth") <= width


def test_a_screenshot_opens_large_by_a_key(troubled: Page) -> None:
    troubled.set_viewport_size({"width": 1280, "height": 900})
    troubled.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false })")
    now = troubled.locator("details.shot.phone img").last
    small = now.bounding_box()
    troubled.locator("details.shot.phone summary").focus()
    troubled.keyboard.press("Enter")
    large = now.bounding_box()
    assert small is not None
    assert large is not None
    assert large["height"] > 2 * small["height"]
    assert large["height"] / large["width"] == pytest.approx(1200 / 390, rel=0.05)
