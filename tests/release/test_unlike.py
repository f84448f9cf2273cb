"""What a person reads of files that visitors do not get as they were sent."""

from maulstick.errors import Exit
from maulstick.project.declarations import Check
from maulstick.release.steps.as_visitors_get import refusal_of


def checks(count, ok):
    return [Check(f"file {n}.jpg", ok, "answers 403", "look" if n == 0 else "") for n in range(count)]


def test_where_all_is_right_there_is_nothing_to_say():
    assert refusal_of(checks(3, True), 0) is None
    assert refusal_of([], 0) is None


def test_wrong_files_are_named_with_their_hints_and_the_rest_counted():
    problem = refusal_of([*checks(25, False), *checks(2, None)], 0)
    assert problem.code == Exit.WRONG
    said = problem.what.splitlines()
    assert said[:2] == ["visitors do not get 25 files as sent", "    file 0.jpg: answers 403 (look)"]
    assert (len(said), said[-1]) == (22, "    and 5 more")


def test_what_was_not_asked_for_any_more_is_counted():
    problem = refusal_of(checks(1, None), 184)
    assert problem.code == Exit.UNKNOWN
    assert problem.what.splitlines()[-1] == "    184 files not asked for any more"
