"""In a browser it is the browser's page that says which words and pictures are seen."""

from dataclasses import replace

import pytest

from maulstick.project.declarations import Page
from maulstick.redact import Secret
from maulstick.verify.proof import in_browser
from maulstick.verify.proof.in_browser import screens
from tests.verify.small_site import Reply

PICTURE = Reply(
    bytes.fromhex("47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b"),
    headers={"content-type": "image/gif"},
)
WANTED = Page("/p", texts=("Lamp in blue",), images=("/a.gif",))
NOW = '<h1>Lamp in blue</h1><img src="/media/a.gif">'


@pytest.fixture
def ask(site, looking):
    """Look at a page and return what is not right."""
    site.answers("/media/a.gif", PICTURE)

    def asked(body, page=WANTED):
        site.answers("/p", Reply(f"<!doctype html><title>T</title>{body}".encode()))
        checks, _ = screens(looking, [page], f"{site.address}/media")
        return {check.name: (check.ok, check.answer) for check in checks if not check.ok}

    return asked


@pytest.fixture
def at_once(monkeypatch):
    """Look once: what is not there does not come later."""
    monkeypatch.setattr(in_browser, "TIMES", 0)


@pytest.mark.parametrize(
    "body",
    [
        NOW,
        "<div id=root></div><script>setTimeout(() => { document.getElementById('root').innerHTML ="
        " '<h1>Lamp in blue</h1><img src=/media/a.gif>' }, 900)</script>",
        "<x-card id=x></x-card><script>x.attachShadow({mode: 'closed'}).innerHTML ="
        " '<h1>Lamp in blue</h1><img src=/media/a.gif>'</script>",
        "<style>.a { background: url(/media/a.gif); height: 9px } h1::before { content: 'Lamp in ' }</style>"
        "<h1>blue</h1><div class=a></div>",
        "<style>.wide { display: none } @media (max-width: 800px) { .wide { display: block } }</style>"
        f"<div class=wide>{NOW}</div>",
        "<h1 style='opacity: 0'>Lamp in blue</h1><img src=/media/a.gif><script>addEventListener('scroll',"
        " () => { document.querySelector('h1').style.opacity = 1 })</script><div style='height: 4000px'>",
        "<svg><image href=/media/a.gif width=9 height=9 /><text y=9>Lamp in blue</text></svg>",
        f"<dialog>{NOW}</dialog>",
        "<input value='Lamp in blue'><img src='/media/a.gif'>",
    ],
    ids=["plain", "late", "shadow", "styles", "phone", "scrolled", "svg", "dialog", "field"],
)
def test_what_a_visitor_sees_is_there(ask, body):
    assert ask(body) == {}


@pytest.mark.parametrize(
    ("body", "ok", "says"),
    [
        (
            "<style>.x { display: none }</style><h1 class=x>Lamp in blue</h1>",
            False,
            "is there, but hidden by a style",
        ),
        ("<h1 style='visibility : hidden'>Lamp in blue</h1>", False, "is there, but hidden by a style"),
        ("<!-- Lamp in blue --><h1 title='Lamp in blue'>Lamp</h1>", False, "not on the page"),
        ("<h1 style='opacity: 0'>Lamp in blue</h1>", None, "is there, but without any colour"),
    ],
    ids=["style", "visibility", "attribute", "opacity"],
)
@pytest.mark.usefixtures("at_once")
def test_what_no_visitor_sees_is_not_there(ask, body, ok, says):
    found = ask(f"{body}<img src=/media/a.gif>")
    assert found == {"text 'Lamp in blue' on /p": (ok, says)}


@pytest.mark.usefixtures("at_once")
def test_a_picture_that_is_nowhere_is_wrong_and_what_must_be_gone_is_seen(ask):
    page = Page("/p", images=("/a.gif",), absent=("Old lamp",))
    assert ask("<div id=r></div><script>r.textContent = 'Old lamp'</script>", page) == {
        "page /p shows /a.gif": (False, "not on the page"),
        "text 'Old lamp' not on /p": (False, "there"),
    }


@pytest.mark.usefixtures("at_once")
def test_a_login_could_not_be_told(ask):
    assert ask("<h1>Log in</h1><input type=password>") == {"page /p": (None, "is a login form")}


def test_a_browser_is_let_in_by_headers_that_no_other_host_hears(site, looking, other_site):
    site.answers("/media/a.gif", PICTURE)
    site.answers("/p", Reply(b"", 302, {"location": "/q"}))
    other_site.answers("/b.gif", PICTURE)
    site.answers("/q", Reply(f"<!doctype html>{NOW}<img src='{other_site.address}/b.gif'>".encode()))
    headers = {"X-Pass": Secret("let me in"), "Cookie": Secret("who=me")}
    looking = replace(looking, headers=headers)
    checks, _ = screens(looking, [WANTED], f"{site.address}/media")
    assert {check.name for check in checks if not check.ok} == set()
    assert {heard["x-pass"] for path, heard in site.heard if path != "/favicon.ico"} == {"let me in"}
    assert all("who=me" in heard["cookie"] for path, heard in site.heard if path == "/q")
    assert all("x-pass" not in heard for _, heard in other_site.heard)
    assert [path for path, _ in other_site.heard] == ["/b.gif"] * 2
