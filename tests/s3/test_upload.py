import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.media.compare import compare
from maulstick.media.quota import quota
from maulstick.s3.multipart import PART

SHA256 = hashlib.sha256(b"a picture").hexdigest()
IMMUTABLE = "public, max-age=31536000, immutable"
SEND_TWICE = """
import sys
from pathlib import Path
from tests.s3.gallery import Gallery, address_of
from maulstick.s3.bucket import open_bucket
gallery = Gallery(Path(sys.argv[1]), open_bucket(address_of(sys.argv[2])))
file = gallery.file("uploads/x.jpg")
print(gallery.send(file)[file.key], gallery.send(file)[file.key], "boto3" in sys.modules)
"""


def test_an_object_arrives_with_its_headers_and_its_digest(gallery):
    file = gallery.file("/uploads/1763722108_d70e2e2341d3cccd.jpg")
    gallery.send(file)
    stored = gallery.bucket.head(file.key)
    assert (stored.size, stored.type, stored.cache_control) == (9, "image/jpeg", IMMUTABLE)
    assert stored.sha256 == hashlib.sha256(b"a picture").hexdigest() == gallery.bucket.digest(file.key)


def test_what_is_there_is_not_sent_again(gallery):
    file = gallery.file("uploads/x.jpg")
    gallery.send(file)
    before = gallery.bucket.list([""])
    assert gallery.send(file) == {"uploads/x.jpg": "there"}
    assert gallery.bucket.list([""]) == before


def test_small_files_are_compared_and_sent_without_the_time_to_import_boto3(gallery):
    command = [sys.executable, "-c", SEND_TWICE, str(gallery.root), gallery.bucket.address.endpoint]
    said = subprocess.check_output(command, cwd=Path(__file__).parents[2], text=True)
    assert said == "upload there False\n"


def test_wrong_headers_are_repaired_without_sending_the_file(gallery):
    file = gallery.file("uploads/x.jpg")
    gallery.send(replace(file, type="text/html", cache_control="no-store"))
    [item] = compare(gallery.bucket, [file])
    assert (item.action, item.why) == ("repair", 'type is "text/html", cache control is "no-store"')
    (gallery.root / "uploads/x.jpg").unlink()
    gallery.bring([item])
    stored = gallery.bucket.head(file.key)
    assert (stored.type, stored.cache_control) == ("image/jpeg", "public, max-age=3600")


def test_an_object_put_there_by_hand_is_known_by_its_content(gallery):
    gallery.by_hand("uploads/x.jpg", b"a picture", ContentType="image/jpeg", Metadata={"by": "olivia"})
    file = gallery.file("uploads/x.jpg")
    assert gallery.send(file) == {file.key: "repair"}
    stored = gallery.bucket.head(file.key)
    assert (stored.sha256, stored.others) == (file.sha256, {"by": "olivia"})


@pytest.mark.parametrize("by", ["Zoë", "à la carte", "画家", b"Zo\xeb"])
def test_metadata_of_others_in_any_writing_is_kept(gallery, by):
    said = by if isinstance(by, bytes) else by.encode()
    raw = said.decode("latin-1")  # as HTTP carries it, and boto3 refuses to
    gallery.bucket.wire.ask(
        "PUT", "uploads/x.jpg", headers={"x-amz-meta-by": raw}, body=b"a picture", sha256=SHA256
    )
    file = gallery.file("uploads/x.jpg")
    assert gallery.send(file) == {file.key: "repair"}
    assert gallery.bucket.head(file.key).others == {"by": raw}


def test_an_object_of_another_size_is_a_conflict(gallery):
    gallery.by_hand("uploads/x.jpg", b"another one!")
    [item] = compare(gallery.bucket, [gallery.file("uploads/x.jpg", b"14 bytes long.")])
    assert item.action == "conflict"
    assert re.fullmatch(r"different content: 12 bytes of 20\d\d-.* there, 14 bytes here", item.why)


