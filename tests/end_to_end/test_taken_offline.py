"""What must not be seen: a series taken offline, an artwork left out, a series renamed in production."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from maulstick.sandbox import launch
from maulstick.sandbox.site.lies import tell
from tests.end_to_end.projects import SERIES, Project

PAGE = "/series/embodiment"


@pytest.fixture(autouse=True)
def honest_again(project: Project) -> Iterator[None]:
    yield
    tell(launch.lies_of(project.sandbox))


def test_a_series_taken_offline_verifies_right_and_wrong_where_it_is_still_there(released: Project) -> None:
    released.local("update series set published = false where slug = 'embodiment'")
    ran = released.release("--playbook", "content", "--undo-if-wrong")
    assert ran.code == 0, ran.err
    assert released.rows("select published from series where slug = 'embodiment'") == [(False,)]
    still = {"path": PAGE, "lie": "page instead"}
    tell(launch.lies_of(released.sandbox), still)
    ran = released.invoke("verify", *SERIES)
    assert ran.code == 5, ran.err
    assert f"page {PAGE}: is still there" in ran.err


def test_an_artwork_taken_offline_is_neither_listed_nor_there(released: Project) -> None:
    released.local("update artworks set published = false where slug = 'in-motion-iii'")
    ran = released.release("--playbook", "content")
    assert ran.code == 0, ran.err
    tell(
        launch.lies_of(released.sandbox),
        {"path": PAGE, "lie": "other text", "old": "</main>", "new": "<p>IN MOTION III</p></main>"},
    )
    ran = released.invoke("verify", *SERIES)
    assert ran.code == 5, ran.err
    assert f"text 'IN MOTION III' not on {PAGE}: there" in ran.err


def test_a_title_that_production_keeps_verifies_right(released: Project) -> None:
    released.rows("update series set title = 'Renamed there' where slug = 'embodiment'")
    ran = released.release("--playbook", "content", "--undo-if-wrong")
    assert ran.code == 0, ran.err


def test_a_series_that_got_another_slug_in_production_verifies_right(released: Project) -> None:
    released.rows("update series set slug = 'embodied' where slug = 'embodiment'")
    ran = released.release("--playbook", "content", "--undo-if-wrong")
    assert ran.code == 0, ran.err
