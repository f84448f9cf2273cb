"""What a page shows is held against what was released."""

import gzip
import hashlib
from types import SimpleNamespace

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import MediaFile, Page
from maulstick.project.plugins.registry import load
from maulstick.verify.http import Web
from maulstick.verify.live import Live
from maulstick.verify.proof.addresses import unfit
from maulstick.verify.proof.site import visited
from tests.verify.small_site import Reply

RIGHT, OTHER = b"right picture", b"other picture"
JPEG = {"content-type": "image/jpeg"}


def file_of(key, body):
    return MediaFile(key, key, hashlib.sha256(body).hexdigest(), len(body), "image/jpeg", "")


MEDIA = (file_of("uploads/a.jpg", RIGHT), file_of("uploads/b.jpg", OTHER))
SHOWN = Page("/p", images=("/uploads/a.jpg",))
PAIRED = Page("/p", pairs=(("A", "/uploads/a.jpg"), ("B", "/uploads/b.jpg")))


@pytest.fixture
def ask(site, pauses):
    """Ask about one page of the small site that has both pictures, and return what is not right."""
    site.answers("/media/uploads/a.jpg", Reply(RIGHT, headers=JPEG))
    site.answers("/media/uploads/b.jpg", Reply(OTHER, headers=JPEG))

    def asked(html, page=SHOWN, *, local=""):
        site.answers(page.path, Reply(html.encode()))
        web = Web(site.address, timeout=600, patience=2)
        live = Live(None, web, bundle=None, database=None, machine=None)
        manifest = SimpleNamespace(pages=[page], media=MEDIA)
        checks = visited(live, manifest, public=f"{site.address}/media", concurrency=2, local=local)
        return {check.name: check.answer for check in checks if not check.ok}

    return asked


def test_a_page_with_its_picture_is_right(ask):
    assert ask('<img src="/media/uploads/a.jpg">') == {}


def test_a_social_picture_does_not_stand_for_the_one_on_the_page(ask, site):
    social = f'<meta property="og:image" content="{site.address}/media/uploads/a.jpg">'
    wrong = {"page /p shows /uploads/a.jpg": "not on the page"}
    assert ask(f'{social}<img src="/media/uploads/b.jpg">') == wrong


def test_a_query_behind_an_address_is_fine(ask, site):
    site.answers("/media/uploads/a.jpg?w=1", Reply(b"a smaller one", headers=JPEG))
    assert ask('<img src="/media/uploads/a.jpg?w=1">') == {}


def test_a_released_picture_from_elsewhere_must_have_its_bytes(ask, site):
    site.answers("/old-cdn/uploads/a.jpg", Reply(OTHER, headers=JPEG))
    wrong = ask('<img src="/media/uploads/a.jpg"><img src="/old-cdn/uploads/a.jpg">')
    assert wrong == {"image /old-cdn/uploads/a.jpg": "has other bytes: 13, released were 13"}


def test_a_released_picture_from_elsewhere_is_what_visitors_must_see(ask, site):
    site.answers("/old-cdn/uploads/a.jpg", Reply(RIGHT, headers=JPEG))
    assert ask('<img src="/old-cdn/uploads/a.jpg">') == {}
    site.answers("/old-cdn/uploads/a.jpg", Reply(OTHER, headers=JPEG))
    says = f"shown from {site.address}/old-cdn/uploads/a.jpg"
    assert ask('<img src="/old-cdn/uploads/a.jpg">')["page /p shows /uploads/a.jpg"] == says


def test_a_picture_of_another_type_is_wrong_though_its_bytes_are_right(ask, site):
    site.answers("/media/uploads/a.jpg", Reply(RIGHT, headers={"content-type": "image/svg+xml"}))
    says = "is image/svg+xml, released was image/jpeg"
    assert ask('<img src="/media/uploads/a.jpg">') == {"image /media/uploads/a.jpg": says}


def test_a_picture_that_ends_too_early_each_time_is_wrong(ask, site):
    site.answers("/media/uploads/a.jpg", Reply(RIGHT[:5], headers=JPEG, missing=8))
    says = "breaks off after 5 bytes each time"
    assert ask('<img src="/media/uploads/a.jpg">') == {"image /media/uploads/a.jpg": says}


@pytest.mark.parametrize("tag", ["img", "audio"])
def test_a_file_of_another_server_of_this_machine_is_wrong_at_once(ask, tag):
    kind = "image" if tag == "img" else "sound"
    wrong = ask(f'<img src="/media/uploads/a.jpg"><{tag} src="http://localhost:9/x">')
    assert wrong == {f"{kind} /x": "accepts no connection, for 0 seconds now"}


def test_a_sound_that_is_gone_is_wrong(ask):
    assert ask('<img src="/media/uploads/a.jpg"><audio src="/a.wav">') == {"sound /a.wav": "answers 404"}


