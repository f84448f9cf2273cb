"""Reports of a record: hostile content stays content, long ones are cut, old ones are forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from maulstick.diffs import word_parts
from maulstick.errors import Problem
from maulstick.report import store
from maulstick.report.html import html
from maulstick.report.junit import junit
from maulstick.report.markdown import MOST, markdown
from maulstick.report.record import RecordDraft
from maulstick.report.terminal import text
from tests.report.records import CHECK, record, release


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


def test_a_comment_keeps_its_title_however_long_the_problem(tmp_path: Path) -> None:
    long = release(problem="\n".join("x" * 120 for _ in range(900)), state="production: unchanged")
    shown = markdown(record(releases=[long]))
    assert len(shown) <= MOST
    assert shown.startswith("### ")
    assert "characters more" in shown
    assert "production: unchanged" in shown


def test_a_comment_that_is_cut_closes_what_it_opened() -> None:
    one = release()["changes"][0]
    cell = {"action": "update", "local": "a\n" * 900, "production": "b\n" * 900}
    many = [{**one, "key": {"slug": str(n)}, "columns": {"body": cell}} for n in range(40)]
    pair = [release(changes=many, problem=""), release(subject="the second", problem="")]
    shown = markdown(record(releases=pair))
    assert len(shown) <= MOST
    starts = [line[:9] for line in shown.splitlines()]
    assert starts.count("<details>") == starts.count("</details") == 3
    page = LexborHTMLParser(MarkdownIt("commonmark").enable("table").render(shown))
    assert [node.text() for node in page.css("p > em")] == [
        "The rest does not fit in a comment: invoke report shows all of it."
    ]
    assert "the second" in [node.text() for node in page.css("h3 code")]


def test_a_comment_names_rows_that_are_gone_removed_or_left() -> None:
    changes = [
        {"table": "artworks", "key": {"slug": action}, "title": "", "action": action, "columns": {}}
        for action in ("gone", "removed", "left")
    ]
    shown = markdown(record(releases=[release(changes=changes)]))
    assert [f"- `artworks` `{action}`" in shown for action in ("gone", "removed", "left")] == [True] * 3


def test_null_and_empty_are_words(tmp_path: Path) -> None:
    cells = {
        "medium": {"action": "update", "local": None, "production": "null"},
        "status": {"action": "update", "local": "", "production": None},
    }
    change = {**release()["changes"][0], "columns": cells}
    new = {**change, "action": "insert", "columns": {"price": {"action": "insert", "local": None}}}
    releases = [release(changes=[change, new])]
    assert "- `null` → *null*" in markdown(record(releases=releases))
    assert "- *null* → *empty*" in markdown(record(releases=releases))
    page = LexborHTMLParser(html(record(releases=releases), tmp_path))
    found = {
        term.text(): term.next.next.text().strip() for term in page.css("dt") if term.next and term.next.next
    }
    assert found == {"medium": "null → null", "status": "null → empty", "price": "null"}
    assert [node.text() for node in page.css(".none")] == ["null", "null", "empty", "null"]


@pytest.mark.parametrize("shown", [text, markdown, lambda record: html(record, Path())])
def test_an_interruption_says_the_state_and_how_to_go_on(shown: Callable[[Any], str]) -> None:
    state = "production: pictures that no row names may be there; its rows are unchanged"
    stopped = release(exit=130, problem="interrupted: the same command again", state=state)
    said = shown(record(releases=[stopped]))
    assert state in said
    assert "the same command again" in said


@pytest.mark.parametrize("shown", [text, markdown, lambda record: html(record, Path())])
def test_a_release_that_was_undone_says_so_and_offers_no_undo(shown: Callable[[Any], str]) -> None:
    said = shown(record(releases=[release(number=12, undone_by=13)]))
    assert "undone by release 13" in said
    assert "rollback" not in said


def test_junit_counts_wrong_checks_and_is_xml() -> None:
    suite = ElementTree.fromstring(junit(record())).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")


def test_junit_is_xml_whatever_a_text_holds() -> None:
    check = {**CHECK, "name": "text \uffff", "answer": "\ufffe \ud800 \x0b"}
    suite = ElementTree.fromstring(junit(record(releases=[release(checks=[check])]))).find("testsuite")
    assert suite is not None
    assert [case.get("name") for case in suite] == ["plan", "text \ufffd"]


def test_junit_is_not_green_where_no_step_failed() -> None:
    stopped = release(steps=[], checks=[], exit=130, problem="interrupted: go on")
    suite = ElementTree.fromstring(junit(record(releases=[stopped]))).find("testsuite")
    assert suite is not None
    assert suite.get("errors") == "1"
    assert suite[0][0].get("message") == "interrupted: go on"


def test_lines_say_what_was_wrong_and_in_which_state_production_is() -> None:
    shown = text(record())
    assert "    wrong: text" in shown
    assert "production: unchanged" in shown


def test_words_show_what_goes_out_and_what_comes_in() -> None:
    assert word_parts("a long day", "a short day") == [
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
        store.keep(
            tmp_path, RecordDraft(record(started=f"2026-11-22T10:0{minute}:00+00:00", releases=[]), {})
        )
    assert store.ids(tmp_path) == [f"20261122T100{n}00Z-release" for n in (4, 3, 2)]
    assert (tmp_path / ".maulstick" / ".gitignore").read_text() == "*\n"


def test_records_of_one_second_are_all_kept_in_their_order(tmp_path: Path) -> None:
    steps = ["plan", "release", *["apply"] * 10]
    names = [store.keep(tmp_path, RecordDraft(record(releases=[], command=step), {}))["id"] for step in steps]
    assert names[:3] == ["20261122T100000Z-plan", "20261122T100000Z-2-release", "20261122T100000Z-3-apply"]
    assert store.ids(tmp_path) == names[::-1]


@pytest.mark.parametrize("step", ["warm-up", "warm_up", "warm2", "warm/up", "Größe", "2"])
def test_the_record_of_a_step_of_any_name_is_found(tmp_path: Path, step: str) -> None:
    kept = store.keep(tmp_path, RecordDraft(record(releases=[], command=step), {}))
    assert store.ids(tmp_path) == [kept["id"]]
    assert store.load(tmp_path, None)[0]["command"] == step


def test_an_unknown_run_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no run has left a record yet"):
        store.load(tmp_path, None)
    name = store.keep(tmp_path, RecordDraft(record(releases=[]), {}))["id"]
    with pytest.raises(Problem, match=f'did you mean "{name}"'):
        store.load(tmp_path, name.replace("2026", "2027"))


def test_a_damaged_record_is_refused_with_each_place(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    broken = release(steps=[{"name": "plan", "word": "dnoe"}], number="12")
    file.write_text(json.dumps(record(releases=[broken], exit=None)))
    with pytest.raises(Problem) as caught:
        store.read(file)
    assert str(caught.value).replace(str(tmp_path), "") == "\n".join(
        f"/report.json/{line}\n  hint: delete its folder; what was released stays as it is"
        for line in (
            "exit: should be a whole number, not null",
            'releases/1/number: should be a whole number, not "12"',
            'releases/1/steps/1/word: should be "done", "unchanged", "skipped" or "failed", not "dnoe"',
            "releases/1/steps/1/says: is required",
            "releases/1/steps/1/seconds: is required",
            "releases/1/steps/1/warnings: is required",
        )
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "5", "[" * 100_000, b"\xff\xfe\x00"], ids=lambda text: repr(text[:5])
)
def test_what_is_no_record_is_refused_by_name(tmp_path: Path, text: str | bytes) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Problem, match=r"report\.json: is not a record of a run"):
        store.read(file)


def test_a_record_from_before_titles_and_undoing_were_told_is_read(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    old = release()
    assert "undone_by" not in old
    assert "title" not in {*old["changes"][0], *old["media"][0]}
    file.write_text(json.dumps(record(releases=[{**old, "of_a_newer_one": 1}])))
    assert store.read(file)["releases"][0]["of_a_newer_one"] == 1


def test_a_record_of_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"version": 9}))
    with pytest.raises(Problem, match="version: is 9; known here is 1"):
        store.read(file)
