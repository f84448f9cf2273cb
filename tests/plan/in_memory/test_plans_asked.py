"""How a plan is asked for: in one message, in another where a value does not fit, or not at all."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan import planner
from maulstick.plan.planner import Unfit, about_row, as_released, askable, decides_nothing, play
from maulstick.plan.schema_fit import Fit
from maulstick.postgres.connection import SqlProblem
from maulstick.project.declarations import Query
from tests.plan.in_memory.plans import result, spec


def problem(state, row=None):
    return SqlProblem("database", "no", "", state=state, detail="", row=row)


class Answering:
    """A database that answers, or fails in this way, and what was asked of it."""

    def __init__(self, *answers, broken=False, known=None):
        self.answers, self.broken, self.known = [*answers], broken, known
        self.asked = []

    def answer(self, asked):
        self.asked.append(asked)
        answer = self.answers.pop(0)
        if isinstance(answer, SqlProblem):
            raise answer
        return answer

    def play(self, sections, *, before):
        return self.answer((sections, before))

    def send(self, text):
        return self.answer(text)

    def foretold(self, text):
        return self.known

    def rollback(self):
        self.asked.append("rollback")


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(planner, "inlined", lambda bundle, sections: ["short"])


def test_many_rows_are_sent_as_they_are(monkeypatch):
    monkeypatch.setattr(planner, "inlined", lambda bundle, sections: None)
    database = Answering("whole")
    assert play(None, database, iter(["a", "b"]), "before") == "whole"
    assert database.asked == [(["a", "b"], "before")]


def test_few_rows_go_inside_the_message(short):
    database = Answering("answer")
    assert play(None, database, ["a"], "before") == "answer"
    assert database.asked == [(["short"], "before")]


@pytest.mark.parametrize("state", ["22P02", "23514"])
def test_a_value_that_does_not_fit_is_sent_again_by_itself(short, state):
    database = Answering(problem(state), "named")
    assert play(None, database, ["a"], "before") == "named"
    assert database.asked == [(["short"], "before"), "rollback", (["a"], "before")]


@pytest.mark.parametrize(
    ("state", "broken"), [("22P02", True), ("23503", False), ("23505", False), ("40001", False)]
)
def test_what_names_its_row_or_would_fail_again_is_not_sent_again(short, state, broken):
    database = Answering(problem(state), "never", broken=broken)
    with pytest.raises(SqlProblem):
        play(None, database, ["a"], "before")
    assert len(database.asked) == 1


@pytest.fixture
def question(monkeypatch):
    """What only staging can tell, and what one query can."""
    monkeypatch.setattr(planner, "same", lambda manifest, target, queries: f"same {target} {queries}")
    monkeypatch.setattr(planner, "may_ask", lambda manifest: manifest == "may")
    return SimpleNamespace(manifest="may"), SimpleNamespace(manifest="may not")


def test_whether_all_is_as_released_is_asked_once(question):
    bundle, other = question
    database = Answering([result(("f", "t")), result(("t", "f"))])
    assert as_released(bundle, database, "live", queries=["q"]) is True
    assert database.asked == ["same live ['q']"]
    assert as_released(bundle, Answering([result(("t", "t")), result(("f", "t"))]), "live") is False
    assert as_released(bundle, Answering(known=[(True, False), (False,)]), "live") is True
    assert as_released(bundle, Answering(known=[(False, True), (True,)]), "live") is False
    assert as_released(other, Answering(known=[(True,)]), "live") is False


def test_where_it_cannot_be_asked_staging_tells(question):
    bundle, _ = question
    database = Answering(problem("42P01"))
    assert as_released(bundle, database, "live") is False
    assert database.asked[-1] == "rollback"
    with pytest.raises(SqlProblem):
        as_released(bundle, Answering(problem("08006"), broken=True), "live")


def test_choices_that_matter_only_where_something_differs_decide_nothing():
    assert decides_nothing({})
    assert decides_nothing({"older": "yes", "take": ""})
    assert not decides_nothing({"older": "", "take": "[]"})


def test_a_plan_is_staged_where_something_is_decided_or_differs(monkeypatch):
    manifest = SimpleNamespace(subject="shelf poetry", digest="d", counts=lambda: {"book": 2, "shelf": 1})
    bundle = SimpleNamespace(manifest=manifest)
    monkeypatch.setattr(planner, "staged_plan", lambda bundle, database, target, decided: "staged")
    for is_same, decided, is_staged in ((True, {}, False), (False, {}, True), (True, {"take": "x"}, True)):
        monkeypatch.setattr(planner, "as_released", lambda *asked, is_same=is_same: is_same)
        plan = planner.make_plan(bundle, None, "live", decided)
        assert (plan == "staged") is is_staged
        if plan != "staged":
            assert (plan.rows, plan.counts()["unchanged"], len(plan.changes)) == (3, 3, 0)


def staging(*answers):
    sections = {name: name for name in ("settings", "stage", "lock", "diff", "write")}
    manifest = SimpleNamespace(
        subject="shelf poetry", digest="d", counts=dict, bases=SimpleNamespace(pulled_from=""), specs={}
    )
    script = SimpleNamespace(sections=sections)
    return SimpleNamespace(manifest=manifest, script=script, left_out=[("book", "2")]), Answering(*answers)


def test_a_plan_is_staged_and_compared_and_nothing_is_written(monkeypatch):
    monkeypatch.setattr(planner, "inlined", lambda bundle, sections: None)
    changes = result(("book", "1", "insert", None, "{}"), ("book", "2", "gone", None, None))
    bundle, database = staging([changes, result(("clash", "book", "1", "no")), result(("f", "g"))])
    plan = planner.staged_plan(bundle, database, "live", {"take": "x"})
    [(played, before)] = database.asked
    assert [getattr(one, "name", one) for one in played] == [
        "settings",
        "stage",
        "read only",
        "diff",
        "answers",
    ]
    assert "maulstick.take" in before
    assert [(change.key, change.action) for change in plan.changes] == [("1", "insert")]
    assert (plan.fingerprint, [str(one) for one in plan.obstacles]) == ("f", ["book 1: no"])


def test_a_value_that_does_not_fit_is_a_schema_that_does_not(monkeypatch):
    monkeypatch.setattr(planner, "inlined", lambda bundle, sections: None)
    bundle, database = staging(problem("22001"))
    with pytest.raises(Unfit) as caught:
        planner.staged_plan(bundle, database, "live")
    assert (caught.value.code, caught.value.reasons) == (Exit.REFUSED, ("no",))
    bundle, database = staging(problem("42P01"))
    with pytest.raises(SqlProblem):
        planner.staged_plan(bundle, database, "live")


@pytest.mark.parametrize(("matched", "column"), [(False, "title"), (False, ""), (True, "")])
def test_a_value_that_does_not_fit_is_named_by_its_row(matched, column):
    blocks = [b"a\nb\nc\n"] if matched else [b"a\t1\nb\t2\nc\t3\n"]
    part = SimpleNamespace(rows=SimpleNamespace(table="book", matched=matched), blocks=lambda: iter(blocks))
    bundle = SimpleNamespace(manifest=SimpleNamespace(specs={"book": spec("book", "isbn", "title")}))
    told = about_row(problem("22001", (part, 2, column)), bundle)
    assert told == ("book b: title: no" if column else "book b: no")
    assert about_row(problem("22001"), bundle) == "no"


def test_each_query_of_a_plugin_is_planned():
    text = askable([Query("a", "select 'x'", "1"), Query("b", "select 2", "1")], {})
    assert "execute 'explain select ''x''';\n  execute 'explain select 2';" in text
    assert text.endswith("select true;\nrollback;")


def test_a_schema_that_does_not_fit_is_refused_with_all_that_is_known(monkeypatch):
    planner.require_fit(Fit([], ["b"], [], "live"))
    with pytest.raises(Problem) as caught:
        planner.require_fit(Fit(["a"], ["b"], [], "live"))
    assert caught.value.what == "live cannot take this bundle\n    a\n    b"
    monkeypatch.setattr(planner.schema_fit, "errors", lambda *asked: ["c"])
    monkeypatch.setattr(planner.schema_fit, "warnings", lambda *asked: ["d"])
    with pytest.raises(Problem) as caught:
        planner.require_fitting(None, None, "live")
    assert (caught.value.code, caught.value.reasons) == (Exit.REFUSED, ("c", "d"))
    monkeypatch.setattr(planner.schema_fit, "errors", lambda *asked: [])
    planner.require_fitting(None, None, "live")