def test_swapped_cards_are_wrong(ask, site):
    first = '<div><h2>A</h2><img src="/media/uploads/b.jpg"></div>'
    second = '<div><h2><a>B</a></h2><a><img src="/media/uploads/a.jpg"></a></div>'
    assert ask(first + second, PAIRED) == {
        "picture of 'A' on /p": f"beside it is {site.address}/media/uploads/b.jpg",
        "picture of 'B' on /p": f"beside it is {site.address}/media/uploads/a.jpg",
    }


@pytest.mark.parametrize(
    "html",
    [
        '<li><img src="/media/uploads/a.jpg">A</li><li><p>B</p><img src="/media/uploads/b.jpg"></li>',
        '<img src="/media/uploads/b.jpg"><img src="/media/uploads/a.jpg"><p>A</p><p>B</p>',
        '<div hidden><h2>A</h2><img src="/media/uploads/b.jpg"></div>',
        '<div><h2>A, and more</h2><img src="/media/uploads/b.jpg"></div>',
        '<main><div><img src="/media/uploads/b.jpg"></div><p>A</p><p>B</p></main>',
        "",
    ],
)
def test_a_page_that_proves_nothing_of_its_cards_is_not_wrong(ask, html):
    assert ask(html, PAIRED) == {}


def test_an_old_title_that_holds_the_new_one_is_wrong(ask):
    wrong = {"text 'Salt' on /p": "not on the page"}
    assert ask("<title>Salt</title><h1>Saltmarshes, the old title</h1>", Page("/p", texts=("Salt",))) == wrong


def test_a_hidden_title_is_wrong(ask):
    assert ask("<h1 hidden>T</h1><p>U</p>", Page("/p", texts=("T",))) == {"text 'T' on /p": "not on the page"}


def test_a_page_that_is_packed_though_nobody_asked_is_unpacked(ask, site):
    packed = gzip.compress("<h1>café</h1>".encode("latin-1"))
    headers = {"content-encoding": "gzip", "content-type": "text/html; charset=iso-8859-1"}
    site.answers("/q", Reply(packed, headers=headers))
    answer = Live(None, Web(site.address), bundle=None, database=None, machine=None).get("/q")
    assert answer.text == "café"


@pytest.mark.parametrize(
    "link", ["https://instagram.invalid/", "https://archive.invalid/series/x", "http://127.0.0.1:9/elsewhere"]
)
def test_a_link_to_another_site_is_its_own_affair(ask, link):
    for path in ("/", "/series/x"):
        assert ask(f'<a href="{link}">there</a>', Page(path)) == {}


@pytest.mark.parametrize("link", ["http://localhost:9/p", "http://at-home.invalid/p"])
def test_a_link_to_the_local_site_is_wrong(ask, link):
    assert list(ask(f'<a href="{link}">there</a>', Page("/p"), local="http://at-home.invalid")) == [
        "link to /p on /p"
    ]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://localhost:4000/a.jpg", "is known to this machine only"),
        ("https://192.168.1.5/a.jpg", "is known to this machine only"),
        ("https://site.internal/a.jpg", "is known to this machine only"),
        ("http://cdn.example/a.jpg", "is not encrypted on an encrypted page"),
        ("https://fly.storage.tigris.dev/b/a.jpg", "its address is path-style"),
    ],
)
def test_an_address_that_no_visitor_can_use_is_wrong_without_a_question(address, says):
    told = unfit(address, "https://oliviatew.co.uk")
    assert told is not None
    assert says in told[0]


def test_an_address_of_the_web_is_fit():
    assert unfit("https://cdn.example/a.jpg", "https://oliviatew.co.uk") is None
    assert unfit("http://127.0.0.1:9/a.jpg", "http://localhost:4000") is None


PLUGIN = """
from maulstick import Check, Problem, hookimpl

@hookimpl
def maulstick_verify(release):
    yield Check("{name}", {ok}, "")
    raise Problem("/p", "{says}", code={code})
"""


def test_what_a_plugin_found_wrong_stays_though_it_then_meets_no_answer(tmp_path):
    for name, ok, code in (("a", False, 8), ("b", True, 5)):
        text = PLUGIN.format(name=name, ok=ok, says=f"{name} is met", code=code)
        (tmp_path / f"{name}.py").write_text(text)
    found = {check.name + check.answer: check.ok for check in load(tmp_path).checks(None)}
    assert found == {"a": False, "page /pa is met": None, "b": True, "page /pb is met": False}


def test_a_problem_of_a_plugin_of_another_kind_stops_the_questions(tmp_path):
    (tmp_path / "a.py").write_text(PLUGIN.format(name="a", ok=True, says="is broken", code=6))
    with pytest.raises(Problem, match="is broken"):
        load(tmp_path).checks(None)
