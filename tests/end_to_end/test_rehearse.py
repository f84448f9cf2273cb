"""A release is rehearsed on a copy of production, which hears nothing of it."""

from __future__ import annotations

from tests.end_to_end.projects import SERIES, Project, Ran, untouched

ARTWORK = "slug = 'she-lays-down'"
COPIES = "select datname from pg_database where datname like 'maulstick_rehearsal_%'"


def _rehearse(project: Project, *words: str) -> Ran:
    return project.invoke("rehearse", *SERIES, *words)


def test_a_rehearsal_says_what_a_release_would_do_and_changes_nothing(released: Project) -> None:
    released.rows(f"update artworks set year = 2019 where {ARTWORK}")
    released.local(f"update artworks set price_cents = 2, updated_at = now() where {ARTWORK}")
    ran = _rehearse(released)
    assert ran.steps["apply"] == ("done", "1 updated"), ran.err
    assert ran.steps["verify"] == ("done", "5 pages, 60 checks")
    assert ran.last.startswith("rehearsed on a copy of sandbox: it would be release 2 (")
    report = released.invoke("report").out
    assert "rehearsed on a copy as what would be release 2" in report
    assert "undo" not in report
    assert "  copy .......... done       18 rows of 5 tables (" in report
    released.rows(f"update artworks set price_cents = 1 where {ARTWORK}")
    before = untouched(released)
    ran = _rehearse(released)
    assert (ran.code, ran.last_said) == (3, "sandbox: unchanged, this was a copy")
    assert _rehearse(released, "--take", "local").steps["apply"] == ("done", "1 updated")
    assert released.rows(COPIES) == []
    assert untouched(released) == before
