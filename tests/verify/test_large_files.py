import hashlib
import tracemalloc

import pytest

from maulstick.project.declarations import MediaFile
from maulstick.verify.http import Web
from maulstick.verify.proof.files import delivered
from tests.verify.small_site import Reply

FILM = bytes(range(250)) * 400_000
PEAK = 40 << 20
"""Bytes of memory that reading it may take at most."""


@pytest.fixture
def film():
    """A film of a hundred megabytes."""
    return MediaFile("film.mp4", "film.mp4", hashlib.sha256(FILM).hexdigest(), len(FILM), "video/mp4", "")


def asked(visitor, site, film, *replies):
    site.answers("/film.mp4", *replies)
    check = delivered(visitor, film, site.address)
    return check.ok, check.answer


def of_type(content, kind="video/mp4", **more):
    return Reply(content, 200, {"content-type": kind}, **more)


def test_a_large_file_is_read_and_not_kept(visitor, site, film):
    reply = of_type(FILM)
    tracemalloc.start()
    try:
        assert asked(visitor, site, film, reply) == (True, "100000000 bytes as released")
        assert tracemalloc.get_traced_memory()[1] < PEAK
    finally:
        tracemalloc.stop()
    assert len(site.asked) == 1


@pytest.mark.parametrize("at", [5, 1_500_000, -5])
def test_a_large_file_with_other_bytes_anywhere_is_wrong(visitor, site, film, at):
    other = bytearray(FILM)
    other[at] ^= 1
    wrong = (False, "has other bytes: 100000000, released were 100000000")
    assert asked(visitor, site, film, of_type(other)) == wrong


def test_a_large_file_of_another_size_or_type_is_wrong(visitor, site, film):
    shorter = (False, "has other bytes: 2400, released were 100000000")
    assert asked(visitor, site, film, of_type(FILM[:2400])) == shorter
    told = (False, "is audio/mp4, released was video/mp4")
    assert asked(visitor, site, film, of_type(FILM, "audio/mp4")) == told
    assert asked(visitor, site, film, Reply(b"", 404)) == (False, "answers 404")


def test_a_slow_line_that_never_stops_is_not_too_slow(site, drip, monkeypatch):
    visitor = Web(site.address, timeout=300, patience=300)
    content = bytes(60)
    file = MediaFile("film.mp4", "film.mp4", hashlib.sha256(content).hexdigest(), 60, "video/mp4", "")
    dripping = of_type(content, drip=drip)
    assert asked(visitor, site, file, dripping)[1].startswith("sends its answer too slowly")
    monkeypatch.setattr("maulstick.verify.response.SLOWEST", 0.1)
    assert asked(visitor, site, file, dripping) == (True, "60 bytes as released")


def test_an_answer_without_end_is_not_waited_for(site, film, drip):
    visitor = Web(site.address, timeout=300, patience=300)
    endless = of_type(bytes(1000), drip=drip)
    assert asked(visitor, site, MediaFile("film.mp4", "film.mp4", "", 9, "video/mp4", ""), endless) == (
        None,
        "sends its answer too slowly to be read",
    )


def test_a_server_that_tells_no_length_is_read_to_the_end(visitor, site, monkeypatch):
    monkeypatch.setattr("maulstick.verify.proof.files.WHOLE", 100)
    monkeypatch.setattr("maulstick.verify.proof.files.PIECE", 10)
    content = bytes(range(250))
    file = MediaFile(
        "film.mp4", "film.mp4", hashlib.sha256(content).hexdigest(), len(content), "video/mp4", ""
    )
    site.answers("/film.mp4", of_type(content, chunked=True))
    assert delivered(visitor, file, site.address, whole=False).ok is True
    site.answers("/film.mp4", of_type(content[::-1], chunked=True))
    assert delivered(visitor, file, site.address, whole=False).ok is False
