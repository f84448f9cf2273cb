"""What is wrong on a page, and what nobody can tell: only the page itself proves a release wrong."""

import gzip
import hashlib
from io import BytesIO
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from PIL import Image, ImageDraw
from small_site import Reply

from maulstick.content import MediaFile, Page
from maulstick.live import Live
from maulstick.proof.files import delivered
from maulstick.proof.visit import visited
from maulstick.redact import Secret
from maulstick.web import Web

HERE = Page("/p", texts=("Lamp in blue",), images=("/uploads/a.jpg",))
RIGHT, WRONG, UNKNOWN = True, False, None
NOW = '<h1>Lamp in blue</h1><img src="/media/uploads/a.jpg">'


def drawn(colour, size=(120, 80), kind="JPEG", **how):
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).ellipse((1, 1, size[0] // 2, size[1] - 2), fill=colour)
    kept = BytesIO()
    image.save(kept, kind, **how)
    return kept.getvalue()


PICTURE = drawn("navy", quality=90)
FILE = MediaFile(
    "uploads/a.jpg",
    "/uploads/a.jpg",
    hashlib.sha256(PICTURE).hexdigest(),
    len(PICTURE),
    "image/jpeg",
    "",
    120,
    80,
)
JPEG = {"content-type": "image/jpeg"}


@pytest.fixture
def ask(site, tmp_path):
    """Ask about the page and return the strongest of what is said, with all that is not right."""
    site.answers("/media/uploads/a.jpg", Reply(PICTURE, headers=JPEG))

    def asked(*replies, page=HERE, headers=None, original=True):
        if replies:
            site.answers(
                page.path, *[Reply(one.encode()) if isinstance(one, str) else one for one in replies]
            )
        web = Web(site.address, timeout=2, patience=1, headers=headers or {})
        kept = tmp_path / "a.jpg"
        kept.write_bytes(PICTURE)
        where = (lambda _: kept) if original else (lambda _: None)
        live = Live(None, web, bundle=None, database=None, machine=None, original=where)
        manifest = SimpleNamespace(pages=[page], media=[FILE])
        checks = visited(live, manifest, public=f"{site.address}/media", concurrency=2)
        verdicts = {check.ok for check in checks}
        verdict = False if False in verdicts else None if None in verdicts else True
        return verdict, [f"{check.name}: {check.answer}" for check in checks if not check.ok]

    return asked


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"who are you", 401, {"www-authenticate": 'Basic realm="staging"'}),
        Reply(b"<title>Just a moment...</title>", 403, {"cf-mitigated": "challenge"}),
        Reply(b"<title>Just a moment...</title>"),
        Reply(b"<title>Vercel Security Checkpoint</title>", 429, {"x-vercel-mitigated": "challenge"}),
        Reply(b"", 202, {"x-amzn-waf-action": "challenge"}),
        Reply(b"<script src='/_Incapsula_Resource?x=1'></script>"),
        Reply(b"no robots", 403),
        Reply(b"not acceptable", 406),
        Reply(b"not here", 451),
        Reply(b"slow down", 429, {"retry-after": "30"}),
        Reply(b"back soon", 503, {"retry-after": "300"}),
        Reply(b"\x0b\x02\x80hello\x03", headers={"content-encoding": "x-new-packing"}),
        Reply(b"no gzip", headers={"content-encoding": "gzip"}),
        Reply(b"<h1>Old lamp</h1>", headers={"age": "3600"}),
        Reply(b"<h1>Old lamp</h1>", headers={"x-nextjs-cache": "STALE"}),
        Reply(b"<h1>Old lamp</h1>", headers={"x-cache": "HIT from edge"}),
        Reply(b"", 404, {"age": "12"}),
        Reply(b'{"title": "Old lamp"}', headers={"content-type": "application/json"}),
    ],
    ids=lambda reply: f"{reply.status} {[*reply.headers][:1]} {reply.body[:12]!r}",
)
def test_an_answer_that_is_not_the_page_could_not_be_told(ask, reply):
    verdict, says = ask(reply)
    assert verdict is UNKNOWN, says


@pytest.mark.parametrize(
    "target", ["/login", "/users/sign_in", "/gate?next=%2Fp", "http://localhost:{port}/sso"]
)
def test_a_login_instead_of_the_page_could_not_be_told(ask, site, target):
    target = target.replace("{port}", str(site.port))
    path = target.partition(str(site.port))[2] or target
    site.answers(path, Reply(b"<h1>Log in</h1>"))
    assert ask(Reply(b"", 302, {"location": target}))[0] is UNKNOWN


def test_a_page_that_leads_to_another_one_without_the_words_is_wrong(ask, site):
    site.answers("/", Reply(b"<h1>Home</h1>"))
    assert ask(Reply(b"", 302, {"location": "/"}))[0] is WRONG


