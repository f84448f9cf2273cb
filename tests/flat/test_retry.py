"""When something is asked again, and when no more."""

import itertools
import subprocess
import sys
import time

import pytest

from maulstick.retry import until


def test_a_good_answer_is_asked_for_once():
    asked = itertools.count(1)
    assert until(bool, lambda: next(asked), seconds=9, pause=9) == 1
    assert next(asked) == 2


def test_a_late_answer_is_waited_for_and_each_pause_said():
    answers, said = iter([0, 0, 7]), []
    began = time.monotonic()
    assert until(bool, lambda: next(answers), seconds=9, pause=0.02, again=said.append) == 7
    assert said == [0, 0]
    assert time.monotonic() - began >= 0.04


def test_the_last_answer_comes_back_when_the_time_is_over():
    asked, began = itertools.count(1), time.monotonic()
    assert until(lambda _: False, lambda: next(asked), seconds=0.2, pause=0.05) >= 3
    assert time.monotonic() - began > 0.1


def test_pauses_grow_up_to_the_longest():
    times = []
    until(
        lambda _: len(times) == 6, lambda: times.append(time.monotonic()), seconds=9, pause=0.02, longest=0.06
    )
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert all(pause >= least for pause, least in zip(pauses, [0.02, 0.04, 0.06, 0.06, 0.06], strict=True))


def test_no_pause_is_begun_that_would_not_end_in_time():
    asked = itertools.count(1)
    assert until(lambda _: False, lambda: next(asked), seconds=1800, pause=3600) == 1


def test_what_fails_is_not_asked_again():
    answers = iter([0, 0])
    with pytest.raises(StopIteration):
        until(bool, lambda: next(answers), seconds=9, pause=0.01)


def test_nothing_is_imported_while_nothing_is_late():
    program = "import sys; from maulstick.retry import until; until(bool, lambda: 1, seconds=1, pause=1)"
    asked = [sys.executable, "-c", f"{program}; print('tenacity' in sys.modules)"]
    assert subprocess.check_output(asked, text=True) == "False\n"
