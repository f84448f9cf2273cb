"""A release from where the media folder is not: the bucket has the files, or the bundle's pack does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.end_to_end.projects import BUCKET, SERIES, Project

PICTURE = "uploads/media/1763722108_d70e2e2341d3cccd.jpg"
AFTER_EXPORT = ("--playbook", "content", "--skip", "export")


@contextmanager
def without_media(project: Project) -> Iterator[None]:
    """Take the media folder away for the block."""
    away = project.media.rename(project.media.with_name("away"))
    try:
        yield
    finally:
        shutil.rmtree(project.media, ignore_errors=True)
        away.rename(project.media)


def test_a_packed_bundle_is_released_without_the_media_folder(fresh: Project) -> None:
    ran = fresh.invoke("export", *SERIES, "--pack")
    assert ran.code == 0, ran.err
    assert "in 5 files, beside the bundle" in ran.steps["export"][1]
    assert len([*(fresh.bundle / "media").iterdir()]) == 5
    with without_media(fresh):
        ran = fresh.invoke("release", "--bundle", str(fresh.bundle), "--playbook", "content")
        assert ran.code == 0, ran.err
        assert "4 files, 3.0 MB" in ran.steps["upload"][1]
        shutil.rmtree(fresh.bundle / "media")
        assert fresh.release(*AFTER_EXPORT).words["upload"] == "unchanged"


def test_a_file_that_is_neither_here_nor_there_is_named_before_anything_is_sent(released: Project) -> None:
    released.s3().delete_object(Bucket=BUCKET, Key=PICTURE)
    with without_media(released):
        planned = released.release(*AFTER_EXPORT)
        ran = released.invoke("upload", *SERIES)
    for one in (planned, ran):
        assert one.code == 3
        assert f"{PICTURE}: the bucket lacks it, and it is not in" in one.err
    assert "hint: upload where the files are, or bring them beside the bundle" in ran.err
    assert PICTURE not in released.objects()


def test_a_packed_file_that_was_edited_is_not_sent(fresh: Project) -> None:
    assert fresh.invoke("export", *SERIES, "--pack").code == 0
    for packed in (fresh.bundle / "media").iterdir():
        packed.write_bytes(bytes(packed.stat().st_size))
    with without_media(fresh):
        ran = fresh.invoke("upload", *SERIES)
    assert ran.code == 4
    assert "is broken: it is not what was exported" in ran.err
    assert fresh.invoke("export", *SERIES, "--pack").words["export"] == "done"
    assert fresh.invoke("export", *SERIES, "--pack").words["export"] == "unchanged"
