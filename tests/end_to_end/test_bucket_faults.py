"""A storage or media folder that fails in the middle of a release: a clear word, nothing half there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from maulstick.sandbox import apps
from tests.end_to_end.projects import SERIES, Project, Ran, result
from tests.s3.faulty_line import FULL, RESET, Line, line_to

KEY = "uploads/media/1763722108_d70e2e2341d3cccd.jpg"
PICTURES = "/uploads/media/"


@pytest.fixture
def line(fresh: Project) -> Iterator[Line]:
    """The line between Maulstick and the storage; the site has one of its own."""
    with line_to("127.0.0.1", fresh.state.ports["storage"]) as line:
        app = apps.load(fresh.sandbox).apps[apps.SITE_APP]
        env = {**app.env, "AWS_ENDPOINT_URL_S3": line.address}
        apps.change_app(fresh.sandbox, app.name, lambda now: replace(now, env=env))
        yield line
        apps.change_app(fresh.sandbox, app.name, lambda now: replace(now, env=app.env))


def sent(project: Project) -> set[str]:
    return {key for key in project.objects() if key.startswith("uploads/media/")}


def release(project: Project, *words: str) -> Ran:
    return project.release("--playbook", "content", *words)


def at_the_first_listing(line: Line, act: Callable[[], object]) -> None:
    """Do something when the files of a release are compared with the bucket."""
    left = [act]

    def fails(method: str, path: str) -> None:
        if left and method == "GET":
            left.pop()()

    line.fails = fails


def is_finished_by_the_next_run(project: Project, line: Line, undisturbed: dict[str, object]) -> None:
    line.fails = lambda method, path: None
    ran = release(project)
    assert ran.code == 0, ran.err
    assert result(project) == undisturbed
    assert project.s3().list_multipart_uploads(Bucket="olivia-art-portfolio").get("Uploads", []) == []


def test_a_third_of_all_requests_may_fail(fresh: Project, line: Line, undisturbed: dict[str, object]) -> None:
    line.one_in(0.3)
    ran = release(fresh)
    assert ran.code == 0, ran.err
    assert sum(line.failed.values()) >= 3
    assert result(fresh) == undisturbed


def test_a_storage_that_is_killed_stops_the_release_before_its_rows(
    fresh: Project, line: Line, undisturbed: dict[str, object]
) -> None:
    def fails(method: str, path: str) -> str | None:
        storage = fresh.state.processes["storage"]
        if method == "PUT" and not line.failed:
            os.kill(storage.pid, signal.SIGKILL)
        return RESET if method == "PUT" or line.failed else None

    line.fails = fails
    ran = release(fresh)
    assert (ran.code, "apply" in ran.words) == (4, False)
    assert "does not answer" in ran.err
    is_finished_by_the_next_run(fresh, line, undisturbed)


def test_a_bucket_without_room_stops_the_release_before_its_rows(
    fresh: Project, line: Line, undisturbed: dict[str, object]
) -> None:
    before = sent(fresh)
    line.fails = lambda method, path: FULL if method == "PUT" and PICTURES in path else None
    ran = release(fresh)
    assert (ran.code, "apply" in ran.words) == (3, False)
    assert "there is no room left" in ran.err
    assert sent(fresh) == before
    is_finished_by_the_next_run(fresh, line, undisturbed)


def test_a_file_that_changes_while_it_is_sent_is_not_sent(
    fresh: Project, line: Line, undisturbed: dict[str, object]
) -> None:
    file = fresh.media / KEY
    content = file.read_bytes()
    assert fresh.invoke("export", *SERIES).code == 0
    at_the_first_listing(line, lambda: file.write_bytes(content[:-1] + b"x"))
    ran = release(fresh, "--start-at", "upload")
    file.write_bytes(content)
    assert (ran.code, "apply" in ran.words) == (4, False)
    assert f"{KEY}: has changed" in ran.err
    assert KEY not in sent(fresh)
    is_finished_by_the_next_run(fresh, line, undisturbed)


def test_a_file_that_is_deleted_after_the_export_is_named(
    fresh: Project, line: Line, undisturbed: dict[str, object]
) -> None:
    file, before = fresh.media / KEY, sent(fresh)
    content = file.read_bytes()
    assert fresh.invoke("export", *SERIES).code == 0
    at_the_first_listing(line, file.unlink)
    ran = release(fresh, "--start-at", "upload")
    file.write_bytes(content)
    assert (ran.code, "apply" in ran.words) == (3, False)
    assert "nothing was sent: files are missing" in ran.err
    assert KEY in ran.err
    assert sent(fresh) == before
    is_finished_by_the_next_run(fresh, line, undisturbed)
