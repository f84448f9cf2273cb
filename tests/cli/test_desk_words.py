"""What the desk shows, and what it keeps, name a row as plans and options do."""

import json
import sys

import pytest

from maulstick.cli.desk.children import Answer
from maulstick.cli.desk.dispute import Standing, commands, decide, key_text, print_of, standings
from maulstick.cli.desk.server import serve
from maulstick.cli.desk.subjects import cards
from maulstick.errors import Problem
from maulstick.plan.decisions import file
from maulstick.plan.decisions.decision import Decision, Seen
from maulstick.project.declarations import Subject

SUBJECT = Subject("series", "it's")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ({"slug": "door"}, "door"),
        ({"slug": "door", "at": None}, '["door",null]'),
        ({"media": {"url": "/a é.jpg"}, "iteration": "1"}, '["/a é.jpg","1"]'),
        ({"media": {"url": "/a.jpg"}}, '["/a.jpg"]'),
        ({"note": {"media": {"url": "/a"}, "n": "2"}, "at": "x"}, '[["/a","2"],"x"]'),
    ],
)
def test_a_key_is_written_as_a_plan_does(key, text):
    assert key_text(key) == text


def test_a_decision_is_heard_while_its_values_stand_and_only_for_its_target(tmp_path):
    place = ("artworks", "door", "title")
    cell = {"action": "conflict", "local": "a", "production": "b"}
    decide(tmp_path, SUBJECT, "live", place, cell, "local")
    decide(tmp_path, SUBJECT, "other", place, cell, "production")

    def words(now):
        change = {"table": "artworks", "key": {"slug": "door"}, "columns": {"title": now} if now else {}}
        return [one.word for one in standings(file.read(tmp_path, SUBJECT), {"changes": [change]}, "live")]

    assert words(cell) == ["holds"]
    assert words({**cell, "action": "update"}) == ["holds"]
    assert words({**cell, "local": "c"}) == ["moved"]
    assert words(None) == ["done"]
    decide(tmp_path, SUBJECT, "live", place, cell, "production")
    assert [one.take for one in file.read(tmp_path, SUBJECT)] == ["production", "production"]
    decide(tmp_path, SUBJECT, "live", place, cell, "")
    assert [one.target for one in file.read(tmp_path, SUBJECT)] == ["other"]


def test_a_click_is_about_both_values_and_not_about_the_one_before():
    cell = {"action": "conflict", "base": "x", "local": "a", "production": None}
    assert print_of(cell) == print_of({**cell, "base": "y"})
    gone = {"action": "conflict", "local": "a"}
    assert len({print_of(cell), print_of({**cell, "production": "None"}), print_of(gone)}) == 3


def test_what_is_to_be_typed_is_quoted():
    decision = Decision("live", "artworks", "a b", "title", "local", Seen("a"), Seen("b"))
    typed = commands(SUBJECT, "live", [Standing(decision, "holds")])
    start = "maulstick release --series 'it'\"'\"'s' --target live"
    assert typed["release"] == [start]
    assert typed["flags"] == [f"{start} --take 'local:artworks.a b.title'"]
    assert commands(SUBJECT, "live", [])["flags"] == []


def test_without_its_libraries_the_desk_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "waitress", None)
    with pytest.raises(Problem) as caught:
        serve(None, None, 0)
    assert (caught.value.code, caught.value.hint) == (2, "pip install 'maulstick[desk]'")


def test_subjects_that_need_somebody_come_first():
    words = ("in step", "edited in live", "new", "conflict")
    records = [{"target": "live", "subject": f"series {word}", "word": word, "says": ""} for word in words]
    answer = Answer("2026-12-01T00:00:00+00:00", 0, json.loads(json.dumps({"records": records})), "")
    assert [card.word for card in cards(answer, list)] == ["conflict", "edited in live", "new", "in step"]
