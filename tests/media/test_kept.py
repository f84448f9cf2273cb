"""What is replaced in the bucket: it is kept, nothing kept is written over, and it comes back as it was."""

import dataclasses

import pytest

from maulstick.errors import Problem
from maulstick.media.compare import compare
from maulstick.media.ledger import Claim, bringing, go_on
from maulstick.media.restore import SentFile, Undoing
from maulstick.release.rollback import summary
from maulstick.s3.bucket import open_bucket
from maulstick.s3.copy import bring_back
from tests.s3.faulty_line import LOST
from tests.s3.gallery import NAME, Gallery, address_of

KEY, BEFORE = "uploads/x.jpg", "maulstick/before/1/uploads/x.jpg"


def replace(gallery, content, *, kept=BEFORE, to=None):
    """Bring other content to the key, or `to` another gallery of the same bucket, and return what arrived."""
    items = compare(gallery.bucket, [gallery.file(KEY, content)], overwrite=True)
    return (to or gallery).bring(items, kept={KEY: kept})


def planned(gallery, content, claim):
    """Return what a run would bring that replaces the object, after one that left a claim."""
    items = compare(gallery.bucket, [gallery.file(KEY, content)], overwrite=True)
    brought = bringing("series x", items, "maulstick/before/2/")
    go_on(brought, gallery.bucket, {KEY: claim})
    return brought


@pytest.fixture
def replaced(gallery):
    """One file in the place of another, which is kept."""
    gallery.send(gallery.file(KEY, b"one"))
    replace(gallery, b"two")
    return gallery


def all_content(gallery):
    return sorted(gallery.content(key) for key in gallery.bucket.list([""]))


def test_what_an_admin_put_there_meanwhile_is_kept_beside_what_was_kept_before(replaced):
    replaced.by_hand(KEY, b"by an admin")
    replace(replaced, b"three")
    assert all_content(replaced) == [b"by an admin", b"one", b"three"]


def test_a_run_that_broke_off_has_kept_it_already(gallery):
    gallery.send(gallery.file(KEY, b"one"))
    brought = planned(gallery, b"two", Claim(gallery.file(KEY, b"two").sha256, BEFORE))
    assert brought.before == {KEY: "maulstick/before/2/uploads/x.jpg"}
    gallery.by_hand(BEFORE, b"one")
    brought = planned(gallery, b"two", Claim(gallery.file(KEY, b"two").sha256, BEFORE))
    assert (brought.kept, brought.before) == ({KEY: BEFORE}, {KEY: BEFORE})


@pytest.mark.parametrize("before", [BEFORE, None])
def test_what_came_before_the_first_unclaimed_upload_comes_back(replaced, before):
    brought = planned(replaced, b"three", Claim(replaced.bucket.head(KEY).sha256, before))
    assert (brought.kept, brought.before) == ({KEY: "maulstick/before/2/uploads/x.jpg"}, {KEY: before})


def test_what_an_admin_put_there_after_an_unclaimed_upload_comes_back(replaced):
    sent = replaced.bucket.head(KEY).sha256
    replaced.by_hand(KEY, b"by an admin")
    brought = planned(replaced, b"three", Claim(sent, BEFORE))
    assert brought.before == brought.kept == {KEY: "maulstick/before/2/uploads/x.jpg"}


def test_a_replacement_whose_answer_was_lost_is_sent_and_kept(gallery, far_gallery, line):
    gallery.send(gallery.file(KEY, b"one"))
    line.once(LOST, f"PUT /gallery/{KEY}")
    sent = replace(gallery, b"two", to=far_gallery)
    assert (line.failed, sent.keys()) == ({LOST: 1}, {KEY})
    assert (gallery.content(KEY), gallery.content(BEFORE)) == (b"two", b"one")


def test_a_key_of_a_thousand_bytes_is_kept_too(gallery):
    key = "uploads/" + "/".join(["x" * 99] * 10) + "/x.jpg"
    gallery.send(gallery.file("uploads/short.jpg"))
    gallery.by_hand(key, b"one")
    file = gallery.file("uploads/short.jpg")
    items = compare(gallery.bucket, [dataclasses.replace(file, key=key)], overwrite=True)
    brought = bringing("series x", items, "maulstick/before/20261127T030618Z-abcdef/")
    gallery.bring(items, kept=brought.kept)
    assert gallery.content(brought.kept[key]) == b"one"


@pytest.mark.parametrize("gone", [True, False])
def test_what_comes_back_is_back_though_the_answer_was_lost(replaced, far_gallery, line, gone):
    etag = replaced.bucket.head(KEY).etag
    if gone:
        replaced.bucket.client.delete_object(Bucket=NAME, Key=KEY)
    line.once(LOST, f"PUT /gallery/{KEY}")
    bring_back(far_gallery.bucket, KEY, BEFORE, instead_of="" if gone else etag)
    assert line.failed == {LOST: 1}
    assert all_content(replaced) == [b"one"]


def test_a_newer_object_is_not_replaced_by_what_comes_back(replaced):
    etag = replaced.bucket.head(KEY).etag
    replaced.by_hand(KEY, b"by an admin")
    with pytest.raises(Problem, match="was changed by somebody else just now"):
        bring_back(replaced.bucket, KEY, BEFORE, instead_of=etag)
    assert all_content(replaced) == [b"by an admin", b"one"]


def test_an_object_that_somebody_put_where_there_was_none_is_not_replaced(replaced):
    with pytest.raises(Problem, match="was changed by somebody else just now"):
        bring_back(replaced.bucket, KEY, BEFORE, instead_of="")
    assert replaced.content(KEY) == b"two"


@pytest.mark.parametrize("acl", ["public-read", "private"])
def test_a_replacement_is_as_public_as_what_it_replaces(gallery, acl):
    gallery.by_hand(KEY, b"one")
    gallery.bucket.client.put_object_acl(Bucket=NAME, Key=KEY, ACL=acl)
    was = gallery.bucket.is_public(KEY)
    replace(gallery, b"two")
    assert gallery.bucket.is_public(KEY) is was is (acl == "public-read")
    bring_back(gallery.bucket, KEY, BEFORE, instead_of=gallery.bucket.head(KEY).etag)
    assert gallery.bucket.is_public(KEY) is was


def test_a_wanted_acl_is_given_to_a_replacement(gallery, storage):
    gallery.by_hand(KEY, b"one", ACL="private")
    public = Gallery(gallery.root, open_bucket(address_of(storage.address, acl="public-read")))
    replace(public, b"two")
    assert public.bucket.is_public(KEY)


def test_what_becomes_of_files_is_said_in_the_number_that_they_have():
    files = [SentFile(f"uploads/{n}.jpg", "0" * 64, None, "", False) for n in range(4)]
    decided = [Undoing(files[0], "remove"), *(Undoing(file, "keep", "a row names it") for file in files[1:])]
    assert summary(decided) == "1 file removed from the bucket, 3 files stay in the bucket"
    assert summary(decided[:2]).endswith(", 1 file stays in the bucket")
