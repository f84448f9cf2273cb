"""What a failure leaves to be done: tries, warnings, steps for always, and the first exit code."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.changes import Changes, Plan
from maulstick.project.declarations import Outcome
from maulstick.project.playbook import PlaybookStep
from maulstick.release.closing_lines import in_short
from maulstick.release.one_subject import release_one
from maulstick.release.progress import Progress, StepRecord
from maulstick.release.settings import ReleaseSettings
from maulstick.release.step_results import ApplyResult, PlanResult
from tests.release.steps_of import done, steps_of


class Failing:
    """A step that fails a number of times, and counts how often it was performed."""

    def __init__(self, failure: BaseException, times: int = 100) -> None:
        self.failure, self.left, self.calls = failure, times, 0

    def __call__(self, release: Any) -> Outcome:
        self.calls += 1
        self.left -= 1
        if self.left >= 0:
            raise self.failure
        return Outcome("done", "")


def released(progress: Progress) -> tuple[int, list[tuple[str, str]]]:
    """Return the exit code of a release and how each of its steps ended."""
    code = release_one(progress, progress.context.playbook, verb="release")
    return code, [(record.name, record.word) for record in progress.records]


def test_a_failure_that_may_pass_is_tried_again_and_each_try_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    act = Failing(Problem("act", "the lock is held", code=Exit.LOCKED), 2)
    progress = steps_of(tmp_path, PlaybookStep("act", {}, retries=3, delay=0), act=act)
    assert released(progress) == (0, [("act", "done")])
    said = capsys.readouterr().err
    assert "    act again in 0 s, try 2 of 4\n" in said
    assert "try 3 of 4" in said
    assert "try 4 of 4" not in said


@pytest.mark.parametrize(
    ("code", "calls"), [(Exit.FAILED, 3), (Exit.UNKNOWN, 3), (Exit.REFUSED, 1), (Exit.PLUGIN, 1)]
)
def test_only_a_failure_that_may_pass_is_tried_again(tmp_path: Path, code: Exit, calls: int) -> None:
    act = Failing(Problem("act", "fails", code=code))
    assert released(steps_of(tmp_path, PlaybookStep("act", {}, retries=2, delay=0), act=act))[0] == code
    assert act.calls == calls


@pytest.mark.parametrize(("known", "calls"), [({}, 3), ({"is_certain": False}, 1), ({"number": 7}, 1)])
def test_an_apply_is_tried_again_only_where_nothing_can_have_been_written(
    tmp_path: Path, known: dict[str, Any], calls: int
) -> None:
    performed = []

    def apply(release: Any) -> ApplyResult:
        performed.append(release)
        return ApplyResult(Outcome("failed", ""), failure=Problem("apply", "breaks off"), **known)

    released(steps_of(tmp_path, PlaybookStep("apply", {}, retries=2, delay=0), apply=apply))
    assert len(performed) == calls


def test_a_failure_that_is_ignored_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    act = Failing(Problem("act", "the chat is down", code=Exit.PLUGIN))
    steps = (PlaybookStep("act", {}, ignore_errors=True), PlaybookStep("after", {}))
    progress = steps_of(tmp_path, *steps, act=act, after=done)
    assert released(progress) == (0, [("act", "failed"), ("after", "done")])
    assert "    warning: act: the chat is down\n" in capsys.readouterr().err
    assert (progress.problem, progress.records[0].ignored) == ("", True)
    assert in_short(progress) == "performed act, after"


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Problem("act", "fails", code=Exit.WRONG), 5),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("a mistake"), 1),
    ],
)
def test_what_is_for_always_follows_a_failure_and_hides_nothing_of_it(
    tmp_path: Path, failure: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (
        PlaybookStep("mend", {}, on_failure=True),
        PlaybookStep("begin", {}, always=True),
        PlaybookStep("act", {}),
        PlaybookStep("never", {}),
        PlaybookStep("end", {}, always=True),
    )
    cleanup = Failing(Problem("mend", "fails too"))
    progress = steps_of(
        tmp_path, *steps, mend=cleanup, begin=done, act=Failing(failure), never=done, end=done
    )
    assert released(progress) == (
        code,
        [("begin", "done"), ("act", "failed"), ("mend", "failed"), ("end", "done")],
    )
    said = capsys.readouterr().err
    assert "mend: fails too" in said
    assert said.splitlines()[-1] == progress.state
    assert progress.state.endswith(
        "what act did may be there and what mend did may be there; its rows are unchanged"
    )
    assert "fails too" not in progress.problem
    assert in_short(progress).startswith("act ")


def planned(progress: Progress, inserts: int) -> Progress:
    """Say that a plan has found rows to insert."""
    changes = Changes([("books", "{}", "insert", None, None)] * inserts)
    plan = Plan("series a", "staging", "", changes, (), inserts)
    progress.keep("plan", PlanResult(Outcome("done", ""), plan))
    progress.record(StepRecord("plan", "done", "", 0.0))
    return progress


@pytest.mark.parametrize(
    ("inserts", "word", "says"), [(0, "skipped", "not when rows_changed"), (1, "done", "")]
)
def test_a_step_is_skipped_with_its_condition(tmp_path: Path, inserts: int, word: str, says: str) -> None:
    steps = (PlaybookStep("plan", {}), PlaybookStep("act", {}, when="rows_changed"))
    progress = planned(steps_of(tmp_path, *steps, act=done), inserts)
    assert release_one(progress, steps[1:], verb="release") == 0
    assert [(one.word, one.says) for one in progress.records[1:]] == [(word, says)]


def test_what_is_unknown_when_a_release_fails_early_has_not_changed(tmp_path: Path) -> None:
    steps = (
        PlaybookStep("plan", {}),
        PlaybookStep("mend", {}, when="rows_changed or code_changed", on_failure=True),
        PlaybookStep("tell", {}, when="not media_changed", on_failure=True),
    )
    plan = Failing(Problem("plan", "conflict", code=Exit.REFUSED))
    progress = steps_of(tmp_path, *steps, plan=plan, mend=done, tell=done)
    assert released(progress) == (3, [("plan", "failed"), ("mend", "skipped"), ("tell", "done")])


def test_each_step_that_may_change_something_is_asked_for_and_a_no_ends_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (
        PlaybookStep("plan", {}),
        PlaybookStep("first", {}),
        PlaybookStep("second", {}),
        PlaybookStep("third", {}),
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("y\nn\n"))
    progress = steps_of(
        tmp_path,
        *steps,
        settings=ReleaseSettings(confirm_each=True),
        **dict.fromkeys(("plan", "first", "second", "third"), done),
    )
    assert released(progress) == (130, [("plan", "done"), ("first", "done"), ("second", "failed")])
    said = capsys.readouterr().err
    assert said.count("[y/N]") == 2
    assert "    act\nsecond: series a to staging? [y/N]" in said
    assert "hint: --start-at second goes on from here" in said
    assert progress.state == "staging: what first did; its rows are unchanged"
