"""What a real Chromium finds wrong with a page, and what it cannot tell."""

import datetime
import ssl
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from maulstick.project.declarations import Page
from maulstick.verify import tab
from maulstick.verify.browser import DESKTOP
from maulstick.verify.proof.in_browser import faultless, screens
from maulstick.verify.response import Unreachable, Wrong
from tests.verify.small_site import Reply, Site

PEM = serialization.Encoding.PEM
GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b")
PICTURE = Reply(GIF, headers={"content-type": "image/gif"})
AWAY = Reply(b"not now", 503)
PAINTED, NO_ERROR = f"images painted on /p at {DESKTOP} px", f"no error on /p at {DESKTOP} px"


def shown(site, body):
    site.answers("/p", Reply(f"<!doctype html><title>T</title><h1>T</h1>{body}".encode()))


def told(looking):
    checks, _ = screens(looking, [Page("/p")], "")
    return {check.name: (check.ok, check.answer) for check in [*checks, *faultless(looking.looked)]}


def looked_once(looking, *clicks):
    with looking.open("/p") as page:
        for selector in clicks:
            page.click(selector)
    return {check.name: (check.ok, check.answer) for check in faultless(looking.looked)}[NO_ERROR]


def test_a_page_without_fault_is_right_at_both_widths(site, looking):
    shown(site, "<img src=/i.gif loading=lazy>")
    site.answers("/i.gif", PICTURE)
    found = told(looking)
    assert len(found) == 4
    assert {ok for ok, _ in found.values()} == {True}


def test_an_image_that_is_not_painted_is_wrong(site, looking):
    shown(site, "<img src=/i.gif>")
    site.answers("/i.gif", replace(PICTURE, body=b"no picture"))
    assert told(looking)[PAINTED] == (False, "/i.gif")


def test_a_request_that_is_refused_is_wrong(site, looking):
    shown(site, "<script src=/gone.js></script>")
    assert looked_once(looking) == (False, "/gone.js: answers 404")


def test_a_request_without_an_answer_cannot_be_told(site, hasty, monkeypatch):
    monkeypatch.setattr(tab, "HEARINGS", 2000)
    shown(site, "<link rel=stylesheet href=/site.css><img src=/half.gif>")
    site.answers("/site.css", AWAY)
    site.answers("/half.gif", replace(PICTURE, body=GIF[:9], missing=9))
    found = told(hasty)
    assert found[PAINTED] == (None, "/half.gif")
    ok, answer = found[NO_ERROR]
    assert ok is None
    assert set(answer.split("; ")) == {
        "/site.css: answers 503",
        "/half.gif: net::ERR_CONTENT_LENGTH_MISMATCH",
    }


def test_a_script_that_misses_another_one_cannot_be_told(site, hasty):
    shown(site, "<script src=/library.js></script><script>library()</script>")
    site.answers("/library.js", AWAY)
    assert looked_once(hasty)[0] is None


@pytest.mark.parametrize(
    "replies",
    [
        {"/p": [AWAY, Reply(b"<h1>T</h1>")]},
        {"/site.css": [AWAY, AWAY, AWAY, Reply(b"", headers={"content-type": "text/css"})]},
        {"/i.gif": [replace(PICTURE, body=GIF[:9], missing=9), PICTURE]},
    ],
    ids=["the page", "its style", "half a picture"],
)
def test_what_fails_for_a_moment_is_looked_at_again(site, looking, replies):
    shown(site, "<link rel=stylesheet href=/site.css><img src=/i.gif>")
    site.answers("/site.css", Reply(b"", headers={"content-type": "text/css"}))
    site.answers("/i.gif", PICTURE)
    for path, answers in replies.items():
        site.answers(path, *answers)
    assert looked_once(looking) == (True, "none")


def test_a_page_that_does_not_answer_cannot_be_told(site, hasty):
    site.answers("/p", AWAY)
    assert told(hasty) == {f"page /p at {DESKTOP} px": (None, "answers 503")}


def test_an_error_of_a_click_is_found(site, looking):
    shown(site, "<button onclick='nothing.there()'>open</button>")
    assert looked_once(looking) == (True, "none")
    assert looked_once(looking, "button") == (False, "script error: nothing is not defined")


def test_what_cannot_be_clicked_is_wrong(site, looking, monkeypatch):
    monkeypatch.setattr(tab, "CLICK", 1)
    shown(site, "<button hidden>open</button>")
    with pytest.raises(Wrong, match="/p: button cannot be clicked at 1280 px"):
        looked_once(looking, "button")


def test_a_page_that_never_stays_is_no_bug_of_ours(site, hasty):
    site.answers("/p", Reply(b"<meta http-equiv=refresh content=0><h1>T</h1>"))
    assert False not in [ok for ok, _ in told(hasty).values()]


def test_a_page_without_height_is_pictured(site, looking):
    site.answers("/p", Reply(b"<!doctype html><html style='height:0;display:none'>"))
    _, seen = screens(looking, [Page("/p")], "")
    assert len(seen) == 2


def test_a_script_that_fails_is_named_without_a_trace(site, looking):
    shown(site, "")
    with looking.open("/p") as page, pytest.raises(Unreachable) as caught:
        page.evaluate("nothing.there()")
    what = "a script gets no answer at 1280 px: ReferenceError: nothing is not defined"
    assert str(caught.value) == f"/p: {what}"


def test_a_sound_loads_or_does_not(site, looking):
    shown(site, "<audio preload=none src=/gone.wav></audio><p id=none></p>")
    with looking.open("/p") as page:
        assert page.unplayable("#none audio") == []
        assert page.unplayable("audio") == [f"{site.address}/gone.wav"]


@pytest.fixture
def secure(tmp_path):
    """A small site over TLS."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "tls.pem").write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.pem")
    with Site().running(context) as site:
        site.answers("/favicon.ico", Reply(status=204, body=b""))
        yield site


@pytest.fixture
def trusting(secure, hasty):
    """A browser on the site over TLS, which takes its certificate."""
    program = SimpleNamespace(new_context=partial(hasty.program.new_context, ignore_https_errors=True))
    return replace(hasty, site=f"https://127.0.0.1:{secure.port}", program=program)


@pytest.mark.parametrize(
    "body", ["<img src=http://elsewhere.invalid/i.gif>", "<form action=http://elsewhere.invalid/send></form>"]
)
def test_what_is_not_encrypted_on_an_encrypted_page_is_wrong(secure, trusting, body):
    shown(secure, body)
    ok, answer = looked_once(trusting)
    assert ok is False
    assert "Mixed Content" in answer
