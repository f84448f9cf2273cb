"""What a release brings to the bucket is known to the ledger, and leaves with it or comes back."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from tests.end_to_end.projects import BUCKET, SERIES, Project

PICTURE = "uploads/media/1763722108_d70e2e2341d3cccd.jpg"
SHARED = "uploads/media/1763722109_e4982724359e6940.jpg"
SENT = "select key, release, before is not null, undone from maulstick.upload order by key"
PROVEN = "select key, xmin::text from maulstick.object order by key"


def content(project: Project, key: str = PICTURE) -> bytes:
    return bytes(project.s3().get_object(Bucket=BUCKET, Key=key)["Body"].read())


def keys(project: Project) -> set[str]:
    return {key for key in project.objects() if not key.startswith("maulstick/before/")}


@pytest.fixture
def repainted(released: Project) -> Iterator[Project]:
    """The project with other content in one of its released pictures, exported."""
    file = released.media / PICTURE
    before, out = file.read_bytes(), BytesIO()
    Image.effect_noise((300, 200), 60).save(out, "JPEG")
    file.write_bytes(out.getvalue())
    try:
        assert released.invoke("export", *SERIES).code == 0
        yield released
    finally:
        file.write_bytes(before)


def test_the_ledger_knows_what_was_sent_and_asks_no_more(released: Project) -> None:
    sent = released.rows(SENT)
    assert {(release, kept, undone) for _, release, kept, undone in sent} == {(1, False, None)}
    assert SHARED not in [key for key, *_ in sent]
    assert released.invoke("upload", *SERIES).steps["upload"][0] == "unchanged"
    proven = released.rows(PROVEN)
    assert {key for key, _ in proven} == {SHARED, *(key for key, *_ in sent)}
    assert released.invoke("upload", *SERIES).steps["upload"] == ("unchanged", "5 files there already")
    assert released.rows(PROVEN) == proven


def test_files_leave_with_the_release_that_brought_them(released: Project) -> None:
    before, other = keys(released), "update series set cover_image_url = {} where slug <> 'embodiment'"
    encoded = PICTURE.replace("_", "%5F")
    released.rows(other.format(f"'/{encoded}?v=2'"))
    ran = released.invoke("rollback", "--last", "--media", "--check")
    assert ran.last.endswith("3 files removed from the bucket, 1 file stays in the bucket")
    assert f"stays in the bucket: {PICTURE} (series.cover_image_url names it)" in ran.err
    assert keys(released) == before
    ran = released.invoke("rollback", "--last", "--media")
    assert (ran.code, keys(released)) == (
        0,
        before - {key for key, _, _, undone in released.rows(SENT) if undone},
    )
    assert {PICTURE, SHARED} <= keys(released)
    ran = released.invoke("rollback", "--last")
    assert ran.code == 3
    assert "release 2: took 3 files out of the bucket" in ran.err
    released.rows(other.format("null"))
    ran = released.invoke("rollback", "--release", "1", "--media")
    assert (ran.code, ran.last) == (0, "release 1; 1 file removed from the bucket")
    assert released.release().code == 0
    assert keys(released) == before


def test_other_content_is_refused_whoever_says_yes(repainted: Project) -> None:
    before = content(repainted)
    ran = repainted.release("--yes", "--start-at", "plan")
    assert ran.code == 3
    assert f"{PICTURE}: different content: 542.3 kB of 20" in ran.err
    assert content(repainted) == before


def test_what_was_replaced_comes_back_with_the_rollback(repainted: Project) -> None:
    before = content(repainted)
    ran = repainted.release("--overwrite", "--start-at", "plan", "--skip", "verify")
    assert ran.code == 0, ran.err
    assert "1 file to replace" in ran.steps["plan"][1]
    assert f"warning: {PICTURE} will be replaced: different content: 542.3 kB of 20" in ran.err
    assert f"warning: media.file_size is not as in the file: /{PICTURE} 542344 (file: " in ran.err
    assert ran.steps["upload"][1].endswith("1 of them replaced; 4 there already")
    assert content(repainted) == (repainted.media / PICTURE).read_bytes()
    assert (PICTURE, 2, True, None) in repainted.rows(SENT)
    [kept] = repainted.objects().keys() - keys(repainted)
    assert content(repainted, kept) == before
    ran = repainted.invoke("rollback", "--last", "--media")
    assert (ran.code, ran.last.partition("; ")[2]) == (0, "1 file brought back in the bucket"), ran.err
    assert (content(repainted), repainted.objects().keys() - keys(repainted)) == (before, set())


def test_what_an_admin_put_there_after_an_upload_comes_back_with_the_rollback(repainted: Project) -> None:
    ran = repainted.invoke("upload", "--overwrite", *SERIES)
    assert (ran.code, ran.err.count(" will be replaced: ")) == (0, 1)
    repainted.s3().put_object(Bucket=BUCKET, Key=PICTURE, Body=b"by an admin", ContentType="image/jpeg")
    ran = repainted.release("--overwrite", "--start-at", "plan", "--skip", "verify")
    assert ran.code == 0, ran.err
    assert content(repainted) == (repainted.media / PICTURE).read_bytes()
    ran = repainted.invoke("rollback", "--last", "--media")
    assert (ran.code, content(repainted)) == (0, b"by an admin"), ran.err


def test_a_picture_that_is_none_stops_the_export(repainted: Project) -> None:
    (repainted.media / PICTURE).write_text("<!DOCTYPE html><title>Not found</title>")
    ran = repainted.invoke("export", *SERIES)
    assert ran.code == 3
    assert f"media {PICTURE}: is HTML, and its name says JPEG" in ran.err
