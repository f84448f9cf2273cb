"""What was sent is asked for as visitors get it, before any row names it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from maulstick.sandbox import launch
from maulstick.sandbox.site.lies import tell
from tests.end_to_end.projects import BUCKET, SERIES, Project, dump

KEY = "uploads/media/1763722108_d70e2e2341d3cccd.jpg"
PICTURE = f"/media/{KEY}"
HASTY = """
name = "hasty"
says = "files only, and little patience"

[[step]]
name = "export"

[[step]]
name = "upload"
timeout = 1
"""
KNOWN = "select count(*) from maulstick.object where key = '{}'"


@pytest.fixture(autouse=True)
def honest_again(project: Project) -> Iterator[None]:
    yield
    tell(launch.lies_of(project.sandbox))


def lie(project: Project, what: str, **more: object) -> None:
    tell(launch.lies_of(project.sandbox), {"path": PICTURE, "lie": what, **more})


def test_a_file_that_visitors_do_not_get_stops_a_release_before_its_rows(fresh: Project) -> None:
    before = dump(fresh)
    lie(fresh, "half")
    ran = fresh.release()
    assert (ran.code, ran.words["upload"], "apply" in ran.words) == (5, "failed", False)
    assert f"visitors do not get 1 file as sent\n    file {KEY}: has other bytes: " in ran.err
    assert dump(fresh) == before


def test_the_next_run_asks_again_and_goes_on_once_they_get_it(released: Project) -> None:
    released.s3().delete_object(Bucket=BUCKET, Key=KEY)
    lie(released, "status", status=403)
    for _ in range(2):
        ran = released.invoke("upload", *SERIES)
        assert ran.code == 5, ran.err
        assert f"file {KEY}: answers 403" in ran.err
    tell(launch.lies_of(released.sandbox))
    ran = released.invoke("upload", "-v", *SERIES)
    assert (ran.code, ran.steps["upload"]) == (0, ("unchanged", "5 files there already")), ran.err
    assert f"file {KEY}: " in ran.err
    assert released.rows(KNOWN.format(KEY)) == [(1,)]
    lie(released, "status", status=403)
    assert released.invoke("upload", *SERIES).code == 0


def test_what_was_proven_before_is_forgotten_where_visitors_do_not_get_it_any_more(released: Project) -> None:
    assert released.invoke("upload", *SERIES).code == 0
    assert released.rows(KNOWN.format(KEY)) == [(1,)]
    lie(released, "status", status=403)
    assert released.invoke("upload", "--recheck", *SERIES).code == 5
    assert released.rows(KNOWN.format(KEY)) == [(0,)]
    assert released.invoke("upload", *SERIES).code == 5


def test_what_a_stopped_first_release_sent_leaves_with_its_rollback(fresh: Project) -> None:
    before = fresh.objects().keys()
    lie(fresh, "status", status=403)
    assert fresh.release().code == 5
    tell(launch.lies_of(fresh.sandbox))
    ran = fresh.release()
    assert (ran.code, ran.words["upload"]) == (0, "unchanged"), ran.err
    ran = fresh.invoke("rollback", "--last", "--media")
    assert ran.code == 0, ran.err
    assert fresh.objects().keys() == before


def test_what_comes_late_is_waited_for(released: Project) -> None:
    released.s3().delete_object(Bucket=BUCKET, Key=KEY)
    lie(released, "status", status=404, times=2)
    ran = released.invoke("upload", *SERIES)
    assert (ran.code, ran.words["upload"]) == (0, "done"), ran.err


def test_where_nobody_can_tell_no_row_is_written(fresh: Project) -> None:
    before = dump(fresh)
    lie(fresh, "status", status=503)
    (fresh.folder / "playbooks" / "hasty.toml").write_text(HASTY)
    ran = fresh.release("--playbook", "hasty")
    assert ran.code == 8
    assert "could not check whether visitors get 1 file\n" in ran.err
    assert re.search(f"file {KEY}: (answers 503|does not answer in time)", ran.err), ran.err
    assert "hint: the bucket has what was sent: is it public" in ran.err
    assert dump(fresh) == before


def test_single_files_are_asked_for_too(fresh: Project) -> None:
    lie(fresh, "status", status=403)
    ran = fresh.invoke("upload", "--file", f"/{KEY}")
    assert ran.code == 5
    assert f"file {KEY}: answers 403" in ran.err
