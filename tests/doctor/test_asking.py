"""Questions in parallel: each as early as it can be, and none that needs what failed."""

from __future__ import annotations

import re
from threading import Barrier
from types import SimpleNamespace
from typing import cast

from maulstick.doctor.context import PATIENCE, PATIENCE_HERE, DoctorContext, patience_with
from maulstick.doctor.findings import WORDS, Finding, fail, ok, places, skipped, warn
from maulstick.doctor.questions import (
    AWAKE,
    BUCKET,
    BY_SSH,
    CODE,
    DATABASE,
    HERE,
    ON_FLY,
    READ,
    STAGING,
    VISIT,
    may_plan,
)
from maulstick.doctor.runner import Ask, Question, ask_all
from maulstick.doctor.subject import questions_of
from maulstick.errors import Problem
from maulstick.project.declarations import Subject
from tests.checkout import ROOT

ABOUT = questions_of(Subject("series", "embodiment"))
TABLES = (
    HERE,
    CODE,
    ON_FLY,
    VISIT,
    AWAKE,
    DATABASE,
    (may_plan("database"),),
    READ,
    BUCKET,
    STAGING,
    BY_SSH,
    ABOUT,
)
DOCS = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
CONTEXT = cast(DoctorContext, SimpleNamespace(hidden=lambda text: text.replace("s3cret", "[hidden]")))


def _says(answer: Finding) -> Ask:
    return lambda context: answer


def _asked(*questions: Question) -> dict[str, tuple[str, str]]:
    return {one.name: (one.word, one.says) for one in ask_all(questions, CONTEXT)}


def _refuse(context: DoctorContext) -> Finding:
    raise Problem("the bucket", "is s3cret\n    and closed", "open it")


def test_what_needs_a_failure_is_skipped_with_the_first_that_failed() -> None:
    told = _asked(
        Question("a", _says(fail("broken"))),
        Question("b", _says(ok("never asked")), needs=("a",)),
        Question("c", _says(ok("never asked")), needs=("b",)),
        Question("d", _says(ok("asked")), after=("a", "c")),
        Question("e", _says(ok("asked")), needs=("nobody", "d")),
    )
    assert told["b"] == told["c"] == ("skipped", "waits for: a")
    assert told["d"] == told["e"] == ("ok", "asked")


def test_a_warning_and_a_reason_of_its_own_go_on() -> None:
    told = _asked(
        Question("a", _says(warn("careful"))),
        Question("b", _says(skipped("no checkout")), needs=("a",)),
        Question("c", _says(ok("never asked")), needs=("b",)),
    )
    assert told["c"] == ("skipped", "no checkout")


def test_a_problem_and_an_unreadable_file_are_failures_without_secrets() -> None:
    def unreadable(context: DoctorContext) -> Finding:
        raise PermissionError(13, "Permission denied", "/somewhere")

    told = _asked(Question("a", _refuse), Question("b", unreadable))
    assert told["a"] == ("fail", "the bucket: is [hidden]\nand closed")
    assert told["b"] == ("fail", "/somewhere: permission denied")


def test_what_waits_for_nothing_is_asked_at_once() -> None:
    together = Barrier(3)

    def met(context: DoctorContext) -> Finding:
        together.wait(timeout=300)
        return ok("met")

    told = _asked(*(Question(name, met) for name in "abc"))
    assert set(told.values()) == {("ok", "met")}


def test_of_many_places_the_first_are_named_and_the_others_counted() -> None:
    assert places(map(str, range(7))) == "\n0\n1\n2\n3\n4\nand 2 more"


def test_every_question_has_its_line_in_the_docs() -> None:
    asked = [question.name for table in TABLES for question in table]
    assert re.findall(r"^\| `([a-z: ]+)` \| [a-z]", DOCS, re.MULTILINE) == [*WORDS, *asked]


def test_a_question_waits_only_for_earlier_ones() -> None:
    questions = [question for table in TABLES for question in table]
    for number, question in enumerate(questions):
        assert {*question.needs, *question.after} <= {one.name for one in questions[:number]}


def test_every_mistake_of_a_file_is_in_the_answer() -> None:
    def refuse(context: DoctorContext) -> Finding:
        problem = Problem("playbooks/a.toml/says", "is required", "say it")
        problem.also = (Problem("playbooks/a.toml/step", "is required", "write one"),)
        raise problem

    ((_, says),) = _asked(Question("playbooks", refuse)).values()
    assert says == "playbooks/a.toml/says: is required\nplaybooks/a.toml/step: is required"


def test_only_a_site_that_may_sleep_is_waited_for() -> None:
    assert patience_with("http://127.0.0.1:4000") == patience_with("http://localhost") == PATIENCE_HERE
    assert patience_with("https://gallery.fly.dev") == PATIENCE > PATIENCE_HERE
