"""What the subjects of a command share: what was read once, and for how long an answer holds."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from maulstick.errors import Problem
from maulstick.plan import many_unchanged, shared_reads
from maulstick.plan.many_unchanged import all_as_released
from maulstick.plan.shared_reads import SharedReads, TableNotes
from maulstick.postgres.connection import SqlProblem
from maulstick.project.declarations import Subject
from tests.plan.in_memory.plans import result

SHELVES = [Subject("shelf", name) for name in ("a", "b", "c")]
AUTHOR = Subject("author", "d")
FIRST, SECOND = ("plan", 0), ("plan", 1)


def manifest(subject, rows="rows"):
    return SimpleNamespace(subject=subject, rows_digest=rows, queries=(f"query of {subject.key}",))


class Shared:
    """The subjects of a command, what was asked for them, and what is answered."""

    def __init__(self, monkeypatch):
        self.read = 0
        self.asked, self.agreed, self.fails = [], {0, 1, 2, 3}, set()
        subjects = [*SHELVES, AUTHOR]
        self.missing = {"c"}
        place = SimpleNamespace(source=None, target=SimpleNamespace(name="production"))
        self.reads = SharedReads(subjects, place, None, None)
        monkeypatch.setattr(shared_reads, "read_all", self.read_all)
        monkeypatch.setattr(shared_reads, "queries_of", self.queries_of)
        monkeypatch.setattr(shared_reads, "all_as_released", self.all_as_released)

    def read_all(self, subjects, *others):
        self.read += 1
        return {
            one: SimpleNamespace(manifest=manifest(one)) for one in subjects if one.key not in self.missing
        }

    def queries_of(self, plugins, subject):
        if subject.key in self.fails:
            raise Problem("plugin", "fails")
        return (f"query of {subject.key}",)

    def all_as_released(self, asked, database, target):
        self.asked.append(([one.manifest.subject.key for one in asked], [one.queries for one in asked]))
        return self.agreed

    @contextmanager
    def opened(self):
        yield None

    def agrees(self, subject, moment=FIRST, *, queries=False, **more):
        return self.reads.agrees(manifest(subject, **more), moment, self.opened, queries=queries)


@pytest.fixture
def shared(monkeypatch):
    return Shared(monkeypatch)


def test_all_subjects_are_asked_about_with_the_first(shared):
    shared.agreed = {0, 2}
    agreed = [shared.agrees(one) for one in (*SHELVES, AUTHOR)]
    assert agreed == [True, False, False, True]
    assert shared.asked == [(["a", "b", "d"], [(), (), ()])]
    assert shared.read == 1
    assert shared.agrees(SHELVES[0], rows="others") is False


def test_a_subject_is_asked_about_with_those_behind_it_and_again_at_another_moment(shared):
    assert shared.agrees(SHELVES[1])
    assert shared.agrees(SHELVES[0])
    assert [keys for keys, _ in shared.asked] == [["b", "d"], ["a", "b", "d"]]
    shared.agreed = {0}
    assert shared.agrees(SHELVES[1], SECOND)
    assert not shared.agrees(AUTHOR, SECOND)
    assert [keys for keys, _ in shared.asked][2:] == [["b", "d"]]
    shared.reads.forget()
    assert shared.agrees(AUTHOR, SECOND)
    assert shared.asked[-1][0] == ["d"]


def test_questions_of_plugins_must_hold_too(shared):
    shared.fails = {"b"}
    assert shared.agrees(SHELVES[0], queries=True)
    assert shared.asked == [(["a", "d"], [("query of a",), ("query of d",)])]
    assert not shared.agrees(SHELVES[1], queries=True)
    assert not shared.agrees(SHELVES[0])


def test_what_agreed_at_an_earlier_moment_is_forgotten_when_it_is_asked_anew(shared):
    assert shared.agrees(AUTHOR)
    shared.agreed = set()
    assert not shared.agrees(SHELVES[0], SECOND)
    assert not shared.agrees(AUTHOR, SECOND)
    assert not shared.agrees(AUTHOR)


def test_slices_that_cannot_be_read_together_are_read_alone(shared, monkeypatch):
    def fails(*others):
        shared.read += 1
        raise Problem("source", "no")

    monkeypatch.setattr(shared_reads, "read_all", fails)
    assert [shared.reads.read(one) for one in SHELVES] == [None] * 3
    assert (shared.read, shared.agrees(SHELVES[0]), shared.asked) == (1, False, [])


def plans(shared, asked):
    def planned(slices):
        keys = [one.manifest.subject.key for one in slices]
        asked.append(keys)
        return {f"shelf {key}": f"plan of {key}" for key in keys if key != "e"}

    return planned


def test_subjects_that_differ_are_planned_together(shared):
    shared.missing = set()
    shared.agreed, asked = {1}, list[list[str]]()
    planned = plans(shared, asked)
    assert not shared.agrees(SHELVES[0])
    assert shared.reads.plan_of(SHELVES[0], FIRST, planned) == "plan of a"
    assert shared.reads.plan_of(SHELVES[2], FIRST, planned) == "plan of c"
    assert asked == [["a", "c"]]
    assert shared.reads.plan_of(SHELVES[0], FIRST, planned) == "plan of a"
    assert asked[1:] == [["a", "c"]]
    assert shared.reads.plan_of(SHELVES[1], SECOND, planned) == "plan of b"
    assert asked[2:] == [["b", "c"]]
    shared.reads.forget()
    assert shared.reads.plan_of(SHELVES[2], SECOND, planned) == "plan of c"
    assert asked[3:] == [["c"]]


def test_a_subject_that_was_not_read_has_no_plan_of_several(shared):
    asked = list[list[str]]()
    assert shared.reads.plan_of(SHELVES[2], FIRST, plans(shared, asked)) is None
    assert shared.reads.plan_of(AUTHOR, FIRST, lambda slices: {}) is None


def test_what_was_said_of_tables_is_kept_for_the_same_tables(shared):
    notes = [TableNotes(specs, None, [], []) for specs in ({"a": 1}, {"a": 1}, {"b": 2})]
    for note in notes:
        shared.reads.note(note)
    assert shared.reads.notes == [notes[0], notes[2]]
    assert shared.reads.note_of({"b": 2}) is notes[2]
    assert shared.reads.note_of({"c": 2}) is None
    shared.reads.forget()
    assert shared.reads.note_of({"b": 2}) is None


class Answering:
    """A database that says which of the bundles are as released, or fails for some."""

    broken = False

    def __init__(self, agreed, failing=()):
        self.agreed, self.failing, self.asked, self.rolled_back = agreed, {*failing}, [], 0

    def send(self, places):
        self.asked.append(places)
        if self.failing & {*places}:
            raise SqlProblem("database", "no", "", state="42", detail="")
        held = " ".join(str(place) for place in places if place in self.agreed)
        return [result(("x", "y")), result((held or None, "9"))]

    def rollback(self):
        self.rolled_back += 1


@pytest.fixture
def bundles(monkeypatch):
    """Bundles with equal and other tables, some of which may not be asked about."""
    monkeypatch.setattr(many_unchanged, "may_ask", lambda manifest: manifest.may)
    monkeypatch.setattr(many_unchanged, "alike", lambda asked, target: [*asked])

    def made(*specs):
        return [SimpleNamespace(manifest=SimpleNamespace(specs=name, may=name != "no")) for name in specs]

    return made


def test_bundles_with_equal_tables_are_one_question(bundles):
    database = Answering({0, 3, 4})
    assert all_as_released(bundles("x", "y", "no", "x", "y"), database, "production") == {0, 3, 4}
    assert database.asked == [[0, 3], [1, 4]]
    assert all_as_released(bundles("x"), Answering(set()), "production") == set()


def test_a_question_is_about_a_hundred_bundles(bundles):
    database = Answering({*range(101)})
    assert all_as_released(bundles(*["x"] * 101), database, "production") == {*range(101)}
    assert [len(places) for places in database.asked] == [100, 1]


def test_bundles_are_asked_about_alone_where_one_of_them_fails(bundles):
    database = Answering({0, 1}, failing={1})
    assert all_as_released(bundles("x", "x"), database, "production") == {0}
    assert (database.asked, database.rolled_back) == ([[0, 1], [0], [1]], 2)
    database.broken = True
    with pytest.raises(SqlProblem):
        all_as_released(bundles("x", "x"), database, "production")
