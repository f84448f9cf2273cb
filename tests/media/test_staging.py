"""A source whose files lie in a bucket: copied inside the storage, and proven without being fetched."""

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest

from maulstick.errors import Exit, Problem
from maulstick.media.bucket_source import SourceBucket
from maulstick.media.compare import compare
from maulstick.media.sources import Folder, Places, find
from maulstick.media.transfer import upload
from maulstick.s3 import copy as copying
from maulstick.s3.bucket import Bucket, open_bucket
from tests.media.test_media_look import picture
from tests.s3.gallery import KEY_ID, NAME, SECRET, Gallery, address_of
from tests.s3.test_keys import KEYS

PLACE = "studio"
JPEG = picture("JPEG")
PREFIX = "2026/site/"
SENT = {"ContentType": "image/jpeg", "CacheControl": "public, max-age=31536000, immutable"}
PHOTO = "uploads/1763722108_d70e2e2341d3cccd.jpg"


@dataclass
class Studio:
    """A bucket with the source's files, and the gallery's bucket that they go to."""

    media: SourceBucket
    gallery: Gallery

    def file(self, path, content=None, **headers):
        """Put a file there as Maulstick would have: with its digest."""
        content = JPEG if content is None else content
        proof = {"sha256": hashlib.sha256(content).hexdigest(), "pixels": "40x30"}
        self.by_hand(path, content, Metadata=proof, **headers)
        return path

    def by_hand(self, path, content, **other):
        bucket = open_bucket(self.media.bucket.address)
        bucket.client.put_object(Bucket=PLACE, Key=PREFIX + path.removeprefix("/"), Body=content, **other)
        return path

    def release(self, *paths, **given):
        """Find files and bring them over, and return what became of each."""
        files = find(self.media, paths)
        items = compare(self.gallery.bucket, files, dated=self.media.dated, **given)
        kept = {item.file.key: f"maulstick/before/1/{item.file.key}" for item in items}
        places = Places(self.media)
        sent = upload(self.gallery.bucket, items, places=places, kept=kept, progress=self.gallery.told.append)
        return {item.file.key: item.action for item in items}, sent

    def asked(self):
        """Yield what is asked of the two buckets in the block."""
        return Gallery(self.gallery.root, self.media.bucket).asked(), self.gallery.asked()


@pytest.fixture(scope="module")
def place(storage):
    bucket = open_bucket(address_of(storage.address, name=PLACE))
    bucket.client.create_bucket(Bucket=PLACE)
    return bucket


@pytest.fixture
def studio(gallery, place):
    yield Studio(SourceBucket(open_bucket(place.address), PREFIX), gallery)
    for key in place.list([""]):
        place.client.delete_object(Bucket=PLACE, Key=key)


def opened(bucket: Bucket) -> bool:
    """Tell whether boto3's client was made, which reads and sends bodies."""
    return "_client" in vars(bucket)


def test_a_file_is_copied_with_no_byte_through_this_machine(studio):
    studio.file(PHOTO)
    with ExitStack() as stack:
        there, here = (stack.enter_context(one) for one in studio.asked())
        actions, _ = studio.release(f"/{PHOTO}")
    assert actions == {PHOTO: "upload"}
    assert {one.split()[0] for one in there} == {"HEAD"}
    assert not opened(studio.media.bucket)
    assert [one for one in here if one.startswith("PUT")] == [f"PUT {PHOTO}"]
    assert studio.gallery.content(PHOTO) == JPEG


def test_a_copy_has_the_headers_and_the_digest_of_an_upload(studio):
    studio.file(PHOTO, ContentType="text/html", CacheControl="no-store", ContentDisposition="attachment")
    studio.release(PHOTO)
    stored = studio.gallery.bucket.head(PHOTO)
    assert (stored.type, stored.disposition) == ("image/jpeg", "")
    assert stored.cache_control == "public, max-age=31536000, immutable"
    assert stored.sha256 == hashlib.sha256(JPEG).hexdigest()


def test_what_was_copied_needs_no_question_again(studio):
    studio.file(PHOTO)
    _, sent = studio.release(PHOTO)
    actions, _ = studio.release(PHOTO, known=sent)
    assert actions == {PHOTO: "there"}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_copied_to_the_letter(studio, key):
    studio.file(key, b"a text")
    studio.release(key)
    assert list(studio.gallery.bucket.list([""])) == [key]


def test_a_file_without_a_digest_is_read_and_looked_at(studio):
    studio.by_hand(PHOTO, JPEG)
    [file] = find(studio.media, [PHOTO])
    assert (file.width, file.sha256) == (40, hashlib.sha256(JPEG).hexdigest())
    assert studio.release(PHOTO)[0] == {PHOTO: "upload"}
    assert studio.gallery.bucket.head(PHOTO).sha256 == file.sha256


def test_a_page_that_is_called_a_picture_is_refused(studio):
    studio.by_hand(PHOTO, b"<html>not found</html>")
    with pytest.raises(Problem, match="is HTML, and its name says JPEG"):
        find(studio.media, [PHOTO])


def test_a_digest_that_is_none_is_not_believed(studio):
    studio.by_hand(PHOTO, JPEG, Metadata={"sha256": "as before"})
    [file] = find(studio.media, [PHOTO])
    assert file.sha256 == hashlib.sha256(JPEG).hexdigest()


def test_a_picture_with_a_digest_that_nobody_decoded_is_looked_at(studio):
    digest = {"sha256": hashlib.sha256(JPEG[:-9]).hexdigest()}
    studio.by_hand(PHOTO, JPEG[:-9], Metadata=digest)
    with pytest.raises(Problem, match="its end is missing"):
        find(studio.media, [PHOTO])