def test_a_login_form_at_the_pages_own_address_could_not_be_told(ask):
    assert ask("<h1>Protected</h1><form><input type=password></form>")[0] is UNKNOWN


@pytest.mark.parametrize("path", ["/p", "/media/uploads/a.jpg"])
def test_a_redirect_that_sets_a_cookie_is_followed_with_it(ask, site, path):
    site.answers("/p", Reply(NOW.encode()))
    there = site.replies[path][0]
    site.answers(path, Reply(b"", 302, {"location": path, "set-cookie": "seen=1; Path=/"}), there)
    verdict, says = ask()
    assert verdict is RIGHT, says
    assert ("cookie", "seen=1") in [*site.heard[1][1].items(), *site.heard[-1][1].items()]


def test_a_page_that_leads_on_by_itself_is_followed_and_one_that_reloads_is_read(ask, site):
    site.answers("/new", Reply(f'<meta http-equiv=refresh content="0; url=/new">{NOW}'.encode()))
    assert ask('<meta http-equiv="Refresh" content="0;URL=\'/new\'"><h1>Moved</h1>') == (RIGHT, [])
    site.answers("/a", Reply(b'<meta http-equiv=refresh content="0; url=/p">'))
    assert ask('<meta http-equiv="refresh" content="0; url=/a">')[0] is UNKNOWN


def test_a_picture_is_asked_for_as_from_the_site(ask, site):
    assert ask(NOW)[0] is RIGHT
    heard = dict(site.heard)
    assert heard["/media/uploads/a.jpg"]["referer"].startswith(site.address)
    assert heard["/media/uploads/a.jpg"]["accept"].startswith("image/")
    assert "webp" not in heard["/media/uploads/a.jpg"]["accept"]
    assert heard["/p"]["accept"].startswith("text/html")
    assert "maulstick" in heard["/p"]["user-agent"]


def test_only_the_sites_own_host_hears_what_lets_us_in(ask, site, other_site):
    other_site.answers("/b.jpg", Reply(PICTURE, headers=JPEG))
    site.answers("/moved.jpg", Reply(b"", 302, {"location": f"{other_site.address}/b.jpg"}))
    body = f"{NOW}<img src='{other_site.address}/b.jpg'><img src='/moved.jpg'>"
    assert ask(body, headers={"Authorization": Secret("Basic x")})[0] is RIGHT
    assert {heard.get("authorization") for _, heard in site.heard} == {"Basic x"}
    assert {heard.get("authorization") for _, heard in other_site.heard} == {None}


PLACES = {
    "background": '<div style="background-image:url(/media/uploads/a.jpg)"></div>',
    "image-set": "<div style='background:image-set(\"/media/uploads/a.jpg\" 1x)'></div>",
    "style": "<style>.a { background: url( '/media/uploads/a.jpg' ) }</style>",
    "sheet": '<link rel="stylesheet" href="/s/site.css">',
    "imported sheet": '<style>@import "/s/all.css";</style>',
    "data-src": '<img class=lazy data-src="/media/uploads/a.jpg" src="data:image/gif;base64,R0lG">',
    "data-srcset": '<img data-srcset="/media/uploads/a.jpg 1x, /b.jpg 2x">',
    "data-bg": "<div data-bg=\"url('/media/uploads/a.jpg')\"></div>",
    "noscript": '<noscript><img src="/media/uploads/a.jpg"></noscript>',
    "srcset": '<picture><source srcset="/media/uploads/a.jpg 320w"><img alt=""></picture>',
    "svg": '<svg><image href="/media/uploads/a.jpg"/></svg>',
    "old svg": '<svg><image xlink:href="/media/uploads/a.jpg"/></svg>',
    "object": '<object data="/media/uploads/a.jpg" type="image/jpeg"></object>',
    "input": '<input type="image" src="/media/uploads/a.jpg">',
    "poster": '<video poster="/media/uploads/a.jpg"></video>',
    "shadow root": '<x-a><template shadowrootmode="open"><img src="/media/uploads/a.jpg"></template></x-a>',
    "template in a shadow root": "<template shadowrootmode=open><template>x</template>"
    '<img src="/media/uploads/a.jpg"></template>',
    "size": '<img src="/media/uploads/a.jpg?w=9&q=75">',
}


