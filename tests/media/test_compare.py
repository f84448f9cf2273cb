import re
from dataclasses import replace
from datetime import timedelta

import pytest

from maulstick.errors import Problem
from maulstick.media.compare import compare
from maulstick.media.sources import Folder
from maulstick.s3 import listing as bucket_listing
from maulstick.s3.bucket import open_bucket
from maulstick.s3.copy import bring_back, repair
from maulstick.s3.listing import PAGE
from tests.s3.faulty_line import Handler
from tests.s3.gallery import Gallery, address_of


@pytest.fixture
def proven(gallery):
    """What became of a file that was sent: the file, and what the ledger knows of it."""
    file = gallery.file("uploads/x.jpg")
    return file, gallery.bring(compare(gallery.bucket, [file]))


def asked_for(gallery, *files, **given):
    with gallery.asked() as asked:
        items = compare(gallery.bucket, files, **given)
    return [item.action for item in items], asked


def older(known):
    """What was proven a minute before the object was written."""
    return {key: replace(one, modified=one.modified - timedelta(minutes=1)) for key, one in known.items()}


def test_what_the_ledger_proved_costs_one_listing(gallery, proven):
    file, known = proven
    assert asked_for(gallery, file, known=known) == (["there"], ["GET "])
    assert asked_for(gallery, file) == (["there"], ["GET ", "HEAD uploads/x.jpg"])


def test_two_thousand_files_cost_two_listings(gallery):
    files = [gallery.file(f"uploads/{n:04}.txt", b"") for n in range(2 * PAGE)]
    with gallery.asked() as asked:
        known = gallery.bring(compare(gallery.bucket, files))
    assert asked.count("GET ") == 4  # the last for parts that nobody finished
    assert sum(one.startswith("HEAD") for one in asked) == 1
    actions, asked = asked_for(gallery, *files, known=known)
    assert (set(actions), asked) == ({"there"}, ["GET "] * 2)
    few = [files[3], files[1999]]
    assert asked_for(gallery, *few, known=known) == (["there"] * 2, ["GET "] * 2)


def test_a_new_file_is_sent_without_a_question(gallery):
    with gallery.asked() as asked:
        gallery.send(gallery.file("uploads/x.jpg"))
    assert asked == ["GET ", "PUT uploads/x.jpg", "GET ", "HEAD uploads/x.jpg", "GET "]


def test_other_content_of_the_same_size_and_an_older_time_is_found(gallery, proven):
    file, known = proven
    gallery.by_hand(file.key, b"A PICTURE")
    assert asked_for(gallery, file, known=known)[0] == ["conflict"]


def test_headers_that_were_changed_since_are_found(gallery, proven):
    file, known = proven
    copied = {"CopySource": f"gallery/{file.key}", "Key": file.key, "Bucket": "gallery"}
    headers = {
        "ContentType": "text/html",
        "Metadata": {"sha256": file.sha256},
        "MetadataDirective": "REPLACE",
    }
    gallery.bucket.client.copy_object(**copied, **headers)
    [item] = compare(gallery.bucket, [file], known=older(known))
    assert (item.action, item.why) == ("repair", 'type is "text/html", no cache control')


def test_headers_that_we_want_otherwise_are_found(gallery, proven):
    file, known = proven
    other = replace(file, cache_control="no-store")
    assert asked_for(gallery, other, known=known) == (["repair"], ["GET ", "HEAD uploads/x.jpg"])


@pytest.mark.parametrize("header", [{"ContentDisposition": "attachment"}, {"ContentEncoding": "gzip"}])
def test_headers_that_break_a_picture_are_taken_away(gallery, header):
    gallery.by_hand("uploads/x.jpg", b"a picture", **header)
    file = gallery.file("uploads/x.jpg")
    assert gallery.send(file) == {file.key: "repair"}
    stored = gallery.bucket.head(file.key)
    assert (stored.disposition, stored.encoding) == ("", "")


def test_an_object_that_the_bucket_has_lost_is_sent_again(gallery, proven):
    file, known = proven
    gallery.bucket.client.delete_object(Bucket="gallery", Key=file.key)
    assert asked_for(gallery, file, known=known) == (["upload"], ["GET "])