@pytest.mark.parametrize("metadata", [{}, {"sha256": "0" * 64}])
def test_other_content_of_the_same_size_is_a_conflict(gallery, metadata):
    gallery.by_hand("uploads/x.jpg", b"A PICTURE", Metadata=metadata)
    [item] = compare(gallery.bucket, [gallery.file("uploads/x.jpg")])
    assert item.action == "conflict"
    assert re.fullmatch(r"different content: 9 bytes of 20\d\d-.* there, 9 bytes here", item.why)


def test_a_conflict_stops_all_files_and_names_each(gallery):
    gallery.by_hand("uploads/x.jpg", b"other")
    gallery.by_hand("uploads/y.jpg", b"other")
    files = [gallery.file(f"uploads/{name}.jpg") for name in "xyz"]
    with pytest.raises(Problem, match=r"(?s)uploads/x.jpg: different.*uploads/y.jpg: different") as caught:
        gallery.send(*files)
    assert caught.value.code == Exit.REFUSED
    assert gallery.bucket.head("uploads/z.jpg") is None


def test_an_object_replaced_before_its_repair_is_left_alone(gallery):
    gallery.by_hand("uploads/x.jpg", b"a picture")
    items = compare(gallery.bucket, [gallery.file("uploads/x.jpg")])
    gallery.by_hand("uploads/x.jpg", b"A PICTURE")
    with pytest.raises(Problem, match="was changed by somebody else"):
        gallery.bring(items)
    assert gallery.bucket.head("uploads/x.jpg").sha256 is None


def test_an_empty_file_is_a_file(gallery):
    file = gallery.file("uploads/empty.txt", b"")
    assert gallery.send(file) == {file.key: "upload"}
    assert gallery.send(file) == {file.key: "there"}
    assert gallery.content(file.key) == b""


def test_a_file_changed_since_export_is_not_sent(gallery):
    file = gallery.file("uploads/x.jpg")
    gallery.file("uploads/x.jpg", b"A PICTURE")
    with pytest.raises(
        Problem, match=r"^media uploads/x.jpg: has changed since export\n  hint: export again"
    ):
        gallery.send(file)
    assert gallery.bucket.head(file.key) is None


def test_a_file_deleted_since_export_is_named(gallery):
    file = gallery.file("uploads/x.jpg")
    (gallery.root / "uploads/x.jpg").unlink()
    with pytest.raises(Problem, match=r"media uploads/x.jpg: is missing under"):
        gallery.send(file)


def test_a_manifest_cannot_send_a_file_from_outside(gallery, tmp_path):
    (tmp_path / "secret.txt").write_bytes(b"a picture")
    file = replace(gallery.file("uploads/x.jpg"), path="../secret.txt")
    with pytest.raises(Problem, match="could leave the media folder"):
        gallery.send(file)


@pytest.mark.parametrize("size", [PART, PART + 1, 2 * PART + 5])
def test_a_large_file_arrives_whole(gallery, size):
    file = gallery.file("uploads/film.mp4", bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    gallery.send(file)
    assert gallery.bucket.digest(file.key) == file.sha256
    assert (gallery.bucket.head(file.key).type, sum(gallery.told)) == ("video/mp4", size)
    assert gallery.send(file) == {file.key: "there"}


def test_a_large_file_changed_while_it_is_sent_leaves_nothing_behind(gallery):
    file = gallery.file("uploads/film.mp4", bytes(8 * PART))

    def somebody_edits(_):
        with (gallery.root / "uploads/film.mp4").open("r+b") as film:
            film.seek(-5, os.SEEK_END)
            film.write(b"EDIT!")

    with pytest.raises(Problem, match="has changed since export"):
        gallery.send(file, progress=somebody_edits)
    assert gallery.bucket.head(file.key) is None
    assert gallery.unfinished() == []


def test_two_uploads_at_once_both_end_well(gallery):
    files = [gallery.file(f"uploads/{n}.jpg", b"%d" % n * 9000) for n in range(20)]
    items = compare(gallery.bucket, files)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(gallery.bring, items) for _ in range(2)]:
            done.result()
    assert {item.action for item in compare(gallery.bucket, files)} == {"there"}
    assert sum(gallery.told) == 2 * sum(file.bytes for file in files)


