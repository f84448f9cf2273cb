"""What a manifest holds is read back, and does not change where nothing was added."""

import json
from dataclasses import replace

import pytest

from maulstick.bundle import read_manifest
from maulstick.content import Page, Subject
from maulstick.errors import Problem
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


def test_one_that_is_no_text_is_none(tmp_path):
    (tmp_path / "manifest.json").write_bytes(b"\xff\xfe\0")
    with pytest.raises(Problem, match="is not a manifest"):
        read_manifest(tmp_path)


def test_one_that_the_system_does_not_give_says_so(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "manifest.json").chmod(0)
    try:
        (tmp_path / "manifest.json").read_text()
    except PermissionError:
        with pytest.raises(Problem, match="cannot be read: permission denied"):
            read_manifest(tmp_path)
    else:
        pytest.skip("root reads everything")
