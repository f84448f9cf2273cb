"""The folder of a bundle is named by its subject's key, whatever stands in that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maulstick.bundle.names import MANIFEST, folder_of, is_folder_of
from maulstick.project.declarations import Subject

ODD = [
    "",
    ".",
    "..",
    "/",
    "a/b",
    "a%2Fb/",
    "a\0b",
    "two\nlines",
    " lead",
    "end ",
    ".git",
    "x" * 2000,
    "裸" * 90,
]


def exported(bundles: Path, key: str, name: str = "") -> Path:
    """Write what tells that a folder holds a subject's bundle."""
    folder = bundles / "artwork" / name if name else folder_of(bundles, Subject("artwork", key))
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {"version": 1, "subject": {"kind": "artwork", "key": key}}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False))
    return folder


@pytest.mark.parametrize(
    "key", ["lamp", "She Lays Down", "100%", "a:b", "-dash", "~x", "Ångström", "x" * 255]
)
def test_a_plain_key_is_the_name(tmp_path: Path, key: str) -> None:
    assert folder_of(tmp_path, Subject("artwork", key)) == tmp_path / "artwork" / key


@pytest.mark.parametrize("key", ODD)
def test_any_key_has_a_folder_in_its_kinds(tmp_path: Path, key: str) -> None:
    folder = exported(tmp_path, key)
    assert folder.parent == tmp_path / "artwork"
    assert len(folder.name.encode()) <= 255
    assert not folder.name.startswith(".")
    assert folder.name.isprintable()
    assert folder_of(tmp_path, Subject("artwork", key)) == folder
    assert is_folder_of(folder, Subject("artwork", key))


def test_no_two_keys_have_the_same_folder(tmp_path: Path) -> None:
    keys = [
        *ODD,
        "Ab",
        "aB",
        "AB",
        "a%2Fb",
        "e\u0301",
        "\u00e9",
        "x" * 1999 + "y",
        "x" * 1999,
        "straße",
        "STRASSE",
    ]
    names = [exported(tmp_path, key).name for key in keys]
    assert len({name.casefold() for name in names}) == len(keys)
    assert [folder_of(tmp_path, Subject("artwork", key)).name for key in keys] == names


@pytest.mark.parametrize("key", [".git", " lead", "two\nlines", "Ab"])
def test_a_bundle_that_is_there_keeps_its_folder(tmp_path: Path, key: str) -> None:
    folder = exported(tmp_path, key, key)
    exported(tmp_path, "ab", "ab")
    assert folder_of(tmp_path, Subject("artwork", key)) == folder


def test_the_folder_of_another_key_is_not_taken(tmp_path: Path) -> None:
    """On a file system that folds case `aB` is there where `Ab` is; here another bundle lies in its place."""
    exported(tmp_path, "Ab", "aB")
    assert folder_of(tmp_path, Subject("artwork", "aB")).name.startswith("aB~")
