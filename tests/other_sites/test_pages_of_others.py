"""Pages as other sites make them: pictures in other sizes, rows that their editors changed since."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from tests.verify.small_site import Reply, Site

BOTH = "create table lamps (id bigserial primary key, slug text not null unique, title text, image text)"
LOCAL = "insert into lamps (slug, title, image) values ('one', 'Lamp in blue', '/uploads/blue-lamp.png')"
PLUGIN = """
from maulstick import Kind, MediaColumn, Page, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("lamp", table="lamps", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("lamps", key="slug", media=[MediaColumn("image")])


@hookimpl
def maulstick_pages(subject, rows):
    for row in rows["lamps"]:
        yield Page(f"/lamps/{row['slug']}", texts=(row["title"],), images=(row["image"],))
"""
LAMP = ("--lamp", "one")
PAGE = '<h1>{}</h1><p>With words enough for a page.</p><img src="/media/cache/ab12/240.png">'


def picture(colour, size=(480, 320)):
    image, kept = Image.new("RGB", (480, 320), "white"), BytesIO()
    ImageDraw.Draw(image).ellipse((4, 4, 240, 312), fill=colour)
    image.resize(size, Image.Resampling.BOX).save(kept, "PNG")
    return kept.getvalue()


def png(body):
    return Reply(body, headers={"content-type": "image/png"})


@pytest.fixture
def pages():
    with Site().running() as started:
        started.answers("/", Reply(b"<h1>Lamps</h1>"))
        started.answers("/lamps/one", Reply(PAGE.format("Lamp in blue").encode()))
        started.answers("/media/uploads/blue-lamp.png", png(picture("navy")))
        started.answers("/media/cache/ab12/240.png", png(picture("navy", (240, 160))))
        yield started


@pytest.fixture
def site(other_site, storage, pages):
    where = {"site": pages.address, "storage": storage, "public": f"{pages.address}/media"}
    made = other_site(BOTH, local=LOCAL, plugin=PLUGIN, **where)
    (made.folder / "media/uploads").mkdir()
    (made.folder / "media/uploads/blue-lamp.png").write_bytes(picture("navy"))
    return made


def test_a_picture_in_another_size_is_right_and_another_one_wrong(site, pages):
    released = site.invoke("release", *LAMP, "--playbook", "content", "--undo-if-wrong")
    assert released.code == 0, released.said
    pages.answers("/media/cache/ab12/240.png", png(picture("orange", (240, 160))))
    ran = site.invoke("verify", *LAMP)
    assert ran.code == 5
    assert "shows /uploads/blue-lamp.png: not on the page" in ran.err


def test_an_editor_s_title_is_what_must_be_there(site, pages):
    assert site.invoke("release", *LAMP, "--playbook", "content").code == 0
    site.run_live("update lamps set title = 'Lamp in green'")
    for title, code in (("Lamp in red", 5), ("Lamp in green", 0), ("Lamp in blue", 8)):
        pages.answers("/lamps/one", Reply(PAGE.format(title).encode()))
        ran = site.invoke("verify", *LAMP)
        assert ran.code == code, ran.said
    says = "text 'Lamp in green' on /lamps/one: not on the page, which shows what was released before"
    assert says in ran.err
    site.run_live("delete from lamps")
    ran = site.invoke("verify", *LAMP)
    assert ran.code == 0, ran.said


def test_the_doctor_knows_a_picture_that_a_network_packs_anew(site, pages):
    assert site.invoke("release", *LAMP, "--playbook", "content").code == 0
    pages.answers("/media/uploads/blue-lamp.png", png(picture("navy", (240, 160))))
    ran = site.invoke("doctor")
    assert "serves what the bucket holds; pictures are recompressed on the way" in ran.said
    pages.answers("/media/uploads/blue-lamp.png", png(picture("orange", (240, 160))))
    ran = site.invoke("doctor")
    assert "public address ........ fail" in ran.said
