"""Pictures that a page shows from other addresses than their own: resized, packed or signed by the site."""

import base64
import hashlib
from io import BytesIO
from types import SimpleNamespace

import pytest
from PIL import Image, ImageDraw

from maulstick.project.declarations import MediaFile, Page
from maulstick.verify.http import Web
from maulstick.verify.live import Live
from maulstick.verify.proof.likeness import is_part
from maulstick.verify.proof.site import visited
from tests.verify.small_site import Reply

RIGHT, WRONG, UNKNOWN = True, False, None
SHOWN = Page("/p", images=("/uploads/blue-lamp.jpg",))


def drawn(colour, size=(480, 320), kind="JPEG", part=None):
    image = Image.new("RGB", (480, 320), "white")
    ImageDraw.Draw(image).ellipse((4, 4, 240, 312), fill=colour)
    kept = BytesIO()
    image.crop(part or (0, 0, 480, 320)).resize(size, Image.Resampling.BOX).save(kept, kind, quality=90)
    return kept.getvalue()


PICTURE = drawn("navy")
FILE = MediaFile(
    "uploads/blue-lamp.jpg",
    "/uploads/blue-lamp.jpg",
    hashlib.sha256(PICTURE).hexdigest(),
    len(PICTURE),
    "image/jpeg",
    "",
    480,
    320,
)


def picture(body, kind="image/jpeg"):
    return Reply(body, headers={"content-type": kind})


@pytest.fixture
def ask(site, tmp_path):
    """Ask about the page and return whether it shows its picture, and what is said of that."""
    site.answers("/media/uploads/blue-lamp.jpg", picture(PICTURE))

    def asked(body, *, original=True):
        site.answers("/p", Reply(f"<h1>Lamp</h1>{body}".encode()))
        kept = tmp_path / "blue-lamp.jpg"
        kept.write_bytes(PICTURE)
        web = Web(site.address, timeout=600, patience=0)
        where = (lambda _: kept) if original else (lambda _: None)
        live = Live(None, web, bundle=None, database=None, machine=None, original=where)
        manifest = SimpleNamespace(pages=[SHOWN], media=[FILE])
        checks = visited(live, manifest, public=f"{site.address}/media", concurrency=2)
        return next((one.ok, one.answer) for one in checks if one.name.startswith("page /p shows"))

    return asked


@pytest.mark.parametrize(
    "address",
    [
        "/cache/ab/cd/0123abcd.jpg",
        "/media/uploads/blue-lamp-90x60.jpg",
        "/rails/active_storage/representations/proxy/eyJfcm--abc/x.jpg",
        "/image.php?id=12",
        "/AbCd/enc/QxZ7kQxZ7kQxZ7kQxZ7k.jpg",
    ],
)
def test_a_smaller_copy_is_the_picture_whatever_its_address(ask, site, address):
    site.answers(address, picture(drawn("navy", (240, 160), "PNG"), "image/png"))
    ok, says = ask(f'<img src="/logo.png"><img src="{address}">')
    assert (ok, says) == (RIGHT, f"shown from {site.address}{address}")


def test_other_pictures_do_not_stand_for_it(ask, site):
    site.answers("/logo.png", picture(drawn("orange", (30, 20), "PNG"), "image/png"))
    site.answers("/icon.svg", picture(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"))
    assert ask('<img src="/logo.png"><img src="/icon.svg"><img src="/gone.jpg">')[0] is WRONG


@pytest.mark.parametrize("part", [(80, 0, 400, 320), (0, 0, 320, 320)])
def test_a_part_of_the_picture_may_be_it(ask, site, tmp_path, part):
    square = drawn("navy", (60, 60), part=part)
    (tmp_path / "whole").write_bytes(PICTURE)
    assert is_part(square, tmp_path / "whole")
    site.answers("/square.jpg", picture(square))
    ok, says = ask('<img src="/square.jpg">')
    assert ok is UNKNOWN
    assert f"{site.address}/square.jpg may be it" in says


def test_what_cannot_be_compared_may_be_it(ask, site):
    site.answers("/x.jpg", picture(drawn("navy", (60, 40))))
    assert ask('<img src="/x.jpg">', original=False)[0] is UNKNOWN
    site.answers("/x.avif", picture(b"\0\0\0\x1cftypavif" + b"\0" * 40, "image/avif"))
    assert ask('<img src="/x.avif">')[0] is UNKNOWN
    assert ask('<img src="http://cdn.invalid/x.jpg">')[0] is UNKNOWN


def test_each_other_picture_is_asked_for_once(ask, site):
    site.answers("/x.jpg", picture(drawn("orange", (60, 40))))
    assert ask('<img src="/x.jpg"><img src="/x.jpg"><div data-bg="/x.jpg"></div>')[0] is WRONG
    assert site.asked.count("/x.jpg") == 2  # once to be compared, once as a picture of the page


@pytest.mark.parametrize(
    "body",
    [
        '<amp-img src="/media/uploads/blue-lamp.jpg"></amp-img>',
        '<img lazy-src="/media/uploads/blue-lamp.jpg">',
        "<style>.x{background:url(\\2f media\\2f uploads\\2f blue-lamp.jpg)}</style>",
        '<link rel=preload as=style href="/late.css">',
    ],
)
def test_a_picture_is_found_in_elements_of_other_makers_and_in_late_styles(ask, site, body):
    site.answers("/late.css", Reply(b".x{background:url(/media/uploads/blue-lamp.jpg)}"))
    assert ask(body)[0] is RIGHT


def test_a_style_sheet_of_another_host_is_read_as_a_browser_reads_it(ask, other_site):
    other_site.answers("/a.css", Reply(b".x{background:url(/media/uploads/blue-lamp.jpg)}"))
    assert ask(f'<link rel=stylesheet href="{other_site.address}/a.css">')[0] is WRONG
    other_site.answers("/a.css", Reply(b"", 503))
    assert ask(f'<link rel=stylesheet href="{other_site.address}/a.css">')[0] is UNKNOWN


def test_a_picture_that_the_page_holds_itself_is_shown(ask):
    packed = base64.b64encode(PICTURE).decode()
    assert ask(f'<img src="data:image/jpeg;base64,{packed}">') == (RIGHT, "shown from the page itself")
    other = base64.b64encode(drawn("orange")).decode()
    assert ask(f'<img src="data:image/jpeg;base64,{other}">')[0] is WRONG
    small = base64.b64encode(drawn("navy", (240, 160))).decode()
    assert ask(f'<img src="data:image/jpeg;base64,{small}">')[0] is UNKNOWN
