"""The desk: seen in Chromium, by keyboard; conflicts are decided there, and nothing is released."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from maulstick.errors import Problem
from maulstick.verify.browser import browser, require_browser
from tests.end_to_end.projects import Project, untouched

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
MARSH = "subject?kind=series&key=saltmarsh-notebooks"
PAGES = ("", MARSH, "history", "storage")
FILE = Path("decisions/series/saltmarsh-notebooks.toml")
LONG = 60_000


@pytest.fixture(scope="module")
def disputed(released_once: Project) -> Project:
    """A released site, where both sides also disagree about a text, a status and a cover."""
    where = "where slug = 'saltmarsh-notebooks'"
    cover = "update series set cover_image_url = '/uploads/{}' {}"
    released_once.local(cover.format("artworks/reed bed + january.jpg", where))
    released_once.rows(cover.format("media/1730977204_4be7f1c20a93d658.jpg", where))
    released_once.local(f"update series set title = '{HOSTILE}' {where}")
    return released_once


@pytest.fixture(scope="module")
def address(disputed: Project) -> Iterator[str]:
    """The address that `maulstick desk` prints; it ends by Ctrl-C."""
    running = disputed.start("desk")
    assert running.stdout is not None
    yield running.stdout.readline().strip()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (0, ""), err
    assert "Traceback" not in err, err


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    try:
        require_browser()
    except Problem as problem:
        pytest.skip(str(problem))
    with browser(address) as opened:
        yield opened.program


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of which every complaint is a fault."""
    context, faults = chromium.new_context(), list[str]()
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.on("response", lambda one: faults.append(one.url) if one.status >= 400 else None)
    yield page
    assert context.cookies() == []
    context.close()
    assert faults == []


def open_whole(page: Page, address: str) -> None:
    """Open a page and wait until both sides have answered."""
    page.goto(address)
    expect(page.get_by_role("status")).to_contain_text("As it was at", timeout=LONG)


def press_until(page: Page, name: str) -> None:
    """Press Tab until what is focused is called so, then Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent")
        if name in focused:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} is not reached by Tab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_and_can_be_read_by_everyone(page: Page, address: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        page.set_viewport_size({"width": 1280, "height": 900})
        open_whole(page, address + path)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_a_conflict_is_decided_by_keyboard_and_taken_back(
    page: Page, address: str, disputed: Project
) -> None:
    before, runs = untouched(disputed), sorted((disputed.folder / ".maulstick" / "runs").iterdir())
    open_whole(page, address)
    press_until(page, "saltmarsh-notebooks")
    expect(page.get_by_role("status")).to_contain_text("As it was at", timeout=LONG)
    press_until(page, "Take production: artworks low-water-at-the-sluice, status")
    decided = page.locator(".decided")
    expect(decided).to_contain_text("heard by this plan", timeout=LONG)
    assert 'take = "production"\nlocal = "available"\nproduction = "sold"\n' in (
        disputed.folder / FILE
    ).read_text(encoding="utf-8")
    take = "--take production:artworks.low-water-at-the-sluice.status"
    expect(page.locator("pre.typed", has_text=take)).to_have_count(1)
    press_until(page, "Take back: artworks low-water-at-the-sluice, status")
    expect(decided).to_have_count(0, timeout=LONG)
    assert not (disputed.folder / FILE).exists()
    assert untouched(disputed) == before
    assert sorted((disputed.folder / ".maulstick" / "runs").iterdir()) == runs
    assert not (disputed.sandbox / "releases" / "series" / "saltmarsh-notebooks").exists()


def test_pictures_of_both_sides_stand_side_by_side_and_hostile_text_is_text(page: Page, address: str) -> None:
    open_whole(page, address + MARSH)
    cover = page.get_by_role("article", name="series saltmarsh-notebooks, cover_image_url")
    shown = cover.get_by_role("img")
    expect(shown).to_have_count(2)
    for n in range(2):
        shown.nth(n).scroll_into_view_if_needed()
        expect(shown.nth(n)).to_have_js_property("complete", True, timeout=LONG)
    widths = shown.evaluate_all("all => all.map(one => one.naturalWidth)")
    assert min(widths) > 100, widths
    assert shown.first.get_attribute("src") != shown.nth(1).get_attribute("src")
    assert HOSTILE in page.locator("main").inner_text()


def answered(address: str, path: str = "", *, method: str = "GET", **headers: str) -> tuple[int, str, Any]:
    """Ask for an address with headers of one's own."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc)
    body = "page=history" if method == "POST" else None
    given = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    connection.request(method, parts.path + path, body, {k.replace("_", "-"): v for k, v in given.items()})
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8", "replace"), answer.headers


def test_only_its_own_pages_on_this_machine_get_an_answer(address: str, disputed: Project) -> None:
    parts = urlsplit(address)
    assert parts.hostname == "127.0.0.1"
    assert len(parts.path.strip("/")) >= 22  # 128 bits and more
    status, _, headers = answered(address)
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script" not in headers["Content-Security-Policy"]
    origin = f"{parts.scheme}://{parts.netloc}"
    wrong = f"{origin}/{'x' * 32}/"
    for path in ("", "desk.css", "history", "picture?side=local&path=uploads/x.jpg"):
        assert answered(wrong, path)[:2] == (404, answered(origin + "/")[1])
        assert answered(address, path, Host=f"evil.example:{parts.port}")[0] == 404
    for given in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert answered(address, "ask", method="POST", **given)[0] == 403
    own = {"Origin": origin, "Sec_Fetch_Site": "cross-site"}
    assert answered(address, "ask", method="POST", **own)[0] == 403
    assert answered(address, "ask", method="POST", Origin=origin)[0] == 303
    (disputed.folder / "secret.jpg").write_bytes(b"not for the desk")
    for path in ("../../../secret.jpg", "/etc/passwd", "uploads/../../x.jpg", "http://127.0.0.1:1/x.jpg"):
        assert answered(address, f"picture?side=local&path={path}")[0] == 404
    assert answered(address, "subject?kind=nothing&key=x")[0] == 404


def test_what_the_page_has_not_shown_is_not_decided(address: str, disputed: Project) -> None:
    parts = urlsplit(address)
    form = "kind=series&key=saltmarsh-notebooks&table=artworks&row=x&column=status&take=local&shown=0"
    connection = HTTPConnection(parts.netloc)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"{parts.scheme}://{parts.netloc}",
    }
    connection.request("POST", f"{parts.path}decide", form, headers)
    answer = connection.getresponse()
    assert (answer.status, b"is not what the page has shown" in answer.read()) == (409, True)
    assert not (disputed.folder / FILE).exists()


def test_a_port_that_is_taken_is_said(address: str, disputed: Project) -> None:
    ran = disputed.invoke("desk", "--port", str(urlsplit(address).port))
    assert (ran.code, "cannot be listened at" in ran.err, "hint: leave it out" in ran.err) == (2, True, True)
    assert disputed.invoke("desk", "--port", "70000").code == 2
