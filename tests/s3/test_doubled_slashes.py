"""Keys as they are, on a storage that keeps doubled slashes apart, as S3 does and SeaweedFS does not."""

import socket

import pytest

from maulstick.media.compare import compare
from maulstick.s3.bucket import open_bucket
from tests.s3.gallery import Gallery, address_of
from tests.s3.test_keys import KEYS

DOUBLED = ["uploads/artworks//1763_2f.png", "/uploads/x.jpg", "uploads///x.jpg", "uploads//deep//x é+.jpg"]


def file_of(gallery, key):
    """Write a file whose path, as a row names it, means this key."""
    return gallery.file(f"/{key}", key.encode())


@pytest.mark.parametrize("key", [*DOUBLED, *KEYS])
def test_a_key_arrives_to_the_letter_and_is_found_again(literal_gallery, key):
    file = file_of(literal_gallery, key)
    assert file.key == key
    known = literal_gallery.bring(compare(literal_gallery.bucket, [file]))
    assert list(literal_gallery.bucket.list([""])) == [key]
    assert literal_gallery.content(key) == key.encode()
    with literal_gallery.asked() as asked:
        [item] = compare(literal_gallery.bucket, [file], known=known)
    assert (item.action, asked) == ("there", ["GET "])


def test_one_slash_and_two_are_two_objects(literal_gallery):
    one, two = (literal_gallery.bucket, ["uploads/x.jpg", "uploads//x.jpg"])
    for key, content in zip(two, (b"one", b"two"), strict=True):
        literal_gallery.by_hand(key, content)
    assert [literal_gallery.content(key) for key in two] == [b"one", b"two"]
    assert sorted(one.among("uploads//", two[1:])) == ["uploads//x.jpg"]
    assert sorted(one.among("uploads/", two[:1])) == ["uploads/x.jpg"]


def test_headers_are_repaired_under_a_doubled_slash(literal_gallery):
    key = DOUBLED[0]
    literal_gallery.by_hand(key, key.encode(), ContentType="text/html")
    assert literal_gallery.send(file_of(literal_gallery, key)) == {key: "repair"}
    assert literal_gallery.bucket.head(key).type == "image/png"


def test_a_bucket_may_be_a_host_of_its_own(literal_gallery, monkeypatch):
    """As on Tigris, which refuses the other form to new buckets."""
    ask, port = socket.getaddrinfo, literal_gallery.bucket.address.endpoint.rpartition(":")[2]
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **how: ask("127.0.0.1", *rest, **how))
    virtual = open_bucket(
        address_of(f"http://localhost:{port}", region="us-east-1", addressing="virtual"), attempts=2
    )
    gallery, film = Gallery(literal_gallery.root, virtual), bytes(9 << 20)
    files = [gallery.file("uploads//x é+.jpg"), gallery.file("uploads/film.mp4", film)]
    assert gallery.send(*files) == {file.key: "upload" for file in files}
    assert gallery.send(*files) == {file.key: "there" for file in files}
    assert literal_gallery.content(files[0].key) == b"a picture"
