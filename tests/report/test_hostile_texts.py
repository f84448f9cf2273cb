"""Whatever a text says, in any place of a record, no form of it runs, links, mentions or leads a line."""

from __future__ import annotations

import xml.etree.ElementTree as Xml
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from maulstick.plan.changes import Change, Obstacle
from maulstick.plan.choices import RowName
from maulstick.plan.view import change_lines
from maulstick.report.html import html
from maulstick.report.junit import junit
from maulstick.report.markdown import markdown
from maulstick.report.terminal import text
from maulstick.text import printable
from tests.report.records import record, release

BAD = (
    '"><img src=x onerror=alert(1)><script>alert(1)</script><!-- -->',
    "</summary></details>\n\n<iframe src=//evil.example>\n\n# big @everyone [x](javascript:alert(1))",
    "``` ~~~ `a` \\| | b |\n|---|\n\\`@everyone\\` ![x](http://evil.example/x.png) http://evil.example",
    "\x1b]0;title\x07\x1b[2J\x9b2J\u202egnp.exe\u2066\x00\ud800",
    "]]>&lt;/x&gt;<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "{{ 7 * 7 }}{% raw %}{% include 'report.css' %}",
)
OURS = {"command", "started", "action", "name", "word", "ok", "exit", "picture", "target", "page"}
"""What a record takes from closed sets and from the inventory."""
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "article", "header", "p", "h1", "h2", "h3"),
    *("strong", "span", "section", "pre", "ul", "li", "small", "details", "summary", "dl", "dt", "dd", "del"),
    *(
        "ins",
        "b",
        "i",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ol",
        "nav",
        "footer",
        "code",
        "div",
        "br",
    ),
    *("caption", "a", "figure"),
}


def filled(value: Any, bad: str, key: str = "") -> Any:
    """Return a record with a bad text in the place of each text that comes from outside."""
    if isinstance(value, dict):
        return {name: filled(item, bad, name) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, bad, key) for item in value]
    is_outside = isinstance(value, str) and key not in OURS
    return bad if is_outside else value


@pytest.fixture(params=BAD)
def bad(request) -> dict[str, Any]:
    check = {"name": "text", "ok": False, "answer": "no", "hint": "look"}
    columns = {request.param: {"action": "update", "base": "a", "local": "b", "production": "c"}}
    change = release()["changes"][0] | {"title": "t", "columns": columns}
    whole = release(checks=[check], undo="undo", changes=[change], digest="d")
    return record(releases=[filled(whole, request.param)], operator=request.param)


def test_a_page_holds_them_as_text_alone(bad: dict[str, Any], tmp_path: Path) -> None:
    page = LexborHTMLParser(html(bad, tmp_path).encode(errors="replace").decode())
    assert {node.tag for node in page.css("*")} <= ALLOWED
    attributes = {(name, value or "") for node in page.css("*") for name, value in node.attributes.items()}
    assert not [name for name, _ in attributes if name.startswith("on")]
    assert {value for name, value in attributes if name in ("href", "src")} <= {""}
    policy = page.css_first("meta[http-equiv]").attributes["content"] or ""
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "script-src" not in policy


def test_a_comment_holds_them_as_code_alone(bad: dict[str, Any]) -> None:
    made = markdown(bad).encode(errors="replace").decode()
    page = LexborHTMLParser(MarkdownIt("gfm-like", {"linkify": False}).render(made))
    tags = {node.tag for node in page.css("body *")}
    assert not tags & {"img", "script", "iframe", "a", "h1"}
    for node in page.css("code, pre, summary"):
        node.decompose()
    left = page.body.text() if page.body else ""
    assert not any(word in left for word in ("@everyone", "evil.example", "alert", "gnp"))


def test_junit_holds_them_as_attributes_alone(bad: dict[str, Any]) -> None:
    tree = Xml.fromstring(junit(bad))
    assert {node.tag for node in tree.iter()} <= {"testsuites", "testsuite", "testcase", "failure", "error"}


def test_a_terminal_gets_no_control_character(bad: dict[str, Any]) -> None:
    shown = printable(text(bad))
    assert not [letter for letter in shown if letter != "\n" and (ord(letter) < 32 or letter in "\x9b\u202e")]


@pytest.mark.parametrize("key", ["a\n::error::forged", "a\u2028b", "a\r\nrelease 1: production is in step"])
def test_a_key_leads_no_line_of_its_own(key: str) -> None:
    cells = '{"title": {"action": "update", "base": "x", "local": "y\\n::error::no"}}'
    lines = [*change_lines(Change("art", key, "update", cells)), str(Obstacle("clash", "art", key, key))]
    lines.append(str(RowName("art", key)))
    assert not any(line.lstrip().startswith(("::", "release")) for one in lines for line in one.splitlines())
