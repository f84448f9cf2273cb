import hashlib
import socket
import time
import zlib
from functools import partial
from threading import Event

import pytest

from maulstick.errors import Exit, Problem
from maulstick.proxies import through
from maulstick.verify import response
from maulstick.verify.http import Web
from maulstick.verify.live import Live
from maulstick.verify.response import Unreachable, Wrong
from tests.verify.small_site import Reply


def moved(target, status=302):
    return Reply(b"", status, {"location": target})


def test_a_page_is_got_by_its_path_or_its_address(site, visitor):
    site.answers("/series/x", Reply(b"<h1>x</h1>"))
    began = time.monotonic()
    for asked in ("/series/x", "series/x", f"{site.address}/series/x"):
        answer = visitor.get(asked)
        assert (answer.status, answer.body, answer.type) == (200, b"<h1>x</h1>", "text/html")
    assert answer.address == f"{site.address}/series/x"
    assert answer.headers["Content-Type"] == answer.headers["content-type"]
    assert 0 < answer.seconds < time.monotonic() - began


def test_a_page_that_is_missing_is_an_answer(visitor, site):
    assert visitor.get("/nowhere").status == 404
    assert site.asked == ["/nowhere"]


def test_502_and_then_a_page_is_a_page(site, visitor):
    site.answers("/", Reply(status=502), Reply(status=503), Reply(b"here"))
    assert visitor.get("/").body == b"here"
    assert len(site.asked) == 3


@pytest.mark.parametrize(
    "bad", [Reply(missing=10), Reply(wait=partial(Event().wait, 600)), Reply(status=429)]
)
def test_an_answer_cut_off_or_late_or_put_off_is_asked_for_again(site, bad):
    site.answers("/", bad, Reply(b"here"))
    assert Web(site.address, timeout=0.5, patience=600).get("/").body == b"here"


def test_a_machine_that_sleeps_gets_time_to_wake(sleeping_site):
    sleeping_site.answers("/", Reply(b"awake"))
    assert Web(sleeping_site.address, timeout=600, patience=600).get("/").body == b"awake"


def test_a_site_that_only_refuses_could_not_be_told(site, pauses):
    site.answers("/", Reply(status=500))
    with pytest.raises(
        Unreachable, match=r"^http://127.0.0.1:\d+/: answers 500, for \d seconds now"
    ) as caught:
        Web(site.address, patience=0.5).get("/")
    assert caught.value.code == Exit.UNKNOWN
    assert len(site.asked) > 1


def test_a_dead_site_could_not_be_told(pauses):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="accepts no connection") as caught:
            Web(f"http://127.0.0.1:{taken.getsockname()[1]}", patience=0.5).get("/")
    assert caught.value.code == Exit.UNKNOWN


def test_a_site_that_accepts_and_says_nothing_could_not_be_told(pauses):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        visitor = Web(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2, patience=0.6)
        with pytest.raises(Unreachable, match="does not answer in time"):
            visitor.get("/")


def test_an_answer_that_drips_is_given_up(site, drip):
    site.answers("/", Reply(b"x" * 20, drip=drip))
    with pytest.raises(Unreachable, match="sends its answer too slowly"):
        Web(site.address, timeout=100, patience=100).get("/")


def test_an_answer_in_chunks_is_put_together(site, visitor):
    site.answers("/", Reply(chunked=True, missing=1), Reply(chunked=True))
    assert visitor.get("/").body == b"hello"
    assert visitor.get("/").body == b"hello"


def test_an_answer_without_end_is_wrong(site, visitor, monkeypatch):
    monkeypatch.setattr(response, "LARGEST", 1 << 20)
    site.answers("/", Reply(b"x" * (3 << 20)))
    with pytest.raises(Wrong, match="answers more than 1 MiB"):
        visitor.get("/")


def test_redirects_are_followed_a_few_times(site, visitor):
    for n in range(5):
        site.answers(f"/{n}", moved(f"/{n + 1}", 301 + n % 2))
    site.answers("/5", Reply(b"here"))
    answer = visitor.get("/0")
    assert (answer.body, answer.address) == (b"here", f"{site.address}/5")


def test_redirects_in_a_circle_cannot_be_told_and_end(site, visitor):
    site.answers("/a", moved("/b"))
    site.answers("/b", moved("/a"))
    with pytest.raises(Unreachable, match="is redirected more than 20 times") as caught:
        visitor.get("/a")
    assert caught.value.code == Exit.UNKNOWN
    assert len(site.asked) == 21


