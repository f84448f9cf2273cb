"""The last line says what was done, and no more; a recap counts it."""

from pathlib import Path

import pytest

from maulstick.console import Console
from maulstick.hosts.host import Place
from maulstick.project.declarations import Outcome, Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.project.targets import HostKind, LocalSource
from maulstick.redact import Secret
from maulstick.release.closing_lines import closing_lines, state_of
from maulstick.release.context import ReleaseContext
from maulstick.release.progress import Progress, StepRecord
from maulstick.release.settings import ReleaseSettings
from maulstick.release.step_results import ApplyResult
from maulstick.report.recap import recap_line, unreached
from tests.databases.places import NOBODY, a_target

NOWHERE = Path("nowhere")
STAGING = a_target("staging", kind=HostKind("sandbox", "a sandbox", open=NOBODY), site="https://a.test")
SOURCE = LocalSource("local", Secret(""), NOWHERE, None, None, NOWHERE)


def release(*steps, **applied):
    """Return a release to a target called staging, whose steps went as said."""
    playbook = tuple(PlaybookStep(name, {}) for name, _ in steps)
    place, settings, subject = Place(STAGING, SOURCE), ReleaseSettings(), Subject("series", "a")
    context = ReleaseContext(subject, place, NOBODY, NOBODY, Console(quiet=True), settings, playbook=playbook)
    progress = Progress(context, {})
    for name, word in steps:
        progress.record(StepRecord(name, word, "", 0.0))
    progress.keep("apply", ApplyResult(Outcome("done", ""), **applied))
    return progress


def line(*steps, **applied):
    [said] = closing_lines([release(*steps, **applied)], [0])
    return said


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([("deploy", "done"), ("apply", "unchanged")], "deploy done, no rows to release"),
        (
            [("deploy", "done"), ("announce", "done"), ("apply", "unchanged")],
            "deploy and announce done, no rows",
        ),
        (
            [("deploy", "unchanged"), ("apply", "unchanged")],
            "nothing to release: staging is in step with local",
        ),
    ],
)
def test_what_was_shipped_is_never_nothing(steps, says):
    assert line(*steps).startswith(says)


def test_each_difference_is_counted():
    counts = {"removed": 1, "gone": 2, "kept": 1, "unchanged": 5}
    said = line(("deploy", "unchanged"), ("apply", "done"), number=3, counts=counts)
    assert said.startswith(
        "release 3: staging is in step but for 1 row deleted there,"
        " 2 rows still there that the bundle does not hold, 1 edited there ("
    )


def test_an_open_end_is_never_called_unchanged():
    open_end = release(("upload", "done"), ("apply", "failed"), is_certain=False)
    assert state_of(open_end) == (
        "staging: new pictures that no row names yet;"
        " it is not known yet whether the rows were written; invoke history tells once it answers"
    )


def test_a_recap_counts_steps_as_ansible_does_and_rows():
    ended = release(
        *(("check", "done"), ("deploy", "unchanged"), ("verify", "done"), ("upload", "done")),
        *(("announce", "skipped"), ("apply", "done")),
        number=3,
        counts={"kept": 2, "update": 1},
    )
    assert str(recap_line(ended, 0)) == "ok=5 changed=2 kept=2 conflict=0 failed=0   release 3"
    assert recap_line(ended, 0).name == "staging series a"


def test_a_recap_of_what_failed_says_where_and_its_code():
    failed = release(("check", "done"), ("plan", "failed"), number=None)
    line = recap_line(failed, 3)
    assert (line.word, str(line)) == (
        "failed",
        "ok=1 changed=0 kept=0 conflict=0 failed=1   plan failed (exit 3)",
    )


def test_a_target_that_was_not_reached_has_failed_and_one_without_its_turn_was_skipped():
    assert str(unreached("live", 4, "fly: says no")).endswith("failed=1   fly: says no (exit 4)")
    assert (unreached("live", 0, "staging failed").word, str(unreached("live", 0, "x"))) == ("skipped", "x")
