"""Files beyond the rows: a plugin names and makes them, and they go the way of every picture."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from zipfile import ZipFile

import pytest

from tests.checkout import ROOT
from tests.end_to_end.projects import BUCKET, SERIES, Project

EXAMPLE = ROOT / "examples" / "downloads"
TERMS, ARCHIVE = "downloads/embodiment.terms.txt", "downloads/embodiment.zip"


@pytest.fixture
def example(fresh: Project, other: Project) -> Iterator[Project]:
    """A fresh project with the plugin of the example, and the terms that it names."""
    shutil.copytree(EXAMPLE / "plugins", other.folder / "plugins", dirs_exist_ok=True)
    terms = fresh.media / "downloads" / "terms.txt"
    terms.parent.mkdir(exist_ok=True)
    terms.write_text("for your own wall\n")
    yield other
    shutil.rmtree(terms.parent)


def test_what_plugins_name_and_make_is_released_and_proven(example: Project) -> None:
    ran = example.release("--playbook", "content")
    assert ran.code == 0, ran.err
    assert "in 7 files" in ran.steps["export"][1]
    got = example.s3().get_object(Bucket=BUCKET, Key=ARCHIVE)
    assert got["ContentType"] == "application/zip"
    pictures = ZipFile(io.BytesIO(got["Body"].read())).namelist()
    assert len(pictures) == 4
    assert example.s3().get_object(Bucket=BUCKET, Key=TERMS)["Body"].read() == b"for your own wall\n"
    again = example.release("--playbook", "content")
    assert {again.words[step] for step in ("export", "upload", "apply")} == {"unchanged"}


def test_an_archive_that_is_made_anew_replaces_its_own_older_one(example: Project) -> None:
    assert example.release("--playbook", "content").code == 0
    older = example.s3().get_object(Bucket=BUCKET, Key=ARCHIVE)["Body"].read()
    example.local("update artworks set media_file_id = null where slug = 'in-motion-v'")
    ran = example.release("--playbook", "content", "--skip", "verify")
    assert ran.code == 0, ran.err
    assert "1 file to replace" in ran.steps["plan"][1]
    newer = example.s3().get_object(Bucket=BUCKET, Key=ARCHIVE)["Body"].read()
    assert len(ZipFile(io.BytesIO(newer)).namelist()) == 3
    ran = example.invoke("rollback", "--last", "--media")
    assert ran.code == 0, ran.err
    assert example.s3().get_object(Bucket=BUCKET, Key=ARCHIVE)["Body"].read() == older


def test_what_plugins_made_lies_beside_the_bundle_until_nothing_names_it(example: Project) -> None:
    assert example.invoke("export", *SERIES).code == 0
    assert len([*(example.bundle / "media").iterdir()]) == 2
    (example.folder / "plugins" / "downloads.py").unlink()
    assert example.invoke("export", *SERIES).code == 0
    assert not (example.bundle / "media").exists()


def test_a_file_that_a_plugin_names_and_nobody_has_stops_the_export(example: Project) -> None:
    (example.media / "downloads" / "terms.txt").unlink()
    ran = example.invoke("export", *SERIES)
    assert ran.code == 3
    assert "media /downloads/terms.txt: is missing under" in ran.err
    assert not example.bundle.exists()


def test_a_rehearsal_leaves_a_packed_bundle_as_it_was(example: Project) -> None:
    assert example.invoke("export", *SERIES, "--pack").code == 0
    before = {path: path.read_bytes() for path in sorted(example.bundle.rglob("*")) if path.is_file()}
    example.local("update series set summary = 'in other words' where slug = 'embodiment'")
    ran = example.release("--playbook", "content", "--check")
    assert ran.code == 0, ran.err
    assert ran.words["export"] == "done"
    assert {path: path.read_bytes() for path in sorted(example.bundle.rglob("*")) if path.is_file()} == before