def test_what_a_release_left_in_a_bucket_is_released_from_there_unread(studio):
    studio.by_hand(PHOTO, JPEG)
    studio.release(PHOTO)
    live = SourceBucket(open_bucket(studio.gallery.bucket.address), "")
    assert find(live, [PHOTO]) == find(studio.media, [PHOTO])
    assert not opened(live.bucket)


def test_a_file_that_is_not_there_is_named(studio):
    with pytest.raises(
        Problem, match=r"media uploads/x\.jpg: is missing in s3://studio/2026/site"
    ) as refused:
        find(studio.media, ["uploads/x.jpg"])
    assert refused.value.code == Exit.REFUSED


@pytest.mark.parametrize("path", ["../secret.jpg", "uploads/../../x.jpg", "uploads/"])
def test_no_path_leaves_the_place(studio, path):
    with pytest.raises(Problem) as refused:
        find(studio.media, [path])
    assert refused.value.code == Exit.REFUSED


@pytest.mark.parametrize("digest", [True, False])
def test_a_file_that_changed_since_export_is_not_copied(studio, digest):
    put = studio.file if digest else studio.by_hand
    put(PHOTO, JPEG)
    items = compare(studio.gallery.bucket, find(studio.media, [PHOTO]))
    put(PHOTO, JPEG[:-2] + b"\xff\xd8")
    with pytest.raises(Problem, match="has changed since export"):
        upload(studio.gallery.bucket, items, places=Places(studio.media), progress=lambda _: None)
    assert studio.gallery.bucket.list([""]) == {}


def test_a_file_that_went_or_grew_is_said_beforehand(studio):
    studio.file(PHOTO)
    [file] = find(studio.media, [PHOTO])
    assert studio.media.lacks(file) == ""
    assert studio.media.lacks(replace(file, key="uploads/y.jpg")) == "it is not in s3://studio/2026/site"
    studio.file(PHOTO, JPEG + b"more")
    assert studio.media.lacks(file) == "it has changed since export"


def test_other_content_under_the_key_stops_the_copy(studio):
    studio.file(PHOTO)
    studio.gallery.by_hand(PHOTO, b"another")
    with pytest.raises(Problem, match=r"different content: .* there, .* of 20.* here"):
        studio.release(PHOTO)
    assert studio.gallery.content(PHOTO) == b"another"


def test_what_is_replaced_by_a_copy_is_kept(studio):
    studio.file(PHOTO)
    studio.gallery.by_hand(PHOTO, b"another")
    assert studio.release(PHOTO, overwrite=True)[0] == {PHOTO: "overwrite"}
    assert studio.gallery.content(PHOTO) == JPEG
    assert studio.gallery.content(f"maulstick/before/1/{PHOTO}") == b"another"


def meanwhile(studio, content):
    """Copy a file to a key under which somebody puts an object after the comparison."""
    studio.file(PHOTO)
    items = compare(studio.gallery.bucket, find(studio.media, [PHOTO]))
    digest = hashlib.sha256(content).hexdigest()
    studio.gallery.by_hand(PHOTO, content, Metadata={"sha256": digest}, **SENT)
    return upload(studio.gallery.bucket, items, places=Places(studio.media), progress=lambda _: None)


def test_the_same_file_that_came_meanwhile_is_as_good(studio):
    assert meanwhile(studio, JPEG).keys() == {PHOTO}


def test_another_file_that_came_meanwhile_is_not_replaced(studio):
    with pytest.raises(Problem, match="was put there by somebody else just now"):
        meanwhile(studio, b"another")
    assert studio.gallery.content(PHOTO) == b"another"


@pytest.mark.parametrize("digest", [True, False])
def test_a_file_too_large_for_one_copy_goes_part_by_part(studio, monkeypatch, digest):
    monkeypatch.setattr(copying, "ONE_COPY", 5 << 20)
    content = bytes(range(256)) * 60_000
    (studio.file if digest else studio.by_hand)("uploads/long.bin", content)
    studio.release("uploads/long.bin")
    assert studio.gallery.content("uploads/long.bin") == content
    stored = studio.gallery.bucket.head("uploads/long.bin")
    assert (stored.sha256, stored.type) == (hashlib.sha256(content).hexdigest(), "application/octet-stream")
    assert studio.gallery.unfinished() == []


def test_a_place_that_is_no_bucket_is_named(studio, storage):
    nowhere = SourceBucket(open_bucket(address_of(storage.address, name="nowhere")), "")
    with pytest.raises(Problem, match="there is no such bucket") as refused:
        nowhere.require()
    assert refused.value.hint == (
        "source/media in the inventory names it; the target's own key must be able to read it"
    )
    studio.media.require()


def test_a_key_that_may_not_read_the_place_is_named(studio, storage):
    address = replace(studio.media.bucket.address, secret=replace_last(SECRET))
    with pytest.raises(Problem, match="refuses our key") as refused:
        SourceBucket(open_bucket(address), PREFIX).proven(PHOTO)
    assert "the target's own key" in refused.value.hint
    assert KEY_ID not in str(refused.value)


def replace_last(secret):
    return type(address_of("").secret)(f"{secret}x")


def test_a_file_is_fetched_under_any_name(studio, tmp_path):
    studio.by_hand(KEYS[-1], b"a text")
    assert studio.media.local(KEYS[-1], tmp_path).read_bytes() == b"a text"


def test_a_folder_and_a_bucket_prove_the_same(studio, gallery):
    gallery.file(PHOTO, JPEG)
    studio.by_hand(PHOTO, JPEG)
    assert find(Folder(gallery.root), [f"/{PHOTO}"]) == find(studio.media, [f"/{PHOTO}"])
    assert NAME != PLACE
