"""Objects that are too large for one copy are mended, kept and brought back part by part."""

import pytest

from maulstick.errors import Problem
from maulstick.s3 import copy as copying
from maulstick.s3.copy import bring_back, keep, repair
from maulstick.s3.multipart import Parts
from tests.s3.faulty_line import FULL, LOST, RESET
from tests.s3.gallery import NAME

KEY, BEFORE = "uploads/a b+%é.mp4", "maulstick/before/1/uploads/a b+%é.mp4"
FILM = bytes(range(256)) * 60_000
HEADERS = {
    "ContentType": "video/mp4",
    "CacheControl": "max-age=60",
    "ContentDisposition": 'attachment; filename="a.mp4"',
    "Metadata": {"sha256": "0" * 64, "by": "hand"},
}


@pytest.fixture(autouse=True)
def small_copies(monkeypatch):
    monkeypatch.setattr(copying, "ONE_COPY", 6 << 20)
    monkeypatch.setattr(copying, "COPY_PART", 5 << 20)


@pytest.fixture
def filmed(gallery):
    """A gallery with a large object that has headers of its own."""
    gallery.by_hand(KEY, FILM, **HEADERS)
    return gallery


def test_what_is_kept_and_comes_back_has_its_bytes_and_headers(filmed):
    before = filmed.bucket.head(KEY)
    with filmed.asked() as asked:
        keep(filmed.bucket, KEY, before, BEFORE)
    assert asked.count(f"PUT {BEFORE}") == 3
    filmed.by_hand(KEY, b"another")
    bring_back(filmed.bucket, KEY, BEFORE, instead_of=filmed.bucket.head(KEY).etag)
    after = filmed.bucket.head(KEY)
    assert filmed.content(KEY) == FILM
    for name in ("size", "type", "cache_control", "disposition", "sha256", "others"):
        assert getattr(after, name) == getattr(before, name), name
    assert filmed.bucket.head(BEFORE) is None
    assert filmed.unfinished() == []


def test_headers_are_mended_in_place(filmed):
    file = filmed.file(KEY, FILM)
    repair(filmed.bucket, file, filmed.bucket.head(KEY))
    after = filmed.bucket.head(KEY)
    assert (after.type, after.sha256, after.disposition, after.others) == (
        "video/mp4",
        file.sha256,
        "",
        {"by": "hand"},
    )
    assert filmed.content(KEY) == FILM


def test_an_object_that_was_changed_meanwhile_is_not_copied(filmed):
    before = filmed.bucket.head(KEY)
    filmed.by_hand(KEY, FILM[::-1])
    with pytest.raises(Problem, match="was changed by somebody else just now"):
        keep(filmed.bucket, KEY, before, BEFORE)
    assert filmed.bucket.head(BEFORE) is None
    assert filmed.unfinished() == []


@pytest.fixture
def admin_before_the_end(filmed, monkeypatch):
    """Return what lets an admin write to the key just before parts are joined."""
    join = Parts.join

    def late(*given):
        filmed.by_hand(KEY, b"by an admin")
        return join(*given)

    return lambda: monkeypatch.setattr(Parts, "join", late)


def test_what_came_meanwhile_is_not_written_over(filmed, admin_before_the_end):
    keep(filmed.bucket, KEY, filmed.bucket.head(KEY), BEFORE)
    filmed.bucket.client.delete_object(Bucket=NAME, Key=KEY)
    admin_before_the_end()
    with pytest.raises(Problem, match="gallery/uploads/a b.*: was changed by somebody else just now"):
        bring_back(filmed.bucket, KEY, BEFORE, instead_of="")
    assert (filmed.content(KEY), filmed.content(BEFORE)) == (b"by an admin", FILM)
    assert filmed.unfinished() == []


def test_headers_of_what_came_meanwhile_are_not_mended(filmed, admin_before_the_end):
    file, stored = filmed.file(KEY, FILM), filmed.bucket.head(KEY)
    admin_before_the_end()
    with pytest.raises(Problem, match="a b.*é.mp4: was changed by somebody else just now"):
        repair(filmed.bucket, file, stored)
    assert filmed.content(KEY) == b"by an admin"


@pytest.mark.parametrize("wanted", ["POST /gallery/maulstick", "uploadId"])
def test_an_answer_that_is_lost_is_asked_for_again(filmed, far_gallery, line, wanted):
    before = filmed.bucket.head(KEY)
    if wanted == "uploadId":  # that joins the parts
        line.fails = lambda method, path: (
            LOST if method == "POST" and wanted in path and not line.failed else None
        )
    else:
        line.once(LOST, wanted)
    keep(far_gallery.bucket, KEY, before, BEFORE)
    assert line.failed == {LOST: 1}
    assert filmed.content(BEFORE) == FILM
    assert filmed.bucket.head(BEFORE).type == "video/mp4"


def test_an_error_in_a_good_answer_is_asked_again(filmed, far_gallery, line):
    line.once((200, "InternalError"), "PUT /gallery/maulstick/")
    keep(far_gallery.bucket, KEY, filmed.bucket.head(KEY), BEFORE)
    assert line.failed == {(200, "InternalError"): 1}
    assert filmed.content(BEFORE) == FILM


def test_a_target_without_room_is_named_by_itself(filmed, far_gallery, line):
    line.once(FULL, "PUT /gallery/maulstick/")
    with pytest.raises(Problem, match="bucket gallery/maulstick/before/.*no room left"):
        keep(far_gallery.bucket, KEY, filmed.bucket.head(KEY), BEFORE)
    assert filmed.bucket.head(BEFORE) is None


def test_a_line_that_breaks_is_tried_again(filmed, far_gallery, line):
    line.once(RESET, "PUT /gallery/maulstick/")
    keep(far_gallery.bucket, KEY, filmed.bucket.head(KEY), BEFORE)
    assert line.failed == {RESET: 1}
    assert filmed.content(BEFORE) == FILM
