import unicodedata

import pytest

from maulstick.media.compare import compare

KEYS = [
    "uploads/she lays down.jpg",
    "uploads/1+1.jpg",
    "uploads/100%41.jpg",
    "uploads/no#1.jpg",
    "uploads/who?.jpg",
    'uploads/it\'s "here".jpg',
    "uploads/a, b (c) [d].jpg",
    "uploads/t~!:;=@&$*.jpg",
    "uploads/UPPER.JPG",
    unicodedata.normalize("NFC", "uploads/café.jpg"),
    unicodedata.normalize("NFD", "uploads/café.jpg"),
    "uploads/画.jpg",
    "uploads/deep/er/and/deeper/x.jpg",
    "without-a-folder.jpg",
    f"uploads/{'n' * 221}/{'m' * 221}/{'o' * 221}/{'p' * 222}.jpg",  # 900 bytes
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_the_path_to_the_letter(gallery, key):
    content = key.encode()
    assert gallery.send(gallery.file(f"/{key}", content)) == {key: "upload"}
    assert gallery.content(key) == content
    assert list(gallery.bucket.list([""])) == [key]


@pytest.mark.parametrize("key", [*KEYS, "uploads/artworks//1763_2f.png"])
def test_a_key_that_is_there_is_found_again(gallery, key):
    file = gallery.file(f"/{key}")
    gallery.send(file)
    assert gallery.send(file) == {key: "there"}


@pytest.mark.parametrize("key", [*KEYS, "uploads/artworks//1763_2f.png"])
def test_headers_are_repaired_under_any_key(gallery, key):
    gallery.by_hand(key, b"a picture", ContentType="text/html")
    file = gallery.file(f"/{key}")
    assert gallery.send(file) == {key: "repair"}
    assert gallery.send(file) == {key: "there"}
    assert gallery.content(key) == b"a picture"


def test_both_unicode_forms_of_a_name_are_two_objects(gallery):
    composed, apart = (f"uploads/{unicodedata.normalize(form, 'é')}.jpg" for form in ("NFC", "NFD"))
    gallery.send(gallery.file(composed, b"one"))
    assert gallery.send(gallery.file(apart, b"two")) == {apart: "upload"}
    assert (gallery.content(composed), gallery.content(apart)) == (b"one", b"two")


def test_a_doubled_slash_is_kept(gallery):
    gallery.send(gallery.file("/uploads/artworks//2f.png"))
    assert gallery.bucket.head("uploads/artworks//2f.png").type == "image/png"


def test_one_listing_tells_of_all_files_of_a_folder(gallery):
    files = [gallery.file(f"uploads/media/{n}.jpg") for n in range(3)] + [gallery.file("uploads/x.jpg")]
    with gallery.asked() as asked:
        compare(gallery.bucket, files)
    assert asked == ["GET ", "GET "]


def test_the_public_address_of_a_key_is_what_a_browser_asks_for(gallery):
    address = gallery.bucket.address.public("uploads/a b+c%d#é?.jpg")
    assert address.endswith("/gallery/uploads/a%20b%2Bc%25d%23%C3%A9%3F.jpg")
