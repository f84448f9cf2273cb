"""What a manifest holds is read back, and does not change where nothing was added."""

import json
from dataclasses import replace

from maulstick.content import Page, Subject
from maulstick.manifest import Manifest, parse

PAGE = Page("/p", texts=("T",), images=("/uploads/a.jpg",))
BARE = Manifest(Subject("series", "x"), "local", "", {}, (), (PAGE,), (), ())


def test_a_page_without_pairs_is_written_as_it_was_before_there_were_any():
    assert json.loads(BARE.sealed().text())["pages"] == [
        {"path": "/p", "texts": ["T"], "images": ["/uploads/a.jpg"], "absent": []}
    ]


def test_pairs_are_read_back():
    paired = replace(BARE, pages=(replace(PAGE, pairs=(("T", "/uploads/a.jpg"),)),)).sealed()
    assert parse(paired.text(), "manifest.json") == paired
    assert paired.digest != BARE.sealed().digest


def test_a_page_that_must_be_gone_is_read_back():
    gone = replace(BARE, pages=(replace(PAGE, gone=True),)).sealed()
    assert parse(gone.text(), "manifest.json").pages == gone.pages