def test_what_the_ledger_proved_to_be_something_else_is_not_asked_for(gallery, proven):
    _, known = proven
    other = gallery.file("uploads/x.jpg", b"A PICTURE")
    [item] = compare(gallery.bucket, [other], known=known, dated=Folder(gallery.root).dated)
    date = r"20\d\d-\d\d-\d\d \d\d:\d\d"
    assert re.fullmatch(f"different content: 9 bytes of {date} there, 9 bytes of {date} here", item.why)
    assert asked_for(gallery, other, known=known) == (["conflict"], ["GET "])


def test_an_object_with_a_wrong_digest_is_read_before_it_is_called_other(gallery):
    gallery.by_hand("uploads/x.jpg", b"a picture", ContentType="image/jpeg", Metadata={"sha256": "0" * 64})
    file = gallery.file("uploads/x.jpg")
    assert gallery.send(file) == {file.key: "repair"}
    assert gallery.bucket.head(file.key).sha256 == file.sha256


@pytest.mark.parametrize("size", [9, 9 << 20])
def test_what_is_replaced_is_kept_and_can_be_brought_back(gallery, size):
    old = gallery.file("uploads/x.mp4", b"o" * size)
    gallery.send(old)
    new = gallery.file("uploads/x.mp4", b"n" * size)
    items = compare(gallery.bucket, [new], overwrite=True)
    gallery.bring(items, kept={new.key: "maulstick/before/1/uploads/x.mp4"})
    assert (items[0].action, gallery.bucket.digest(new.key)) == ("overwrite", new.sha256)
    kept = gallery.bucket.head("maulstick/before/1/uploads/x.mp4")
    assert (kept.sha256, kept.type) == (old.sha256, "video/mp4")
    etag = gallery.bucket.head(new.key).etag
    bring_back(gallery.bucket, new.key, "maulstick/before/1/uploads/x.mp4", instead_of=etag)
    assert gallery.bucket.digest(new.key) == old.sha256
    assert list(gallery.bucket.list([""])) == [new.key]


def test_what_somebody_replaced_meanwhile_is_not_replaced_again(gallery):
    gallery.send(gallery.file("uploads/x.jpg", b"one"))
    items = compare(gallery.bucket, [gallery.file("uploads/x.jpg", b"two")], overwrite=True)
    gallery.by_hand("uploads/x.jpg", b"by an admin")
    with pytest.raises(Problem, match="was changed by somebody else just now"):
        gallery.bring(items, kept={"uploads/x.jpg": "maulstick/before/1/uploads/x.jpg"})
    assert gallery.content("uploads/x.jpg") == b"by an admin"


def test_a_wanted_acl_is_part_of_the_comparison(gallery, storage):
    public = Gallery(gallery.root, open_bucket(address_of(storage.address, acl="public-read")))
    file = gallery.file("uploads/x.jpg")
    gallery.send(file)
    [item] = compare(public.bucket, [file])
    assert (item.action, item.why) == ("repair", 'ACL is "private"')
    known = public.bring([item])
    assert public.bucket.is_public(file.key)
    assert asked_for(public, file, known=known) == (["there"], ["GET "])


def test_a_storage_without_acls_is_asked_for_none(gallery, storage, monkeypatch):
    file = gallery.file("uploads/x.jpg")
    gallery.send(file)
    public = Gallery(gallery.root, open_bucket(address_of(storage.address, acl="public-read")))
    monkeypatch.setattr(type(public.bucket), "is_public", lambda bucket, key: None)
    assert [item.action for item in compare(public.bucket, [file])] == ["there"]


def test_a_storage_that_forgets_the_acl_of_new_objects_is_told_again(gallery, storage):
    public = Gallery(gallery.root, open_bucket(address_of(storage.address, acl="public-read")))
    files = [gallery.file(f"uploads/{n}.jpg") for n in range(3)]
    public.send(*files)
    assert [public.bucket.is_public(file.key) for file in files] == [True] * 3


def test_a_repair_leaves_an_object_as_public_as_it_was(gallery):
    gallery.by_hand("uploads/x.jpg", b"a picture")
    gallery.bucket.client.put_object_acl(Bucket="gallery", Key="uploads/x.jpg", ACL="public-read")
    file = gallery.file("uploads/x.jpg")
    repair(gallery.bucket, file, gallery.bucket.head(file.key))
    assert gallery.bucket.is_public(file.key)


