import hashlib
from dataclasses import replace

import pytest

from maulstick.project.declarations import MediaFile
from maulstick.sandbox.process import wait_until
from maulstick.verify.http import Web
from maulstick.verify.proof import delivery as module
from maulstick.verify.proof import files
from maulstick.verify.proof.delivery import arrivals, early
from tests.verify.small_site import Reply

BYTES = {"a.jpg": b"a picture", "an é.jpg": b"another", "c.wav": b""}
FILM = bytes(range(250)) * 10


def file_of(key, content, kind="image/jpeg"):
    return MediaFile(key, key, hashlib.sha256(content).hexdigest(), len(content), kind, "")


def jpeg(content, status=200):
    return Reply(content, status, {"content-type": "image/jpeg"})


SENT = [file_of(key, content) for key, content in BYTES.items()]


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch, pauses):
    monkeypatch.setattr(module, "LATE", (0.05, 0.05))


@pytest.fixture
def serving(site):
    site.answers("/media/a.jpg", jpeg(b"a picture"))
    site.answers("/media/an%20%C3%A9.jpg", jpeg(b"another"))
    site.answers("/media/c.wav", jpeg(b""))
    return site


def asked(site, wanted=SENT, *, at_once=4, moved=lambda _: None):
    visitor = Web(site.address, timeout=600, patience=0.5)
    found = arrivals(visitor, wanted, f"{site.address}/media", at_once=at_once, moved=moved)
    return {key: (check.ok, check.answer) for key, check in found.items()}


def test_each_file_is_asked_for_once_and_counted(serving):
    counted = []
    found = asked(serving, moved=counted.append)
    assert found == {key: (True, f"{len(content)} bytes as released") for key, content in BYTES.items()}
    assert (len(serving.asked), sum(counted)) == (3, 3)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (jpeg(b"", 403), "answers 403"),
        (jpeg(b"", 404), "answers 404"),
        (jpeg(b"a pictur"), "has other bytes: 8, released were 9"),
        (jpeg(b"a Picture"), "has other bytes: 9, released were 9"),
        (Reply(b"a picture"), "is text/html, released was image/jpeg"),
    ],
)
def test_what_visitors_get_otherwise_is_wrong_and_only_that_is_asked_again(serving, reply, says):
    serving.answers("/media/a.jpg", reply)
    found = asked(serving)
    assert found["a.jpg"] == (False, says)
    assert [ok for ok, _ in found.values()].count(True) == 2
    assert serving.asked.count("/media/a.jpg") == 3
    assert len(serving.asked) == 5


def test_what_comes_late_is_right(serving):
    serving.answers("/media/a.jpg", jpeg(b"", 404), jpeg(b"what was there"), jpeg(b"a picture"))
    assert asked(serving)["a.jpg"] == (True, "9 bytes as released")


def test_where_all_is_wrong_only_some_are_asked_again(site, monkeypatch):
    monkeypatch.setattr(module, "FEW", 2)
    wanted = [file_of(f"{n}.jpg", b"x") for n in range(9)]
    assert {ok for ok, _ in asked(site, wanted).values()} == {False}
    assert len(site.asked) == 9 + 2 * 2
    for n in range(9):
        site.answers(f"/media/{n}.jpg", jpeg(b"", 404), jpeg(b"x"))
    assert {ok for ok, _ in asked(site, wanted).values()} == {True}


def test_a_picture_by_another_name_of_its_type_is_right(serving):
    serving.answers("/media/a.jpg", Reply(b"a picture", 200, {"content-type": "image/jpg"}))
    assert asked(serving)["a.jpg"][0] is True


def test_where_nobody_answers_nobody_is_asked_any_more(site):
    site.answers("/media/a.jpg", jpeg(b"", 503))
    assert asked(site, at_once=1) == {"a.jpg": (None, "answers 503, for 0 seconds now")}
    assert set(site.asked) == {"/media/a.jpg"}


@pytest.fixture
def film(monkeypatch):
    monkeypatch.setattr(files, "WHOLE", 1000)
    monkeypatch.setattr(files, "PIECE", 100)
    return file_of("film.mp4", FILM, "video/mp4")


def part(first, content=FILM, kind="video/mp4", size=100):
    piece = content[first : first + size]
    told = f"bytes {first}-{first + len(piece) - 1}/{len(content)}"
    return Reply(piece, 206, {"content-type": kind, "content-range": told})


def test_of_a_large_file_both_ends_are_asked_for(site, film):
    site.answers("/media/film.mp4", part(0), part(2400))
    assert asked(site, [film])["film.mp4"] == (True, "2500 bytes by both its ends")
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ([part(0, FILM[:2400])], "has other bytes: 2400, released were 2500"),
        ([part(0), part(2400, size=40)], "has other bytes: 2440, released were 2500"),
        ([part(0, kind="text/html")], "is text/html, released was video/mp4"),
        ([Reply(b"", 403, {"content-type": "application/xml"})], "answers 403"),
        ([Reply(FILM[:-1], 200, {"content-type": "video/mp4"})], "has other bytes: 2499, released were 2500"),
    ],
)
def test_a_large_file_that_ends_otherwise_is_wrong(site, film, replies, says):
    site.answers("/media/film.mp4", *(replies * 3))
    assert asked(site, [film])["film.mp4"] == (False, says)


def test_a_path_style_address_of_tigris_is_wrong_unasked(site):
    public = "https://fly.storage.tigris.dev/olivia"
    [check] = arrivals(Web(site.address), SENT, public, moved=lambda _: None).values()
    assert (check.ok, check.answer) == (False, "its address is path-style, which Tigris refuses")
    assert check.hint == "set S3_PUBLIC_URL to the bucket's own host name"


def asked_early(site, wanted=SENT):
    """Ask for files one after the other as they arrive, and return what was right by then."""
    visitor = Web(site.address, timeout=600, patience=0.5)
    with early(visitor, f"{site.address}/media", at_once=1) as asking:
        for file in wanted:
            asking.ask(file)
        asking.pool.shutdown()
    return asking.right


def test_what_was_right_while_others_were_sent_is_not_asked_for_again(serving):
    known = asked_early(serving)
    assert {key: check.ok for key, check in known.items()} == dict.fromkeys(BYTES, True)
    counted, visitor = [], Web(serving.address, timeout=600, patience=0.5)
    found = arrivals(visitor, SENT, f"{serving.address}/media", moved=counted.append, known=known)
    assert (found, len(serving.asked), sum(counted)) == (known, 3, 3)


@pytest.mark.parametrize("reply", [jpeg(b"", 403), jpeg(b"a Picture"), Reply(b"", 503)])
def test_after_a_wrong_answer_nobody_is_asked_before_all_is_sent(serving, reply):
    serving.answers("/media/a.jpg", reply, jpeg(b"a picture"))
    known = asked_early(serving)
    assert (known, serving.asked) == ({}, ["/media/a.jpg"])
    found = arrivals(
        Web(serving.address), SENT, f"{serving.address}/media", moved=lambda _: None, known=known
    )
    assert all(check.ok for check in found.values())
    assert list(found) == list(BYTES)


def test_what_waits_when_all_is_sent_is_left_to_the_questions_after(serving):
    visitor = Web(serving.address, timeout=600)
    with early(visitor, f"{serving.address}/media", at_once=1) as asking:
        serving.answers("/media/a.jpg", replace(jpeg(b"a picture"), wait=asking.ended.wait))
        for file in SENT:
            asking.ask(file)
        assert wait_until(lambda: bool(serving.asked), seconds=600)
    assert (list(asking.right), serving.asked) == (["a.jpg"], ["/media/a.jpg"])