@pytest.mark.parametrize("size", [9, PART + 1])
def test_of_two_uploads_of_other_content_the_second_is_refused(gallery, size):
    items = compare(gallery.bucket, [gallery.file("uploads/x.mp4", b"x" * size)])
    gallery.by_hand("uploads/x.mp4", b"was first")
    with pytest.raises(Problem, match="was put there by somebody else") as caught:
        gallery.bring(items)
    assert caught.value.code == Exit.REFUSED
    assert gallery.content("uploads/x.mp4") == b"was first"
    assert gallery.unfinished() == []


def test_progress_counts_the_bytes_of_what_is_sent_and_nothing_else(gallery):
    there, new = gallery.file("uploads/there.jpg"), gallery.file("uploads/new.jpg", b"x" * 1000)
    gallery.send(there)
    gallery.told.clear()
    gallery.send(there, new)
    assert gallery.told == [1000]


def test_each_file_is_counted_when_it_has_arrived_and_no_repair_is(gallery):
    files = [gallery.file(f"uploads/{n}.jpg", b"x" * n) for n in range(1, 4)]
    gallery.by_hand("uploads/4.jpg", b"a picture")
    counted = []
    items = compare(gallery.bucket, [*files, gallery.file("uploads/4.jpg")])
    gallery.bring(items, arrived=lambda file: counted.append(sum(gallery.told)))
    assert (len(counted), counted[-1]) == (3, 6)


def test_a_file_that_fails_stops_those_that_have_not_begun(gallery):
    files = [gallery.file(f"uploads/{n:03}.jpg") for n in range(100)]
    (gallery.root / "uploads/000.jpg").unlink()
    with pytest.raises(Problem, match=r"000.jpg: is missing"):
        gallery.send(*files)
    assert len(gallery.bucket.list([""])) < 99
    gallery.file("uploads/000.jpg")
    gallery.send(*files)
    assert len(gallery.bucket.list([""])) == 100


def test_one_file_that_two_rows_name_is_sent_once(gallery):
    file = gallery.file("uploads/x.jpg")
    assert len(compare(gallery.bucket, [file, file])) == 1


def test_two_files_under_one_key_are_refused(gallery):
    file, other = gallery.file("uploads/x.jpg"), gallery.file("uploads/y.jpg", b"other")
    with pytest.raises(Problem, match=r"two files want this key: uploads/x.jpg and uploads/y.jpg"):
        compare(gallery.bucket, [file, replace(other, key=file.key)])


def test_a_bucket_that_would_grow_beyond_its_quota_is_refused_with_the_figures(gallery):
    gallery.by_hand("uploads/old.jpg", b"x" * 1500)
    items = compare(gallery.bucket, [gallery.file("uploads/new.jpg", b"x" * 501)])
    assert quota(gallery.bucket, items, 4000) == (None, "")
    assert quota(gallery.bucket, items, 2001) == (None, "the bucket holds 2.0 kB of 2.0 kB then, 100%")
    problem, _ = quota(gallery.bucket, items, 2000)
    assert "1.5 kB are there and 501 bytes would come; the limit is 2.0 kB" in str(problem)
    assert problem.code == Exit.REFUSED


def test_a_quota_is_not_measured_where_nothing_is_sent(gallery, dead_bucket):
    file = gallery.file("uploads/x.jpg")
    gallery.send(file)
    assert quota(dead_bucket, compare(gallery.bucket, [file]), 1) == (None, "")
    assert quota(dead_bucket, [], None) == (None, "")
