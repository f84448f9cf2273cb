"""Bytes that change on the way, to a storage that holds Content-MD5 against them and to one that does not."""

from types import SimpleNamespace

import pytest
from urllib3 import HTTPHeaderDict

from maulstick.errors import Problem
from maulstick.media.compare import compare
from maulstick.s3.bucket import open_bucket
from maulstick.s3.multipart import PART
from maulstick.s3.wire import Reply
from tests.s3.faulty_line import line_to
from tests.s3.gallery import Gallery, address_of

FILM = bytes(PART + 5)


def spoilt(method, body):
    return b"EVIL" + body[4:] if method == "PUT" and len(body) > 4 else body


@pytest.fixture
def spoiling(literal_bucket, literal_gallery):
    """The gallery of a storage that looks at nothing, at the end of a line that spoils what it carries."""
    port = int(literal_bucket.address.endpoint.rpartition(":")[2])
    with line_to("127.0.0.1", port) as line:
        line.spoils = spoilt
        far = open_bucket(address_of(line.address, region="us-east-1"))
        yield SimpleNamespace(gallery=Gallery(literal_gallery.root, far), line=line)


@pytest.mark.parametrize("content", [b"a picture", FILM])
def test_what_arrives_as_something_else_is_removed_and_said(spoiling, literal_gallery, content):
    file = literal_gallery.file("uploads/x.mp4", content)
    with pytest.raises(Problem, match="uploads/x.mp4: arrived with other bytes than were sent"):
        spoiling.gallery.send(file)
    assert literal_gallery.bucket.head(file.key) is None
    assert literal_gallery.send(file) == {file.key: "upload"}


def test_what_arrived_as_something_else_and_stays_is_to_be_removed_by_hand(spoiling, literal_gallery):
    file = literal_gallery.file("uploads/x.jpg")
    spoiling.line.fails = lambda method, path: (403, "AccessDenied") if method == "DELETE" else None
    with pytest.raises(Problem, match="could not be removed\n  hint: remove it by hand"):
        spoiling.gallery.send(file)


@pytest.mark.parametrize("content", [b"a picture", FILM])
def test_a_storage_that_looks_at_what_arrives_takes_nothing_else(far_gallery, gallery, line, content):
    file = gallery.file("uploads/x.mp4", content)
    spoilt_once = [spoilt]
    line.spoils = lambda method, body: (
        spoilt_once.pop()(method, body) if spoilt_once and method == "PUT" and body else body
    )
    far_gallery.bring(compare(gallery.bucket, [file]))
    assert gallery.bucket.digest(file.key) == file.sha256


@pytest.mark.parametrize("content", [b"a picture", FILM])
def test_what_arrives_as_it_was_sent_is_not_read_back(gallery, monkeypatch, content):
    read = []
    monkeypatch.setattr("maulstick.s3.bucket.Bucket.digest", lambda self, key: read.append(key))
    gallery.send(gallery.file("uploads/x.mp4", content))
    assert read == []


@pytest.mark.parametrize(
    ("etag", "encryption", "other"),
    [
        (f'"{"0" * 32}"', {}, False),
        (f'"{"1" * 32}"', {}, True),
        (f'"{"1" * 32}"', {"X-Amz-Server-Side-Encryption": "aws:kms"}, False),
        (f'"{"1" * 32}-2"', {}, False),
        ('"CAE="', {}, False),
        ("", {}, False),
    ],
)
def test_only_an_etag_that_is_a_digest_tells_what_arrived(etag, encryption, other):
    reply = Reply(200, HTTPHeaderDict({"ETag": etag, **encryption}), b"")
    assert reply.is_other_than("0" * 32) is other
