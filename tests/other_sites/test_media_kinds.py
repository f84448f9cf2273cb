"""Files as other sites store them: without an ending, quoted, from a camera, of a type that a row says."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from tests.end_to_end.github.forging import forge

BOTH = (
    "create table files (id bigserial primary key, slug text not null unique, path text, content_type text)"
)
PLUGIN = """
from maulstick import File, Kind, MediaColumn, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("doc", table="files", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("files", key="slug", media=[MediaColumn("path", type="content_type")])
"""
FEED = """
from maulstick import File, hookimpl


@hookimpl
def maulstick_files(subject, rows):
    yield File("feeds/docs", type="{}")
"""
DOC = ("--doc", "one")


def picture(form="JPEG", **how):
    out = BytesIO()
    Image.radial_gradient("L").resize((40, 30)).convert("RGB").save(out, form, **how)
    return out.getvalue()


@pytest.fixture
def site_of(other_site, storage, s3):
    """Make a site whose one row names a path, with files below its media folder."""

    def make(path, kind, **files):
        local = f"insert into files (slug, path, content_type) values ('one', '{path}', '{kind}')"
        public = f"{storage}/gallery"
        site = other_site(BOTH, local=local, plugin=PLUGIN, storage=storage, public=public)
        for name, content in files.items():
            place = site.folder / "media" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return site

    return make


def released(site):
    ran = site.invoke("release", *DOC, "--playbook", "content", "--skip", "verify")
    assert ran.code == 0, ran.said
    return ran.said


def type_there(s3, key):
    return s3.head_object(Bucket="gallery", Key=key)["ContentType"]


def test_a_blob_gets_the_type_that_its_row_says(site_of, s3):
    site = site_of("/blobs/xk2p9q7v", "image/jpeg", **{"blobs/xk2p9q7v": picture()})
    assert "content_type" not in released(site)
    assert type_there(s3, "blobs/xk2p9q7v") == "image/jpeg"


def test_a_row_that_is_wrong_about_a_blob_is_warned_of(site_of, s3):
    site = site_of("/blobs/xk2p9q7v", "image/png", **{"blobs/xk2p9q7v": picture()})
    assert "files.content_type is not as in the file: /blobs/xk2p9q7v image/png" in released(site)
    assert type_there(s3, "blobs/xk2p9q7v") == "image/jpeg"


def test_a_quoted_path_is_sent_under_the_name_that_a_browser_asks_for(site_of, s3):
    site = site_of("/uploads/my%20photo%2B1.jpg", "image/jpeg", **{"uploads/my photo+1.jpg": picture()})
    assert "content_type" not in released(site)
    assert type_there(s3, "uploads/my photo+1.jpg") == "image/jpeg"


def test_a_camera_s_file_is_sent_whole(site_of, s3):
    second = Image.new("RGB", (40, 30), "red")
    content = picture("MPO", save_all=True, append_images=[second])
    site = site_of("/uploads/camera.jpg", "image/jpeg", **{"uploads/camera.jpg": content})
    released(site)
    assert s3.get_object(Bucket="gallery", Key="uploads/camera.jpg")["Body"].read() == content


def test_a_type_that_somebody_else_gave_what_nobody_can_tell_stays(site_of, s3):
    content = b"\0\1\2 a format of its own"
    s3.put_object(Bucket="gallery", Key="blobs/x", Body=content, ContentType="application/vnd.lamp")
    site = site_of("/blobs/x", "application/octet-stream", **{"blobs/x": content})
    released(site)
    assert type_there(s3, "blobs/x") == "application/vnd.lamp"


def test_a_plugin_may_say_the_type_of_its_file(site_of, s3):
    site = site_of("", "", **{"feeds/docs": b"<?xml version='1.0'?><rss/>"})
    site.plugin(FEED.format("application/rss+xml"), "feed.py")
    released(site)
    assert type_there(s3, "feeds/docs") == "application/rss+xml"


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ("image/png", 3, 'is application/octet-stream, and the plugin that names it says "image/png"'),
        ("rss", 6, "a content type such as"),
    ],
)
def test_a_plugin_cannot_say_what_is_not_so(site_of, said, code, words):
    site = site_of("", "", **{"feeds/docs": b"<?xml version='1.0'?><rss/>"})
    site.plugin(FEED.format(said), "feed.py")
    ran = site.invoke("export", *DOC)
    assert (ran.code, words in ran.said) == (code, True), ran.said


@pytest.mark.parametrize(("kind", "code"), [("image/jpeg", 0), ("text/html", 3)])
def test_a_bundle_from_elsewhere_may_say_types_that_names_do_not_but_makes_no_page(site_of, s3, kind, code):
    site = site_of("/blobs/xk2p9q7v", "image/jpeg", **{"blobs/xk2p9q7v": picture()})
    assert site.invoke("export", *DOC, "--pack").code == 0
    folder = site.folder / "releases/doc/one"
    forge(folder, lambda found: replace(found, media=(replace(found.media[0], type=kind),)), "local")
    ran = site.invoke("release", "--bundle", "releases/doc/one", "--playbook", "content", "--skip", "verify")
    assert ran.code == code, ran.said
    assert ("has headers that its name does not give it" in ran.err) is bool(code)