def test_a_key_behind_a_full_page_is_found(gallery, monkeypatch):
    monkeypatch.setattr(bucket_listing, "PAGE", 2)
    for n in range(3):
        gallery.by_hand(f"filled/a{n}", b"")
    file = gallery.file("filled/x")
    gallery.send(file)
    assert asked_for(gallery, file) == (["there"], ["GET ", "GET ", "HEAD filled/x"])


def test_a_listing_that_ends_in_the_middle_is_not_believed(gallery, line, monkeypatch):
    reply = Handler.reply

    def cut(self, status, headers, content, **how):
        more = content.replace(b"<IsTruncated>false", b"<IsTruncated>true")
        reply(self, status, headers, more, **how)

    monkeypatch.setattr(Handler, "reply", cut)
    far = open_bucket(address_of(line.address))
    for act in (lambda: far.list([""]), lambda: compare(far, [gallery.file("uploads/x.jpg")])):
        with pytest.raises(Problem, match="gave an answer that cannot be read"):
            act()


def test_folders_in_a_folder_hide_no_file(gallery):
    for key in ("a/b-c/d", "a/b/c", "a/b.jpg", "a/c"):
        gallery.by_hand(key, b"")
    assert sorted(gallery.bucket.among("a/", ["a/b.jpg", "a/c", "a/none"])) == ["a/b.jpg", "a/c"]


def test_one_key_is_one_file(gallery):
    file = gallery.file("uploads/x.jpg")
    assert [item.action for item in compare(gallery.bucket, [file, replace(file, path="y.jpg")])] == [
        "upload"
    ]
    other = replace(file, path="uploads/z.jpg", sha256="0" * 64)
    with pytest.raises(Problem, match=r"two files want this key: uploads/x\.jpg and uploads/z\.jpg"):
        compare(gallery.bucket, [file, other])


@pytest.mark.parametrize("content", [b"its successor", b"A PICTURE"], ids=["longer", "as long"])
def test_a_file_that_may_be_replaced_replaces_what_was_sent_from_here(gallery, content):
    old = gallery.file("uploads/x.jpg")
    gallery.send(old)
    new = gallery.file("uploads/x.jpg", content)
    mine, others = {old.key: frozenset({old.sha256})}, {old.key: frozenset({"0" * 64})}

    def decided(file, **given):
        [item] = compare(gallery.bucket, [file], **given)
        assert item.why.startswith("different content: 9 bytes of 20")
        return item.action, item.why.endswith(", not sent from here")

    assert decided(replace(new, replace=True), sent=mine) == ("overwrite", False)
    assert decided(replace(new, replace=True), sent=others) == ("conflict", True)
    assert decided(replace(new, replace=True)) == ("conflict", True)
    assert decided(replace(new, replace=True), overwrite=True) == ("overwrite", False)
    assert decided(new, sent=mine) == ("conflict", False)
    assert decided(new, overwrite=True) == ("overwrite", False)


@pytest.mark.parametrize("error", [OSError(), Problem("media", "is gone")])
def test_a_file_whose_time_is_unknown_is_compared_all_the_same(gallery, error):
    def dated(path):
        raise error

    gallery.send(gallery.file("uploads/x.jpg"))
    [item] = compare(gallery.bucket, [gallery.file("uploads/x.jpg", b"more")], dated=dated)
    assert item.why.endswith(" there, 4 bytes here")


def test_what_is_found_for_itself_is_proven_for_the_next_time(gallery):
    file = gallery.file("uploads/x.jpg")
    gallery.send(file)
    [item] = compare(gallery.bucket, [file])
    assert item.proof is not None
    assert (item.known, item.proof.sha256, item.proof.size) == (False, file.sha256, 9)
    [known] = compare(gallery.bucket, [file], known={file.key: item.proof})
    assert (known.known, known.why) == (True, "as proven before")
    [other] = compare(gallery.bucket, [file], known={file.key: replace(item.proof, size=8)})
    assert (other.known, other.why) == (False, "the same content")


def test_files_keep_their_order(gallery):
    files = [gallery.file(f"uploads/{n}.jpg") for n in range(4)]
    known = gallery.bring(compare(gallery.bucket, files[1:3]))
    items = compare(gallery.bucket, files[::-1], known={files[2].key: known[files[2].key]})
    assert [(item.file.key, item.action) for item in items] == [
        ("uploads/3.jpg", "upload"),
        ("uploads/2.jpg", "there"),
        ("uploads/1.jpg", "there"),
        ("uploads/0.jpg", "upload"),
    ]
