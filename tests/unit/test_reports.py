"""Reports of a record: hostile content stays content, long ones are cut, old ones are forgotten."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from maulstick.errors import Problem
from maulstick.reports import store
from maulstick.reports.differences import words
from maulstick.reports.html import html
from maulstick.reports.junit import junit
from maulstick.reports.markdown import MOST, markdown
from maulstick.reports.record import Told
from maulstick.reports.text import text

HOSTILE = "</details>```\n<script>alert(1)</script> | `x` @everyone \x1b[31m \x00 é"
CHECK = {"name": f"text {HOSTILE}", "ok": False, "answer": HOSTILE, "hint": "look"}


def release(**more: Any) -> dict[str, Any]:
    """Return a release of a record that holds nothing but hostile texts."""
    step = {"name": "plan", "word": "done", "says": HOSTILE, "seconds": 0.1, "warnings": [HOSTILE]}
    change = {
        "table": "artworks",
        "key": {"slug": HOSTILE, "series": {"slug": None}},
        "action": "update",
        "columns": {
            "title": {"action": "update", "base": "a", "local": HOSTILE, "production": "a"},
            "status": {"action": "kept", "base": "a", "local": "a", "production": HOSTILE},
        },
    }
    return {
        "subject": f"series {HOSTILE}",
        "target": "production",
        "site": "https://site.example",
        "number": None,
        "page": "",
        "steps": [step],
        "checks": [CHECK],
        "seconds": 1.0,
        "problem": HOSTILE,
        "state": "production: unchanged",
        "exit": 5,
        "rehearsed": False,
        "undo": "",
        "digest": "",
        "changes": [change],
        "summary": {"update": 1, "upload_files": 0},
        "media": [{"key": HOSTILE, "bytes": 5, "type": "audio/wav", "action": "upload", "picture": None}],
        "screens": [],
        **more,
    }


def record(**more: Any) -> dict[str, Any]:
    started = "2026-11-22T10:00:00+00:00"
    return {
        "version": 1,
        "command": "release",
        "started": started,
        "seconds": 1.0,
        "exit": 5,
        "operator": "me",
        "releases": [release()],
        **more,
    }


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


def test_hostile_content_is_code_in_a_comment() -> None:
    shown = LexborHTMLParser(MarkdownIt("commonmark").enable("table").render(markdown(record())))
    assert shown.css("script") == []
    assert len(shown.css("details")) == 2
    for node in shown.css("code"):
        node.decompose()
    assert "everyone" not in shown.html


def test_a_comment_is_never_too_long_for_its_place() -> None:
    one = release()["changes"][0]
    many = release(changes=[{**one, "key": {"slug": "x" * 400 + str(n)}} for n in range(1000)])
    shown = markdown(record(releases=[many]))
    assert len(shown) <= MOST
    assert "The rest does not fit in a comment" in shown


def test_junit_counts_wrong_checks_and_is_xml() -> None:
    suite = ElementTree.fromstring(junit(record())).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")


def test_lines_say_what_was_wrong_and_in_which_state_production_is() -> None:
    shown = text(record())
    assert "    wrong: text" in shown
    assert "production: unchanged" in shown


def test_words_show_what_goes_out_and_what_comes_in() -> None:
    assert words("a long day", "a short day") == [
        ("same", "a "),
        ("out", "long"),
        ("in", "short"),
        ("same", " day"),
    ]


def test_records_are_listed_newest_first_and_the_oldest_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "KEPT", 3)
    for minute in range(5):
        store.keep(tmp_path, Told(record(started=f"2026-11-22T10:0{minute}:00+00:00", releases=[]), {}))
    assert store.ids(tmp_path) == [f"20261122T100{n}00Z-release" for n in (4, 3, 2)]
    assert (tmp_path / ".maulstick" / ".gitignore").read_text() == "*\n"


def test_two_records_of_one_second_are_both_kept(tmp_path: Path) -> None:
    names = [store.keep(tmp_path, Told(record(releases=[]), {}))["id"] for _ in range(2)]
    assert names == ["20261122T100000Z-release", "20261122T100000Z-release-2"]


def test_an_unknown_run_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no run has left a record yet"):
        store.load(tmp_path, None)
    name = store.keep(tmp_path, Told(record(releases=[]), {}))["id"]
    with pytest.raises(Problem, match=f'did you mean "{name}"'):
        store.load(tmp_path, name.replace("2026", "2027"))


def test_a_record_of_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"version": 9}))
    with pytest.raises(Problem, match="version: is 9; known here is 1"):
        store.read(file)
