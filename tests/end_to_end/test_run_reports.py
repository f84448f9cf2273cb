"""What a run leaves behind: its record, and the page, the comment and the XML made from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from maulstick.errors import Problem
from maulstick.verify.browser import browser, require_browser
from tests.checkout import ROOT
from tests.end_to_end.projects import Project
from tests.end_to_end.saved_days import Day, bring_back

WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def reported(project: Project, days: dict[str, Day]) -> Project:
    """A project whose last run released an edited text beside an admin's edit, seen in a browser."""
    try:
        require_browser()
    except Problem as problem:
        pytest.skip(str(problem))
    assert bring_back(project, days["first"])
    assert project.release().code == 0
    project.local("update series set summary = summary || ' Shown for the first time.', updated_at = now()")
    project.rows("update artworks set status = 'sold' where slug = 'in-motion-iii'")
    ran = project.release("--browser")
    assert ran.code == 0, ran.err
    return project


@pytest.fixture(scope="module")
def page(reported: Project) -> Iterator[Page]:
    """The report's page, opened in Chromium."""
    with _opened(reported) as page:
        yield page


@pytest.fixture
def first_page(reported: Project) -> Iterator[Page]:
    """The page of the first release, which sent the pictures."""
    with _opened(reported, "--run", _first(reported)) as page:
        yield page


@contextmanager
def _opened(project: Project, *words: str) -> Iterator[Page]:
    file = Path(project.invoke("report", "--format", "html", *words).out.strip())
    with browser(file.parent.as_uri()) as opened, opened.open(file.name) as tab:
        assert tab.faults == []
        yield tab.page


def _first(project: Project) -> str:
    return project.invoke("report", "--list").out.splitlines()[1].split()[0]


def _record(project: Project, *words: str) -> Any:
    return json.loads(project.invoke("report", "--format", "json", *words).out)


def test_the_record_is_of_its_schema(reported: Project) -> None:
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text())
    jsonschema.validate(_record(reported), schema)


def test_the_record_holds_what_happened(reported: Project) -> None:
    (release,) = _record(reported)["releases"]
    actions = [(change["table"], change["action"]) for change in release["changes"]]
    assert actions == [("artworks", "kept"), ("series", "update")]
    assert release["undo"] == f"invoke rollback --release {release['number']} --target sandbox"
    assert all(check["ok"] for check in release["checks"])
    assert {screen["width"] for screen in release["screens"]} == set(WIDTHS)


def test_what_a_visitor_clicks_on_was_clicked(reported: Project) -> None:
    names = {check["name"] for check in _record(reported)["releases"][0]["checks"]}
    for width in WIDTHS:
        note = f"note on artwork:in-motion-iii in reviewer at {width} px"
        assert {f"lightbox of she-lays-down at {width} px", note} <= names
        assert f"images painted on /series/embodiment at {width} px" in names
        assert f"no error on /series/embodiment?theme=reviewer at {width} px" in names


def test_runs_are_listed_with_how_they_ended(reported: Project) -> None:
    newest, first = reported.invoke("report", "--list").out.splitlines()[:2]
    assert newest.endswith("series embodiment to sandbox: released as release 2")
    assert first.endswith("series embodiment to sandbox: released as release 1")


def test_the_comment_shows_the_difference(reported: Project) -> None:
    shown = reported.invoke("report", "--format", "md").out
    assert "1 changed, 1 kept as edited in sandbox" in shown
    assert "Shown for the first time." in shown
    assert "production: `sold`" in shown


def test_the_xml_has_a_case_for_each_step_and_check(reported: Project) -> None:
    suite = ElementTree.fromstring(reported.invoke("report", "--format", "junit").out).find("testsuite")
    assert suite is not None
    names = [case.get("name") for case in suite]
    assert names[:3] == ["check", "export", "plan"]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


def test_pictures_are_called_by_their_artworks_and_described(reported: Project, first_page: Page) -> None:
    files = _record(reported, "--run", _first(reported))["releases"][0]["media"]
    titles = {file["title"] for file in files if file["picture"]}
    assert titles == {"IN MOTION III", "IN MOTION IV", "IN MOTION V", "She Lays Down"}
    called = first_page.locator(".wall .called").all_inner_texts()
    assert called == [one["title"] for one in files if one["picture"]]
    shown = first_page.eval_on_selector_all(".wall img", "images => images.map(image => image.alt)")
    assert shown == [one["alt"] for one in files if one["picture"]]
    assert all(len(text) > 20 for text in shown)


def test_pictures_that_were_there_are_named_and_not_shown_again(reported: Project) -> None:
    files = _record(reported)["releases"][0]["media"]
    assert {(file["action"], file["picture"]) for file in files} == {("there", None)}
    assert {"IN MOTION III", "She Lays Down"} < {file["title"] for file in files}


def test_every_picture_of_the_page_is_painted(page: Page) -> None:
    wide = page.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert len(wide) >= 10
    assert min(wide) > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_everyone_can_read_the_page(page: Page, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_is_used_by_keyboard_alone(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false })")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1


def test_without_a_chromium_nothing_is_released(reported: Project) -> None:
    poor = Project(reported.folder, {"MAULSTICK_CHROMIUM": "/nowhere/chromium"})
    before = reported.rows("select count(*) from maulstick.release")
    ran = poor.release("--browser")
    assert ran.code == 2
    assert "--browser: no Chromium" in ran.err
    assert reported.rows("select count(*) from maulstick.release") == before
