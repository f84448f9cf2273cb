"""Bundles that another version of Maulstick exported: their rows are released, by SQL rewritten."""

import gzip
import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from maulstick.bundle import folder as bundles
from maulstick.bundle.script import ITS_DIGEST
from maulstick.errors import Exit, Problem
from tests.databases.places import apply, export, plan

KEPT = Path(__file__).parent / "bundles"
BOOKS = "select isbn, title, price from book order by isbn"
RELEASED = [("1", "Tab\there \\ and\nline", 900), ("2", "Letters", 900)]


@pytest.fixture(params=["version_1", "version_2"])
def old(request, tmp_path):
    """The folder of a bundle that was exported before manifests said what their SQL is."""
    folder = tmp_path / "shelf" / "poetry"
    folder.mkdir(parents=True)
    shutil.copy(KEPT / request.param / "manifest.json", folder)
    (folder / "release.sql").write_bytes(
        gzip.decompress((KEPT / request.param / "release.sql.gz").read_bytes())
    )
    return folder


@pytest.fixture
def other(library, source):
    """The folder of a bundle whose SQL another version wrote, and whose manifest says what it is."""
    bundle = export(source)
    path, manifest = bundle.folder / "release.sql", bundle.manifest
    text = path.read_bytes().replace(b"-- maulstick: guard\n", b"-- maulstick: guard\n-- as it was\n")
    sql = text.replace(manifest.digest.encode(), ITS_DIGEST.encode())
    for section in bundle.script.sections.values():
        for part in section.copies:
            sql = sql.replace(b"".join(part.blocks()), b"", 1)
    theirs = replace(manifest, sql_sha256=hashlib.sha256(sql).hexdigest()).sealed()
    path.write_bytes(text.replace(manifest.digest.encode(), theirs.digest.encode()))
    bundles.write_whole(bundle.folder / "manifest.json", theirs.blocks())
    return bundle.folder


def load(folder):
    return bundles.load(folder, source="local")


def refused(folder):
    with pytest.raises(Problem) as caught:
        load(folder)
    assert caught.value.code == Exit.REFUSED
    return caught.value.what


def edit(folder, old, new):
    path = folder / "release.sql"
    text = path.read_bytes()
    assert old in text
    path.write_bytes(text.replace(old, new, 1))


def test_an_old_bundle_is_released(library, production, old):
    bundle = load(old)
    assert [row["title"] for row in bundle.rows()["book"]] == [title for _, title, _ in RELEASED]
    assert plan(bundle, production).counts()["insert"] == 4
    assert apply(bundle, production).word == "done"
    assert production.rows(BOOKS) == RELEASED
    assert apply(load(old), production).word == "unchanged"


def test_what_else_stands_in_an_old_file_is_not_run(library, production, old):
    edit(old, b"-- maulstick: guard\n", b"-- maulstick: guard\ndelete from book;\n")
    apply(load(old), production)
    assert production.rows(BOOKS) == RELEASED


@pytest.mark.parametrize(
    ("old_text", "new", "says"),
    [
        (b"Letters\t900", b"Letters\t901", "its rows of book were edited"),
        (
            b"2\tLetters",
            b"3\tNew\t1\tpoetry\tEmily\n2\tLetters",
            "has more rows of book than Maulstick wrote",
        ),
        (b"2\tLetters", b"\\.\n2\tLetters", "has too few rows of book"),
        (b'("name", "born") from stdin', b'("born", "name") from stdin', "holds more than Maulstick wrote"),
    ],
)
def test_edited_rows_of_an_old_bundle_are_refused(old, old_text, new, says):
    edit(old, old_text, new)
    assert says in refused(old)


@pytest.mark.parametrize("share", [0, 0.1, 0.2])
def test_an_old_bundle_that_ends_before_its_rows_is_refused(old, share):
    path = old / "release.sql"
    text = path.read_bytes()
    path.write_bytes(text[: int(text.index(b"2\tLetters") * share)])
    refused(old)


def test_the_bundle_of_another_version_is_released(other, production):
    bundle = load(other)
    assert bundle.script.is_anew
    assert "as it was" not in "".join(section.text for section in bundle.script.sections.values())
    assert apply(bundle, production).word == "done"


def test_the_edited_sql_of_another_version_is_refused(other):
    edit(other, b"-- as it was\n", b"-- as it was\ndelete from book;\n")
    assert refused(other) == "holds more than the Maulstick that exported it wrote"


def test_a_bundle_of_this_version_is_not_written_anew(library, source):
    assert not export(source).script.is_anew
