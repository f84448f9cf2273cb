"""Pictures and recordings as the bucket has them, under exactly the keys that were asked for."""

from __future__ import annotations

import socket

import pytest

from tests.sandbox.site.sites import FOREVER, KEYS, PICTURE, Recorded, Site

PLAIN = f"/media/{KEYS[0]}"


@pytest.mark.parametrize("key", KEYS)
def test_a_picture_comes_as_it_was_put(site: Site, key: str):
    answer = site.ask(site.media(key))
    assert (answer.status, answer.body) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == FOREVER
    assert answer.headers["content-length"] == str(len(PICTURE))
    assert answer.headers["etag"]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/media/uploads/artworks//1.png", "uploads/artworks//1.png"),
        ("/media//uploads/1.png", "/uploads/1.png"),
        ("/media/a+b%2Bc%20d.jpg", "a%2Bb%2Bc%20d.jpg"),
        ("/media/a%252Fb%3Fc%23d.jpg", "a%252Fb%3Fc%23d.jpg"),
        ("/media/Mar%C3%A9e%5B2%5D,(1).jpg", "Mar%C3%A9e%5B2%5D%2C%281%29.jpg"),
        ("/media/x.jpg?v=1", "x.jpg"),
        ("/media/UPPER.JPG/", "UPPER.JPG/"),
    ],
)
def test_storage_is_asked_for_the_key_to_the_letter(recorded: Recorded, path: str, key: str):
    assert recorded.ask(path) == 404
    assert recorded.asked == [f"/pictures/{key}"]


@pytest.mark.parametrize(
    "path",
    [
        "/media/../app.py",
        "/media/uploads/../../x",
        "/media/%2e%2e/x",
        "/media/a/./b",
        "/media/a%00b",
        "/media/%ff",
        "/media/",
    ],
)
def test_no_path_leaves_the_bucket(recorded: Recorded, path: str):
    assert recorded.ask(path) == 400
    assert recorded.asked == []


def test_what_the_bucket_lacks_is_not_found(site: Site):
    assert site.ask("/media/uploads/none.jpg").status == 404


def test_head_tells_what_get_would_without_a_body(site: Site):
    answer = site.ask(PLAIN, "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(PICTURE))


def test_a_browser_that_has_it_is_told_so(site: Site):
    etag = site.ask(PLAIN).headers["etag"]
    answer = site.ask(PLAIN, if_none_match=etag)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["cache-control"] in (None, FOREVER)
    assert answer.headers["content-type"] != "text/html; charset=utf-8"
    assert site.ask(PLAIN, if_none_match='"other"').status == 200


def test_a_player_gets_the_part_it_asks_for(site: Site):
    answer = site.ask(PLAIN, range="bytes=10-19")
    assert (answer.status, answer.body) == (206, PICTURE[10:20])
    assert answer.headers["content-range"] == f"bytes 10-19/{len(PICTURE)}"


def test_nothing_can_be_put(site: Site):
    assert site.ask(PLAIN, "PUT").status == 405
    assert site.ask(PLAIN, "DELETE").status == 405


def test_a_visitor_who_leaves_takes_nobody_along(site: Site):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", site.port)) as visitor:
            visitor.sendall(f"GET {PLAIN} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert site.ask(PLAIN).body == PICTURE
