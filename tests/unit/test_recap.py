"""The last line says what was done, and no more."""

from types import SimpleNamespace

import pytest
from maulstick.release.result import Report, StepRecord
from maulstick.release.summary import result_lines, state_of


def run(*steps, number=None, **more):
    """Return a run of a target called staging, whose steps went as said."""
    records = [StepRecord(name, word, "", 0.0) for name, word in steps]
    report = Report("series a", "staging", "", number=number, steps=records, page="https://a.test")
    settings = SimpleNamespace(rehearse=False, overwrite=False)
    place = SimpleNamespace(target=SimpleNamespace(name="staging", host="sandbox"))
    names = tuple(name for name, _ in steps)
    plain = {"plan": None, "stands": {}, "doomed": (), "own": (), "half_done": "", "media": None}
    return SimpleNamespace(report=report, settings=settings, place=place, steps=names, **{**plain, **more})


def line(*steps, **more):
    [said] = result_lines([run(*steps, **more)], [0])
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
    stands = {"removed": 1, "gone": 2, "kept": 1, "unchanged": 5}
    said = line(("deploy", "unchanged"), ("apply", "done"), number=3, stands=stands)
    assert said.startswith(
        "release 3: staging is in step but for 1 row deleted there,"
        " 2 rows still there that the bundle does not hold, 1 edited there ("
    )


def test_an_open_end_is_never_called_unchanged():
    open_end = run(("upload", "done"), ("apply", "failed"))
    open_end.report.sure = False
    assert state_of(open_end) == (
        "staging: new pictures that no row names yet;"
        " nobody can tell yet whether the rows were written; invoke history tells once it answers"
    )