@pytest.mark.parametrize("place", PLACES)
def test_a_picture_is_found_wherever_a_browser_shows_it(ask, site, place):
    site.answers("/s/site.css", Reply(b".x{background:url(../media/uploads/a.jpg)}"))
    site.answers("/s/all.css", Reply(b'@import url("site.css");'))
    site.answers("/b.jpg", Reply(PICTURE, headers=JPEG))
    site.answers("/media/uploads/a.jpg?w=9&q=75", Reply(drawn("navy", (9, 6)), headers=JPEG))
    assert ask(f"<h1>Lamp in blue</h1>{PLACES[place]}") == (RIGHT, [])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- <img src=/media/uploads/a.jpg> -->",
        '<a href="/media/uploads/a.jpg">Full size</a>',
        '<meta property="og:image" content="{site}/media/uploads/a.jpg">',
        '<script type="application/ld+json">{"image": "/media/uploads/a.jpg"}</script>',
    ],
)
def test_a_picture_that_no_browser_shows_is_wrong(ask, site, body):
    body = body.replace("{site}", site.address)
    verdict, says = ask(f"<h1>Lamp in blue</h1><p>With a long word on it, made by the server.</p>{body}")
    assert (verdict, says) == (WRONG, ["page /p shows /uploads/a.jpg: not on the page"])


def optimised(site, picture):
    whole = f"{site.address}/media/uploads/a.jpg"
    return [
        f"/_next/image?url={quote('/media/uploads/a.jpg', safe='')}&w=640",
        "/cdn-cgi/image/width=800,quality=75/media/uploads/a.jpg",
        f"/cdn-cgi/image/width=800/{whole}",
        f"/imgproxy/insecure/rs:fit:300/plain/{quote(whole, safe='')}@webp",
        "/_ipx/w_200/media/uploads/a.jpg",
        "/.netlify/images?url=/media/uploads/a.jpg&w=9",
    ][picture]


@pytest.mark.parametrize("number", range(6))
def test_an_address_of_an_optimiser_shows_its_picture(ask, site, number):
    address = optimised(site, number)
    site.answers(address, Reply(drawn("navy", (60, 40), "PNG"), headers={"content-type": "image/png"}))
    body = f"<h1>Lamp in blue</h1><img src='{address}'>"
    assert ask(body) == (RIGHT, [])
    site.answers(address, Reply(b"<h1>Hello</h1>"))
    assert ask(body)[0] is UNKNOWN
    site.answers(address, Reply(b"", 404))
    assert ask(body)[0] is WRONG


@pytest.mark.parametrize(
    ("came", "original", "verdict"),
    [
        (PICTURE + b"\0", True, RIGHT),
        (drawn("navy", quality=60), True, RIGHT),
        (drawn("navy", kind="WEBP"), True, RIGHT),
        (drawn("navy", quality=60), False, UNKNOWN),
        (drawn("orange"), True, WRONG),
        (drawn("navy", (80, 120)), True, WRONG),
        (drawn("navy", (80, 120)), False, WRONG),
        (PICTURE[:-200], True, WRONG),
        (b"no picture", True, WRONG),
    ],
    ids=["padded", "smaller", "webp", "unknown", "other", "turned", "turned-unknown", "cut", "text"],
)
def test_a_picture_with_other_bytes_is_the_released_one_or_another(
    ask, site, tmp_path, came, original, verdict
):
    kind = "image/webp" if came[8:12] == b"WEBP" else "image/jpeg"
    site.answers("/media/uploads/a.jpg", Reply(came, headers={"content-type": kind}))
    found, says = ask(NOW, original=original)
    assert found is verdict, says
    where = (lambda _: tmp_path / "a.jpg") if original else (lambda _: None)
    web = Web(site.address, timeout=2, patience=1)
    assert delivered(web, FILE, f"{site.address}/media", original=where).ok is verdict


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply(b"no hotlinks", 403), UNKNOWN),
        (Reply(b"<Error/>", 403, {"content-type": "application/xml"}), WRONG),
        (Reply(b"", 401), UNKNOWN),
        (Reply(b"<title>Just a moment...</title>"), UNKNOWN),
        (Reply(b"<h1>Home</h1>"), WRONG),
        (Reply(b"", 410), WRONG),
        (Reply(drawn("orange"), headers=JPEG), WRONG),
        (Reply(drawn("orange"), headers={**JPEG, "age": "86400"}), UNKNOWN),
    ],
)
def test_a_picture_that_is_refused_is_wrong_where_every_visitor_is_refused_it(ask, site, reply, verdict):
    site.answers("/media/uploads/a.jpg", reply)
    assert ask(NOW)[0] is verdict


