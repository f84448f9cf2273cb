import random
import time
from threading import Timer

import pytest

from maulstick.errors import Exit, Problem
from maulstick.media.compare import compare
from maulstick.s3.bucket import open_bucket
from maulstick.s3.multipart import PART
from tests.s3.faulty_line import BUSY, CUT, KINDS, LOST, RESET
from tests.s3.gallery import Gallery, address_of

FILM = bytes(range(256)) * (PART >> 8) * 3 + b"the end"


def test_a_third_of_all_requests_may_fail(far_gallery, gallery, line):
    files = [gallery.file(f"uploads/{n:02}.jpg", b"%d" % n * 20_000) for n in range(40)]
    files.append(gallery.file("uploads/film.mp4", FILM))
    line.one_in(0.3)
    far_gallery.send(*files)
    assert set(line.failed) == set(KINDS)
    assert set(gallery.send(*files).values()) == {"there"}
    assert [gallery.bucket.digest(file.key) for file in files] == [file.sha256 for file in files]
    assert (gallery.unfinished(), sum(far_gallery.told)) == ([], sum(file.bytes for file in files))


@pytest.mark.parametrize("wanted", ["PUT /gallery/uploads", "POST /gallery/uploads/film.mp4?uploadId"])
@pytest.mark.parametrize("kind", [RESET, LOST, CUT])
def test_an_answer_that_is_lost_is_asked_for_again(far_gallery, gallery, line, wanted, kind):
    file = gallery.file("uploads/film.mp4", b"short" if "PUT" in wanted else FILM)
    line.once(kind, wanted)
    far_gallery.send(file)
    assert line.failed == {kind: 1}
    assert gallery.bucket.digest(file.key) == file.sha256
    assert gallery.unfinished() == []


def test_a_storage_that_is_too_busy_is_left_alone_as_long_as_it_asks(far_gallery, gallery, line):
    items = compare(gallery.bucket, [gallery.file("uploads/x.jpg")])
    line.once(BUSY, "PUT", **{"Retry-After": "1"})
    started = time.monotonic()
    far_gallery.bring(items)
    assert time.monotonic() - started > 0.9
    assert gallery.content("uploads/x.jpg") == b"a picture"


def test_a_listing_that_breaks_off_is_read_again(far_gallery, gallery, line):
    file = gallery.file("uploads/x.jpg")
    gallery.send(file)
    line.once(CUT, "GET")
    assert far_gallery.send(file) == {file.key: "there"}
    assert line.failed == {CUT: 1}


@pytest.mark.parametrize("size", [9000, 5 << 20])
def test_an_object_that_breaks_off_while_it_is_read_is_read_on(far_gallery, gallery, line, size):
    content = random.Random(1).randbytes(size)
    gallery.by_hand("uploads/x.jpg", content, ContentType="image/jpeg")
    line.once(CUT, "GET /gallery/uploads/x.jpg")
    file = gallery.file("uploads/x.jpg", content)
    assert far_gallery.send(file) == {file.key: "repair"}
    assert line.failed == {CUT: 1}


@pytest.mark.parametrize(
    ("status", "code"), [(400, "RequestTimeout"), (400, "BadDigest"), (409, "ConditionalRequestConflict")]
)
def test_a_refusal_that_passes_is_asked_again(far_gallery, gallery, line, status, code):
    items = compare(gallery.bucket, [gallery.file("uploads/x.jpg")])
    line.once((status, code), "PUT")
    far_gallery.bring(items)
    assert line.failed == {(status, code): 1}
    assert gallery.content("uploads/x.jpg") == b"a picture"


def test_a_storage_that_dies_and_comes_back_is_waited_for(frail_storage, tmp_path):
    gallery = Gallery(tmp_path / "static", open_bucket(address_of(frail_storage.server.address)))
    files = [gallery.file(f"uploads/{n}.jpg", b"%d" % n * 5000) for n in range(100)]
    back = Timer(0.1, frail_storage.come_back)

    def die_at_the_fifth(count):
        gallery.told.append(count)
        if len(gallery.told) == 5:
            frail_storage.die()
            back.start()

    gallery.send(*files, progress=die_at_the_fifth)
    back.join()
    assert [gallery.bucket.digest(file.key) for file in files] == [file.sha256 for file in files]


def broken_off(gallery, line, file):
    """Send a film over a line that dies when two parts of it have arrived."""
    parts = []

    def fails(method, path):
        if "partNumber" in path:
            parts.append(path)
        return RESET if len(parts) > 2 else None

    line.fails = fails
    far = open_bucket(address_of(line.address), attempts=1)
    items = compare(gallery.bucket, [file])
    with pytest.raises(Problem, match="does not answer"):
        Gallery(gallery.root, far).bring(items)
    line.fails = lambda method, path: None


def test_a_film_that_broke_off_is_gone_on_with(gallery, line):
    film = gallery.file("uploads/film.mp4", FILM)
    broken_off(gallery, line, film)
    assert list(gallery.bucket.unfinished()) == [film.key]
    assert gallery.bucket.head(film.key) is None
    with gallery.asked() as asked:
        gallery.send(film)
    assert 1 <= asked.count(f"PUT {film.key}") <= 2  # of four parts
    assert gallery.bucket.digest(film.key) == film.sha256
    assert gallery.unfinished() == []


def test_parts_of_another_film_are_not_taken_for_this_one(gallery, line):
    broken_off(gallery, line, gallery.file("uploads/film.mp4", FILM))
    film = gallery.file("uploads/film.mp4", FILM[::-1])
    gallery.send(film)
    assert gallery.bucket.digest(film.key) == film.sha256
    assert gallery.unfinished() == []


def test_a_second_unfinished_upload_is_thrown_away(gallery):
    film = gallery.file("uploads/film.mp4", FILM)
    for key in (film.key, film.key, "uploads/film.mp4.bak"):  # begun with other headers than ours
        gallery.bucket.client.create_multipart_upload(Bucket="gallery", Key=key)
    gallery.send(film)
    assert list(gallery.bucket.unfinished()) == ["uploads/film.mp4.bak"]


def test_a_bucket_without_room_is_named(gallery, line):
    line.once("507", "PUT")
    file = gallery.file("uploads/x.jpg")
    with pytest.raises(Problem, match="bucket gallery/uploads/x.jpg: there is no room left") as caught:
        Gallery(gallery.root, open_bucket(address_of(line.address))).send(file)
    assert caught.value.code == Exit.REFUSED
    assert gallery.send(file) == {file.key: "upload"}


def test_a_bucket_that_is_full_ends_with_nothing_half_there(full_bucket, gallery):
    files = [gallery.file("uploads/x.jpg"), gallery.file("uploads/film.mp4", FILM)]
    for file in files:
        with pytest.raises(Problem, match=f"(?s){file.key}: .* answered 500 .*is there room"):
            Gallery(gallery.root, full_bucket).send(file)
    assert full_bucket.list([""]) == {}
    assert list(full_bucket.unfinished()) == []