def test_a_redirect_to_something_else_than_a_page_is_wrong(site, visitor):
    site.answers("/", moved("file:///etc/passwd"))
    with pytest.raises(Wrong, match="which is not a page"):
        visitor.get("/")


@pytest.mark.parametrize("there", ["http://169.254.169.254/latest", "//localhost:5432/", "http://10.0.0.1"])
def test_a_redirect_to_where_no_visitor_gets_is_not_followed(site, monkeypatch, there):
    monkeypatch.setenv("http_proxy", site.address)
    site.answers("http://gallery.example/", moved(there))
    site.answers(
        "http://gallery.example/x", Reply(b'<meta http-equiv="refresh" content="0; url=%b">' % there.encode())
    )
    web = Web("http://gallery.example")
    for ask in (web.get, Live(None, web, bundle=None, database=None, machine=None).came):
        with pytest.raises(Wrong, match="which only this machine or its network can reach"):
            ask("/" if ask == web.get else "/x")
    assert all(asked.startswith("http://gallery.example/") for asked in site.asked)


def test_a_small_answer_that_is_large_when_unpacked_ends(site, visitor):
    packer = zlib.compressobj(wbits=31)
    packed = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(64)), packer.flush()])
    site.answers("/", Reply(packed, headers={"content-encoding": "gzip"}))
    with pytest.raises(Wrong, match="answers more than 32 MiB"):
        visitor.get("/")


def test_an_image_is_known_by_its_digest(site, visitor):
    site.answers("/media/x.jpg", Reply(b"a picture", headers={"content-type": "image/jpeg"}))
    answer = visitor.fetch("/media/x.jpg")
    assert (answer.status, answer.type, answer.size, answer.body) == (200, "image/jpeg", 9, b"")
    assert answer.sha256 == hashlib.sha256(b"a picture").hexdigest()


def test_of_a_server_that_sends_all_no_more_is_read_than_was_asked_for(site, visitor):
    site.answers("/film.mp4", Reply(b"x" * (32 << 20)))
    answer = visitor.part("/film.mp4", 0, 99)
    assert answer.status == 200
    assert 100 <= answer.size <= response.BLOCK
    assert visitor.get("/film.mp4").size == 32 << 20


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("/media/a b.jpg", "/media/a%20b.jpg"),
        ("/media/café.jpg", "/media/caf%C3%A9.jpg"),
        ("/media/a%20b%2Bc%25d.jpg", "/media/a%20b%2Bc%25d.jpg"),
        ("/media/uploads//x.jpg", "/media/uploads//x.jpg"),
        ("/media/who%3F.jpg?v=1", "/media/who%3F.jpg?v=1"),
        ("/series/x?theme=reviewer#note", "/series/x?theme=reviewer"),
    ],
)
def test_an_address_is_asked_for_as_a_browser_does(site, visitor, asked, sent):
    visitor.get(asked)
    assert site.asked == [sent]


def test_an_address_that_is_none_is_wrong(visitor):
    with pytest.raises(Wrong, match="is not an address"):
        visitor.get("http://[nonsense")


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_is_asked_but_for_this_machine(site, visitor, monkeypatch, pauses, name):
    monkeypatch.setenv(name, site.address)
    site.answers("http://gallery.example/x", Reply(b"through it"))
    site.answers("/x", Reply(b"directly"))
    assert visitor.get("http://gallery.example/x").body == b"through it"
    assert visitor.get("/x").body == b"directly"
    monkeypatch.setenv("no_proxy", "gallery.example")
    with pytest.raises(Unreachable, match="has a host name that nobody knows"):
        Web(site.address, patience=1).get("http://gallery.example/x")


def test_a_proxy_is_told_its_password_and_may_have_no_scheme(site, visitor, monkeypatch):
    host = site.address.removeprefix("http://")
    site.answers("http://gallery.example/x", Reply(b"through it"))
    for proxy in (host, f"http://me:p%40ss@{host}"):
        monkeypatch.setenv("http_proxy", proxy)
        assert visitor.get("http://gallery.example/x").body == b"through it"
    assert through(f"me:p%40ss@{host}").proxy_headers == {"proxy-authorization": "Basic bWU6cEBzcw=="}


def test_a_proxy_of_another_kind_is_a_usage_problem(visitor, monkeypatch):
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")
    with pytest.raises(Problem, match="a proxy with the scheme socks5 is not supported") as caught:
        visitor.get("http://gallery.example/x")
    assert caught.value.code == Exit.USAGE