WORDS = {
    "ruby": "<h1>La<ruby>mp<rp>(</rp><rt>lampe</rt><rp>)</rp></ruby> in blue</h1>",
    "custom element": "<h1>Lamp in <x-term>blu</x-term>e</h1>",
    "letters": "<h1>" + " ".join("".join(f"<div>{x}</div>" for x in word) for word in ["Lamp", "in", "blue"]),
    "lines of letters": "<h1>" + "\n".join(f"<div>{x}</div>" for x in "Lampinblue") + "</h1>",
    "mathml": "<h1>Lamp in <math><mi>blue</mi></math></h1>",
    "svg": "<svg><title>icon</title><text>Lamp in <tspan>blue</tspan></text></svg>",
    "shadow root": '<x-card><template shadowrootmode="open"><h1>Lamp in blue</h1></template></x-card>',
    "blanks": "<h1>Lamp&nbsp;in&#8239;b&shy;l<wbr>ue</h1>",
    "flex": "<div style=display:flex><span>Lamp</span><span>in</span><span>blue</span></div>",
    "closed": "<details><summary>More</summary>Lamp in blue</details>",
    "narrow": "<style>@media (max-width: 9px) { h1 { display: none } }</style><h1>Lamp in blue</h1>",
    "cloaked": "<style>[x-cloak] { display: none }</style><h1 x-cloak>Lamp in blue</h1>",
    "elsewhere too": "<style>.x { display: none }</style><p class=x>Lamp in blue</p><h1>Lamp in blue</h1>",
    "flip card": '<p style="backface-visibility: hidden">Lamp in blue</p>',
    "shown after all": '<p style="display:none; display:block">Lamp in blue</p>',
}


@pytest.mark.parametrize("place", WORDS)
def test_a_text_is_found_wherever_a_visitor_reads_it(ask, place):
    assert ask(f"{WORDS[place]}<img src=/media/uploads/a.jpg>") == (RIGHT, [])


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Lamp in bluegreen</h1>",
        "<h1>Lampin blue</h1>",
        "<h1>Lam p in blue</h1>",
        '<h1 style="visibility : hidden">Lamp in blue</h1>',
        "<h1 style='color: red; DISPLAY : NONE !important'>Lamp in blue</h1>",
        "<!-- Lamp in blue --><h1 title='Lamp in blue'>Lamp</h1>",
        '<script type="application/ld+json">{"name": "Lamp in blue"}</script>',
    ],
)
def test_a_text_that_no_visitor_reads_is_wrong(ask, body):
    verdict, says = ask(
        f"{body}<p>A page that the server makes, with words enough.</p><img src=/media/uploads/a.jpg>"
    )
    assert (verdict, says) == (WRONG, ["text 'Lamp in blue' on /p: not on the page"])


@pytest.mark.parametrize(
    "body",
    [
        "<div id=root></div><script src=/app.js></script>",
        "<app-root>Loading…</app-root><script src=/a.js></script><p>Many words, made before.</p>",
        '<h1>Old</h1><p>Many words of the server.</p><script>x = {"title": "Lamp in bl\\u0075e"}</script>',
        "<p>Some words of the server, and a form</p><input value='Lamp in blue'>",
        "<p>Some words of the server, and a form</p><textarea readonly>Lamp in blue</textarea>",
        "<style>/**/ @media print {p {color: red}} .x{display:none}</style><h1 class=x>Lamp in blue</h1>",
        "<p>Words enough for a page of its own.</p><noscript><h1>Lamp in blue</h1></noscript>",
        "<p>Words enough for a page of its own.</p><template id=t><h1>Lamp in blue</h1></template>",
        "<p>Words enough for a page of its own.</p><script></script><turbo-frame src=/part></turbo-frame>",
    ],
)
def test_a_text_that_only_a_browser_can_tell_of_could_not_be_told(ask, body):
    verdict, says = ask(f"{body}<img src=/media/uploads/a.jpg>")
    assert verdict is UNKNOWN, says


GONE = Page("/p", absent=("Lamp in blue",), gone=True)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply(b"", 404), RIGHT),
        (Reply(b"", 410), RIGHT),
        (Reply(b"", 301, {"location": "/renamed"}), RIGHT),
        (Reply(b"<h1>Nothing here</h1>"), RIGHT),
        (Reply(NOW.encode()), WRONG),
        (Reply(b"", 401), UNKNOWN),
        (Reply(b"<title>Just a moment...</title>"), UNKNOWN),
    ],
)
def test_a_page_that_must_be_gone(ask, site, reply, verdict):
    site.answers("/renamed", Reply(NOW.encode()))
    assert ask(reply, page=GONE)[0] is verdict


def test_what_must_be_gone_may_stand_in_a_cache_yet(ask):
    page = Page("/p", absent=("Old lamp",))
    assert ask("<h1>Old lamp</h1>", page=page)[0] is WRONG
    assert ask(Reply(b"<h1>Old lamp</h1>", headers={"age": "9"}), page=page)[0] is UNKNOWN
    assert ask(Reply(NOW.encode(), headers={"age": "9"}), page=GONE)[0] is UNKNOWN


def test_a_page_that_must_be_gone_and_answers_is_wrong(ask):
    assert ask(NOW, page=Page("/p", gone=True)) == (WRONG, ["page /p: is still there"])


def test_gzip_that_nobody_asked_for_is_unpacked(ask):
    assert ask(Reply(gzip.compress(NOW.encode()), headers={"content-encoding": "gzip"})) == (RIGHT, [])
