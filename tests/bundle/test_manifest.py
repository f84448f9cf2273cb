"""What a manifest holds is read back, page by page, from its own format and from the one before."""

import hashlib
import json
from dataclasses import replace

import pytest

from maulstick.bundle.folder import read_manifest
from maulstick.bundle.manifest import Manifest, read
from maulstick.bundle.page_lines import first_shown
from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Page, Subject

PAGE = Page("/p", texts=("T",), images=("/uploads/a.jpg",))
BARE = Manifest(Subject("series", "x"), "local", "", {}, (), (PAGE,), (), ())
PAIRED = replace(PAGE, pairs=(("Ä\u2028\n", "/uploads/a.jpg"),))
MANY = replace(BARE, pages=(PAGE, PAIRED, Page("/q")))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "manifest.json"


def written(path, manifest):
    path.write_bytes(b"".join(manifest.sealed().blocks()))
    return read(path, "manifest.json")


def refused(path):
    with pytest.raises(Problem) as caught:
        read(path, "manifest.json")
    assert caught.value.code == Exit.USAGE
    return caught.value


def test_it_is_one_document_of_json(path):
    written(path, MANY)
    assert [page["path"] for page in json.loads(path.read_text())["pages"]] == ["/p", "/p", "/q"]


def test_a_page_is_a_line_that_says_what_it_has(path):
    written(path, BARE)
    assert '    {"path": "/p", "texts": ["T"], "images": ["/uploads/a.jpg"]}\n' in path.read_text()


@pytest.mark.parametrize("pages", [(), (PAGE,), (PAGE, PAIRED, Page("/q"))])
def test_pages_are_read_back(path, pages):
    found = written(path, replace(BARE, pages=pages))
    assert (tuple(found.pages), len(found.pages)) == (pages, len(pages))
    assert found.digest == replace(BARE, pages=pages).sealed().digest


def test_one_page_is_read_by_its_place(path):
    pages = written(path, MANY).pages
    assert (pages[0], pages[-1], pages[1:]) == (PAGE, Page("/q"), (PAIRED, Page("/q")))


@pytest.mark.parametrize(
    ("pages", "path"),
    [
        ((), ""),
        ((Page("/a", gone=True),), ""),
        ((Page("/a", gone=True), Page('/"é" gone": true}', texts=("T",)), Page("/c")), '/"é" gone": true}'),
    ],
)
def test_the_first_page_that_is_not_gone_is_found(tmp_path, pages, path):
    lines = written(tmp_path / "manifest.json", replace(BARE, pages=pages)).pages
    assert (first_shown(lines), first_shown(pages)) == (path, path)


def test_what_was_read_is_written_as_it_was(path):
    found = written(path, MANY)
    assert b"".join(found.sealed().blocks()) == path.read_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"/q"', b'"/r"'),
        (b'    {"path": "/q"}\n', b""),
        (b"  ]\n}\n", b'  ],\n  "more": 1\n}\n'),
        (b'"/q"}\n', b'"/q"},\n    {"path": "/r"}\n'),
        (b"  ]\n}\n", b""),
        (b'"migrations"', b'"more": 1,\n  "migrations"'),
    ],
)
def test_an_edited_page_is_refused(path, old, new):
    written(path, MANY)
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    assert "edited" in refused(path).what or "not whole" in refused(path).what


def test_a_page_of_fields_that_are_not_known_is_refused_when_it_is_asked_for(path):
    text = b"".join(BARE.sealed().blocks()).replace(b'"images"', b'"sounds"')
    lines = text.split(b'"pages": [\n')[1].removesuffix(b"  ]\n}\n").strip()
    head = json.loads(text) | {"pages_sha256": hashlib.sha256(lines + b"\n").hexdigest(), "digest": ""}
    del head["pages"]
    digest = hashlib.sha256(json.dumps(head, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    for old, new in (
        (BARE.sealed().digest, digest),
        (json.loads(text)["pages_sha256"], head["pages_sha256"]),
    ):
        text = text.replace(old.encode(), new.encode())
    path.write_bytes(text)
    with pytest.raises(Problem, match="is not whole"):
        list(read(path, "manifest.json").pages)


def before(**changed):
    """A manifest as it was written when the pages stood among the rest."""
    pages = [{"path": "/p", "texts": ["T"], "images": ["/uploads/a.jpg"], "absent": []}]
    whole = {
        "version": 1,
        "subject": {"kind": "series", "key": "x"},
        "source": "local",
        "as_of": "",
        "digest": "",
        "tables": {},
        "media": [],
        "pages": pages,
        "queries": [],
        "migrations": [],
    }
    digest = hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return json.dumps({**whole, "digest": digest, **changed}, indent=2, ensure_ascii=False) + "\n"


def test_a_manifest_of_the_version_before_is_read(path):
    path.write_text(before())
    found = read(path, "manifest.json")
    assert (found.subject, tuple(found.pages)) == (Subject("series", "x"), (PAGE,))


def test_an_edited_manifest_of_the_version_before_is_refused(path):
    path.write_text(before(source="another"))
    assert "edited" in refused(path).what


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"version": 1}', '{"version": 2}', '{"version": 1, "tables": 5}', "\ufeff{}"],
)
def test_what_is_no_manifest_is_refused(path, text):
    path.write_text(text)
    refused(path)


def test_a_page_that_must_be_gone_is_read_back(path):
    gone = replace(PAGE, gone=True)
    assert tuple(written(path, replace(BARE, pages=(gone,))).pages) == (gone,)


def test_one_that_is_no_text_is_none(path):
    path.write_bytes(b"\xff\xfe\0")
    with pytest.raises(Problem, match="is not a manifest"):
        read_manifest(path.parent)


def test_one_that_the_system_does_not_give_says_so(path):
    path.write_text("{}")
    path.chmod(0)
    try:
        path.read_text()
    except PermissionError:
        with pytest.raises(Problem, match="cannot be read: permission denied"):
            read_manifest(path.parent)
    else:
        pytest.skip("root reads everything")
