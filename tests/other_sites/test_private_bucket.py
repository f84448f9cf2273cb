"""A bucket that gives nothing to visitors: the site hands out what it holds."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

BOTH = "create table files (id bigserial primary key, slug text not null unique, path text)"
LOCAL = "insert into files (slug, path) values ('one', '/uploads/one.txt')"
PLUGIN = """
from maulstick import Kind, MediaColumn, Table, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("doc", table="files", key="slug")


@hookimpl
def maulstick_tables(subject):
    yield Table("files", key="slug", media=[MediaColumn("path")])
"""
DOC = ("--doc", "one")
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
PRIVATE = "the bucket is private: its files were asked for with its key"


@pytest.fixture
def site(other_site, storage, s3):
    site = other_site(BOTH, local=LOCAL, plugin=PLUGIN, storage=storage, public=f"{storage}/gallery")
    (site.folder / "media/uploads").mkdir()
    (site.folder / "media/uploads/one.txt").write_text("It burns by the door.")
    return site


def uploaded(site):
    assert site.invoke("export", *DOC).code == 0
    return site.invoke("upload", "-v", *DOC)


def test_it_is_asked_with_its_key_and_what_that_means_is_said(site, s3):
    s3.put_object(Bucket="gallery", Key="uploads/older.txt", Body=b"an older one")
    ran = uploaded(site)
    assert ran.code == 0, ran.said
    assert f"warning: {PRIVATE}" in ran.err
    assert "uploads/one.txt: 21 bytes as released, asked for with the bucket's key" in ran.err


def test_a_bucket_that_gives_visitors_something_else_is_not_private(site, s3):
    s3.put_object(Bucket="gallery", Key="uploads/older.txt", Body=b"an older one", ACL="public-read")
    ran = uploaded(site)
    assert ran.code == 8, ran.said  # this storage refuses in HTML, as a guard would; S3 itself does in XML
    assert "file uploads/one.txt: answers 403" in ran.err


def test_one_that_the_inventory_wants_public_is_not_either(site, s3):
    inventory = site.folder / "inventory.toml"
    inventory.write_text(inventory.read_text() + 'acl = "public-read"\n')
    ran = uploaded(site)
    assert ran.code == 0, ran.said
    assert PRIVATE not in ran.err


PICTURED = """
@hookimpl
def maulstick_pages(subject, rows):
    yield Page("/one")
"""


@pytest.fixture
def page():
    """A site of one page, whose HTML a test says."""
    html = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"<!doctype html><title>one</title><body>{html[-1]}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", html
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("html", "code"), [("no picture", 0), ('<img src="{}/uploads/one.gif">', 8)])
def test_verify_asks_with_the_key_for_what_no_page_shows(other_site, storage, s3, page, html, code):
    address, shown = page
    public = f"{storage}/gallery"
    shown.append(html.format(public))
    local, plugin = LOCAL.replace("one.txt", "one.gif"), PLUGIN.replace("Kind,", "Kind, Page,") + PICTURED
    site = other_site(BOTH, local=local, plugin=plugin, site=address, storage=storage, public=public)
    (site.folder / "media/uploads").mkdir()
    (site.folder / "media/uploads/one.gif").write_bytes(GIF)
    ran = site.invoke("release", *DOC, "--playbook", "content")
    assert ran.code == code, ran.said
    assert f"warning: {PRIVATE}" in ran.err


def test_the_doctor_says_what_a_private_bucket_means(site, s3):
    s3.put_object(Bucket="gallery", Key="uploads/older.txt", Body=b"an older one")
    ran = site.invoke("doctor")
    assert "the bucket is private: visitors get what it holds through the site only" in ran.said
