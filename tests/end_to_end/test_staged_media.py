"""A source whose files lie in a bucket beside the target's: there is no media folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from maulstick.hosts.direct_host import open_direct
from maulstick.hosts.environment import bucket_address
from maulstick.hosts.kinds import own_kinds
from maulstick.media.compare import compare
from maulstick.media.sources import Folder, Places, find
from maulstick.media.transfer import upload
from maulstick.project.inventory import load
from maulstick.s3.bucket import open_bucket
from tests.end_to_end.direct import without_fly
from tests.end_to_end.projects import BUCKET, SERIES, Project
from tests.end_to_end.test_media_elsewhere import PICTURE, without_media

STUDIO = "olivia-studio"
MEDIA = f'media = "s3://{STUDIO}"'
CONTENT = ("--playbook", "content")


@pytest.fixture
def staged(fresh: Project, other: Project) -> Iterator[Project]:
    """A project without a media folder; its files were sent to a bucket, one of them by hand."""
    project, s3 = without_fly(other), fresh.s3()
    s3.create_bucket(Bucket=STUDIO)
    _fill(project)
    s3.upload_file(str(project.media / PICTURE), STUDIO, PICTURE)
    file = project.folder / "inventory.toml"
    file.write_text(file.read_text().replace(f'media_root = "{project.media}"', MEDIA))
    with without_media(project):
        yield project
    for found in s3.list_objects_v2(Bucket=STUDIO).get("Contents", ()):
        s3.delete_object(Bucket=STUDIO, Key=found["Key"])
    s3.delete_bucket(Bucket=STUDIO)


def _fill(project: Project) -> None:
    media = Folder(project.media)
    lying = [one for one in media.root.rglob("uploads/**/*") if one.is_file()]
    paths = [one.relative_to(media.root).as_posix() for one in lying]
    target = load(project.folder / "inventory.toml", own_kinds()).target(None)
    environment = open_direct(target, ExitStack(), print).environment
    bucket = open_bucket(replace(bucket_address(target, environment), name=STUDIO))
    upload(bucket, compare(bucket, find(media, paths)), places=Places(media), progress=lambda _: None)


def test_a_series_is_released_from_a_bucket(staged: Project) -> None:
    ran = staged.release(*CONTENT)
    assert ran.code == 0, ran.err
    assert ran.steps["check"] == ("done", "source, media, database, bucket")
    assert ran.steps["upload"][1].startswith("4 files, 3.0 MB")
    assert ran.words["verify"] == "done"
    assert staged.s3().head_object(Bucket=BUCKET, Key=PICTURE)["Metadata"]["sha256"]
    again = staged.release(*CONTENT)
    assert {again.words[step] for step in ("export", "upload", "apply")} == {"unchanged"}
    assert "in step" in staged.invoke("status").out


def test_the_bundle_is_the_same_as_from_a_folder(staged: Project) -> None:
    assert staged.invoke("export", *SERIES).code == 0
    manifest = (staged.folder / "releases/series/embodiment/manifest.json").read_bytes()
    file = staged.folder / "inventory.toml"
    file.write_text(file.read_text().replace(MEDIA, 'media_root = "static"'))
    (staged.folder / "static").symlink_to(staged.media.with_name("away"))
    assert staged.invoke("export", *SERIES).words["export"] == "unchanged"
    assert (staged.folder / "releases/series/embodiment/manifest.json").read_bytes() == manifest


def test_a_file_that_the_bucket_lacks_is_named_before_anything_is_sent(staged: Project) -> None:
    staged.s3().delete_object(Bucket=STUDIO, Key=PICTURE)
    before = staged.objects()
    ran = staged.release(*CONTENT)
    assert (ran.code, ran.words["export"]) == (3, "failed")
    assert f"media /{PICTURE}: is missing in s3://{STUDIO}" in ran.err
    assert staged.objects() == before


def test_single_files_and_packs_come_from_the_bucket_too(staged: Project) -> None:
    ran = staged.invoke("upload", "--file", f"/{PICTURE}")
    assert ran.code == 0, ran.err
    assert PICTURE in staged.objects()
    assert staged.invoke("export", *SERIES, "--pack").code == 0
    assert len([*(staged.folder / "releases/series/embodiment/media").iterdir()]) == 5


def test_a_place_that_is_not_there_is_named_by_check_and_doctor(staged: Project) -> None:
    file = staged.folder / "inventory.toml"
    file.write_text(file.read_text().replace(STUDIO, "nobodys-bucket"))
    ran, seen = staged.invoke("check", *SERIES), staged.invoke("doctor")
    for said in (ran.err, seen.out):
        assert "there is no such bucket" in said
        assert "source/media in the inventory names it" in said
    file.write_text(file.read_text().replace("nobodys-bucket", STUDIO))
    assert f"staging bucket ........ ok         s3://{STUDIO}" in staged.invoke("doctor").out
