import hashlib

import pytest
from small_site import Reply

from maulstick.content import MediaFile
from maulstick.proof import files
from maulstick.proof.files import delivered

FILM = bytes(range(250)) * 10


@pytest.fixture
def film(monkeypatch):
    """A film that is read in three pieces."""
    monkeypatch.setattr(files, "WHOLE", 1000)
    return MediaFile("film.mp4", "film.mp4", hashlib.sha256(FILM).hexdigest(), len(FILM), "video/mp4", "")


def pieces(content, kind="video/mp4"):
    for first in range(0, len(content), 1000):
        piece = content[first : first + 1000]
        headers = {"content-range": f"bytes {first}-{first + len(piece) - 1}/{len(content)}"}
        yield Reply(piece, 206, {"content-type": kind, **headers})


def asked(visitor, site, film, *replies):
    site.answers("/film.mp4", *replies)
    check = delivered(visitor, film, site.address)
    return check.ok, check.answer


def test_a_large_file_is_read_piece_by_piece(visitor, site, film):
    assert asked(visitor, site, film, *pieces(FILM)) == (True, "2500 bytes as released")
    assert len(site.asked) == 3


def test_a_server_that_sends_all_of_it_is_asked_once(visitor, site, film):
    whole = Reply(FILM, 200, {"content-type": "video/mp4"})
    assert asked(visitor, site, film, whole) == (True, "2500 bytes as released")
    assert len(site.asked) == 1


@pytest.mark.parametrize("at", [5, 1500, -5])
def test_a_large_file_with_other_bytes_anywhere_is_wrong(visitor, site, film, at):
    other = bytearray(FILM)
    other[at] ^= 1
    assert asked(visitor, site, film, *pieces(other)) == (
        False,
        "has other bytes: 2500, released were 2500",
    )


def test_a_large_file_of_another_size_or_type_is_wrong(visitor, site, film):
    shorter = (False, "has other bytes: 2400, released were 2500")
    assert asked(visitor, site, film, *pieces(FILM[:2400])) == shorter
    told = (False, "is audio/mp4, released was video/mp4")
    assert asked(visitor, site, film, *pieces(FILM, "audio/mp4")) == told
    assert asked(visitor, site, film, Reply(b"", 404)) == (False, "answers 404")
