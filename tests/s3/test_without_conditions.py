"""Storages that know no conditional writes, as Backblaze B2, or that take no notice of them."""

from urllib.parse import urlsplit

import pytest

from maulstick.errors import Problem
from maulstick.media.compare import compare
from maulstick.s3.bucket import open_bucket
from maulstick.s3.multipart import PART
from tests.s3.faulty_line import line_to
from tests.s3.gallery import Gallery, address_of

CONDITIONS = ("If-Match", "If-None-Match")
KEY = "uploads/lamp.txt"
LARGE = b"l" * (PART + 1)


def not_implemented(headers):
    return (501, "NotImplemented") if any(name in headers for name in CONDITIONS) else None


@pytest.fixture
def without(literal_gallery):
    """A line to a storage that refuses every condition of a write."""
    there = urlsplit(literal_gallery.bucket.address.endpoint)
    with line_to(there.hostname, there.port) as line:
        line.refuses = not_implemented
        yield line


def gallery_at(line, literal_gallery, **other):
    address = address_of(line.address, region="us-east-1", **other)
    return Gallery(literal_gallery.root, open_bucket(address, attempts=2))


@pytest.fixture
def looking(without, literal_gallery):
    return gallery_at(without, literal_gallery, conditional_writes=False)


@pytest.mark.parametrize("content", [b"It burns.", LARGE])
def test_a_storage_without_conditions_is_named_as_such(without, literal_gallery, content):
    gallery = gallery_at(without, literal_gallery)
    with pytest.raises(Problem) as caught:
        gallery.send(gallery.file(f"/{KEY}", content))
    assert "knows no conditional writes: it answered 501 to " in caught.value.what
    assert "set conditional_writes = false for this target" in caught.value.hint
    assert gallery.bucket.head(KEY) is None


def test_an_acl_that_is_not_implemented_is_another_thing(without, literal_gallery):
    without.refuses = lambda headers: (501, "x-amz-acl is NotImplemented") if "x-amz-acl" in headers else None
    gallery = gallery_at(without, literal_gallery, acl="public-read")
    with pytest.raises(Problem, match="knows no ACLs"):
        gallery.send(gallery.file(f"/{KEY}"))


@pytest.mark.parametrize("content", [b"It burns.", LARGE])
def test_where_we_look_first_it_is_sent_all_the_same(looking, content):
    file = looking.file(f"/{KEY}", content)
    assert looking.send(file) == {KEY: "upload"}
    assert looking.send(file) == {KEY: "there"}
    assert looking.content(KEY) == content


@pytest.mark.parametrize("content", [b"It burns.", LARGE])
def test_what_somebody_else_put_there_meanwhile_is_not_replaced(looking, content):
    items = compare(looking.bucket, [looking.file(f"/{KEY}", content)])
    looking.by_hand(KEY, b"somebody else's")
    with pytest.raises(Problem, match="was put there by somebody else just now"):
        looking.bring(items)
    assert looking.content(KEY) == b"somebody else's"
    assert looking.unfinished() == []


def test_replacing_keeps_what_was_there_and_looks_that_it_is_that(looking):
    looking.by_hand(KEY, b"the old one")
    items = compare(looking.bucket, [looking.file(f"/{KEY}", b"the new one")], overwrite=True)
    looking.bring(items, kept={KEY: "maulstick/before/lamp.txt"})
    assert looking.content(KEY) == b"the new one"
    assert looking.content("maulstick/before/lamp.txt") == b"the old one"


def test_headers_are_mended_there_too(looking):
    file = looking.file("/uploads/lamp.json", b"{}")
    looking.by_hand("uploads/lamp.json", b"{}", ContentType="text/plain")
    assert looking.send(file) == {"uploads/lamp.json": "repair"}
    assert looking.bucket.head("uploads/lamp.json").type == "application/json"


def test_the_storage_is_asked_what_it_knows_and_nothing_stays_there(without, literal_gallery):
    bucket = gallery_at(without, literal_gallery).bucket
    assert bucket.knows_conditions() is False
    without.refuses, without.dropped = (lambda headers: None), CONDITIONS
    assert bucket.knows_conditions() is False
    without.dropped = ()
    assert bucket.knows_conditions() is True
    without.refuses = lambda headers: (400, "BadDigest")
    assert bucket.knows_conditions() is None
    assert literal_gallery.bucket.list([""]) == {}


def test_a_real_storage_knows_them(bucket):
    assert bucket.knows_conditions() is True
    assert bucket.list(["maulstick/"]) == {}
