"""A storage that knows no conditional writes, as its user meets it."""

from urllib.parse import urlsplit

import pytest

from tests.s3.faulty_line import line_to

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
RELEASE = ("release", "--doc", "one", "--playbook", "content", "--skip", "verify")
UNKNOWN = "knows no conditional writes"


@pytest.fixture
def site(other_site, storage):
    there = urlsplit(storage)
    with line_to(there.hostname, there.port) as line:
        line.refuses = _refuses
        public = f"{storage}/gallery"
        site = other_site(BOTH, local=LOCAL, plugin=PLUGIN, storage=line.address, public=public, site=storage)
        (site.folder / "media/uploads").mkdir()
        (site.folder / "media/uploads/one.txt").write_text("It burns by the door.")
        yield site


def _refuses(headers):
    conditional = "If-Match" in headers or "If-None-Match" in headers
    return (501, "NotImplemented") if conditional else None


def test_the_doctor_and_the_upload_name_it_and_the_inventory_goes_on_without(site):
    told = site.invoke("doctor").said
    assert f"may write, but http://127.0.0.1:{_port(site)} {UNKNOWN}" in told
    ran = site.invoke(*RELEASE)
    assert (ran.code, UNKNOWN in ran.err, "conditional_writes = false" in ran.err) == (4, True, True), (
        ran.said
    )
    inventory = site.folder / "inventory.toml"
    inventory.write_text(inventory.read_text() + "conditional_writes = false\n")
    assert UNKNOWN not in site.invoke("doctor").said
    ran = site.invoke(*RELEASE)
    assert ran.code == 0, ran.said
    assert site.rows("select path from files") == [("/uploads/one.txt",)]


def _port(site):
    [line] = [one for one in (site.folder / ".env.live").read_text().splitlines() if "ENDPOINT" in one]
    return urlsplit(line.partition("=")[2]).port
