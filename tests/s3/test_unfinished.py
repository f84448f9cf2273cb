import pytest

from maulstick.errors import Problem
from maulstick.media.compare import compare
from maulstick.s3.bucket import open_bucket
from maulstick.s3.multipart import PART
from tests.s3.faulty_line import LOST, RESET
from tests.s3.gallery import NAME, Gallery, address_of

FILM = bytes(PART + 1)


@pytest.fixture
def begin(gallery):
    """Begin an upload in parts that nobody finishes."""
    return lambda key: gallery.bucket.client.create_multipart_upload(Bucket=NAME, Key=key)


def test_a_beginning_whose_answer_was_lost_is_thrown_away(far_gallery, gallery, line):
    film = gallery.file("uploads/film.mp4", FILM)
    line.once(LOST, "POST /gallery/uploads/film.mp4?uploads")
    far_gallery.send(film)
    assert line.failed == {LOST: 1}
    assert gallery.bucket.digest(film.key) == film.sha256
    assert gallery.unfinished() == []


@pytest.mark.parametrize("content", [b"short by now", FILM])
def test_parts_of_a_file_that_is_sent_otherwise_or_is_there_are_thrown_away(gallery, begin, content):
    file = gallery.file("uploads/film.mp4", content)
    for _ in range(2):  # sent, then there already
        begin(file.key)
        begin("uploads/elsewhere.mp4")
        gallery.send(file)
        assert {upload["Key"] for upload in gallery.unfinished()} == {"uploads/elsewhere.mp4"}


def test_what_nobody_sends_any_more_is_thrown_away_by_its_key(gallery, begin):
    key = "uploads/a b+%41%#?é&<.mp4"
    for one in (key, key, "uploads/film.mp4"):
        begin(one)
    assert sorted(gallery.bucket.unfinished()) == sorted([key, key, "uploads/film.mp4"])
    assert gallery.bucket.throw_away([key, "uploads/never.mp4"]) == {key}
    assert list(gallery.bucket.unfinished()) == ["uploads/film.mp4"]


def test_all_pages_of_what_nobody_finished_are_read(gallery, begin, monkeypatch):
    monkeypatch.setattr("maulstick.s3.listing.PAGE", 2)
    keys = [f"uploads/{n}.mp4" for n in range(5)]
    for key in keys:
        begin(key)
    assert sorted(gallery.bucket.unfinished()) == keys


def test_files_that_arrived_are_well_though_nobody_tells_of_parts(gallery, line):
    file = gallery.file("uploads/x.jpg")
    items = compare(gallery.bucket, [file])
    line.fails = lambda method, path: RESET if "uploads=" in path else None
    far = open_bucket(address_of(line.address), attempts=1)
    with pytest.raises(Problem):
        list(far.unfinished())
    Gallery(gallery.root, far).bring(items)
    assert gallery.content(file.key) == b"a picture"
