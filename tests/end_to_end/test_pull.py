"""Production's edits come home, and nothing is lost in whatever order both sides are taken."""

from __future__ import annotations

from tests.end_to_end.projects import SERIES, Project, Ran

ARTWORK = "slug = 'she-lays-down'"
VALUES = f"select title, price_cents, status from artworks where {ARTWORK}"


def _pull(project: Project, *words: str) -> Ran:
    return project.invoke("pull", *SERIES, *words)


def _there(project: Project, change: str) -> None:
    project.rows(f"update artworks set {change} where {ARTWORK}")


def _here(project: Project, change: str) -> None:
    project.local(f"update artworks set {change}, updated_at = now() where {ARTWORK}")


def test_a_pull_after_a_release_changes_nothing(released: Project) -> None:
    ran = _pull(released)
    assert ran.code == 0, ran.err
    print(ran.err, ran.out)
    assert ran.words["apply"] == "unchanged"


def test_an_edit_made_there_comes_home_and_the_next_release_changes_nothing(released: Project) -> None:
    _there(released, "price_cents = 777")
    ran = _pull(released)
    print(ran.err, ran.out)
    assert ran.code == 0, ran.err
    assert ran.steps["apply"] == ("done", "1 updated")
    assert released.local(f"select price_cents from artworks where {ARTWORK}") == [(777,)]
    again = _pull(released)
    print(again.err, again.out)
    assert again.words["apply"] == "unchanged"
    ran = released.release("--playbook", "content")
    print(ran.err, ran.out)
    assert ran.steps["apply"] == ("unchanged", "17 rows equal")
    _here(released, "price_cents = 888")
    ran = released.release("--playbook", "content")
    print(ran.err, ran.out)
    assert ran.steps["apply"] == ("done", "1 updated")
