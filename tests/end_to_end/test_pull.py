"""Production's edits come home, and nothing is lost in whatever order both sides are taken."""

from __future__ import annotations

from tests.end_to_end.projects import BUCKET, SERIES, Project, Ran, untouched

ARTWORK = "slug = 'she-lays-down'"
PRICE = f"select price_cents from artworks where {ARTWORK}"
PICTURE = b"\x89PNG another"
NEW = """
with m as (insert into media (url, filename, content_type, inserted_at, updated_at)
  values ('/uploads/theirs.png', 'theirs.png', 'image/png', now(), now()) returning id)
insert into artworks (slug, title, series_id, media_file_id, inserted_at, updated_at)
  select 'theirs', 'Theirs', a.series_id, m.id, now(), now() from m, artworks as a
  where a.slug = 'she-lays-down'
"""


def _pull(project: Project, *words: str) -> Ran:
    return project.invoke("pull", *SERIES, *words)


def _there(project: Project, change: str) -> None:
    project.rows(f"update artworks set {change} where {ARTWORK}")


def _here(project: Project, change: str) -> None:
    project.local(f"update artworks set {change}, updated_at = now() where {ARTWORK}")


def test_what_an_admin_edited_comes_home_and_is_in_step_from_then_on(released: Project) -> None:
    assert _pull(released).steps["apply"] == ("unchanged", "18 rows equal")
    _there(released, "price_cents = 777")
    before = untouched(released)
    rehearsed = _pull(released, "--check", "--diff")
    assert rehearsed.code == 0, rehearsed.err
    assert released.local(PRICE) != [(777,)]
    ran = _pull(released)
    assert ran.steps["apply"] == ("done", "1 updated")
    assert ran.last.startswith("pull 1: local is in step with sandbox (")
    report = released.invoke("report", "--format", "md").out
    assert "→ `777`" in report
    assert (released.local(PRICE), untouched(released)) == ([(777,)], before)
    assert _pull(released).steps["apply"] == ("unchanged", "18 rows equal")
    ran = released.release("--playbook", "content")
    assert ran.steps["apply"] == ("unchanged", "18 rows equal"), ran.err
    _here(released, "price_cents = 888")
    ran = released.release("--playbook", "content")
    assert ran.steps["apply"] == ("done", "1 updated"), ran.err
    assert released.rows(PRICE) == [(888,)]


def test_what_both_sides_edited_stops_a_pull_until_somebody_decides(released: Project) -> None:
    _there(released, "price_cents = 1, year = 2019")
    _here(released, "price_cents = 2")
    ran = _pull(released)
    assert ran.code == 3
    assert "price_cents: base " in ran.err
    assert 'local "2", production "1"' in ran.err
    assert ran.last_said == "local: unchanged"
    assert _pull(released, "--take", "local").steps["apply"] == ("done", "1 updated")
    assert released.local(f"select price_cents, year from artworks where {ARTWORK}") == [(2, 2019)]
    ran = released.release("--playbook", "content")
    assert ran.steps["apply"] == ("done", "1 updated"), ran.err
    assert released.rows(PRICE) == [(2,)]


def test_an_artwork_that_was_added_there_comes_home_with_its_file_and_goes_again(released: Project) -> None:
    released.s3().put_object(Bucket=BUCKET, Key="uploads/theirs.png", Body=PICTURE)
    released.rows(NEW)
    file = released.media / "uploads" / "theirs.png"
    ran = _pull(released)
    assert ran.code == 0, ran.err
    assert ran.steps["download"] == ("done", "1 file, 12 bytes")
    assert ran.steps["apply"] == ("done", "2 inserted")
    assert file.read_bytes() == PICTURE
    assert released.local("select title from artworks where slug = 'theirs'") == [("Theirs",)]
    ran = released.invoke("rollback", "--local", "--last", "--media")
    assert "removed from the media folder: uploads/theirs.png" in ran.err
    assert not file.exists()
    assert released.local("select title from artworks where slug = 'theirs'") == []
    file.write_bytes(b"ours")
    ran = _pull(released)
    assert (ran.code, file.read_bytes()) == (3, b"ours")
    assert "uploads/theirs.png: the media folder holds other content than the bucket" in ran.err
    file.unlink()
